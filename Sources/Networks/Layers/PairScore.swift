import Matrices

/// What two vectors with biases say of their pair: `y = p·q + b + c + μ` (Koren, Bell & Volinsky,
/// IEEE Computer 2009). A row is `p, b, q, c`; μ is the only parameter.
package struct PairScore: Layer {
  package let input: Geometry
  package let rank: Int

  package init(input: Geometry) {
    self.input = input
    rank = input.count / 2 - 1
  }

  package var output: Geometry { Geometry(1) }
  package var title: String { "mf_layer \(rank)" }
  package var parameterShape: Shape { Shape(1, 1) }
  package var gradientPlan: GradientPlan { .byRows }
  package var work: Int { input.count }
  package var weightRows: Range<Int> { 0..<0 }

  package func initialParameters(_ random: inout Random) -> Matrix { .zeros(1, 1) }

  package func forward(_ pass: Pass) {
    pass.y.scorePairs(pass.x, offset: pass.parameters)
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    if let dx { dx.scorePairsGradient(dy, pass.x) }
    gradient.map { dy.sumColumns(into: $0) }
    return 0
  }

  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    [("mu", parameters)]
  }
}
