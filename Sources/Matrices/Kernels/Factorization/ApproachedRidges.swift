import KernelTables

extension Kernels {
  /// Some steps of conjugate gradients for every line: see `Kernels.approachRidge`. Returns the sum of
  /// squares of what is left of the entries where it `measures`. Cost `steps · 4 · entries · rank`
  /// flops.
  static func approachRidges(
    _ lines: ObservedLines, _ own: inout Matrix, _ other: Matrix, _ layout: RidgeLayout,
    steps: Int, _ measures: Bool
  ) -> Double {
    let (rank, count, columns) = (layout.rank, own.rows, own.columns)
    let side = ApproachedSide(other, layout)
    defer { side.deallocate() }
    var squares = [Double](repeating: 0, count: count)
    squares.withUnsafeMutableBufferPointer { squares in
      let squares = squares
      own.write(Double.self) { target in
        ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
          let longest = range.map { lines.starts[$0 + 1] - lines.starts[$0] }.max() ?? 0
          let memory = side.room(longest: longest)
          defer { memory.deallocate() }
          var line = side.line(in: memory)
          for index in range where !Interrupt.abandonsKernels {
            lines.withEntries(of: index) { places, values in
              let row = target + index * columns
              line.p.update(from: row, count: rank)
              line.bias.pointee = row[layout.bias]
              if places.isEmpty {
                line.p.update(repeating: 0, count: rank)
                line.bias.pointee = 0
              } else {
                (line.places, line.values) = (places.baseAddress, values.baseAddress)
                line.count = places.count
                // A trace of a penalty keeps the equations solvable when none is asked for.
                let weight = layout.weight(entries: places.count)
                line.penalty = weight * (layout.penalty + 1e-10)
                line.biasPenalty = weight * (layout.biasPenalty + 1e-10)
                squares[index] = Double.chosenKernels.approachRidge(line, steps, measures)
              }
              row.update(from: line.p, count: rank)
              row[layout.bias] = line.bias.pointee
            }
          }
        }
      }
    }
    return squares.reduce(0, +)
  }
}

/// The fixed factor of a half-step in rows of whole vectors: loops over them have no tails.
private struct ApproachedSide {
  private let factor: UnsafeMutablePointer<Double>
  private let offsets: UnsafeMutablePointer<Double>
  private let stride: Int
  private let solvesBias: Bool

  init(_ other: Matrix, _ layout: RidgeLayout) {
    let (rows, columns, rank) = (other.rows, other.columns, layout.rank)
    let stride = rank == 0 ? 0 : Kernels.paddedStride(rank, .double)
    let (factor, offsets) = (Self.aligned(rows * stride), Self.aligned(rows))
    other.rowMajor().read(Double.self) { source in
      for row in 0..<rows {
        let (from, line) = (source + row * columns, factor + row * stride)
        line.update(from: from, count: rank)
        (line + rank).update(repeating: 0, count: stride - rank)
        offsets[row] = layout.mean + from[layout.offset]
      }
    }
    (self.factor, self.offsets, self.stride) = (factor, offsets, stride)
    solvesBias = layout.solvesBias
  }

  /// Vectors that cross the lines of a cache take twice as long, and longer where what was just
  /// written is read.
  private static func aligned(_ count: Int) -> UnsafeMutablePointer<Double> {
    let count = max(count, 1)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 8 * count, alignment: 64)
      .bindMemory(to: Double.self, capacity: count)
    memory.initialize(repeating: 0, count: count)
    return memory
  }

  func deallocate() {
    factor.deallocate()
    offsets.deallocate()
  }

  /// Memory of a thread for lines of at most so many entries.
  func room(longest: Int) -> UnsafeMutablePointer<Double> {
    Self.aligned(RidgeLine<Double>.roomCount(stride: stride, longest: longest))
  }

  func line(in memory: UnsafeMutablePointer<Double>) -> RidgeLine<Double> {
    RidgeLine(
      factor: factor, offsets: offsets, stride: stride, solvesBias: solvesBias, memory: memory)
  }
}
