import Matrices
import Training
import Vocabulary

/// What `deep_nmf` returns: the layers, the deepest parts, and how good their product is.
package final class DeepModel: Object {
  package let layers: [Matrix]
  package let ht: Matrix
  package let error: Double
  package let explained: Double
  /// The relative error of every layer before all were tuned together.
  package let pretrained: [Double]
  package let history: Record
  package let iterations: Int
  package let reason: StopReason
  package let seed: Int
  package let seconds: Double

  package init(
    fitting x: Matrix, ranks: [Int], iterations: Int, tolerance: Double, seed: Int,
    loop: TrainingLoop
  ) throws {
    var process = DeepProcess(
      x, ranks: ranks, iterations: iterations, tolerance: tolerance, seed: seed,
      control: loop.control)
    let recorder = Recorder()
    var loop = loop
    loop.observers.append(recorder)
    let outcome = try loop.run(&process)
    (layers, ht) = try process.finish()
    let product = layers.dropFirst().reduce(layers[0]) { $0 * $1 }
    let residual = process.squaredResidual(product, ht)
    let norm = x.frobeniusNorm
    error = norm > 0 ? residual.squareRoot() / norm : 0
    explained = x.explained(residual: residual)
    pretrained = process.pretrained
    history = Record([
      ("error", .matrix(Matrix(column: process.errors))),
      ("update", .matrix(Matrix(column: process.updates))),
      ("seconds", .matrix(Matrix(column: recorder.steps.map(\.seconds)))),
    ])
    self.iterations = outcome.steps
    reason = outcome.reason
    seconds = outcome.seconds
    self.seed = seed
  }

  /// A model from a file.
  private init(_ parts: Parts) throws {
    let list: [Value] = try parts("W")
    layers = list.compactMap(Matrix.from)
    let h: Matrix = try parts("H")
    ht = h.transposed.rowMajor()
    let shapes = layers.map(\.shape) + [h.shape]
    guard !layers.isEmpty, zip(shapes, shapes.dropFirst()).allSatisfy({ $0.columns == $1.rows })
    else { throw Parts.damage("the factors do not fit each other") }
    guard (layers + [h]).allSatisfy({ $0.firstNonFinite == nil }) else {
      throw Parts.damage("a number of a factor is none")
    }
    error = try parts("error")
    explained = try parts("explained")
    pretrained = try parts.numbers("pretrained")
    history = try parts("history")
    iterations = try parts("iterations")
    reason = try parts.choice("reason")
    seed = try parts("seed")
    seconds = try parts("seconds")
  }

  /// The parts of every level as rows: those of the last are H, those of the others products.
  package var parts: [Matrix] {
    var result = [ht.transposed]
    for layer in layers.dropFirst().reversed() { result.append(layer * result[result.count - 1]) }
    return result.reversed()
  }

  package var kind: String { "deep nmf model" }
  package var fieldNames: [String] {
    [
      "W", "H", "parts", "ranks", "error", "explained", "pretrained", "history", "iterations",
      "converged", "reason", "seed", "seconds",
    ]
  }

  package func field(_ name: String) -> Value? {
    switch name {
    case "W": .list(layers.map { .matrix($0) })
    case "H": .matrix(ht.transposed)
    case "parts": .list(parts.map { .matrix($0) })
    case "ranks": .matrix(Matrix(row: layers.map { Double($0.columns) }))
    case "error": .number(error)
    case "explained": .number(explained)
    case "pretrained": .matrix(Matrix(column: pretrained))
    case "history": .record(history)
    case "iterations": .number(Double(iterations))
    case "converged": .boolean(reason == .converged)
    case "reason": .text(reason.words)
    case "seed": .number(Double(seed))
    case "seconds": .number(seconds)
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let shapes = layers.enumerated().map { "W\($0 + 1) \($1.shape)" } + ["H \(ht.shape.transposed)"]
    let errors = (history["error"].flatMap(Matrix.from))?.elements ?? []
    let alone = pretrained.map { NumberFormat.short($0, digits: 3) }.joined(separator: ", ")
    let lines = [
      "deep nmf model: \(layers[0].rows)×\(ht.rows) ≈ " + shapes.joined(separator: " · "),
      "  error \(NumberFormat.short(error, digits: 4))"
        + (explained.isNaN
          ? ""
          : ", explains \(NumberFormat.fixed(100 * explained, decimals: 1)) % of the variance"),
      "  layers on their own: \(alone)",
      "  together "
        + SparkLine.text(of: errors, width: max(8, min(40, width - 20)), logarithmic: true),
      "  \(iterations) iterations, \(reason.words), \(NumberFormat.short(seconds, digits: 3)) s, "
        + "seed \(seed)",
    ]
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }
}

extension DeepModel: Returnable {
  package var value: Value { .object(self) }
}

extension DeepModel: Storable {
  package static let storedKind = "deep nmf model"

  package var stored: Record {
    Record([
      ("W", .list(layers.map { .matrix($0) })), ("H", .matrix(ht.transposed)),
      ("error", .number(error)), ("explained", .number(explained)),
      ("pretrained", .matrix(Matrix(column: pretrained))), ("history", .record(history)),
      ("iterations", .number(Double(iterations))), ("reason", .text(reason.rawValue)),
      ("seed", .number(Double(seed))), ("seconds", .number(seconds)),
    ])
  }

  package static func restored(from parts: Parts, _ context: Context) throws -> DeepModel {
    try DeepModel(parts)
  }
}

extension DeepModel: Predicting, Transforming {
  /// The codes of new rows in the parts of the first level.
  package func transform(_ x: Matrix, _ context: Context) throws -> Matrix {
    try NMFInput.check(x, at: "x")
    guard x.columns == ht.rows else {
      throw Problem(
        .shape, "this model needs rows of \(ht.rows) numbers", at: "x", label: x.label)
    }
    return NMFCodes(parts[0].transposed.rowMajor(), NMFOptions(rank: parts[0].rows)).codes(
      of: .dense(x), weights: nil)
  }

  /// The product for the rows of training, or the rebuilt rows of a new X.
  package func predict(_ inputs: [Value], _ context: Context) throws -> Value {
    guard let first = inputs.first else { return .matrix(layers[0] * parts[0]) }
    guard inputs.count == 1, let x = Matrix.from(first) else {
      throw Problem(
        .type, "a deep nmf model predicts nothing, or one matrix of new rows", at: "inputs",
        label: first.label)
    }
    return .matrix(try transform(x, context) * parts[0])
  }
}

extension FactorizationLibrary {
  static let deepNMF = Builtin(
    "deep_nmf", in: .factorize,
    "Writes a non-negative matrix as a product of several: parts, parts of parts, and so on.",
    Parameter<Matrix>("x", "m×n, every element at least 0; a sample a row"),
    Parameter<Value>("ranks", "how many parts each level has, as in [200, 100, 50]"),
    Parameter<Int>(
      "iterations", "of all layers together, at most", default: 200, in: .atLeast(0)),
    Parameter<Double>(
      "tolerance", "ends when no layer wants to change by more than this, twice; 0 never",
      default: 1e-4, in: .atLeast(0)),
    Parameter<Int?>("seed", "the chance behind the start"),
    Parameter<Bool?>("view", "whether to show the live view"),
    shapes: "m×n, value → deep nmf model",
    math: """
      ½‖X − W₁W₂…W_L H‖² over factors ≥ 0: first X ≈ W₁H₁, H₁ ≈ W₂H₂, … (Trigeorgis et al. 2014), then \
      every layer in turn against X itself, min over Z ≥ 0 of ½‖X − A Z C‖² with the product A before \
      and C behind it (De Handschutter, Gillis & Siebert 2021). Columns of W sum to 1
      """,
    seeAlso: ["nmf", "joint_nmf", "transform", "predict"],
    examples: [
      Example(
        "X = rand(20, 2) * rand(2, 12); m = deep_nmf(X, [4, 2], seed=1); m.error < 0.02",
        prints: "true"),
      Example("m = deep_nmf(rand(9, 8), {4, 2}, seed=1); size(m.W[2])", prints: "4  2"),
    ],
    using: {
      (
        context: Context, x: Matrix, ranks: Value, iterations: Int, tolerance: Double, seed: Int?,
        view: Bool?
      ) in
      try NMFInput.check(x, at: "x")
      try NMFInput.checkRange(AnyMatrix(x), at: "x")
      let wanted = try levels(ranks)
      guard wanted.allSatisfy({ $0 <= max(x.rows, x.columns) }) else {
        throw Problem(
          .value, "a rank is at most \(max(x.rows, x.columns)), the larger size of X", at: "ranks",
          label: "\(wanted.max() ?? 0)")
      }
      return try DeepModel(
        fitting: x, ranks: wanted, iterations: iterations, tolerance: tolerance,
        seed: context.generator(seed: seed).seed, loop: context.trainingLoop(view))
    })

  /// A rank a level, from a vector or a list.
  private static func levels(_ ranks: Value) throws -> [Int] {
    var given = [ranks]
    if case .list(let list) = ranks {
      given = list
    } else if let matrix = Matrix.from(ranks), matrix.shape.isVector {
      given = matrix.elements.map { .number($0) }
    }
    let wanted = given.compactMap(Int.from)
    guard !wanted.isEmpty, wanted.count == given.count, wanted.allSatisfy({ $0 >= 1 }) else {
      throw Problem(
        .value, "'ranks' is a vector or a list of whole numbers of at least 1", at: "ranks",
        label: ranks.label, help: "as in deep_nmf(X, [200, 100, 50])")
    }
    return wanted
  }
}
