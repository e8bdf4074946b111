import Autodiff
import Matrices
import Vocabulary

let inputBuiltin = Builtin(
  "input", in: .layers, "Starts a network that takes rows of n numbers.",
  Parameter<Int>("n", "numbers a row", in: .between(1, 1e7)),
  Parameter<Int?>("seed", "what initial weights, order and dropout are drawn from"),
  shapes: "n → network",
  math: "A network is an immutable value: |> adds layers, train returns a trained one.",
  seeAlso: ["dense", "train"],
  examples: [
    Example("net = input(784) |> dense(10, softmax)\nnet.parameters", prints: "7850")
  ],
  using: { (context: Context, n: Int, seed: Int?) -> Network in
    Network(inputs: n, layers: [], seed: context.generator(seed: seed).seed)
  })

let denseBuiltin = Builtin(
  "dense", in: .layers, "Adds a fully connected layer: y = f(x W + b).",
  Parameter<Network>("net", "the network so far"),
  Parameter<Int>("units", "numbers a row of the output", in: .between(1, 1e7)),
  Parameter<Value?>(
    positional: "activation", "relu, sigmoid, tanh or softmax; linear when left out"),
  shapes: "network, n → network",
  math: """
    Before relu W is normal with deviation √(2 / k) (He et al. 2015), else uniform within \
    ±√(6 / (k + units)) (Glorot & Bengio 2010); b is 0.
    """,
  seeAlso: ["input", "activation", "dropout"],
  examples: [
    Example("net = input(4) |> dense(3, tanh) |> dense(2)\nrows(net.W2)", prints: "3"),
    Example("(input(2) |> dense(10, relu) |> dense(2, softmax)).parameters", prints: "52"),
  ]
) { (net: Network, units: Int, function: Value?) -> Network in
  let f = try function.map { try activation($0, at: "activation") } ?? .linear
  try checkSoftmax(f, units: units, net, at: "units")
  try checkSize(inputs: net.outputs, units)
  return net.adding(Dense(inputs: net.outputs, outputs: units, activation: f))
}

let activationBuiltin = Builtin(
  "activation", in: .layers, "Adds an activation as a layer of its own.",
  Parameter<Network>("net", "the network so far"),
  Parameter<Value>("f", "relu, sigmoid, tanh or softmax"),
  shapes: "network, value → network", seeAlso: ["dense"],
  examples: [Example("(input(4) |> dense(3) |> activation(relu)).outputs", prints: "3")]
) { (net: Network, function: Value) -> Network in
  let f = try activation(function, at: "f")
  if f == .softmax && net.layers.last?.activation == .softmax {
    throw Problem(
      .value, "the outputs of layer \(net.layers.count) are probabilities already", at: "f",
      label: net.flow, help: "leave this softmax out")
  }
  try checkSoftmax(f, units: net.outputs, net, at: "f")
  return net.adding(ActivationLayer(inputs: net.outputs, activation: f))
}

let dropoutBuiltin = Builtin(
  "dropout", in: .layers, "Adds a layer that sets numbers to zero at random while training.",
  Parameter<Network>("net", "the network so far"),
  Parameter<Double>("p", "the probability of a zero, below 1"),
  shapes: "network, value → network",
  math: "y = x · mask / (1 − p) while training, y = x after (Srivastava et al. 2014)",
  seeAlso: ["dense"],
  examples: [Example("(input(4) |> dropout(0.2) |> dense(3)).outputs", prints: "3")]
) { (net: Network, p: Double) -> Network in
  guard p >= 0 && p < 1 else {
    let shown = NumberFormat.short(p)
    throw Problem(
      .value, "'p' must be at least 0 and below 1", at: "p", label: "the number \(shown)",
      help: p > 1 && p < 100 ? "for \(shown) % write \(NumberFormat.short(p / 100))" : nil)
  }
  return net.adding(DropoutLayer(inputs: net.outputs, rate: p))
}

/// The activation that a function value or a text names.
private func activation(_ value: Value, at parameter: String) throws -> Activation {
  let name: String
  switch value {
  case .function(let callable): name = callable.signature.name
  case .text(let text): name = text
  case .nothing, .boolean, .number, .matrix, .range, .list, .record, .object: name = ""
  }
  if let found = Activation(rawValue: name) { return found }
  let known = Activation.allCases.map(\.rawValue)
  let nearest = name.isEmpty ? nil : Spelling.nearest(name, among: known)
  throw Problem(
    name.isEmpty ? .type : .value,
    "an activation is one of \(known.joined(separator: ", "))", at: parameter, label: value.label,
    help: nearest.map { "did you mean \($0)?" })
}

/// Softmax compares outputs with each other: there must be several.
private func checkSoftmax(_ f: Activation, units: Int, _ net: Network, at parameter: String) throws
{
  guard f == .softmax && units == 1 else { return }
  throw Problem(
    .value, "softmax of a single unit is always 1", at: parameter, label: net.flow,
    help: "use two units, or sigmoid with loss=\"mse\"")
}

/// Parameters, gradient and the optimizer's state must fit into memory.
private func checkSize(inputs: Int, _ units: Int) throws {
  let shape = Shape(4 * (inputs + 1), units)
  guard Matrix.canAllocate(shape, .single) else {
    throw Problem(
      .value, "a layer of \(inputs)×\(units) weights does not fit into memory", at: "units",
      label: "the number \(units)")
  }
}
