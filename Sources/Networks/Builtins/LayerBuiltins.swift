import Autodiff
import Matrices
import Vocabulary

let inputBuiltin = Builtin(
  "input", in: .layers, "Starts a network that takes rows of numbers, images or sequences.",
  Parameter<RowSizes>(
    "n", "numbers a row; the height of an image, the moments; or all sizes, [28, 28, 1]",
    in: .between(1, 1e7)),
  Parameter<Int?>(
    positional: "width", "the width of an image; the features of a moment", in: .between(1, 1e7)),
  Parameter<Int?>(positional: "channels", "the channels of an image", in: .between(1, 1e7)),
  Parameter<Int?>("seed", "what initial weights, order and dropout are drawn from"),
  shapes: "n → network",
  math: """
    A network is an immutable value: |> adds layers, train returns a trained one. A sample is a row \
    all the same: an image pixel after pixel with its channels together, a sequence moment by moment.
    """,
  seeAlso: ["dense", "conv2d", "gru", "train"],
  examples: [
    Example("net = input(784) |> dense(10, softmax)\nnet.parameters", prints: "7850"),
    Example("(input(28, 28) |> conv2d(8, 3, relu) |> flatten()).outputs", prints: "5408"),
  ],
  using: { (context: Context, n: RowSizes, width: Int?, channels: Int?, seed: Int?) -> Network in
    let geometry = Geometry(sizes: n.sizes + [width, channels].compactMap(\.self))
    guard geometry.sizes.count <= 3 else {
      throw Problem(
        .value, "a row has at most a height, a width and channels", at: "n",
        label: geometry.description)
    }
    guard geometry.sizes.map(Double.init).reduce(1, *) <= 1e7 else {
      throw Problem(
        .value, "a row has at most 10,000,000 numbers", at: "n", label: geometry.description)
    }
    return Network(input: geometry, graph: Graph(), seed: context.generator(seed: seed).seed)
  })

let denseBuiltin = Builtin(
  "dense", in: .layers, "Adds a fully connected layer: y = f(x W + b).",
  Parameter<Network>("net", "the network so far"),
  Parameter<Int>("units", "numbers a row of the output", in: .between(1, 1e7)),
  Parameter<Value?>(positional: "activation", "relu, tanh, softmax …; linear when left out"),
  Parameter<Bool>("nonnegative", "whether every step leads W back to W ≥ 0", default: false),
  Parameter<Value?>("constraint", "what every step leads W back to: \(WeightRules.known)"),
  Parameter<Double>("l1", "the weight of Σ|W| in the loss", default: 0, in: .atLeast(0)),
  Parameter<Double>("l2", "the weight of ½ ΣW² in the loss", default: 0, in: .atLeast(0)),
  Parameter<Matrix?>("start", "what W starts with: a row an input, a column a unit"),
  Parameter<Int?>(
    "tied", "the number of a dense layer whose W it uses, transposed: y = f(x Wᵀ + b)",
    in: .between(1, 1e7)),
  shapes: "network, n → network",
  math: """
    Before relu W is normal with deviation √(2 / k) (He et al. 2015), else uniform within \
    ±√(6 / (k + units)) (Glorot & Bengio 2010); b is 0.
    """,
  seeAlso: ["input", "activation", "dropout"],
  examples: [
    Example("net = input(4) |> dense(3, tanh) |> dense(2)\nrows(net.W2)", prints: "3"),
    Example("(input(2) |> dense(10, relu) |> dense(2, softmax)).parameters", prints: "52"),
    Example("(input(784) |> dense(49, relu) |> dense(784, tied=1)).parameters", prints: "39249"),
  ]
) {
  (
    net: Network, units: Int, function: Value?, nonnegative: Bool, constraint: Value?, l1: Double,
    l2: Double, start: Matrix?, tied: Int?
  ) -> Network in
  if let units = function.flatMap(Int.from) {
    throw Problem(
      .type, "an activation stands behind the units", at: "activation",
      label: "the number \(units)",
      help: "what comes in is known: write dense(\(units))")
  }
  let f = try function.map { try activation($0, at: "activation") } ?? .linear
  guard net.output.isPlain else {
    throw net.misfit(
      "dense", "plain rows", help: "add flatten() before it",
      remedy: .rewriting("net", as: "$ |> flatten()"))
  }
  try checkSoftmax(f, units: units, net, at: "units")
  try checkSize(inputs: net.outputs, units)
  let rules = try WeightRules(l1: l1, l2: l2, constraint, isNonnegative: nonnegative)
  if let tied {
    guard rules == WeightRules(), start == nil else {
      throw Problem(
        .value, "the weights are those of layer \(tied): their rules and start are said there",
        at: "tied", label: "the number \(tied)")
    }
    return try net.adding(units: units, f, tied: tied)
  }
  let weights = try start.map { try checkStart($0, Shape(net.outputs, units), rules) }
  return net.adding(f) {
    Dense(inputs: net.outputs, outputs: units, activation: $0, rules: rules, start: weights)
  }
}

