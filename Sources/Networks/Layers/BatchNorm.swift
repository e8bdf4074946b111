import Matrices

/// Batch normalization (Ioffe & Szegedy, ICML 2015): features, or channels, are brought to mean 0
/// and deviation 1 over the batch (and all positions), then scaled and shifted. Outside training
/// running means and variances take the place of the batch's.
package struct BatchNorm: BatchLayer {
  package let input: Geometry
  /// What is asked of γ.
  package let rules: WeightRules
  private let features: Int
  private let positions: Int

  package init(input: Geometry, rules: WeightRules = WeightRules()) {
    self.input = input
    self.rules = rules
    features = input.features
    positions = input.positions
  }

  /// How far running numbers move each step, and what is added to variances.
  static let part = 0.1
  static let epsilon = 1e-5

  package var output: Geometry { input }
  package var title: String { "batchnorm\(rules.suffix)" }
  /// γ and β, which are trained; running means and variances, which are not.
  package var parameterShape: Shape { Shape(4, features) }
  package var trainedRows: Int { 2 }
  package var gradientPlan: GradientPlan { .byRows }
  package var work: Int { 2 * inputs }
  package var weightRows: Range<Int> { 0..<1 }
  package func scratch(rows: Int) -> Int { features }

  package func initialParameters(_ random: inout Random) -> Matrix {
    .above([rules.allowed(.ones(1, features)), .zeros(2, features), .ones(1, features)])
  }

  /// A row for every position.
  private func places(_ block: Block) -> Block {
    block.reshaped(block.rows * positions, features)
  }

  private func row(_ parameters: Block, _ index: Int) -> Block {
    parameters.rows(in: index..<index + 1)
  }

  package func forward(_ pass: Pass) {
    let inverse = pass.scratch.columns(in: 0..<features)
    inverse.inverseRoots(of: row(pass.parameters, 3), epsilon: Self.epsilon)
    places(pass.y).normalize(
      places(pass.x), mean: row(pass.parameters, 2), inverse: inverse,
      scale: row(pass.parameters, 0), shift: row(pass.parameters, 1))
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    preconditionFailure("a batch goes back with its statistics")
  }

  // MARK: The whole batch

  package var statisticsCount: Int { 2 * features + 1 }

  private func mean(_ statistics: Block) -> Block { statistics.columns(in: 1..<1 + features) }
  private func inverse(_ statistics: Block) -> Block {
    statistics.columns(in: 1 + features..<1 + 2 * features)
  }

  package func gather(_ x: Block, into statistics: Block) { statistics.moments(of: places(x)) }

  package func combine(
    _ pieces: Block, into statistics: Block, parameters: Block, isWhole: Bool
  ) {
    statistics.joinMoments(
      pieces, epsilon: Self.epsilon, running: parameters.rows(in: 2..<4),
      part: isWhole ? 1 : Self.part)
  }

  package func forward(_ pass: Pass, statistics: Block) {
    places(pass.y).normalize(
      places(pass.x), mean: mean(statistics), inverse: inverse(statistics),
      scale: row(pass.parameters, 0), shift: row(pass.parameters, 1))
  }

  package func gatherSlopes(
    _ pass: Pass, dy: Block, statistics: Block, into sums: Block, gradient: Block
  ) {
    gradient.fill(0)
    gradient.rows(in: 0..<2).addSlopes(
      places(dy), x: places(pass.x), mean: mean(statistics), inverse: inverse(statistics))
    sums.columns(in: 0..<2 * features).packed(2, features).copy(from: gradient.rows(in: 0..<2))
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, statistics: Block, slopes: Block) {
    dx.map {
      places($0).normalizeGradient(
        places(dy), x: places(pass.x), mean: mean(statistics), inverse: inverse(statistics),
        scale: row(pass.parameters, 0),
        slopes: slopes.columns(in: 0..<2 * features).packed(2, features),
        count: statistics.columns(in: 0..<1))
    }
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block) {
    let inverse = pass.scratch.columns(in: 0..<features)
    inverse.inverseRoots(of: row(pass.parameters, 3), epsilon: Self.epsilon)
    let zeros = Matrix.zeros(1, features, dy.precision)
    zeros.withBlock { zero in
      places(dx).normalize(
        places(dy), mean: zero, inverse: inverse, scale: row(pass.parameters, 0), shift: zero)
    }
  }

  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    zip(["gamma", "beta", "mean", "variance"], 0..<4).map { name, row in
      (name, parameters.rows(in: row..<row + 1))
    }
  }
}
