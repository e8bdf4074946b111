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
  /// `WᵀW` of the users.
  private var gram: Matrix
  /// λ of every user and item.
  private let penalties: (users: Matrix, items: Matrix)

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
    gram = users.transposed * users
    let layout = layout
    func penalties(_ counts: [Int], of others: Int) -> Matrix {
      Matrix(column: counts.map { layout.penalty(entries: $0, of: others) })
    }
    self.penalties = (
      penalties(entries.rowCounts, of: shape.columns),
      penalties(entries.columnCounts, of: shape.rows)
    )
  }

  /// There are no biases: their columns are 0.
  var factors: RatingsFactors {
    RatingsFactors(users: users.withoutBiases, items: items.withoutBiases)
  }

  /// `Σ c (1 − ŷ)² + α₀ Σ_others ŷ² + Σ λ ‖w‖² + Σ λ ‖h‖²`, where the sum over all pairs is
  /// `⟨WᵀW, HᵀH⟩`.
  mutating func iterate() -> Double {
    entries.solveImplicitColumns(&items, users, gram: gram, layout)
    let others = items.transposed * items
    let known = entries.solveImplicitRows(&users, items, gram: others, layout)
    gram = users.transposed * users
    return known + layout.unobserved * gram.dot(others) + penalty(users, penalties.users)
      + penalty(items, penalties.items)
  }

  private func penalty(_ factor: Matrix, _ penalties: Matrix) -> Double {
    penalties.dot(factor.reduced(.sumOfSquares, along: .columns).converted(to: .double))
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