/// What `input` takes first: a whole number above 0, or up to three of them in a vector or a list.
struct RowSizes: Argument {
  let sizes: [Int]
  static let takes = "whole number"
  static let needs = "whole number, or up to three sizes above 0"
  static let kinds: Set<ValueKind>? = Int.kinds?.union([.list])

  static func from(_ value: Value) -> RowSizes? {
    let sizes: [Int?]
    switch value {
    case .matrix(let matrix) where matrix.shape.isVector && matrix.count <= 3:
      sizes = (0..<matrix.count).map { Int(exactly: matrix[$0]) }
    case .list(let list) where list.count <= 3: sizes = list.map(Int.from)
    default: sizes = [Int.from(value)]
    }
    let whole = sizes.compactMap(\.self)
    guard whole.count == sizes.count, !whole.isEmpty else { return nil }
    // Of one number the bounds are told with it.
    guard whole.count == 1 || whole.allSatisfy((1...10_000_000).contains) else { return nil }
    return RowSizes(sizes: whole)
  }
}

/// Weights to start with that fit the layer and its rules.
private func checkStart(_ start: Matrix, _ shape: Shape, _ rules: WeightRules) throws -> Matrix {
  guard start.shape == shape else {
    throw Problem(
      .shape, "the weights of this layer are \(shape): a row an input, a column a unit",
      at: "start", label: start.label,
      help: start.shape == shape.transposed ? "transpose it with '" : nil)
  }
  let weights = try finite(start, at: "start").converted(to: .double)
  if rules.constraint == .nonnegative, weights.firstNegative != nil {
    throw Problem(
      .value, "the weights are kept ≥ 0, and the start is not", at: "start", label: start.label,
      help: "write start=relu(…)")
  }
  return rules.allowed(weights)
}

extension Network {
  /// The same network with a dense layer that uses the weights of another, transposed.
  fileprivate func adding(units: Int, _ f: Activation, tied: Int) throws -> Network {
    func refusal(_ message: String, help: String?) -> Problem {
      Problem(.shape, message, at: "tied", label: shapeFlow, help: help)
    }
    guard tied <= layers.count, let layer = layers[tied - 1] as? Dense else {
      let first = layers.firstIndex { $0 is Dense }
      let what = tied <= layers.count ? "is \(layers[tied - 1].title)" : "is not there yet"
      throw refusal(
        "weights are those of an earlier dense layer, and layer \(tied) \(what)",
        help: first.map { "layer \($0 + 1) is \(layers[$0].title)" })
    }
    guard layer.outputs == outputs else {
      throw refusal(
        "layer \(tied) gives \(layer.outputs) numbers: that many must come in, not \(outputs)",
        help: nil)
    }
    guard layer.inputs == units else {
      throw refusal(
        "layer \(tied) reads \(layer.inputs) numbers: its way back gives that many, not \(units)",
        help: "write dense(\(layer.inputs), tied=\(tied))")
    }
    let inner = f.needsInputs ? Activation.linear : f
    let linear = Network(
      input: input, graph: learnt.adding(TiedDense(of: layer, activation: inner), tiedTo: tied - 1),
      seed: seed)
    return f.needsInputs
      ? linear.adding(ActivationLayer(input: linear.output, activation: f)) : linear
  }
}

let flattenBuiltin = Builtin(
  "flatten", in: .layers, "Adds a layer that sees images or sequences as plain rows.",
  Parameter<Network>("net", "the network so far"),
  shapes: "network → network", math: "The numbers stay as they are; only their shape is forgotten.",
  seeAlso: ["conv2d", "dense"],
  examples: [Example("(input(28, 28) |> flatten() |> dense(10)).parameters", prints: "7850")]
) { (net: Network) -> Network in net.adding(Flatten(input: net.output)) }

let activationBuiltin = Builtin(
  "activation", in: .layers, "Adds an activation as a layer of its own.",
  Parameter<Network>("net", "the network so far"),
  Parameter<Value>("f", "\(Activation.names)"),
  shapes: "network, value → network", seeAlso: ["dense"],
  examples: [Example("(input(4) |> dense(3) |> activation(relu)).outputs", prints: "3")]
) { (net: Network, function: Value) -> Network in
  let f = try activation(function, at: "f")
  if f == .softmax && net.layers.last?.activation == .softmax {
    throw Problem(
      .value, "the outputs of layer \(net.layers.count) are probabilities already", at: "f",
      label: net.flow, help: "leave this softmax out")
  }
  try checkSoftmax(f, units: net.output.features, net, at: "f")
  return net.adding(ActivationLayer(input: net.output, activation: f))
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
  return net.adding(DropoutLayer(input: net.output, rate: p))
}

