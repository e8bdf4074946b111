import Glibc
import Matrices
import Training

/// Alternating least squares that protects every user with all ratings (after DPALS: Chien, Jain,
/// Krichene, Rendle, Song, Thakurta & Zhang, ICML 2021): users are solved for from the items, which
/// everybody may know; items only from sums over users to which noise was added. Of a user's part
/// the norm is bounded as a whole, by a weight, and not the number of ratings.
///
/// First comes the mean of all ratings, with little privacy spent on it, then the biases of items
/// alone, then biases and factors together. All that is released are the mean and the items.
struct PrivateLeastSquares: RatingsRule {
  /// With the mean that was released.
  private var task: RatingsTask
  private let settings: PrivacySettings
  private let generator: ChaCha
  private let totals: UserTotals
  private var ledger: PrivacyLedger
  private(set) var factors: RatingsFactors
  /// The factors of items by chance, which take part from the second step on.
  private let start: Matrix
  private var steps = 0

  /// The mean has so many times the noise of a step.
  fileprivate static let patience = 4.0
  /// The largest norm of a user's factors while items are solved for.
  private static let reach = 1.0

  init(_ task: RatingsTask) {
    let settings = task.options.privacy ?? PrivacySettings(.noise(0))
    self.task = task
    self.settings = settings
    generator =
      settings.insecureSeed.map { ChaCha(insecureSeed: UInt64(bitPattern: Int64($0))) } ?? ChaCha()
    totals = UserTotals(task.entries)
    // No noise keeps to the ε that is asked for, or a stop came: then infinite noise does.
    let noise = (try? settings.noise(iterations: task.options.iterations)) ?? .infinity
    ledger = PrivacyLedger(settings, SampledGaussian(rate: 1, noise: noise))
    factors = task.start()
    factors.users = task.blank(users: task.entries.shape.rows)
    start = factors.items.selecting(columns: Array(0..<task.options.rank))
    setFactors(.zeros(start.rows, start.columns))
  }

  var release: PrivateRelease? { PrivateRelease(mean: task.mean, ledger: ledger) }

  mutating func iterate() -> Double {
    if steps == 0 { releaseMean() }
    if steps == 1 { setFactors(start) }
    let rank = steps == 0 ? 0 : task.options.rank
    let noise = ledger.mechanism.noise * settings.clip
    let users = bestUsers.bounded(rank, by: Self.reach)
    let features = Matrix.besides([
      users.selecting(columns: Array(0..<rank)), .filled(users.rows, 1, with: 1),
    ])
    let biases = users.selecting(columns: [task.options.rank]) + task.mean
    var statistics = ItemStatistics(
      task.entries, features: features, offsets: biases, totals: totals, clip: settings.clip)
    statistics.addNoise(generator, stream: UInt64(ledger.steps), deviation: noise)
    ledger.spend()
    // The noise in a direction grows with the root of their number.
    let ridge = 0.4 * task.options.l2 + 3 * noise * Double(rank + 1).squareRoot() + 1e-9
    let solved = statistics.solved(ridge: ridge)
    let all = Array(0..<factors.items.rows)
    factors.items.replace(
      rows: all, columns: Array(0..<rank) + [task.options.rank + 1], with: solved)
    steps += 1
    factors.users = bestUsers
    return task.error(of: factors)
  }

  /// `Σ r` and n of every user as one vector of norm 1 at most, summed up.
  private mutating func releaseMean() {
    let mechanism = ledger.mechanism
    ledger.mechanism = SampledGaussian(rate: 1, noise: Self.patience * mechanism.noise)
    let parts = Matrix.besides([totals.sums, totals.counts])
    let norms = parts.times(parts).reduced(.sum, along: .columns).mapped(.sqrt)
    var sum = Matrix(1).over(norms).clamped(0, 1).times(parts).reduced(.sum, along: .rows)
    sum.addNoise(generator, stream: UInt64(ledger.steps), deviation: ledger.mechanism.noise)
    ledger.spend()
    ledger.mechanism = mechanism
    task = RatingsTask(
      task.entries, mean: sum[0, 0] / max(sum[0, 1], 1), task.options)
  }

  private mutating func setFactors(_ q: Matrix) {
    factors.items.replace(rows: Array(0..<q.rows), columns: Array(0..<q.columns), with: q)
  }

  /// Users solved for from the items as they are.
  private var bestUsers: Matrix {
    var users = task.blank(users: task.entries.shape.rows)
    task.entries.solveRows(&users, factors.items, task.options.userRidge(mean: task.mean))
    return users
  }
}

/// What a private run has given away.
package struct PrivateRelease: Sendable {
  /// The mean of all ratings, with noise.
  package var mean: Double
  package var ledger: PrivacyLedger
}

extension PrivacySettings {
  /// The noise of every step of so many, and of the mean before them; nothing where none keeps to ε.
  /// What normal noise gives away adds up as `1 / σ²` does.
  /// Throws `Interrupted`.
  package func noise(iterations: Int) throws -> Double? {
    switch amount {
    case .noise(let noise): noise
    case .epsilon:
      try noise(rate: 1, steps: 1).map {
        $0 * (Double(iterations) + pow(PrivateLeastSquares.patience, -2)).squareRoot()
      }
    }
  }
}

extension RatingsTask {
  /// `[0, 0, 1]` of every user.
  fileprivate func blank(users: Int) -> Matrix {
    var result = Matrix.zeros(users, options.rank + 2)
    result.replace(
      rows: Array(0..<users), columns: [options.rank + 1], with: Matrix(options.bias ? 1 : 0))
    return result
  }
}

extension Matrix {
  /// With the first numbers of every row shortened to a norm.
  fileprivate func bounded(_ count: Int, by reach: Double) -> Matrix {
    let places = Array(0..<count)
    let part = selecting(columns: places)
    let norms = part.times(part).reduced(.sum, along: .columns).mapped(.sqrt)
    let shares = Matrix(reach).over(norms).clamped(0, 1)
    var result = self
    result.replace(rows: Array(0..<rows), columns: places, with: shares.times(part))
    return result
  }
}
