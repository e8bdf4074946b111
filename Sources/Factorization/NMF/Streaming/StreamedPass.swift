import Matrices

/// The factors while the rows go by, and what is summed of the rows on the way.
protocol StreamedPass: Sendable {
  var w: Matrix { get set }
  var ht: Matrix { get }
  /// Forgets what belongs to the pass before.
  mutating func begin()
  /// Finds the rows of W that belong to some rows of X, and takes their part in the step of H.
  mutating func take(_ block: Matrix, _ range: Range<Int>)
  /// Ends a pass; without batches H moves now, from what was summed.
  mutating func end() -> NMFAdvance
}

/// What passes have in common.
struct StreamedTask: Sendable {
  let options: NMFOptions
  /// Rows after which H moves; `nil`: after all of them.
  let batch: Int?
  /// What is left of the weight of a row after a pass.
  let forget: Double
  let shape: Shape
  /// `‖X‖²`.
  let squares: Double
  /// An earlier model, whose rows count as what they were rebuilt as.
  let prior: NMFFactors?

  /// What is left of earlier rows after so many more: `forget` to the power of their part of all.
  func fading(after count: Int) -> Double {
    guard forget != 1, shape.rows > 0 else { return 1 }
    return Matrix.combine(
      .power, forget, Matrix(Double(count) / Double(shape.rows)))[0, 0]
  }
}

/// How much every component has moved in a pass.
struct StreamedChange: Sendable {
  private var changes: [Double]
  private var squares: [Double]

  init(_ rank: Int) {
    changes = [Double](repeating: 0, count: rank)
    squares = changes
  }

  mutating func add(_ report: DescentReport) {
    for r in changes.indices {
      changes[r] += report.firstChange[r]
      squares[r] += report.squares[r]
    }
  }

  var largest: Double { DescentReport(firstChange: changes, squares: squares).largestChange }
}
