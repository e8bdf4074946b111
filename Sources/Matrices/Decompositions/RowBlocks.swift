/// A matrix whose rows can be had a block at a time, in order: one in memory, or one in a file.
package protocol RowBlocks: Sendable {
  var shape: Shape { get }
  var precision: Precision { get }
  /// Calls `body` with ranges of `count` rows, the last of fewer, and their elements.
  func forEachBlock(of count: Int, _ body: (Range<Int>, Matrix) throws -> Void) throws
}

extension RowBlocks {
  /// Elements of a block: some megabytes, so that a product with it is worth two threads.
  package static var blockElements: Int { 1 << 20 }

  /// Rows of a block, by the shape alone.
  package var blockRows: Int { max(16, Self.blockElements / max(shape.columns, 1)) }

  /// Calls `body` with blocks of some megabytes.
  package func forEachBlock(_ body: (Range<Int>, Matrix) throws -> Void) throws {
    try forEachBlock(of: blockRows, body)
  }

  /// The mean row in 64 bits, and the sum of squares around it, joined block by block (Chan, Golub &
  /// LeVeque 1983). Throws at the first element that is not finite.
  package func meanRowAndSpread() throws -> (mean: Matrix, squares: Double) {
    var mean = Matrix.zeros(1, shape.columns)
    var squares = 0.0
    try forEachBlock { range, block in
      try Interrupt.check()
      if let place = block.firstNonFinite {
        throw DecompositionError.notFinite(row: range.lowerBound + place.row, column: place.column)
      }
      let own = block.reduced(.mean, along: .rows)
      let (before, added) = (Double(range.lowerBound), Double(range.count))
      let away = own.converted(to: .double) - mean
      squares += Matrix.combine(.subtract, block, own).sumOfSquares
      squares += away.sumOfSquares * before * added / (before + added)
      mean.add(away, scale: added / (before + added))
    }
    return (mean, squares)
  }
}

extension Matrix: RowBlocks {
  package func forEachBlock(of count: Int, _ body: (Range<Int>, Matrix) throws -> Void) throws {
    let base = rowMajor()
    for start in stride(from: 0, to: rows, by: Swift.max(count, 1)) {
      let range = start..<Swift.min(rows, start + Swift.max(count, 1))
      try body(range, base.rows(in: range))
    }
  }
}

/// Rows less a row, as an operator: a block at a time, so that the difference is exact and never all
/// there.
package struct ShiftedRows<Rows: RowBlocks>: LinearOperator {
  package let rows: Rows
  /// What is taken off every row, 1×n; `nil`: nothing.
  package let shift: Matrix?
  package let isReadInOnePass: Bool

  package init(rows: Rows, shift: Matrix?, isReadInOnePass: Bool) {
    self.rows = rows
    self.shift = shift
    self.isReadInOnePass = isReadInOnePass
  }

  package var shape: Shape { rows.shape }
  package var precision: Precision { rows.precision }

  private func forEachBlock(_ body: (Range<Int>, Matrix) throws -> Void) throws {
    try rows.forEachBlock { range, block in
      try Interrupt.check()
      try body(range, shift.map { Matrix.combine(.subtract, block, $0) } ?? block)
    }
  }

  package func product(with factor: Matrix) throws -> Matrix {
    var result = Matrix.zeros(shape.rows, factor.columns, precision)
    try forEachBlock { range, block in result.put(block * factor, at: range.lowerBound) }
    return result
  }

  package func transposedProduct(with factor: Matrix) throws -> Matrix {
    var sum = Matrix.zeros(shape.columns, factor.columns)
    try forEachBlock { range, block in
      sum.add((block.transposed * factor.rows(in: range)).converted(to: .double))
    }
    return sum.converted(to: precision)
  }

  package func gramProduct(with factor: Matrix) throws -> Matrix {
    var sum = Matrix.zeros(shape.columns, factor.columns)
    try forEachBlock { range, block in
      let block = block.converted(to: .double)
      Matrix.product(block.transposed, block * factor, into: &sum, keep: 1)
    }
    return sum
  }
}

/// Rows of which every block is changed on the way: memory for one block more.
package struct ChangedRows<Rows: RowBlocks>: RowBlocks {
  private let rows: Rows
  private let change: @Sendable (Matrix) -> Matrix

  /// `change` keeps shape and precision.
  package init(_ rows: Rows, _ change: @escaping @Sendable (Matrix) -> Matrix) {
    (self.rows, self.change) = (rows, change)
  }

  package var shape: Shape { rows.shape }
  package var precision: Precision { rows.precision }

  package func forEachBlock(of count: Int, _ body: (Range<Int>, Matrix) throws -> Void) throws {
    try rows.forEachBlock(of: count) { range, block in try body(range, change(block)) }
  }
}
