import Autodiff
import Matrices

/// A fully connected layer: `y = f(x·W + b)`.
package struct Dense: StripSource {
  package let input: Geometry
  package let output: Geometry
  package let activation: Activation

  package let rules: WeightRules
  /// What W starts with, where given.
  private let start: Matrix?

  package init(
    inputs: Int, outputs: Int, activation: Activation, rules: WeightRules = WeightRules(),
    start: Matrix? = nil
  ) {
    input = Geometry(inputs)
    output = Geometry(outputs)
    self.activation = activation
    self.rules = rules
    self.start = start
  }

  package var title: String { "dense \(outputs)\(activation.suffix)\(rules.suffix)" }

  /// The rows of `W`, then `b`.
  package var parameterShape: Shape { Shape(inputs + 1, outputs) }

  package var work: Int { inputs * outputs }

  /// `b = 0`, `W` as `Initial` draws it unless given.
  package func initialParameters(_ random: inout Random) -> Matrix {
    .above([
      start ?? rules.allowed(Initial.weights(inputs, outputs, before: activation, &random)),
      .zeros(1, outputs),
    ])
  }

  /// Going back, all pieces of a batch multiply with `Wᵀ`: it is laid out once a step, of many inputs
  /// in panels. Few outputs of many inputs are found with it, too.
  package var preparedCount: Int {
    let count = inputs * outputs
    return Block.multipliesRowsFaster && count >= 1 << 14 ? count : 0
  }
  package var preparesWayBack: Bool { outputs > Block.fewColumns }
  package var preparedParts: Int { min(8, (inputs + 255) / 256) }

  package func prepare(_ part: Int, of parameters: Block, into prepared: Block) {
    let size = (inputs + preparedParts - 1) / preparedParts
    let rows = min(part * size, inputs)..<min((part + 1) * size, inputs)
    if prepared.count == 0 || rows.isEmpty { return }
    turned(prepared).layTransposed(parameters, columns: rows)
  }

  private func turned(_ prepared: Block) -> Panels {
    preparesWayBack && Block.gainsByPanels(columns: inputs, prepared.precision)
      ? Panels(rows: outputs, columns: inputs, in: prepared)
      : Panels(prepared.packed(outputs, inputs))
  }

  package func forward(_ pass: Pass) {
    if pass.prepared.count > 0 && outputs <= Block.fewColumns {
      pass.y.affine(
        pass.x, transposed: pass.prepared.packed(outputs, inputs),
        bias: pass.parameters.rows(in: inputs..<inputs + 1), activation: pass.activation)
    } else {
      Affine.forward(
        pass.x, parameters: pass.parameters, activation: pass.activation, into: pass.y)
    }
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    pass.activation.gradient(dy, outputs: pass.y)
    if let dx { inputGradient(pass, dz: dy, columns: 0..<inputs, into: dx) }
    return 0
  }

  package func inputGradient(_ pass: Pass, dz: Block, columns: Range<Int>, into dx: Block) {
    if pass.prepared.count > 0 {
      turned(pass.prepared).product(dz, columns: columns, into: dx)
    } else {
      Block.product(
        dz, pass.parameters.rows(in: columns), transposing: .right, into: dx)
    }
  }

  package func parameterGradient(
    rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block
  ) { Affine.parameterGradient(rows: rows, dz, inputs: x, into: gradient) }

  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    [
      ("W", parameters.rows(in: 0..<inputs)), ("b", parameters.rows(in: inputs..<inputs + 1)),
    ]
  }
}

extension Activation {
  /// How a title ends: nothing for linear.
  package var suffix: String { self == .linear ? "" : " \(rawValue)" }
}
