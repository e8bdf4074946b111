import KernelTables

extension Block {
  /// Numbers that `prepareCodes` writes for so many components.
  package static func preparedCodes(_ components: Int) -> Int {
    Coding<Double>.preparedCount(components)
  }

  /// What coding with a dictionary D (d×k) needs: `G = DᵀD + ridge·I`, its rows padded with zeros
  /// to a multiple of four, and the inverses of its diagonal. Large products are shared out.
  package func prepareCodes(_ dictionary: Block, ridge: Double) {
    let k = dictionary.columns
    let width = Coding<Double>.width(k)
    fill(0)
    let gram = columns(in: 0..<k * width).packed(k, width).columns(in: 0..<k)
    let band = dictionary.rows * k * k < 1 << 20 ? k : 32
    ThreadPool.shared.run(k, by: max(band, 1)) { rows in
      Block.product(
        dictionary.columns(in: rows), dictionary, transposing: .left, into: gram.rows(in: rows))
    }
    switch precision {
    case .double: finishCodes(k, width, ridge, Double.self)
    case .single: finishCodes(k, width, ridge, Float.self)
    }
  }

  private func finishCodes<S: Scalar>(_ k: Int, _ width: Int, _ ridge: Double, _: S.Type) {
    let gram = pointer(S.self)
    for r in 0..<k {
      gram[r * width + r] += S(ridge)
      gram[width * width + r] = 1 / gram[r * width + r]
    }
  }

  /// Non-negative codes of rows: `sweeps` rounds of `h_r ← max(0, (b_r − l1 − Σ_{s≠r} h_s G_rs) /
  /// G_rr)` from 0 on (HALS, Cichocki & Phan 2009). This block holds the targets `b = Dᵀa`, one a
  /// row. `trace` receives the last rounds, one below the other, as many as it has room for.
  package func encode(prepared: Block, l1: Double, sweeps: Int, trace: Block, scratch: Block) {
    switch precision {
    case .double: encode(prepared, l1, sweeps, trace, scratch, Double.self)
    case .single: encode(prepared, Float(l1), sweeps, trace, scratch, Float.self)
    }
  }

  /// Numbers that `encode`, `solveActive` and `unrollCodes` work in.
  package static func codesScratch(_ components: Int) -> Int {
    Coding<Double>.roomCount(components)
  }

  private func encode<S: Scalar>(
    _ prepared: Block, _ l1: S, _ sweeps: Int, _ trace: Block, _ scratch: Block, _: S.Type
  ) {
    if rows == 0 { return }
    S.chosenKernels.codes.find(
      coding(prepared, scratch), plane(S.self), l1, sweeps, trace.plane(S.self),
      trace.rows / rows)
  }

  private func coding<S: Scalar>(_ prepared: Block, _ scratch: Block) -> Coding<S> {
    Coding(
      rows: rows, components: columns, prepared: UnsafePointer(prepared.pointer(S.self)),
      room: scratch.pointer(S.self))
  }

  /// Solves `G_SS v_S = g_S` for every row, where S are the components that its code uses; the rest
  /// of v is 0. This block holds g and receives v. By Cholesky's factors, k³/3 at most.
  package func solveActive(codes: Block, prepared: Block, scratch: Block) {
    switch precision {
    case .double: solveActive(codes, prepared, scratch, Double.self)
    case .single: solveActive(codes, prepared, scratch, Float.self)
    }
  }

  private func solveActive<S: Scalar>(
    _ codes: Block, _ prepared: Block, _ scratch: Block, _: S.Type
  ) {
    S.chosenKernels.codes.solve(
      coding(prepared, scratch), codes.plane(S.self), plane(S.self))
  }

  /// Back through the rounds of `encode` that `trace` holds, the last first. This block holds the
  /// derivative in the codes and is used up; adds the derivative in the targets to `targets` and in
  /// G to `couplings` (k×k). The round before the first is 0 where `fromZero`, else it is taken as
  /// given: its own derivative is left out.
  package func unrollCodes(
    trace: Block, prepared: Block, targets: Block, couplings: Block, fromZero: Bool,
    scratch: Block
  ) {
    switch precision {
    case .double:
      unrollCodes(trace, prepared, targets, couplings, fromZero, scratch, Double.self)
    case .single:
      unrollCodes(trace, prepared, targets, couplings, fromZero, scratch, Float.self)
    }
  }

  private func unrollCodes<S: Scalar>(
    _ trace: Block, _ prepared: Block, _ targets: Block, _ couplings: Block, _ fromZero: Bool,
    _ scratch: Block, _: S.Type
  ) {
    let k = columns
    let width = (k + 3) & ~3
    let gram = prepared.pointer(S.self)
    let inverse = gram + width * width
    let current = scratch.pointer(S.self)
    let rounds = rows == 0 ? 0 : trace.rows / rows
    // Without a zero before the first, the first round only serves as what came before.
    let last = fromZero ? 0 : 1
    for row in 0..<rows {
      let (g, into) = (self.row(row, S.self), targets.row(row, S.self))
      for round in Swift.stride(from: rounds - 1, through: last, by: -1) {
        current.update(from: trace.row(round * rows + row, S.self), count: k)
        let before = round > 0 ? trace.row((round - 1) * rows + row, S.self) : nil
        for r in Swift.stride(from: k - 1, through: 0, by: -1) {
          if current[r] > 0 && g[r] != 0 {
            let step = g[r] * inverse[r]
            into[r] += step
            g[r] = 0
            let (line, sums) = (gram + r * width, couplings.row(r, S.self))
            let own = S.Vector(repeating: -step)
            let kept = g[r]
            Kernels.merge(g, line, k) { $0.addingProduct(own, $1) }
            g[r] = kept
            Kernels.merge(sums, current, k) { $0.addingProduct(own, $1) }
          } else {
            g[r] = 0
          }
          current[r] = before?[r] ?? 0
        }
      }
    }
  }

  /// `self ← self + selfᵀ` of a square block.
  package func addTranspose() {
    switch precision {
    case .double: addTranspose(Double.self)
    case .single: addTranspose(Float.self)
    }
  }

  private func addTranspose<S: Scalar>(_: S.Type) {
    let x = pointer(S.self)
    for i in 0..<rows {
      for j in 0...i {
        let sum = x[i * stride + j] + x[j * stride + i]
        x[i * stride + j] = sum
        x[j * stride + i] = sum
      }
    }
  }

  /// `self ← self + factor · other`.
  package func add(_ other: Block, times factor: Double) {
    switch precision {
    case .double: add(other, factor, Double.self)
    case .single: add(other, factor, Float.self)
    }
  }

  private func add<S: Scalar>(_ other: Block, _ factor: Double, _: S.Type) {
    let by = S.Vector(repeating: S(factor))
    for row in 0..<rows {
      Kernels.merge(self.row(row, S.self), other.row(row, S.self), columns) {
        $0.addingProduct(by, $1)
      }
    }
  }
}
