import Matrices

/// Stochastic gradient descent, entry after entry, in f32: see `StochasticRatings`. The penalties of
/// least squares are shared out among the ratings of each user and item.
struct StochasticDescent: RatingsRule {
  private let task: RatingsTask
  private var descent: StochasticRatings
  /// The length of the first steps, when nothing is said.
  private static let rate = 0.1

  init(_ task: RatingsTask) {
    self.task = task
    let (options, entries) = (task.options, task.entries)
    let start = task.start(.single)
    let ridge = options.userRidge(mean: task.mean)
    let share = { (count: Int) in
      count > 0 ? ridge.penalty * ridge.weight(entries: count) / Double(count) : 0
    }
    descent = StochasticRatings(
      entries, mean: task.mean, users: start.users, items: start.items, rank: options.rank,
      rate: options.rate ?? Self.rate, userPenalties: entries.rowCounts.map(share),
      itemPenalties: entries.columnCounts.map(share), biasShare: MFOptions.biasShare,
      hasBias: options.bias, isNonnegative: options.isNonnegative, task.random.split(1))
  }

  var factors: RatingsFactors {
    let (users, items) = descent.factors
    return RatingsFactors(users: users, items: items)
  }

  mutating func iterate() -> Double {
    descent.sweep()
    return task.error(of: factors)
  }
}
