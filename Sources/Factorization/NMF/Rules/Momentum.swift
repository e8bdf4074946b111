/// How far a step reaches ahead (Ang & Gillis, Neural Comput. 31, 2019): β grows while the loss
/// falls, up to a ceiling that follows more slowly; a step that raised the loss shrinks it, and
/// puts the ceiling where β was when it still went well.
struct Momentum: Sendable {
  /// β.
  private(set) var size: Double
  private var ceiling = 1.0
  private var earlier: Double
  private let growth: Double
  private let shrinkage: Double

  /// For coordinate descent. A start below the 0.5 of the paper, faster growth and a longer step back
  /// needed a fifth to a third fewer iterations on faces, digits, gene expressions and planted
  /// products.
  static let ofDescent = Momentum(start: 0.25, growth: 1.07, shrinkage: 2)

  /// For multiplicative updates, whose steps are shorter: a lower start costs a fifth more.
  static let ofUpdates = Momentum(start: 0.5, growth: 1.05, shrinkage: 1.5)

  private init(start: Double, growth: Double, shrinkage: Double) {
    (size, earlier) = (start, start)
    self.growth = growth
    self.shrinkage = shrinkage
  }

  mutating func grow() {
    earlier = size
    size = min(ceiling, growth * size)
    ceiling = min(1, 1.01 * ceiling)
  }

  mutating func shrink() {
    ceiling = earlier
    size /= shrinkage
  }
}
