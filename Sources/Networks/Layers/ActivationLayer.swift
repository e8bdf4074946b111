import Autodiff
import Matrices

/// An activation as a layer of its own.
package struct ActivationLayer: Layer {
  package let inputs: Int
  package let activation: Activation

  package init(inputs: Int, activation: Activation) {
    self.inputs = inputs
    self.activation = activation
  }

  package var outputs: Int { inputs }
  package var title: String { "activation \(activation.rawValue)" }

  package func forward(
    _ x: Block, parameters: Block, activation f: Activation, drawing: Drawn?, into y: Block
  ) {
    y.copy(from: x)
    f.forward(y)
  }

  package func inputGradient(_ dz: Block, parameters: Block, drawing: Drawn?, into dx: Block) {
    dx.copy(from: dz)
  }
}
