import Matrices

/// Rows in blocks that are brought near 1 on the way: memory for one block more.
struct ScaledRows<Rows: RowBlocks>: RowBlocks {
  let rows: Rows
  let scaling: NMFScaling

  var shape: Shape { rows.shape }
  var precision: Precision { rows.precision }

  func forEachBlock(of count: Int, _ body: (Range<Int>, Matrix) throws -> Void) throws {
    try rows.forEachBlock(of: count) { range, block in try body(range, scaling.scaled(block)) }
  }
}
