import Autodiff
import Matrices

/// An activation as a layer of its own.
package struct ActivationLayer: Layer {
  package let input: Geometry
  package let activation: Activation

  package init(input: Geometry, activation: Activation) {
    self.input = input
    self.activation = activation
  }

  package init(inputs: Int, activation: Activation) {
    self.init(input: Geometry(inputs), activation: activation)
  }

  package var output: Geometry { input }
  package var title: String { "activation \(activation.rawValue)" }

  package func forward(_ pass: Pass) {
    pass.y.copy(from: pass.x)
    pass.activation.forward(pass.y.reshaped(input.positions * pass.y.rows, input.features))
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    let places = input.positions * pass.x.rows
    pass.activation.gradient(
      dy.reshaped(places, input.features), outputs: pass.y.reshaped(places, input.features),
      inputs: pass.x.reshaped(places, input.features))
    dx?.copy(from: dy)
    return 0
  }
}
