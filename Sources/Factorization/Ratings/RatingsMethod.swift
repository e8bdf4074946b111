/// One line a rule: what `method=` may be for ratings, and what it can do.
package struct RatingsMethod: Sendable {
  /// What ratings it is for.
  package enum Ratings: Sendable { case explicit, implicit }

  /// Options that not every rule has.
  package enum Ability: String, Sendable {
    case nonnegative, feedback, rate, block
    /// Least squares, whose users can be solved for from their ratings alone.
    case folding
    /// Pairs of what was chosen and what was not, from which users can be solved for too.
    case pairs
    /// Items come from noised sums over users.
    case privacy
  }

  package let name: String
  /// How a model says what made it.
  package let words: String
  package let ratings: Ratings
  package let abilities: Set<Ability>
  /// Iterations and tolerance when nothing is said.
  let iterations: Int
  let tolerance: Double
  /// The penalty when nothing is said.
  let l2: Double
  let rule: @Sendable (RatingsTask) -> any RatingsRule

  private init(
    _ name: String, _ words: String, _ ratings: Ratings, iterations: Int, tolerance: Double,
    l2: Double, _ abilities: Set<Ability>,
    _ rule: @escaping @Sendable (RatingsTask) -> any RatingsRule
  ) {
    self.name = name
    self.words = words
    self.ratings = ratings
    self.iterations = iterations
    self.tolerance = tolerance
    self.l2 = l2
    self.abilities = abilities
    self.rule = rule
  }

  package static let all: [RatingsMethod] = [
    explicitGradients,
    RatingsMethod(
      "als", "als", .explicit, iterations: 15, tolerance: 1e-2, l2: 1.3,
      [.nonnegative, .feedback, .folding]
    ) { task -> any RatingsRule in
      if task.options.hasFeedback { FeedbackLeastSquares(task) } else { LeastSquares(task) }
    },
    RatingsMethod(
      "ccd", "coordinate descent", .explicit, iterations: 30, tolerance: 1e-3, l2: 1.3,
      [.nonnegative, .folding]
    ) { CyclicDescent($0) },
    RatingsMethod(
      "sgd", "stochastic gradient descent", .explicit, iterations: 40, tolerance: 1e-3, l2: 1.3,
      [.nonnegative, .rate, .folding]
    ) { StochasticDescent($0) },
    RatingsMethod(
      "dpals", "private als", .explicit, iterations: 2, tolerance: 0, l2: 1.3, [.folding, .privacy]
    ) { PrivateLeastSquares($0) },
    implicitGradients,
    RatingsMethod(
      "als", "als", .implicit, iterations: 15, tolerance: 1e-3, l2: 0.02, [.nonnegative, .folding]
    ) { ImplicitLeastSquares($0) },
    RatingsMethod(
      "als++", "als by blocks", .implicit, iterations: 15, tolerance: 1e-3, l2: 0.02,
      [.block, .folding]
    ) { ImplicitLeastSquares($0, by: .blocks(size: $0.options.block)) },
    RatingsMethod(
      "bpr", "pairwise ranking", .implicit, iterations: 60, tolerance: 0, l2: 0.01, [.rate, .pairs]
    ) { PairwiseDescent($0) },
  ]

  package static func named(_ name: String, for ratings: Ratings) -> RatingsMethod? {
    all.first { $0.ratings == ratings && $0.name == name }
  }

  /// What is taken when no method is named.
  package static func usual(_ ratings: Ratings) -> RatingsMethod {
    ratings == .explicit ? explicitGradients : implicitGradients
  }

  /// The names of all, each once.
  package static var names: [String] {
    all.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static let explicitGradients = RatingsMethod(
    "cg", "als by conjugate gradients", .explicit, iterations: 15, tolerance: 1e-2, l2: 1.3,
    [.folding]
  ) { LeastSquares($0, steps: 3) }

  private static let implicitGradients = RatingsMethod(
    "cg", "als by conjugate gradients", .implicit, iterations: 15, tolerance: 1e-3, l2: 0.02,
    [.folding]
  ) { ImplicitLeastSquares($0, by: .gradients(steps: 3)) }
}
