import Matrices

/// Ranks what was chosen above what was not, by stochastic gradient descent on pairs: see
/// `PairwiseRatings`. How often something was chosen does not count.
struct PairwiseDescent: RatingsRule {
  private let task: RatingsTask
  private var descent: PairwiseRatings
  private static let rate = 0.05

  init(_ task: RatingsTask) {
    self.task = task
    let start = task.start(.single)
    descent = PairwiseRatings(
      task.entries, users: start.users, items: start.items, rank: task.options.rank,
      rate: task.options.rate ?? Self.rate, penalty: task.options.l2, hasBias: task.options.bias,
      task.random.split(1))
  }

  var factors: RatingsFactors {
    let (users, items) = descent.factors
    return RatingsFactors(users: users, items: items)
  }

  mutating func iterate() -> Double { descent.sweep() }
}
