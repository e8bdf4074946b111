import Matrices

/// Implicit ratings by alternating least squares: all items, then all users, against the whole
/// catalogue, at the cost of the known entries (Hu, Koren & Volinsky, ICDM 2008).
struct ImplicitLeastSquares: RatingsRule {
  private let task: RatingsTask
  private let entries: ObservedEntries
  private let layout: ImplicitLayout
  /// users×k and items×k, f32.
  private var users: Matrix
  private var items: Matrix

  init(_ task: RatingsTask) { self.init(task, by: .exact) }

  init(_ task: RatingsTask, by solution: ImplicitLayout.Solution) {
    self.task = task
    entries = task.entries.confident(task.options)
    layout = task.options.implicitLayout(by: solution)
    var random = task.random
    let (rank, shape) = (task.options.rank, entries.shape)
    let scale = 0.1 / Double(rank).squareRoot()
    users = (scale * random.normal(shape.rows, rank)).converted(to: .single)
    items = (scale * random.normal(shape.columns, rank)).converted(to: .single)
    if layout.isNonnegative {
      users.map(.abs)
      items.map(.abs)
    }
  }

  /// There are no biases: their columns are 0.
  var factors: RatingsFactors {
    RatingsFactors(users: users.withoutBiases, items: items.withoutBiases)
  }

  mutating func iterate() -> Double {
    entries.solveImplicitColumns(&items, users, layout)
    entries.solveImplicitRows(&users, items, layout)
    return objective
  }

  /// `Σ c (1 − ŷ)² + α₀ Σ_others ŷ² + Σ λ ‖w‖² + Σ λ ‖h‖²`, where the sum over all pairs is
  /// `⟨WᵀW, HᵀH⟩`.
  private var objective: Double {
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
}

extension ObservedEntries {
  /// With confidences as values.
  func confident(_ options: MFOptions) -> ObservedEntries {
    let alpha = options.implicit?.alpha ?? 1
    return ObservedEntries(
      shape, rows: rows, columns: columns, values: values.map { alpha * $0 })
  }
}

extension MFOptions {
  func implicitLayout(by solution: ImplicitLayout.Solution) -> ImplicitLayout {
    let implicit = implicit ?? ImplicitOptions()
    return ImplicitLayout(
      unobserved: implicit.unobserved, penalty: l2, exponent: implicit.frequency,
      by: isNonnegative ? .nonnegative : solution)
  }
}

extension Matrix {
  /// With two columns of 0 at the right, in 64 bits.
  var withoutBiases: Matrix { .besides([converted(to: .double), .zeros(rows, 2)]) }
}
