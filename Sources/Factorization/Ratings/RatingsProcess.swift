import Matrices
import Training

/// What `mf` depends on, besides the data.
package struct MFOptions: Sendable {
  package var rank: Int
  package var bias = true
  package var l2: Double
  package var iterations: Int
  package var tolerance: Double
  package var rate: Double?
  package var seed = 0
  /// Entries that only say that something was chosen, or `nil` for ratings that say how good.
  package var implicit: ImplicitOptions?

  package init(rank: Int, l2: Double, iterations: Int, tolerance: Double) {
    self.rank = rank
    self.l2 = l2
    self.iterations = iterations
    self.tolerance = tolerance
  }
}

/// Ratings by alternating least squares: all users, then all items, each by one ridge regression
/// with its bias among the unknowns, penalised by `l2` times the root of its number of ratings.
package struct RatingsProcess: TrainingProcess {
  private let entries: ObservedEntries
  private let options: MFOptions
  private let mean: Double
  /// The penalty of a bias as part of that of a factor.
  private static let biasShare = 1.0 / 3

  /// `[p, b, 1]` of every user and `[q, 1, c]` of every item.
  package private(set) var users: Matrix
  package private(set) var items: Matrix
  /// The root of the mean squared error over the ratings, after every iteration.
  package private(set) var errors: [Double] = []

  /// What the penalty of a line with so many entries is multiplied with.
  package static func weight(entries: Int) -> Double { RidgeLayout.weight(entries: entries) }

  package init(_ entries: ObservedEntries, mean: Double, _ options: MFOptions) {
    self.entries = entries
    self.options = options
    self.mean = options.bias ? mean : 0
    var random = Random(seed: UInt64(bitPattern: Int64(options.seed)))
    let rank = options.rank
    let scale = (options.bias ? 0.1 : 1) / Double(rank).squareRoot()
    let one = Matrix.filled(1, 1, with: options.bias ? 1 : 0)
    users = scale * random.normal(entries.shape.rows, rank + 2)
    items = scale * random.normal(entries.shape.columns, rank + 2)
    for (place, isOne) in [(rank, false), (rank + 1, true)] {
      users.replace(
        rows: Array(0..<users.rows), columns: [place], with: isOne ? one : Matrix(0))
      items.replace(
        rows: Array(0..<items.rows), columns: [place], with: isOne ? Matrix(0) : one)
    }
  }

  package var plan: TrainingPlan {
    TrainingPlan(
      "mf of \(entries.count) ratings, rank \(options.rank)", unit: .iteration,
      total: options.iterations, objective: "rmse")
  }

  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    let rank = options.rank
    var layout = RidgeLayout(
      rank: rank, bias: rank, offset: rank + 1, mean: mean, penalty: options.l2,
      biasPenalty: options.l2 * Self.biasShare, solvesBias: options.bias)
    // Users and items are solved for together: a stop waits for both, a moment later.
    entries.solveRows(&users, items, layout)
    (layout.bias, layout.offset) = (rank + 1, rank)
    entries.solveColumns(&items, users, layout)
    let predicted = Matrix(column: entries.products(users, items)) + mean
    let rest = predicted - Matrix(column: entries.values)
    let error = (rest.sumOfSquares / Double(entries.count)).squareRoot()
    let before = errors.last
    errors.append(error)
    let isStill = before.map { abs($0 - error) <= options.tolerance * $0 } ?? false
    return TrainingProgress(
      objective: error, end: isStill && options.tolerance > 0 ? .converged : nil)
  }

  package func picture() -> FactorPicture? {
    let rank = options.rank
    return FactorPicture(
      title: "items (columns of H)", rows: items.selecting(columns: Array(0..<rank)),
      isSigned: true)
  }
}
