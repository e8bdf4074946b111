import Autodiff
import Matrices

/// Sets outputs to zero at random while training, and does nothing after.
package struct DropoutLayer: Layer {
  package let inputs: Int
  package let rate: Double

  package init(inputs: Int, rate: Double) {
    self.inputs = inputs
    self.rate = rate
  }

  package var outputs: Int { inputs }
  package var activation: Activation { .linear }
  package var title: String { "dropout \(NumberFormat.short(rate))" }
  package var drawsMask: Bool { true }

  package func forward(
    _ x: Block, parameters: Block, activation f: Activation, drawing: Drawn?, into y: Block
  ) {
    if let drawing {
      Dropout.forward(x, rate: rate, chance: drawing.chance, mask: drawing.mask, into: y)
    } else {
      y.copy(from: x)
    }
  }

  package func inputGradient(_ dz: Block, parameters: Block, drawing: Drawn?, into dx: Block) {
    if let drawing { Dropout.inputGradient(dz, mask: drawing.mask, into: dx) }
  }
}
