import Matrices
import Vocabulary

/// What one look at the rows tells: whether they suit, and what explained variance is measured against.
struct RowCensus {
  var squares = 0.0
  var sum = 0.0
  /// Elements that are not 0.
  var nonZeros = 0
  /// The sum of every column.
  var sums: Matrix
  private let precision: Precision

  init(_ rows: some RowBlocks) throws {
    sums = .zeros(1, rows.shape.columns)
    precision = rows.precision
    try rows.forEachBlock { range, block in
      try Interrupt.check()
      let census = block.census
      if !census.isClean, let place = block.firstNonFinite ?? block.firstNegative {
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
      nonZeros += census.nonZeros
      sums.add(block.reduced(.sum, along: .rows).converted(to: .double))
    }
  }

  /// The quadratic mean of the elements that are not 0, or their mean where squares leave the range of
  /// the arithmetic.
  var level: Double {
    let count = Double(max(nonZeros, 1))
    let level = (squares / count).squareRoot()
    let largest =
      precision == .single
      ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
    return isExact(level) ? level : min(sum / count, largest)
  }

  /// Whether squares of numbers of this size are within the range of the arithmetic.
  private func isExact(_ level: Double) -> Bool {
    precision.sizes(for: .squares).contains(level)
  }

  /// Whether nothing was lost of what was summed.
  var isExact: Bool { isExact((squares / Double(max(nonZeros, 1))).squareRoot()) }

  /// What a look at the rows tells that are divided by a number.
  func divided(by size: Double) -> RowCensus {
    var census = self
    census.squares = squares / size / size
    census.sum = sum / size
    census.sums = sums * (1 / size)
    return census
  }

  /// The standard deviation of the elements; their size where all are the same but for rounding.
  func spread(rows shape: Shape) -> Double {
    let count = Double(max(shape.count, 1))
    let (square, mean) = (squares / count, sum / count)
    let deviation = max(0, square - mean * mean).squareRoot()
    return deviation > 1e-6 * square.squareRoot() ? deviation : square.squareRoot()
  }

  /// The part of the variance around the column means that a squared residual leaves explained.
  func explained(residual: Double, rows: Int) -> Double {
    let spread = squares - sums.sumOfSquares / Double(max(rows, 1))
    return spread > 1e-12 * squares ? 1 - residual / spread : .nan
  }
}
