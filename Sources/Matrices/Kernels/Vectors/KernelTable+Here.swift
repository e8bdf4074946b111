import KernelTables

extension KernelTable where S: VectorScalar {
  /// The kernels as this target compiles them.
  @inline(__always)
  static func compiledHere() -> KernelTable {
    KernelTable(
      exp: { Kernels.transform($0, $1, $2, S.exp) },
      log: { Kernels.transform($0, $1, $2, S.log) },
      tanh: { Kernels.transform($0, $1, $2, S.tanh) },
      sigmoid: { Kernels.transform($0, $1, $2, S.sigmoid) },
      softmax: { x, y, rows, columns in
        for row in 0..<rows { Kernels.softmaxRow(x + row * columns, y + row * columns, columns) }
      },
      activate: { Kernels.activate($0, $1, bias: $2, rows: $3, columns: $4) },
      pullBack: { Kernels.pullBack($0, $1, outputs: $2, inputs: $3, rows: $4, columns: $5) },
      multiply: { Kernels.multiply($0, S.self) },
      multiplyByFewRows: { Kernels.multiplyByFewRows($0, S.self) },
      descend: { Kernels.descend($0, $1, $2, $3, $4, $5, $6) },
      gates: Gates(
        lstm: { Kernels.lstm($0, $1, $2, $3, $4, rows: $5, units: $6) },
        lstmGradient: { Kernels.lstmGradient($0, $1, $2, $3, $4, rows: $5, units: $6) },
        gru: { Kernels.gru($0, $1, $2, $3, $4, rows: $5, units: $6) },
        gruGradient: { Kernels.gruGradient($0, $1, $2, $3, rows: $4, units: $5) }),
      convolve: { Kernels.convolve($0, $1, $2, filters: $3, $4, clamps: $5) },
      addFilterGradient: {
        Kernels.addFilterGradient($0, $1, outputs: $2, $3, filters: $4, $5)
      },
      adam: { Kernels.adam($0, $1, $2, $3, $4, $5) },
      approachImplicit: { Kernels.approachImplicit($0, steps: $1) },
      implicitLoss: { Kernels.implicitLoss($0) },
      approachRidge: { Kernels.approachRidge($0, steps: $1, measures: $2) },
      gather: { Kernels.gather($0) },
      addMapped: { Kernels.addMapped($0) },
      codes: Codes(
        find: {
          Kernels.encode($0, targets: $1, penalty: $2, sweeps: $3, trace: $4, rounds: $5)
        },
        solve: { Kernels.solveActive($0, codes: $1, slopes: $2) }))
  }
}
