import Matrices

/// SVD++ (Koren, KDD 2008) by alternating least squares: what a user has rated, whatever the rating,
/// is part of the user, `x = p + n^−½ Σ y` over the n items. Items, users and then all y together are
/// solved for; the system of y couples every user with every item, and is not formed: some steps of
/// conjugate gradients from where y is, at the cost of three walks over the entries each.
struct FeedbackLeastSquares: RatingsRule {
  private let task: RatingsTask
  /// `[x, b, 1]` of every user.
  private(set) var factors: RatingsFactors
  /// `n^−½` of every user; penalties of every y.
  private let shares: Matrix
  private let penalties: Matrix
  private static let steps = 5

  init(_ task: RatingsTask) {
    self.task = task
    factors = task.start()
    factors.feedback = .zeros(task.entries.shape.columns, task.options.rank)
    let ridge = task.options.userRidge(mean: task.mean)
    shares = task.entries.feedbackShares
    penalties = Matrix(
      column: task.entries.columnCounts.map {
        (task.options.l2 + 1e-10) * ($0 > 0 ? ridge.weight(entries: $0) : 1)
      })
  }

  mutating func iterate() -> Double {
    let (entries, options) = (task.entries, task.options)
    entries.solveColumns(&factors.items, factors.users, options.itemRidge(mean: task.mean))
    moveFeedback()
    let centre = factors.feedback.map { entries.feedbackSums($0, shares) }
    entries.solveRows(
      &factors.users, factors.items, options.userRidge(mean: task.mean), around: centre)
    return task.error(of: factors)
  }

  /// Lowers `Σ (r − ŷ)² + Σ λ ‖y‖²` in all y, with every p as it is.
  private mutating func moveFeedback() {
    guard let before = factors.feedback else { return }
    let entries = task.entries
    let places = Array(0..<task.options.rank)
    var feedback = before
    // −½ of the slope.
    var rest = back(entries.rowPulls(factors.users, factors.items, mean: task.mean))
    rest.add(penalties.times(feedback), scale: -1)
    var direction = rest
    var square = rest.sumOfSquares
    let first = square
    for _ in 0..<Self.steps where square > 1e-12 * first {
      let through = entries.feedbackSums(direction, shares)
      let x = Matrix.besides([through, .zeros(through.rows, 2)])
      var image = -back(entries.rowPulls(x, factors.items, mean: nil))
      image.add(penalties.times(direction))
      let length = square / direction.dot(image)
      guard length.isFinite else { break }
      feedback.add(direction, scale: length)
      rest.add(image, scale: -length)
      let next = rest.sumOfSquares
      direction = rest + (next / square) * direction
      square = next
    }
    factors.feedback = feedback
    let moved = entries.feedbackSums(feedback - before, shares)
    let all = Array(0..<factors.users.rows)
    factors.users.replace(
      rows: all, columns: places, with: factors.users.selecting(columns: places) + moved)
  }

  /// What users ask for, as what is asked of every y.
  private func back(_ pulls: Matrix) -> Matrix {
    let wanted = pulls.selecting(columns: Array(0..<task.options.rank))
    return task.entries.columnSums(wanted.times(shares))
  }
}

extension ObservedEntries {
  /// `n^−½` of every row with n entries, a column.
  var feedbackShares: Matrix {
    Matrix(column: rowCounts.map { $0 > 0 ? 1 / Double($0).squareRoot() : 0 })
  }

  /// `n^−½ Σ y` of every row.
  func feedbackSums(_ feedback: Matrix, _ shares: Matrix) -> Matrix {
    let sums = rowSums(feedback)
    return sums.times(shares)
  }
}
