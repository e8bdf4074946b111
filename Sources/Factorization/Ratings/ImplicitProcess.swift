import Glibc
import Matrices
import Training

/// How entries that only say that something was chosen are read.
package struct ImplicitOptions: Sendable {
  /// An entry r is known with the confidence `alpha · r`; all others are 0 with the weight
  /// `unobserved`.
  package var alpha = 1.0
  package var unobserved = 1.0
  /// The part that the number of entries has in the penalty: see `ImplicitLayout`.
  package var frequency = 1.0
  /// Whether lines are solved exactly, or by a few steps of conjugate gradients.
  package var isExact = false

  package init() {}
}

/// Implicit ratings by alternating least squares: all users, then all items, against the whole
/// catalogue, at the cost of the known entries (Hu, Koren & Volinsky, ICDM 2008).
package struct ImplicitProcess: TrainingProcess {
  private let entries: ObservedEntries
  private let options: MFOptions
  private let layout: ImplicitLayout
  /// Steps of conjugate gradients a line and iteration.
  private static let steps = 3

  /// The factors: users×k and items×k, f32.
  package private(set) var users: Matrix
  package private(set) var items: Matrix
  /// The objective after every iteration.
  package private(set) var losses: [Double] = []

  package init(_ table: ObservedEntries, _ options: MFOptions, _ implicit: ImplicitOptions) {
    entries = ObservedEntries(
      table.shape, rows: table.rows, columns: table.columns,
      values: table.values.map { implicit.alpha * $0 })
    self.options = options
    layout = ImplicitLayout(
      unobserved: implicit.unobserved, penalty: options.l2, exponent: implicit.frequency,
      steps: implicit.isExact ? nil : Self.steps)
    var random = Random(seed: UInt64(bitPattern: Int64(options.seed)))
    let scale = 0.1 / sqrt(Double(options.rank))
    users = (scale * random.normal(table.shape.rows, options.rank)).converted(to: .single)
    items = (scale * random.normal(table.shape.columns, options.rank)).converted(to: .single)
  }

  package var plan: TrainingPlan {
    TrainingPlan(
      "mf of \(entries.count) implicit ratings, rank \(options.rank)", unit: .iteration,
      total: options.iterations, objective: "loss")
  }

  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    entries.solveImplicitRows(&users, items, layout)
    entries.solveImplicitColumns(&items, users, layout)
    let loss = objective
    let before = losses.last
    losses.append(loss)
    let isStill = before.map { abs($0 - loss) <= options.tolerance * abs($0) } ?? false
    return TrainingProgress(
      objective: loss, end: isStill && options.tolerance > 0 ? .converged : nil)
  }

  /// `Σ c (1 − ŷ)² + α₀ Σ_others ŷ² + Σ λ ‖w‖² + Σ λ ‖h‖²`, where the sum over all pairs is
  /// `⟨WᵀW, HᵀH⟩`.
  package var objective: Double {
    let predicted = Matrix(column: entries.products(users, items))
    let confidences = Matrix(column: entries.values)
    let rest = predicted - 1
    let known = confidences.dot(rest.times(rest)) - layout.unobserved * predicted.sumOfSquares
    let everywhere = (users.transposed * users).dot(items.transposed * items)
    return known + layout.unobserved * everywhere + penalty(users, entries.rowCounts, items.rows)
      + penalty(items, entries.columnCounts, users.rows)
  }

  private func penalty(_ factor: Matrix, _ counts: [Int], _ others: Int) -> Double {
    let squares = factor.reduced(.sumOfSquares, along: .columns)
    let penalties = counts.map { layout.penalty(entries: $0, of: others) }
    return Matrix(column: penalties).dot(squares.converted(to: .double))
  }

  package func picture() -> FactorPicture? {
    FactorPicture(title: "items (columns of H)", rows: items, isSigned: true)
  }
}
