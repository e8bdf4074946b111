import Matrices

/// Layer normalization (Ba, Kiros & Hinton 2016): the features of every row, moment or pixel are
/// brought to mean 0 and deviation 1, then scaled and shifted.
package struct LayerNorm: Layer {
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

  package var output: Geometry { input }
  package var title: String { "layernorm\(rules.suffix)" }
  /// γ and β.
  package var parameterShape: Shape { Shape(2, features) }
  package var gradientPlan: GradientPlan { .byRows }
  package var work: Int { 2 * inputs }
  package var weightRows: Range<Int> { 0..<1 }
  /// Mean and inverse deviation of every position.
  package var keptColumns: Int { 2 * positions }

  package func initialParameters(_ random: inout Random) -> Matrix {
    .above([rules.allowed(.ones(1, features)), .zeros(1, features)])
  }

  private func places(_ block: Block) -> Block {
    block.reshaped(block.rows * positions, features)
  }

  private func kept(_ pass: Pass) -> Block { pass.kept.reshaped(pass.x.rows * positions, 2) }

  package func forward(_ pass: Pass) {
    places(pass.y).normalizeRows(
      places(pass.x), scale: pass.parameters.rows(in: 0..<1),
      shift: pass.parameters.rows(in: 1..<2), epsilon: 1e-5, kept: kept(pass))
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    guard let gradient else { return 0 }
    gradient.fill(0)
    Block.normalizeRowsGradient(
      places(dy), x: places(pass.x), scale: pass.parameters.rows(in: 0..<1), kept: kept(pass),
      into: dx.map(places), gradient: gradient)
    return 0
  }

  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    [("gamma", parameters.rows(in: 0..<1)), ("beta", parameters.rows(in: 1..<2))]
  }
}
