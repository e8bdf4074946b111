import Matrices
import Vocabulary

let sgdBuiltin = Builtin(
  "sgd", in: .optimizers, "Stochastic gradient descent, with momentum where asked.",
  Parameter<Double>("rate", "the step size η", default: 0.01, positional: true),
  Parameter<Double>("momentum", "how much of the last step is kept, ρ", default: 0),
  Parameter<Bool>("nesterov", "whether momentum looks ahead", default: false),
  shapes: "→ optimizer",
  math: "x ← x − ηg; with momentum v ← ρv + g, x ← x − ηv, or x ← x − η(g + ρv) looking ahead",
  seeAlso: ["adam", "train"],
  examples: [Example("sgd(0.1, momentum=0.9)", prints: "sgd(0.1, momentum=0.9)")]
) { (rate: Double, momentum: Double, nesterov: Bool) -> OptimizerValue in
  let rate = try checked(rate: rate)
  try checkDecay(momentum, "momentum")
  if nesterov && momentum == 0 {
    throw Problem(
      .value, "looking ahead needs momentum", at: "nesterov", help: "add momentum=0.9")
  }
  return OptimizerValue(GradientDescent(rate: rate, momentum: momentum, looksAhead: nesterov))
}

let adamBuiltin = Builtin(
  "adam", in: .optimizers, "Adam: steps scaled by running means of the gradient and its square.",
  Parameter<Double>("rate", "the step size η", default: 0.001, positional: true),
  Parameter<Double>("beta1", "decay of the mean", default: 0.9),
  Parameter<Double>("beta2", "decay of the mean square", default: 0.999),
  shapes: "→ optimizer",
  math:
    "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − η m̂ / (√v̂ + 1e-8) (Kingma & Ba 2015)",
  seeAlso: ["sgd", "train"],
  examples: [Example("adam(0.003)", prints: "adam(0.003)")]
) { (rate: Double, beta1: Double, beta2: Double) -> OptimizerValue in
  let rate = try checked(rate: rate)
  try checkDecay(beta1, "beta1")
  try checkDecay(beta2, "beta2")
  return OptimizerValue(Adam(rate: rate, decay: (beta1, beta2)))
}

let adamwBuiltin = Builtin(
  "adamw", in: .optimizers, "Adam that also shrinks the parameters a little every step.",
  Parameter<Double>("rate", "the step size η", default: 0.001, positional: true),
  Parameter<Double>("decay", "how much they shrink, λ", default: 0.01),
  Parameter<Double>("beta1", "decay of the mean", default: 0.9),
  Parameter<Double>("beta2", "decay of the mean square", default: 0.999),
  shapes: "→ optimizer",
  math: "x ← (1 − ηλ) x, then a step of adam (Loshchilov & Hutter 2019)",
  seeAlso: ["adam", "train"],
  examples: [Example("adamw(0.003)", prints: "adamw(0.003, decay=0.01)")]
) { (rate: Double, decay: Double, beta1: Double, beta2: Double) -> OptimizerValue in
  let rate = try checked(rate: rate)
  try checkDecay(beta1, "beta1")
  try checkDecay(beta2, "beta2")
  guard decay > 0 && rate * decay < 1 else {
    throw Problem(
      .value, "'decay' must be above 0, and below 1 / rate", at: "decay",
      label: "the number \(NumberFormat.short(decay))", help: decay == 0 ? "use adam" : nil)
  }
  return OptimizerValue(Adam(rate: rate, decay: (beta1, beta2), decoupled: decay))
}

let rmspropBuiltin = Builtin(
  "rmsprop", in: .optimizers, "Steps divided by the running root mean square of the gradient.",
  Parameter<Double>("rate", "the step size η", default: 0.01, positional: true),
  Parameter<Double>("decay", "how much of the mean square is kept, ρ", default: 0.99),
  shapes: "→ optimizer",
  math: "v ← ρv + (1−ρ)g², x ← x − η g / (√v + 1e-8) (Tieleman & Hinton 2012)",
  seeAlso: ["adam", "adagrad", "train"],
  examples: [Example("rmsprop(0.001)", prints: "rmsprop(0.001)")]
) { (rate: Double, decay: Double) -> OptimizerValue in
  let rate = try checked(rate: rate)
  try checkDecay(decay, "decay")
  return OptimizerValue(RMSProp(rate: rate, decay: decay))
}

let adagradBuiltin = Builtin(
  "adagrad", in: .optimizers, "Steps divided by the root of all squared gradients so far.",
  Parameter<Double>("rate", "the step size η", default: 0.01, positional: true),
  shapes: "→ optimizer",
  math: "v ← v + g², x ← x − η g / (√v + 1e-10) (Duchi, Hazan & Singer 2011)",
  seeAlso: ["rmsprop", "adam", "train"],
  examples: [Example("adagrad(0.1)", prints: "adagrad(0.1)")]
) { (rate: Double) -> OptimizerValue in
  OptimizerValue(AdaGrad(rate: try checked(rate: rate)))
}

let lbfgsBuiltin = Builtin(
  "lbfgs", in: .optimizers,
  "Steps that know the curvature, with lengths from a line search: all rows, few epochs.",
  Parameter<Int>(
    "memory", "how many moves tell of the curvature", default: 10, in: .between(1, 1000),
    positional: true),
  Parameter<Double>("rate", "the length that a line search tries first", default: 1),
  Parameter<Int>(
    "evaluations", "how often a line search may ask for the loss", default: 25,
    in: .between(1, 1000)),
  shapes: "→ optimizer",
  math: """
    x ← x − t H g, H from the last moves s and changes y of the gradient by two loops (Liu & Nocedal \
    1989); t satisfies the strong conditions of Wolfe. An epoch is one step on all rows, and ends the \
    run where nothing near is lower. Within bounds (nonnegative, or {low, high}) what a bound stops \
    stays, and the rest moves along its own H and is led back (two-metric projection, Bertsekas \
    1982). Dropout leaves out the same numbers throughout an epoch.
    """,
  seeAlso: ["adam", "sgd", "train"],
  examples: [
    Example(
      """
      valley(p) = (1 - p[1]) ^ 2 + 100 * (p[2] - p[1] ^ 2) ^ 2
      m = train(valley, [-1.2; 1], epochs=60, optimizer=lbfgs())
      round(m.params, 4)'
      """, prints: "1  1")
  ]
) { (memory: Int, rate: Double, evaluations: Int) -> OptimizerValue in
  OptimizerValue(
    LBFGS(rate: try checked(rate: rate), memory: memory, evaluations: evaluations))
}

private func checkDecay(_ decay: Double, _ name: String) throws {
  guard decay >= 0 && decay < 1 else {
    throw Problem(
      .value, "'\(name)' must be at least 0 and below 1", at: name,
      label: "the number \(NumberFormat.short(decay))")
  }
}

private func checked(rate: Double) throws -> Double {
  guard rate > 0 && rate.isFinite else {
    throw Problem(
      .value, "'rate' must be above 0 and finite", at: "rate",
      label: "the number \(NumberFormat.short(rate))")
  }
  return rate
}
