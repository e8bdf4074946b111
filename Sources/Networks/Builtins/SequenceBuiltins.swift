import Autodiff
import Matrices
import Vocabulary

let rnnBuiltin = Builtin(
  "rnn", in: .layers, "Adds a simple recurrent layer: h = f(x W + h₋ U + b), moment by moment.",
  Parameter<Network>("net", "the network so far: sequences, or images that are read row by row"),
  Parameter<Int>("units", "numbers of the hidden state", in: .between(1, 1e5)),
  Parameter<Value?>(positional: "activation", "tanh or relu; tanh when left out"),
  Parameter<String>(
    "return", "the hidden state after the last moment, or those of all", default: "last",
    choices: ["last", "sequence"]),
  Parameter<Bool>(
    "bidirectional", "whether a second one reads backward, its output beside", default: false),
  .constraint, .l1, .l2,
  shapes: "network, n → network",
  math: "Elman 1990. W is uniform (Glorot & Bengio 2010), U orthogonal (Saxe et al. 2014), b is 0.",
  seeAlso: ["gru", "lstm", "dense"],
  examples: [Example("(input(28, 28) |> rnn(64) |> dense(10)).parameters", prints: "6602")]
) {
  (
    net: Network, units: Int, function: Value?, returned: String, isBidirectional: Bool,
    constraint: Value?, l1: Double, l2: Double
  ) -> Network in
  let f = try function.map { try activation($0, at: "activation") } ?? .tanh
  guard f == .tanh || f == .relu else {
    throw Problem(
      .value, "a recurrent layer uses tanh or relu", at: "activation", label: f.rawValue,
      help: "leave it out for tanh")
  }
  return try recurrent(
    .simple, net, units, returned, isBidirectional,
    try WeightRules(
      l1: l1, l2: l2, constraint, isNonnegative: false), f)
}

let gruBuiltin = Builtin(
  "gru", in: .layers, "Adds a layer of gated recurrent units.",
  Parameter<Network>("net", "the network so far: sequences, or images that are read row by row"),
  Parameter<Int>("units", "numbers of the hidden state", in: .between(1, 1e5)),
  Parameter<String>(
    "return", "the hidden state after the last moment, or those of all", default: "last",
    choices: ["last", "sequence"]),
  Parameter<Bool>(
    "bidirectional", "whether a second one reads backward, its output beside", default: false),
  .constraint, .l1, .l2,
  shapes: "network, n → network",
  math: """
    r, z = σ(x W + h₋ U + b + c), n = tanh(x Wₙ + bₙ + r ∘ (h₋ Uₙ + cₙ)), h = n + z ∘ (h₋ − n) \
    (Cho et al. 2014). The gates r, z, n lie side by side in W, U, b and c.
    """,
  seeAlso: ["lstm", "rnn"],
  examples: [Example("(input(28, 28) |> gru(64) |> dense(10)).parameters", prints: "18698")]
) {
  (
    net: Network, units: Int, returned: String, isBidirectional: Bool, constraint: Value?,
    l1: Double, l2: Double
  ) -> Network in
  try recurrent(
    .gru, net, units, returned, isBidirectional,
    try WeightRules(
      l1: l1, l2: l2, constraint, isNonnegative: false))
}

let lstmBuiltin = Builtin(
  "lstm", in: .layers, "Adds a layer of long short-term memory.",
  Parameter<Network>("net", "the network so far: sequences, or images that are read row by row"),
  Parameter<Int>("units", "numbers of the hidden state", in: .between(1, 1e5)),
  Parameter<String>(
    "return", "the hidden state after the last moment, or those of all", default: "last",
    choices: ["last", "sequence"]),
  Parameter<Bool>(
    "bidirectional", "whether a second one reads backward, its output beside", default: false),
  .constraint, .l1, .l2,
  shapes: "network, n → network",
  math: """
    i, f, o = σ(x W + h₋ U + b), g = tanh(…), c = f ∘ c₋ + i ∘ g, h = o ∘ tanh(c) (Hochreiter & \
    Schmidhuber 1997). The gates i, f, g, o lie side by side; the bias of f starts at 1.
    """,
  seeAlso: ["gru", "rnn"],
  examples: [
    Example(
      "(input(28, 28) |> lstm(8, return=\"sequence\", bidirectional=true)).outputs", prints: "448")
  ]
) {
  (
    net: Network, units: Int, returned: String, isBidirectional: Bool, constraint: Value?,
    l1: Double, l2: Double
  ) -> Network in
  try recurrent(
    .lstm, net, units, returned, isBidirectional,
    try WeightRules(
      l1: l1, l2: l2, constraint, isNonnegative: false))
}

extension Parameter where T == Value? {
  /// What is asked of weights.
  fileprivate static var constraint: Parameter<Value?> {
    Parameter("constraint", "what every step leads W and U back to: \(WeightRules.known)")
  }
}

extension Parameter where T == Double {
  fileprivate static var l1: Parameter<Double> {
    Parameter("l1", "the weight of Σ|W| + Σ|U| in the loss", default: 0, in: .atLeast(0))
  }

  fileprivate static var l2: Parameter<Double> {
    Parameter("l2", "the weight of ½ ΣW² + ½ ΣU² in the loss", default: 0, in: .atLeast(0))
  }
}

private func recurrent(
  _ kind: Recurrence.Kind, _ net: Network, _ units: Int, _ returned: String,
  _ isBidirectional: Bool, _ rules: WeightRules, _ f: Activation = .tanh
) throws -> Network {
  guard
    let layer = Recurrent(
      kind, input: net.output, units: units, isSequence: returned == "sequence",
      isBidirectional: isBidirectional, activation: f, rules: rules)
  else { throw net.misfit(kind.rawValue, "sequences of moments×features", help: net.squareInput) }
  let shape = layer.parameterShape
  guard Matrix.canAllocate(Shape(6 * shape.rows, shape.columns), .single) else {
    throw Problem(
      .value, "a layer of \(shape.rows)×\(shape.columns) weights does not fit into memory",
      at: "units", label: "the number \(units)")
  }
  return net.adding(layer)
}
