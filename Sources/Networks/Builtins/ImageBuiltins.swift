import Autodiff
import Matrices
import Vocabulary

let conv2dBuiltin = Builtin(
  "conv2d", in: .layers, "Adds filters that pass over images: y = f(windows(x) W + b).",
  Parameter<Network>("net", "the network so far: images of height×width×channels"),
  Parameter<Int>("filters", "how many there are: the channels of the output", in: .between(1, 1e5)),
  Parameter<Value>("size", "the side of a window, or {rows, columns}"),
  Parameter<Value?>(positional: "activation", "relu, tanh …; linear when left out"),
  Parameter<Int>("stride", "how far the next window is", default: 1, in: .between(1, 1e5)),
  Parameter<String>(
    "padding", "valid: windows within the image; same: zeros around it, the size stays",
    default: "valid", choices: ["valid", "same"]),
  Parameter<Bool>("nonnegative", "whether every step leads W back to W ≥ 0", default: false),
  Parameter<Value?>("constraint", "what every step leads W back to: \(WeightRules.known)"),
  Parameter<Double>("l1", "the weight of Σ|W| in the loss", default: 0, in: .atLeast(0)),
  Parameter<Double>("l2", "the weight of ½ ΣW² in the loss", default: 0, in: .atLeast(0)),
  shapes: "network, n, value → network",
  math: """
    p = (h − size) / stride + 1 for valid, h / stride for same. W has a row for every number of a \
    window (row, column, channel) and a column a filter; it starts as that of dense.
    """,
  seeAlso: ["maxpool2d", "flatten", "dense"],
  examples: [
    Example("(input(28, 28) |> conv2d(32, 3, relu)).outputs == 26 * 26 * 32", prints: "true"),
    Example(
      "(input(8, 8, 3) |> conv2d(4, 3, relu, padding=\"same\")).parameters", prints: "112"),
  ]
) {
  (
    net: Network, filters: Int, size: Value, function: Value?, stride: Int, padding: String,
    nonnegative: Bool, constraint: Value?, l1: Double, l2: Double
  ) -> Network in
  let f = try function.map { try activation($0, at: "activation") } ?? .linear
  if f == .softmax {
    throw Problem(
      .value, "softmax compares classes, and filters are none", at: "activation",
      label: net.shapeFlow, help: "add dense(10, softmax) after flatten()")
  }
  let (rows, columns) = try window(size)
  let (height, width, channels) = try image("conv2d", of: net)
  let rules = try WeightRules(l1: l1, l2: l2, constraint, isNonnegative: nonnegative)
  let layer = { (f: Activation) in
    Conv2D(
      input: net.output, filters: filters, rows: rows, columns: columns, stride: stride,
      keepsSize: padding == "same", activation: f, rules: rules)
  }
  guard rows <= 2 * height, columns <= 2 * width, let found = layer(.linear) else {
    throw tooSmall("conv2d", net, rows, columns)
  }
  guard Matrix.canAllocate(Shape(4 * (rows * columns * channels + 1), filters), .single),
    found.outputs <= 10_000_000
  else {
    throw Problem(
      .value, "outputs of \(found.output) are more than 10,000,000 numbers a row", at: "filters",
      label: "the number \(filters)")
  }
  return net.adding(f) { layer($0) ?? found }
}

let maxpool2dBuiltin = Builtin(
  "maxpool2d", in: .layers, "Adds a layer that keeps the largest number of every window.",
  Parameter<Network>("net", "the network so far: images of height×width×channels"),
  Parameter<Value>(
    "size", "the side of a window, or {rows, columns}", default: .number(2),
    positional: true),
  Parameter<Int?>(
    "stride", "how far the next window is; its size when left out",
    in: .between(1, 1e5)),
  shapes: "network → network",
  math: "p = (h − size) / stride + 1, rounded down; channels are pooled apart.",
  seeAlso: ["avgpool2d", "conv2d"],
  examples: [Example("(input(28, 28) |> conv2d(8, 3) |> maxpool2d(2)).outputs", prints: "1352")]
) { (net: Network, size: Value, stride: Int?) -> Network in
  try pooled(net, .largest, size, stride)
}

let avgpool2dBuiltin = Builtin(
  "avgpool2d", in: .layers, "Adds a layer that takes the mean of every window.",
  Parameter<Network>("net", "the network so far: images of height×width×channels"),
  Parameter<Value>(
    "size", "the side of a window, or {rows, columns}", default: .number(2),
    positional: true),
  Parameter<Int?>(
    "stride", "how far the next window is; its size when left out",
    in: .between(1, 1e5)),
  shapes: "network → network",
  math: "p = (h − size) / stride + 1, rounded down; channels are pooled apart.",
  seeAlso: ["maxpool2d", "conv2d"],
  examples: [Example("(input(28, 28) |> avgpool2d(4) |> flatten()).outputs", prints: "49")]
) { (net: Network, size: Value, stride: Int?) -> Network in
  try pooled(net, .mean, size, stride)
}

private func pooled(_ net: Network, _ kind: Pooling.Kind, _ size: Value, _ stride: Int?) throws
  -> Network
{
  let (rows, columns) = try window(size)
  _ = try image(kind.rawValue, of: net)
  guard
    let layer = Pooling(
      kind, input: net.output, rows: rows, columns: columns, stride: stride ?? max(rows, columns))
  else { throw tooSmall(kind.rawValue, net, rows, columns) }
  return net.adding(layer)
}

private func image(_ layer: String, of net: Network) throws -> (Int, Int, Int) {
  guard let image = net.output.image else {
    throw net.misfit(
      layer, "images of height×width×channels", help: net.squareInput,
      remedy: net.squareRemedy)
  }
  return (image.height, image.width, image.channels)
}

private func tooSmall(_ layer: String, _ net: Network, _ rows: Int, _ columns: Int) -> Problem {
  Problem(
    .shape, "windows of \(rows)×\(columns) do not fit into the \(net.output) of layer '\(layer)'",
    at: "size", label: net.shapeFlow,
    help: net.output.image.map { $0.height == 1 && $0.width == 1 } ?? false
      ? "the image is one pixel by now: leave this layer out, or use smaller windows before it"
      : layer == "conv2d" ? "use padding=\"same\", or smaller windows" : "use smaller windows")
}

/// The rows and columns of a window.
private func window(_ size: Value) throws -> (Int, Int) {
  let sizes: [Value] =
    switch size {
    case .list(let list): list
    case .matrix(let pair) where pair.count == 2: [.number(pair[0]), .number(pair[1])]
    default: [size, size]
    }
  let numbers = sizes.compactMap { Int.from($0) }
  guard numbers.count == 2, sizes.count == 2, numbers.allSatisfy({ $0 >= 1 && $0 <= 100_000 })
  else {
    throw Problem(
      .value, "the size of a window is a whole number above 0, or {rows, columns}", at: "size",
      label: size.label, help: "write conv2d(32, 3, relu)")
  }
  return (numbers[0], numbers[1])
}
