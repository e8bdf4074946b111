import Autodiff
import Matrices

/// Sets outputs to zero at random while training, and does nothing after.
package struct DropoutLayer: Layer {
  package let input: Geometry
  package let rate: Double

  package init(input: Geometry, rate: Double) {
    self.input = input
    self.rate = rate
  }

  package init(inputs: Int, rate: Double) { self.init(input: Geometry(inputs), rate: rate) }

  package var output: Geometry { input }
  package var title: String { "dropout \(NumberFormat.short(rate))" }
  /// The mask.
  package var keptColumns: Int { inputs }

  package func forward(_ pass: Pass) {
    if let chance = pass.chance {
      Dropout.forward(pass.x, rate: rate, chance: chance, mask: pass.kept, into: pass.y)
    } else {
      pass.y.copy(from: pass.x)
    }
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    if let dx { Dropout.inputGradient(dy, mask: pass.kept, into: dx) }
    return 0
  }
}
