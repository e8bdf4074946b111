import Matrices
import Vocabulary

/// What one look at the rows tells: whether they suit, and what explained variance is measured against.
struct RowCensus {
  var squares = 0.0
  var sum = 0.0
  /// The sum of every column.
  var sums: Matrix

  init(_ rows: some RowBlocks) throws {
    sums = .zeros(1, rows.shape.columns)
    try rows.forEachBlock { range, block in
      try Interrupt.check()
      let census = block.census
      if !census.isClean {
        guard let place = block.firstNonFinite ?? block.firstNegative else { throw Self.outOfRange }
        let number = block[place.row, place.column]
        throw Problem(
          .value,
          number < 0 && number.isFinite
            ? "every element must be at least 0" : "every element must be a finite number",
          at: "x",
          label:
            "\(NumberFormat.short(number)) at [\(range.lowerBound + place.row + 1), \(place.column + 1)]"
        )
      }
      squares += census.sumOfSquares
      sum += census.sum
      sums.add(block.reduced(.sum, along: .rows).converted(to: .double))
    }
    let level = (squares / max(Double(rows.shape.count), 1)).squareRoot()
    let range = rows.precision == .single ? 1e-8...1e8 : 1e-60...1e60
    if level > 0 && !range.contains(level) { throw Self.outOfRange }
  }

  /// A file is not scaled on the way.
  private static let outOfRange = Problem(
    .value, "the squares of these numbers leave the range of the arithmetic", at: "x",
    help: "scale the file, so that its numbers are nearer to 1")

  /// The part of the variance around the column means that a squared residual leaves explained.
  func explained(residual: Double, rows: Int) -> Double {
    let spread = squares - sums.sumOfSquares / Double(max(rows, 1))
    return spread > 1e-12 * squares ? 1 - residual / spread : .nan
  }
}
