import Matrices

/// A user of a model by pairs, solved for from what was chosen, with the items as they are: the p
/// that minimises `Σ_i [mean_j −ln σ(s_i − s_j) + ½ λ ‖p‖²]` over the chosen items i, where j are the
/// others and `s = q·p + c` (BPR: Rendle, Freudenthaler, Gantner & Schmidt-Thieme, UAI 2009). It is
/// convex: some steps of Newton's method find it. Cost `n·m·k` a step for n chosen and m others.
struct PairwiseUser {
  /// p, a column.
  private(set) var factor: Matrix
  /// What every chosen item adds to p, a row each: their sum is p, as at the minimum
  /// `λ n p = Σ_i mean_j σ(s_j − s_i) (q_i − q_j)`.
  private(set) var parts: Matrix

  /// Pairs that are looked at; of more than that the others are a sample.
  private static let mostPairs = 1 << 21
  private static let steps = 30

  /// Of items `[q, 1, c]`, of which at least one is chosen.
  init(choosing chosen: [Int], of items: Matrix, _ options: MFOptions) {
    let rank = options.rank
    factor = .zeros(rank, 1)
    parts = .zeros(chosen.count, rank)
    let isChosen = Set(chosen)
    var others = (0..<items.rows).filter { !isChosen.contains($0) }
    let most = max(64, Self.mostPairs / max(chosen.count, 1))
    if others.count > most {
      var random = Random(seed: UInt64(bitPattern: Int64(options.seed)))
      others = Array(random.permutation(others.count).prefix(most)).sorted().map { others[$0] }
    }
    guard !others.isEmpty, !chosen.isEmpty else { return }
    let pairs = Pairs(
      items.selecting(rows: chosen), items.selecting(rows: others), rank: rank,
      penalty: Double(chosen.count) * max(options.l2, 1e-6))
    var loss = pairs.loss(factor)
    for _ in 0..<Self.steps where !Interrupt.isRequested {
      let (slope, bend) = pairs.derivatives(factor)
      guard let way = try? Matrix.solve(bend, slope) else { break }
      var length = 1.0
      var next = factor - way
      while !(pairs.loss(next) <= loss), length > 1e-6 {
        length /= 2
        next = factor - length * way
      }
      let before = loss
      loss = pairs.loss(next)
      guard loss <= before else { break }
      factor = next
      if before - loss <= 1e-13 * abs(before) { break }
    }
    parts = pairs.parts(factor)
  }

  /// Chosen items and others.
  private struct Pairs {
    let chosen: Matrix
    let others: Matrix
    let biases: (chosen: Matrix, others: Matrix)
    let penalty: Double

    init(_ chosen: Matrix, _ others: Matrix, rank: Int, penalty: Double) {
      let places = Array(0..<rank)
      self.chosen = chosen.selecting(columns: places)
      self.others = others.selecting(columns: places)
      biases = (chosen.selecting(columns: [rank + 1]), others.selecting(columns: [rank + 1]))
      self.penalty = penalty
    }

    /// `s_j − s_i`, a row for every chosen item.
    private func differences(_ p: Matrix) -> Matrix {
      Matrix.combine(
        .subtract, (others * p + biases.others).transposed, chosen * p + biases.chosen)
    }

    func loss(_ p: Matrix) -> Double {
      differences(p).mapped(.softplus).total(.sum) / Double(others.rows)
        + 0.5 * penalty * p.sumOfSquares
    }

    /// The slope, and the matrix of second derivatives.
    func derivatives(_ p: Matrix) -> (Matrix, Matrix) {
      let pulls = differences(p).mapped(.sigmoid)
      let bends = pulls.times(.combine(.subtract, 1, pulls))
      let share = 1 / Double(others.rows)
      let (across, down) = (pulls.reduced(.sum, along: .columns), pulls.reduced(.sum, along: .rows))
      let pull: Matrix = chosen.transposed * across - others.transposed * down.transposed
      let slope: Matrix = penalty * p - share * pull
      let mixed = chosen.transposed * (bends * others)
      let ofChosen = bends.reduced(.sum, along: .columns).times(chosen)
      let ofOthers = bends.reduced(.sum, along: .rows).transposed.times(others)
      let own: Matrix = chosen.transposed * ofChosen + others.transposed * ofOthers
      let bend =
        share * (own - mixed - mixed.transposed) + penalty * Matrix.identity(p.rows)
      return (slope, bend)
    }

    func parts(_ p: Matrix) -> Matrix {
      let pulls = differences(p).mapped(.sigmoid)
      let all = pulls.reduced(.sum, along: .columns).times(chosen) - pulls * others
      return 1 / (penalty * Double(others.rows)) * all
    }
  }
}

extension RatingsModel {
  /// `[p, 0, 1]` of lines of entries, by pairs.
  func pairwiseUsers(_ entries: ObservedEntries) -> Matrix {
    let rows = (0..<entries.shape.rows).map { line -> Matrix in
      let chosen = entries.columns(ofRow: line).map(Int.init)
      let user = PairwiseUser(choosing: chosen, of: factors.items, options)
      return .besides([user.factor.transposed, .zeros(1, 1), Matrix(options.bias ? 1 : 0)])
    }
    return rows.isEmpty ? .zeros(0, options.rank + 2) : .above(rows)
  }
}
