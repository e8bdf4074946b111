import Autodiff
import Glibc
import Matrices

/// A fully connected layer: `y = f(x·W + b)`.
package struct Dense: Layer {
  package let inputs: Int
  package let outputs: Int
  package let activation: Activation

  package init(inputs: Int, outputs: Int, activation: Activation) {
    self.inputs = inputs
    self.outputs = outputs
    self.activation = activation
  }

  package var title: String {
    activation == .linear ? "dense \(outputs)" : "dense \(outputs) \(activation.rawValue)"
  }

  /// The rows of `W`, then `b`.
  package var parameterShape: Shape { Shape(inputs + 1, outputs) }

  /// `b = 0`. Before relu `W` is normal with deviation `√(2 / inputs)` (He et al., ICCV 2015);
  /// else uniform within `±√(6 / (inputs + outputs))` (Glorot & Bengio, AISTATS 2010).
  package func initialParameters(_ random: inout Random) -> Matrix {
    let weights: Matrix
    switch activation {
    case .relu:
      weights = random.normal(inputs, outputs) * sqrt(2 / Double(inputs))
    case .linear, .sigmoid, .tanh, .softmax:
      let limit = sqrt(6 / Double(inputs + outputs))
      weights = random.uniform(inputs, outputs) * (2 * limit) - limit
    }
    return .above([weights, .zeros(1, outputs)])
  }

  package func forward(
    _ x: Block, parameters: Block, activation f: Activation, drawing: Drawn?, into y: Block
  ) { Affine.forward(x, parameters: parameters, activation: f, into: y) }

  package func inputGradient(_ dz: Block, parameters: Block, drawing: Drawn?, into dx: Block) {
    Affine.inputGradient(dz, parameters: parameters, into: dx)
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
