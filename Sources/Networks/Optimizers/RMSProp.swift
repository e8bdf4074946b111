import Matrices
import Vocabulary

/// RMSProp (Tieleman & Hinton 2012): `v ← ρv + (1 − ρ)g²`, `x ← x − η g / (√v + 1e-8)`.
package struct RMSProp: Optimizer {
  package var rate: Double
  package let decay: Double

  package init(rate: Double = 0.01, decay: Double = 0.99) {
    self.rate = rate
    self.decay = decay
  }

  package var title: String { "rmsprop(\(NumberFormat.short(rate)))" }
  package let name = "rmsprop"
  package var call: Call { Call("rmsprop", numbers: [("rate", rate), ("decay", decay)]) }
  package let slots = 1

  package func update(_ parameters: Block, gradient: Block, state: Block, step: Int) {
    parameters.descendByRoots(
      gradient: gradient, square: state.rows(in: 0..<1), rate: rate, keep: decay, take: 1 - decay,
      epsilon: 1e-8)
  }
}
