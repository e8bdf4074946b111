import Matrices
import Vocabulary

let addBuiltin = Builtin(
  "add", in: .layers, "Joins branches of a network: the sum of what they give.",
  Parameter<Network>("a", "a branch: layers after something that all branches share"),
  Parameter<Network>("b", "another one of the same shape; x itself goes around f in add(x, f(x))"),
  Parameter<Rest>("more", "further branches"),
  shapes: "network, network, … → network",
  math: """
    y = a + b. With x as one of them, y = x + f(x) is a residual block (He et al. 2016): the derivative \
    reaches the layers before it without passing through f.
    """,
  seeAlso: ["concat", "activation", "dense"],
  examples: [
    Example(
      """
      x = input(8) |> dense(16, relu)
      net = add(x, x |> dense(16, relu) |> dense(16)) |> dense(3, softmax)
      net.parameters
      """, prints: "739"),
    Example(
      """
      block = x -> add(x, x |> conv2d(4, 3, relu, padding="same"))
      (input(8, 8, 4) |> block |> block |> flatten()).outputs
      """, prints: "256"),
  ]
) { (a: Network, b: Network, more: Rest) -> Network in
  let branches = try Branches("add", a, b, more)
  for (place, branch) in branches.all.enumerated() where branch.output != a.output {
    throw branches.misfit(place, "branches of one shape", help: Branches.fitting(branch, a))
  }
  return try branches.joined(by: Sum(of: a.output))
}

let concatBuiltin = Builtin(
  "concat", in: .layers, "Joins branches of a network: their features side by side.",
  Parameter<Network>("a", "a branch: layers after something that all branches share"),
  Parameter<Network>("b", "another one, with as many positions: moments or pixels"),
  Parameter<Rest>("more", "further branches"),
  shapes: "network, network, … → network",
  math: """
    Of plain rows all numbers, of sequences the features of each moment, of images the channels of each \
    pixel.
    """,
  seeAlso: ["add", "embedding", "flatten"],
  examples: [
    Example(
      """
      x = input(28, 28)
      (concat(x |> conv2d(4, 3, padding="same"), x |> conv2d(2, 5, padding="same")) |> flatten()).outputs
      """, prints: "4704"),
    Example("x = input(5); concat(x, x |> dense(3)).outputs", prints: "8"),
  ]
) { (a: Network, b: Network, more: Rest) -> Network in
  let branches = try Branches("concat", a, b, more)
  guard let layer = Concatenation(of: branches.all.map(\.output)) else {
    let own = a.output.sizes.dropLast()
    let place = branches.all.firstIndex { $0.output.sizes.dropLast() != own } ?? 1
    let plain = branches.all.contains { $0.output.isPlain }
    throw branches.misfit(
      place, "branches that differ in their features alone",
      help: plain ? "add flatten() to the others" : "padding=\"same\" keeps the size of an image")
  }
  return try branches.joined(by: layer)
}

let uptoBuiltin = Builtin(
  "upto", in: .layers, "The layers that lead to one, with what they have learnt.",
  Parameter<Network>("net", "the network"),
  Parameter<Int>(
    "layer", "the number of the last layer, as the summary counts", in: .between(1, 1e7)),
  shapes: "network, n → network",
  math: """
    What a layer gives for rows is predict(upto(net, n), X). Further layers can be added and trained: \
    the first ones start from what they have learnt.
    """,
  seeAlso: ["predict", "summary", "train"],
  examples: [
    Example(
      "net = input(4) |> dense(3, relu) |> dense(2, softmax)\nupto(net, 1).outputs", prints: "3")
  ]
) { (net: Network, layer: Int) -> Network in
  guard layer <= net.layers.count else {
    throw Problem(
      .value, "this network has \(net.layers.count) layer\(net.layers.count == 1 ? "" : "s")",
      at: "layer", label: "the number \(layer)")
  }
  return Network(input: net.input, graph: net.learnt.leading(to: layer - 1), seed: net.seed)
}

/// What is to be joined.
private struct Branches {
  let name: String
  let all: [Network]

  init(_ name: String, _ a: Network, _ b: Network, _ more: Rest) throws {
    self.name = name
    let others = try more.values.map { value in
      guard let branch = Network.from(value) else {
        throw Problem(
          .type, "'\(name)' joins networks", at: "more", label: value.label, help: Network.hint)
      }
      return branch
    }
    all = [a, b] + others
  }

  private func parameter(_ place: Int) -> String { ["a", "b"].dropFirst(place).first ?? "more" }

  /// The first branch beside one that does not go with it.
  func misfit(_ place: Int, _ needs: String, help: String?) -> Problem {
    Problem(
      .shape, "layer '\(name)' needs \(needs), and gets \(all[0].output) and \(all[place].output)",
      mentioning: [
        .init(parameter: "a", label: all[0].shapeFlow),
        .init(parameter: parameter(place), label: all[place].shapeFlow),
      ], help: help)
  }

  func joined(by layer: any Layer) throws -> Network {
    if let graph = Graph.joining(all.map(\.learnt), by: layer) {
      guard layer.outputs <= 10_000_000 else {
        throw Problem(
          .value, "outputs of \(layer.output) are more than 10,000,000 numbers a row", at: "a",
          label: all[0].shapeFlow)
      }
      return Network(input: all[0].input, graph: graph, seed: all[0].seed)
    }
    let place = all.firstIndex { Graph.joining([all[0].graph, $0.graph], by: layer) == nil } ?? 1
    let call = "x = input(\(all[0].input.call))"
    throw Problem(
      .value, "the branches of layer '\(name)' start at different inputs",
      mentioning: [
        .init(parameter: "a", label: all[0].shapeFlow),
        .init(parameter: parameter(place), label: all[place].shapeFlow),
      ], help: "start all from one: \(call), then \(name)(x |> …, x |> …)")
  }

  /// How the other branch gets the shape of a first one.
  static func fitting(_ other: Network, _ first: Network) -> String? {
    let (wanted, found) = (first.output, other.output)
    if wanted.isPlain && found.isPlain { return "end it with dense(\(wanted.count))" }
    if wanted.isPlain != found.isPlain { return "add flatten() to the one that is no plain row" }
    guard let a = wanted.image, let b = found.image, wanted.sizes.count == found.sizes.count else {
      return nil
    }
    if a.height == b.height && a.width == b.width {
      return "end it with conv2d(\(a.channels), 1): as many channels"
    }
    if wanted.sizes.count == 2 && a.height == b.height {
      return "give it as many features: \(a.width)"
    }
    return "padding=\"same\" keeps the size of an image"
  }
}
