import Matrices
import Vocabulary

/// AdaGrad (Duchi, Hazan & Singer, JMLR 2011): `v ← v + g²`, `x ← x − η g / (√v + 1e-10)`.
package struct AdaGrad: Optimizer {
  package var rate: Double

  package init(rate: Double = 0.01) { self.rate = rate }

  package var title: String { "adagrad(\(NumberFormat.short(rate)))" }
  package let name = "adagrad"
  package var call: Call { Call("adagrad", numbers: [("rate", rate)]) }
  package let slots = 1

  package func update(_ parameters: Block, gradient: Block, state: Block, step: Int) {
    parameters.descendByRoots(
      gradient: gradient, square: state.rows(in: 0..<1), rate: rate, keep: 1, take: 1,
      epsilon: 1e-10)
  }
}