/// The activation that a function value or a text names.
func activation(_ value: Value, at parameter: String) throws -> Activation {
  let name: String
  switch value {
  case .function(let callable): name = callable.signature.name
  case .text(let text): name = text
  case .nothing, .boolean, .number, .matrix, .range, .list, .record, .object: name = ""
  }
  if let found = Activation(rawValue: name) { return found }
  let known = Activation.allCases.map(\.rawValue)
  let nearest = Spelling.synonym(of: name, among: known) ?? Spelling.nearest(name, among: known)
  let code = if case .text = value { nearest.map { "\"\($0)\"" } } else { nearest }
  throw Problem(
    name.isEmpty ? .type : .value,
    "an activation is one of \(Activation.names)", at: parameter, label: value.label,
    help: code.map { "did you mean \($0)?" }, remedy: code.map { .rewriting(parameter, as: $0) })
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

extension Activation {
  /// All names, as a sentence lists them.
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension Network {
  /// The same network with a layer that ends in an activation. One whose derivative needs what it
  /// was given becomes a layer of its own, which keeps that.
  func adding(_ f: Activation, _ layer: (Activation) -> any Layer) -> Network {
    guard f.needsInputs else { return adding(layer(f)) }
    let linear = adding(layer(.linear))
    return linear.adding(ActivationLayer(input: linear.output, activation: f))
  }

  /// What is said when a layer can't follow here: its name, what it needs, the flow of shapes.
  func misfit(
    _ layer: String, _ needs: String, help: String?, remedy: Problem.Remedy? = nil
  ) -> Problem {
    Problem(
      .shape, "layer '\(layer)' needs \(needs), and gets \(output)", at: "net",
      label: shapeFlow, help: help, remedy: remedy)
  }

  /// The change to the network that `squareInput` speaks of.
  var squareRemedy: Problem.Remedy? {
    let side = Int(Double(inputs).squareRoot().rounded())
    return layers.isEmpty && side * side == inputs
      ? .replacing("input(\(inputs))", in: "net", with: "input(\(side), \(side))") : nil
  }

  /// How a network of plain rows could have begun as images: `start the network with input(28, 28)`.
  var squareInput: String? {
    let side = Int(Double(inputs).squareRoot().rounded())
    if layers.isEmpty && side * side == inputs {
      return "start the network with input(\(side), \(side))"
    }
    return layers.contains { $0 is Flatten } ? "leave the flatten() before it out" : nil
  }
}

extension WeightRules {
  /// The constraints that a user can name.
  static let known = "\"nonnegative\", \"unit\", \"simplex\" or {low, high}"

  /// The rules that the arguments of a layer ask for.
  init(l1: Double, l2: Double, _ wanted: Value?, isNonnegative: Bool) throws {
    guard l1.isFinite, l2.isFinite else {
      throw Problem(.value, "weights of penalties are finite", at: l1.isFinite ? "l2" : "l1")
    }
    let found = try wanted.map { try Self.constraint($0) }
    if isNonnegative, let found, found != .nonnegative {
      throw Problem(
        .value, "nonnegative=true is a constraint already", at: "constraint", label: "\(found)",
        help: "give one of them")
    }
    self.init(l1: l1, l2: l2, constraint: found ?? (isNonnegative ? .nonnegative : nil))
  }

  /// The constraints of numbers that scale features, each apart from the others.
  static let knownOfScales = "\"nonnegative\" or {low, high}"

  /// The rules that the arguments of a layer ask for, whose weights are one scale γ a feature.
  init(l1: Double, l2: Double, ofScales wanted: Value?) throws {
    try self.init(l1: l1, l2: l2, wanted, isNonnegative: false)
    guard let constraint, constraint.bounds == nil else { return }
    throw Problem(
      .value,
      "\"\(constraint)\" is about columns of weights, and γ is one number a feature: each would be 1",
      at: "constraint", label: "\(constraint)", help: "γ may be \(Self.knownOfScales)")
  }

  private static func constraint(_ value: Value) throws -> Constraint {
    switch value {
    case .text("nonnegative"): return .nonnegative
    case .text("unit"): return .unit
    case .text("simplex"): return .simplex
    case .list(let pair) where pair.count == 2:
      if let low = Double.from(pair[0]), let high = Double.from(pair[1]), low < high {
        return .box(low, high)
      }
    default: break
    }
    throw Problem(
      .value, "a constraint is \(known)", at: "constraint", label: value.label,
      help: "write constraint=\"nonnegative\"")
  }
}
