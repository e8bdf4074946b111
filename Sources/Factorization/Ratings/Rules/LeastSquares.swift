import Matrices

/// Alternating least squares: all items, then all users, each by one ridge regression with its bias
/// among the unknowns, penalised by `l2` times a power of its number of ratings (Zhou, Wilkinson,
/// Schreiber & Pan 2008). Users come last: the model then says exactly what its items make of the
/// ratings of a user.
struct LeastSquares: RatingsRule {
  private let task: RatingsTask
  private(set) var factors: RatingsFactors
  private let steps: Int?

  init(_ task: RatingsTask) { self.init(task, steps: nil) }

  /// With steps of conjugate gradients instead of solving.
  init(_ task: RatingsTask, steps: Int?) {
    self.task = task
    self.steps = steps
    factors = task.start()
  }

  mutating func iterate() -> Double {
    var (items, users) = (
      task.options.itemRidge(mean: task.mean), task.options.userRidge(mean: task.mean)
    )
    (items.steps, users.steps) = (steps, steps)
    task.entries.solveColumns(&factors.items, factors.users, items)
    let squares = task.entries.solveRows(&factors.users, factors.items, users, measures: true)
    return (squares / Double(max(task.entries.count, 1))).squareRoot()
  }
}
