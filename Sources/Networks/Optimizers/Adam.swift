import Glibc
import Matrices
import Vocabulary

/// Adam (Kingma & Ba, ICLR 2015): `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
/// `x ← x − η m̂ / (√v̂ + ε)` with `m̂ = m / (1 − β₁ᵗ)` and `v̂ = v / (1 − β₂ᵗ)`.
///
/// With `decoupled` λ (AdamW, Loshchilov & Hutter, ICLR 2019) every step first shrinks the
/// parameters: `x ← (1 − ηλ) x`.
package struct Adam: Optimizer {
  package var rate: Double
  package let decay: (Double, Double)
  package let epsilon: Double
  package let decoupled: Double

  package init(
    rate: Double = 0.001, decay: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    decoupled: Double = 0
  ) {
    self.decoupled = decoupled
    self.rate = rate
    self.decay = decay
    self.epsilon = epsilon
  }

  package var title: String {
    decoupled > 0
      ? "adamw(\(NumberFormat.short(rate)), decay=\(NumberFormat.short(decoupled)))"
      : "adam(\(NumberFormat.short(rate)))"
  }
  package var name: String { decoupled > 0 ? "adamw" : "adam" }
  package var call: Call {
    let numbers = [("rate", rate), ("beta1", decay.0), ("beta2", decay.1)]
    return Call(name, numbers: decoupled > 0 ? numbers + [("decay", decoupled)] : numbers)
  }
  package let slots = 2

  package func update(_ parameters: Block, gradient: Block, state: Block, step: Int) {
    let time = Double(step)
    if decoupled > 0 { parameters.scale(by: 1 - rate * decoupled) }
    parameters.adam(
      gradient: gradient, mean: state.rows(in: 0..<1), square: state.rows(in: 1..<2), rate: rate,
      decay: decay, epsilon: epsilon,
      correction: (1 - pow(decay.0, time), 1 - pow(decay.1, time)))
  }
}
