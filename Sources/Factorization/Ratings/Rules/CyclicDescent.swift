import Matrices

/// Coordinate after coordinate (CCD++: Yu, Hsieh, Si & Dhillon, ICDM 2012): each column pair of the
/// factors is fitted, some times in turn, to what the others leave of the ratings, which is kept. The
/// objective is that of least squares; no system is ever solved, so that the cost is linear in k.
struct CyclicDescent: RatingsRule {
  private let task: RatingsTask
  private var residual: ResidualEntries
  /// One vector a column of `[p, b, 1]` and of `[q, 1, c]`.
  private var users: [[Double]]
  private var items: [[Double]]
  private let userWeights: [Double]
  private let itemWeights: [Double]
  /// How often both vectors of a pair are fitted in turn.
  private static let turns = 2

  init(_ task: RatingsTask) {
    self.task = task
    let start = task.start()
    let rank = task.options.rank
    users = (0..<rank + 2).map { start.users.column($0) }
    items = (0..<rank + 2).map { start.items.column($0) }
    // Items begin at 0: what is left is then the ratings themselves.
    for r in 0..<rank { items[r] = [Double](repeating: 0, count: start.items.rows) }
    residual = ResidualEntries(task.entries, minus: task.mean)
    let ridge = task.options.userRidge(mean: task.mean)
    let weight = { (count: Int) in count > 0 ? ridge.weight(entries: count) : 1 }
    userWeights = task.entries.rowCounts.map(weight)
    itemWeights = task.entries.columnCounts.map(weight)
  }

  var factors: RatingsFactors {
    RatingsFactors(
      users: .besides(users.map { Matrix(column: $0) }),
      items: .besides(items.map { Matrix(column: $0) }))
  }

  mutating func iterate() -> Double {
    let (rank, l2) = (task.options.rank, task.options.l2)
    if task.options.bias {
      let penalty = l2 * MFOptions.biasShare
      fit(rank + 1, penalty, turns: 1, users: false, items: true, isNonnegative: false)
      fit(rank, penalty, turns: 1, users: true, items: false, isNonnegative: false)
    }
    for r in 0..<rank {
      fit(
        r, l2, turns: Self.turns, users: true, items: true,
        isNonnegative: task.options.isNonnegative)
    }
    return (residual.sumOfSquares / Double(max(task.entries.count, 1))).squareRoot()
  }

  /// Fits one pair of columns; a side that stays is that of a bias.
  private mutating func fit(
    _ r: Int, _ penalty: Double, turns: Int, users fitsUsers: Bool, items fitsItems: Bool,
    isNonnegative: Bool
  ) {
    residual.add(1, users[r], items[r])
    // A trace of a penalty where none is asked for, as least squares have it.
    let userPenalties = userWeights.map { (penalty + 1e-10) * $0 }
    let itemPenalties = itemWeights.map { (penalty + 1e-10) * $0 }
    for _ in 0..<turns {
      if fitsItems {
        items[r] = residual.bestColumns(
          for: users[r], penalties: itemPenalties, isNonnegative: isNonnegative)
      }
      if fitsUsers {
        users[r] = residual.bestRows(
          for: items[r], penalties: userPenalties, isNonnegative: isNonnegative)
      }
    }
    residual.add(-1, users[r], items[r])
  }
}
