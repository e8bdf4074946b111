import Matrices
import Vocabulary

/// Stochastic gradient descent: `x ← x − ηg`; with momentum ρ (Polyak 1964) `v ← ρv + g`,
/// `x ← x − ηv`, or looking ahead (Nesterov 1983) `x ← x − η(g + ρv)`.
package struct GradientDescent: Optimizer {
  package var rate: Double
  package let momentum: Double
  package let looksAhead: Bool

  package init(rate: Double = 0.01, momentum: Double = 0, looksAhead: Bool = false) {
    self.rate = rate
    self.momentum = momentum
    self.looksAhead = looksAhead
  }

  package var title: String {
    var title = "sgd(\(NumberFormat.short(rate))"
    if momentum > 0 { title += ", momentum=\(NumberFormat.short(momentum))" }
    if looksAhead { title += ", nesterov=true" }
    return title + ")"
  }
  package var name: String { momentum > 0 ? "sgd with momentum" : "sgd" }
  package var call: Call {
    var call = Call("sgd", numbers: [("rate", rate), ("momentum", momentum)])
    call.arguments["nesterov"] = .boolean(looksAhead)
    return call
  }
  package var slots: Int { momentum > 0 ? 1 : 0 }

  package func update(_ parameters: Block, gradient: Block, state: Block, step: Int) {
    if momentum > 0 {
      parameters.descend(
        gradient: gradient, velocity: state.rows(in: 0..<1), rate: rate, momentum: momentum,
        looksAhead: looksAhead)
    } else {
      parameters.descend(gradient: gradient, rate: rate)
    }
  }
}
