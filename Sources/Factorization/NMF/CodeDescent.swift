import Matrices

/// The best rows of W for parts that stay as they are, under a loss that is no square: Newton's step
/// with the limits and penalties of W, solved exactly for every row, and as much of it as lowers the
/// loss. A row ends once a step moves it by next to nothing, so that the conditions of a minimum
/// hold to rounding; all in 64 bits.
///
/// Memory beyond the codes: some blocks of the size of X, which the caller keeps bounded.
struct CodeDescent {
  /// n×k.
  private let ht: Matrix
  private let divergence: EntryDivergence
  private let terms: FactorTerms
  private let method: RowMethod

  /// Steps that no row has needed; where the loss is not convex they are shorter.
  private static let mostSteps = 300
  /// Halvings of a step before a row is left where it is.
  private static let mostHalvings = 30
  /// A step of this part of a row is the last.
  private static let stillness = 1e-11

  init(_ ht: Matrix, _ options: NMFOptions) {
    self.ht = ht.converted(to: .double)
    divergence = options.loss.entries
    terms = options.terms.w
    method =
      terms.orthogonality > 0 || terms.areLimits ? .descent(sweeps: 5000, decay: 1e-13) : .exact
  }

  /// Rows of W with what they cost, and what they are for.
  struct Rows {
    var w: Matrix
    let x: Matrix
    let weights: Matrix?
    fileprivate(set) var costs: [Double]

    /// The same of some rows.
    fileprivate func selecting(_ rows: [Int]) -> Rows {
      Rows(
        w: w.selecting(rows: rows), x: x.selecting(rows: rows),
        weights: weights?.selecting(rows: rows), costs: rows.map { costs[$0] })
    }
  }

  /// Rows to begin with, which must lie within the limits.
  func rows(_ w: Matrix, _ x: Matrix, weights: Matrix?) -> Rows {
    let w = w.converted(to: .double)
    var rows = Rows(
      w: w, x: x.converted(to: .double), weights: weights?.converted(to: .double), costs: [])
    rows.costs = costs(w, rows)
    return rows
  }

  /// The local minima that are reached from these rows.
  func improved(_ given: Rows) -> Rows {
    var result = given
    var (active, places) = (given, Array(0..<given.w.rows))
    for _ in 0..<Self.mostSteps where !places.isEmpty {
      let goal = minimum(of: active)
      let moves = step(&active, towards: goal)
      let going = moves.indices.filter { moves[$0] > Self.stillness }
      if going.count == places.count { continue }
      keep(active, places, in: &result)
      active = active.selecting(going)
      places = going.map { places[$0] }
    }
    keep(active, places, in: &result)
    return result
  }

  private func keep(_ rows: Rows, _ places: [Int], in result: inout Rows) {
    guard !places.isEmpty else { return }
    result.w.replace(rows: places, columns: Array(0..<ht.columns), with: rows.w)
    for (own, place) in places.enumerated() { result.costs[place] = rows.costs[own] }
  }

  /// Where the quadratic model around the rows is least.
  private func minimum(of rows: Rows) -> Matrix {
    let y = rows.w * ht.transposed
    let parts = parts(rows, y)
    var goal = rows.w
    _ = goal.solveRows(
      EntryWeights(.dense(parts.curvature)), of: ht, gram: ht.gram, target: parts.goal * ht,
      by: method, terms: terms)
    return goal
  }

  /// The model of every entry, `½ c (ŷ − goal / c)²`. That of Kullback–Leibler is `c = m x/ŷ²`: zeros
  /// of X have none, but for a small one where a row has so few other entries that they leave
  /// directions of it open.
  private func parts(_ rows: Rows, _ y: Matrix) -> (goal: Matrix, curvature: Matrix) {
    guard case .beta(1) = divergence else {
      return Matrix.newtonParts(divergence, x: rows.x, y: y, weights: rows.weights)
    }
    let (quotient, weight) = Matrix.updateParts(divergence, x: rows.x, y: y, weights: rows.weights)
    let isOpen = Matrix.combine(
      .less, quotient.reduced(.count, along: .columns), Double(2 * ht.columns))
    let little = weight.times(1e-7 * isOpen)
    let largest = y.reduced(.maximum, along: .columns).clamped(1e-50, .infinity)
    return (
      2 * quotient - weight + little,
      (quotient + little).over(Matrix.combine(.maximum, y, 1e-9 * largest))
    )
  }

  /// Moves every row as far towards its goal as lowers what it costs: all the way, half of it, and so
  /// on. Returns how far each went, as a part of its length.
  private func step(_ rows: inout Rows, towards goal: Matrix) -> [Double] {
    let start = rows.w
    var moves = [Double](repeating: 0, count: start.rows)
    var waiting = Array(0..<start.rows)
    var length = 1.0
    for _ in 0..<Self.mostHalvings where !waiting.isEmpty {
      let own = waiting.count == start.rows ? rows : rows.selecting(waiting)
      let from = start.selecting(rows: waiting)
      let trial = length == 1 ? goal : from + length * (goal.selecting(rows: waiting) - from)
      let after = costs(trial, own)
      let distances = (trial - from).reduced(.sumOfSquares, along: .columns).elements
      let sizes = trial.reduced(.sumOfSquares, along: .columns).elements
      var (lower, higher): ([Int], [Int]) = ([], [])
      for i in waiting.indices {
        // Rounding of the loss must not stop a step that is right.
        let slack = 1e-13 * (1 + abs(own.costs[i]))
        if after[i] <= own.costs[i] + slack { lower.append(i) } else { higher.append(i) }
      }
      rows.w.replace(
        rows: lower.map { waiting[$0] }, columns: Array(0..<start.columns),
        with: trial.selecting(rows: lower))
      for i in lower {
        rows.costs[waiting[i]] = after[i]
        moves[waiting[i]] =
          sizes[i] > 0 ? (distances[i] / sizes[i]).squareRoot() : distances[i] > 0 ? 1 : 0
      }
      waiting = higher.map { waiting[$0] }
      length /= 2
    }
    return moves
  }

  /// The loss of every row with its penalties.
  private func costs(_ w: Matrix, _ rows: Rows) -> [Double] {
    var costs = Matrix.rowDivergences(
      divergence, x: rows.x, y: w * ht.transposed, weights: rows.weights)
    guard terms.arePenalties else { return costs }
    let sums = w.reduced(.sum, along: .columns).elements
    let squares = w.reduced(.sumOfSquares, along: .columns).elements
    for i in costs.indices {
      costs[i] +=
        terms.l1 * sums[i] + terms.l2 / 2 * squares[i]
        + terms.orthogonality / 2 * (sums[i] * sums[i] - squares[i])
    }
    return costs
  }
}
