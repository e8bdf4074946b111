import Matrices
import Training

/// What `mf` depends on, besides the data.
package struct MFOptions: Sendable {
  package var rank: Int
  package var bias = true
  package var l2: Double
  package var iterations: Int
  package var tolerance: Double
  /// The length of the steps of gradient methods.
  package var rate: Double?
  package var seed = 0
  /// The power of its number of ratings that the penalty of a user or item is multiplied with:
  /// between the constant of textbooks, 0, and the number itself, 1 (Zhou et al. 2008).
  package var frequency = 0.5
  /// Whether factors must not be below 0.
  package var isNonnegative = false
  /// What is added to `W H Wᵀ` when there is a bias, and whether H is symmetric.
  package var coreBias = CoreBias.scalar
  package var isSymmetric = false
  /// Whether what a user has rated, whatever the rating, is part of the user (SVD++).
  package var hasFeedback = false
  /// How many coordinates are solved for together where they are in blocks.
  package var block = 32
  /// Entries that only say that something was chosen, or `nil` for ratings that say how good.
  package var implicit: ImplicitOptions?
  /// How users are to be protected.
  package var privacy: PrivacySettings?
  /// The least and the largest that a prediction may be; `nil` for those of the ratings.
  package var range: ClosedRange<Double>?

  package init(rank: Int, l2: Double, iterations: Int, tolerance: Double) {
    self.rank = rank
    self.l2 = l2
    self.iterations = iterations
    self.tolerance = tolerance
  }

  /// The usual penalty with feedback, which has more to fit with than factors alone: like the other
  /// usual values, what did best on a part of MovieLens 100k that was held out of the rest.
  static let feedbackPenalty = 2.0

  /// The penalty of a bias as part of that of a factor.
  static let biasShare = 1.0 / 3

  /// What users solve for, given the items; rows are `[p, b, 1]` against `[q, 1, c]`.
  func userRidge(mean: Double) -> RidgeLayout {
    var ridge = RidgeLayout(
      rank: rank, bias: rank, offset: rank + 1, mean: mean, penalty: l2,
      biasPenalty: l2 * Self.biasShare, solvesBias: bias, exponent: frequency)
    ridge.isNonnegative = isNonnegative
    return ridge
  }

  /// What items solve for, given the users.
  func itemRidge(mean: Double) -> RidgeLayout {
    var ridge = userRidge(mean: mean)
    (ridge.bias, ridge.offset) = (rank + 1, rank)
    return ridge
  }
}

/// How entries that only say that something was chosen are read.
package struct ImplicitOptions: Sendable {
  /// An entry r is known with the confidence `alpha · r`; all others are 0 with the weight
  /// `unobserved`.
  package var alpha = 1.0
  package var unobserved = 1.0
  /// The part that the number of entries has in the penalty: see `ImplicitLayout`.
  package var frequency = 1.0

  package init() {}
}
