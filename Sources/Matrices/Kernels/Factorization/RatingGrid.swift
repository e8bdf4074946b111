/// Lines in groups, and entries in the blocks that groups of rows and of columns form: blocks of a
/// Latin square share no line, so they can be worked on at the same time, in a fixed order, with the
/// same bits on any number of threads (after Gemulla, Nijkamp, Haas & Sismanis, KDD 2011).
struct RatingGrid: Sendable {
  /// Groups of each side.
  let size: Int
  /// Where each block begins, row group after row group.
  private(set) var starts: [Int]
  /// The entries, block after block.
  private(set) var order: [Int32]

  /// As many groups for any number of threads; fewer where there are few lines.
  static func size(_ shape: Shape) -> Int { max(1, min(16, shape.rows, shape.columns)) }

  /// Groups of almost equal size, by chance.
  static func groups(_ count: Int, _ size: Int, _ random: inout Random) -> [Int32] {
    random.permutation(count).map { Int32($0 * size / count) }
  }

  /// Entries keep within a block the order that they are given in.
  init(
    _ size: Int, rows: [Int32], columns: [Int32], rowGroups: [Int32], columnGroups: [Int32],
    order given: [Int]
  ) {
    self.size = size
    var starts = [Int](repeating: 0, count: size * size + 1)
    func block(_ entry: Int) -> Int {
      Int(rowGroups[Int(rows[entry])]) * size + Int(columnGroups[Int(columns[entry])])
    }
    for entry in given { starts[block(entry) + 1] += 1 }
    for place in 0..<size * size { starts[place + 1] += starts[place] }
    var next = starts
    var order = [Int32](repeating: 0, count: given.count)
    for entry in given {
      let place = block(entry)
      order[next[place]] = Int32(entry)
      next[place] += 1
    }
    self.starts = starts
    self.order = order
  }

  /// Calls `body` with the number and the entries of every block: one diagonal after the other, the
  /// blocks of a diagonal at the same time.
  func forEachBlock(_ body: (_ block: Int, _ entries: Range<Int>) -> Void) {
    for shift in 0..<size {
      if Interrupt.abandonsKernels { return }
      ThreadPool.shared.run(size) { row in
        let block = row * size + (row + shift) % size
        body(block, starts[block]..<starts[block + 1])
      }
    }
  }
}

/// One side of a model that single entries change: a factor of whole vectors and a bias a line, with
/// what the lengths of their steps depend on.
final class StochasticSide: @unchecked Sendable {
  let lines: Int
  let rank: Int
  /// `rank` in whole vectors; what is beyond stays 0.
  let stride: Int
  let factor: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>
  /// Sums of squared gradients, of the factor and of the bias of every line.
  let sums: UnsafeMutablePointer<SIMD2<Float>>

  init(lines: Int, rank: Int, stride: Int) {
    (self.lines, self.rank, self.stride) = (lines, rank, stride)
    factor = .allocate(capacity: max(lines * stride, 1))
    bias = .allocate(capacity: max(lines, 1))
    sums = .allocate(capacity: max(lines, 1))
    sums.initialize(repeating: SIMD2(1, 1), count: lines)
  }

  /// A copy of `[p, b, 1]` or `[q, 1, c]`, with the bias in a column.
  convenience init(_ start: Matrix, rank: Int, bias place: Int) {
    self.init(lines: start.rows, rank: rank, stride: (rank + 15) / 16 * 16)
    factor.initialize(repeating: 0, count: lines * stride)
    let (columns, start) = (start.columns, start.converted(to: .single).rowMajor())
    start.read(Float.self) { source in
      for line in 0..<lines {
        (factor + line * stride).update(from: source + line * columns, count: rank)
        (bias + line).initialize(to: source[line * columns + place])
      }
    }
  }

  func copied() -> StochasticSide {
    let copy = StochasticSide(lines: lines, rank: rank, stride: stride)
    copy.factor.initialize(from: factor, count: lines * stride)
    copy.bias.initialize(from: bias, count: lines)
    copy.sums.update(from: sums, count: lines)
    return copy
  }

  deinit {
    factor.deallocate()
    bias.deallocate()
    sums.deallocate()
  }

  /// As a matrix in 64 bits, like the one it began with.
  func matrix(bias place: Int, one other: Int, hasBias: Bool) -> Matrix {
    var result = Matrix.zeros(lines, rank + 2)
    result.write(Double.self) { target in
      for line in 0..<lines {
        let row = target + line * (rank + 2)
        for r in 0..<rank { row[r] = Double(factor[line * stride + r]) }
        row[place] = Double(bias[line])
        row[other] = hasBias ? 1 : 0
      }
    }
    return result
  }
}

extension StochasticSide {
  /// `p · q` of two lines.
  @inline(__always)
  static func dot(_ p: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ stride: Int) -> Float {
    var sums = SIMD16<Float>.zero
    var c = 0
    while c < stride {
      sums.addProduct(load(p, c), load(q, c))
      c += 16
    }
    return sums.sum()
  }
}
