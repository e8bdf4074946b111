import Matrices
import Vocabulary

let batchnormBuiltin = Builtin(
  "batchnorm", in: .layers, "Adds a layer that brings features to mean 0 and deviation 1.",
  Parameter<Network>("net", "the network so far"),
  Parameter<Value?>(
    "constraint", "what every step leads γ back to: \(WeightRules.knownOfScales)"),
  Parameter<Double>("l1", "the weight of Σ|γ| in the loss", default: 0, in: .atLeast(0)),
  Parameter<Double>("l2", "the weight of ½ Σγ² in the loss", default: 0, in: .atLeast(0)),
  shapes: "network → network",
  math: """
    y = γ (x − mean) / √(variance + 1e-5) + β over the batch, channel by channel (Ioffe & Szegedy \
    2015). After training, running means and variances are used, which move 0.1 of the way a step. \
    With l1, channels that help nobody get γ near 0 (Liu et al. 2017).
    """,
  seeAlso: ["layernorm", "dropout"],
  examples: [Example("(input(28, 28) |> conv2d(8, 3) |> batchnorm()).parameters", prints: "112")]
) { (net: Network, constraint: Value?, l1: Double, l2: Double) -> Network in
  net.adding(
    BatchNorm(input: net.output, rules: try WeightRules(l1: l1, l2: l2, ofScales: constraint)))
}

let layernormBuiltin = Builtin(
  "layernorm", in: .layers, "Adds a layer that brings the features of every row to deviation 1.",
  Parameter<Network>("net", "the network so far"),
  Parameter<Value?>(
    "constraint", "what every step leads γ back to: \(WeightRules.knownOfScales)"),
  Parameter<Double>("l1", "the weight of Σ|γ| in the loss", default: 0, in: .atLeast(0)),
  Parameter<Double>("l2", "the weight of ½ Σγ² in the loss", default: 0, in: .atLeast(0)),
  shapes: "network → network",
  math: """
    y = γ (x − mean) / √(variance + 1e-5) + β over the features of a row, a moment or a pixel (Ba, \
    Kiros & Hinton 2016).
    """,
  seeAlso: ["batchnorm"],
  examples: [Example("(input(10) |> dense(8, relu) |> layernorm()).parameters", prints: "104")]
) { (net: Network, constraint: Value?, l1: Double, l2: Double) -> Network in
  guard net.output.features > 1 else {
    throw net.misfit("layernorm", "several features", help: "use batchnorm()")
  }
  return net.adding(
    LayerNorm(input: net.output, rules: try WeightRules(l1: l1, l2: l2, ofScales: constraint)))
}

let nmfLayerBuiltin = Builtin(
  "nmf_layer", in: .layers, "Adds a non-negative dictionary: codes h ≥ 0 with a ≈ D h.",
  Parameter<Network>("net", "the network so far; rows, moments or pixels ≥ 0, as relu gives them"),
  Parameter<Int>("k", "components of the dictionary", in: .between(1, 1e4)),
  Parameter<Int>("iterations", "sweeps that find the codes", default: 20, in: .between(1, 1e4)),
  Parameter<String>(
    "grad", "how gradients pass: through the minimum, the last sweep, or all sweeps",
    default: "implicit", choices: NMFLayer.Way.allCases.map(\.rawValue)),
  Parameter<Double>(
    "weight", "the weight of ½‖a − D h‖² in the loss", default: 0, in: .atLeast(0)),
  Parameter<Double>("l1", "the weight of Σh in the search for codes", default: 0, in: .atLeast(0)),
  Parameter<Double>(
    "l2", "the weight of ½ Σh² in the search for codes", default: 1e-6, in: .atLeast(0)),
  Parameter<String>(
    "output", "the codes h, or the reconstruction D h", default: "codes",
    choices: ["codes", "reconstruction"]),
  Parameter<Value?>(
    "start",
    "a dictionary, such as nmf(X, k).H'; \"nmf\": that of what the layers before give for the first rows"
  ),
  shapes: "network, k → network",
  math: """
    h = argmin_{h ≥ 0} ½‖a − D h‖² + l1 Σh + ½ l2 ‖h‖² for every row, moment or pixel a of d numbers. \
    D (d×k) is trained with the network; after every step D ≥ 0 and its columns have length 1. \
    start="nmf" factorizes the activations of the first 1024 rows when training begins. \
    implicit: da = D_S v, dD = r vᵀ − (D v) hᵀ with v = (DᵀD + l2)_SS⁻¹ g_S, S where h > 0, r = a − D h.
    """,
  seeAlso: ["nmf", "dense"],
  examples: [
    Example(
      "net = input(64) |> nmf_layer(10) |> dense(10, softmax)\nmin(net.D1) >= 0", prints: "true"),
    Example(
      "(input(28, 28) |> conv2d(16, 3, relu) |> nmf_layer(8) |> flatten()).outputs",
      prints: "5408"),
  ]
) {
  (
    net: Network, k: Int, iterations: Int, grad: String, weight: Double, l1: Double, l2: Double,
    output: String, start: Value?
  ) -> Network in
  let features = net.output.features
  guard weight.isFinite, l1.isFinite, l2.isFinite else {
    throw Problem(.value, "weights of penalties are finite", at: "weight")
  }
  guard let way = NMFLayer.Way(rawValue: grad) else { return net }
  let dictionary = try start.flatMap { try NMFLayer.dictionary($0, Shape(features, k)) }
  let layer = NMFLayer(
    input: net.output, components: k, sweeps: iterations, way: way,
    isReconstruction: output == "reconstruction", weight: weight, l1: l1, l2: l2,
    start: dictionary, startsFromData: start != nil && dictionary == nil)
  guard Matrix.canAllocate(Shape(8 * features, k), .single), layer.keptColumns <= 100_000_000,
    layer.outputs <= 10_000_000
  else {
    throw Problem(
      .value, "a dictionary of \(features)×\(k) with \(iterations) sweeps does not fit into memory",
      at: "k", label: "the number \(k)", help: way == .unroll ? "use grad=\"implicit\"" : nil)
  }
  return net.adding(layer)
}

extension NMFLayer {
  /// What is given as a start: a dictionary, or nothing for one that comes from data.
  fileprivate static func dictionary(_ given: Value, _ shape: Shape) throws -> Matrix? {
    if case .text(let text) = given {
      guard text == "nmf" else {
        throw Problem(
          .value, "a dictionary starts from a matrix or from \"nmf\"", at: "start",
          label: given.label)
      }
      return nil
    }
    guard let start = Matrix.from(given) else {
      throw Problem(
        .type, "a dictionary starts from a matrix or from \"nmf\"", at: "start", label: given.label,
        help: "write start=\"nmf\", or start=m.H' of a model")
    }
    guard start.shape == shape else {
      throw Problem(
        .shape, "the dictionary is \(shape): a column a component", at: "start",
        label: start.label, help: start.shape == shape.transposed ? "transpose it with '" : nil)
    }
    _ = try finite(start, at: "start")
    if start.firstNegative != nil {
      throw Problem(
        .value, "a dictionary is ≥ 0", at: "start", label: start.label,
        help: "take the factor of an nmf model")
    }
    return start
  }
}
