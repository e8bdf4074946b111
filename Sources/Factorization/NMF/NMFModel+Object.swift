import Matrices
import Training
import Vocabulary

extension NMFModel: Predicting, Transforming {
  package var kind: String { "nmf model" }

  package var fieldNames: [String] {
    [
      "W", "H", "rank", "loss", "error", "explained", "kkt", "history", "iterations", "converged",
      "reason", "solver", "choice", "init", "form", "seed", "seconds", "revived",
    ] + extras.keys
  }

  package func field(_ name: String) -> Value? {
    switch name {
    case "W": .matrix(w)
    case "H": .matrix(h)
    case "rank": .number(Double(options.rank))
    case "loss": .number(loss)
    case "error": .number(error)
    case "explained": .number(explained)
    case "history": .record(history)
    case "iterations": .number(Double(iterations))
    case "converged": .boolean(reason == .converged)
    case "reason": .text(reason.words)
    case "kkt": .number(optimality)
    case "solver": .text(choice.name)
    case "choice": .text(choice.reason)
    case "form": .text(options.form.rawValue)
    case "init": .text(options.start.rawValue)
    case "seed": .number(Double(options.seed))
    case "seconds": .number(seconds)
    case "revived": .number(Double(revived))
    default: extras[name]
    }
  }

  package func summary(width: Int) -> String {
    let curve = (history["error"] ?? history["loss"]).flatMap(Matrix.from)?.elements ?? []
    let first = curve.first.map { NumberFormat.short($0, digits: 4) } ?? ""
    let last = curve.last.map { NumberFormat.short($0, digits: 4) } ?? ""
    let name = options.loss.noun
    var lines = [
      "nmf model: \(w.rows)×\(ht.rows) ≈ W \(w.shape) · H \(h.shape), \(w.precision)\(kindOfRun)",
      "  error \(NumberFormat.short(error, digits: 4))"
        + (explained.isNaN ? "" : ", explains \(percent(explained)) of the variance"),
      "  \(name) \(first) "
        + SparkLine.text(of: curve, width: max(8, min(40, width - 36)), logarithmic: true)
        + " \(last)",
      "  \(iterations) iterations of \(choice.name), \(reason.words), "
        + "\(NumberFormat.short(seconds, digits: 3)) s",
      "  start \(options.start.rawValue), seed \(options.seed)"
        + (optimality.isNaN ? "" : ", kkt residual \(NumberFormat.short(optimality, digits: 2))"),
    ]
    if options.solver == .auto { lines.append("  \(choice.name): \(choice.reason)") }
    if let note = scaleNote { lines.append("  \(note)") }
    if revived > 0 {
      lines.append("  \(revived) empty component\(revived == 1 ? "" : "s") started anew")
    }
    let shades = Shading.text(of: h, width: max(8, min(48, width - 6)), height: min(8, h.rows))
    lines += ["  H"] + shades.map { "  │\($0)│" }
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }

  /// What is not ordinary about the run.
  private var kindOfRun: String {
    (options.form == .standard ? "" : ", \(options.form.rawValue)")
      + (options.loss.isSquared ? "" : ", \(options.loss.name)")
      + (isWeighted ? ", entries weighted or missing" : "")
  }

  /// A penalty on one factor alone is escaped by moving its size into the other.
  private var scaleNote: String? {
    let (w, h) = (options.terms.w, options.terms.h)
    guard w.arePenalties != h.arePenalties, !w.areLimits, !h.areLimits else { return nil }
    let (one, other) = w.arePenalties ? ("W", "H") : ("H", "W")
    return "only \(one) is penalised: its size moves into \(other); a small l2 on \(other) holds it"
  }

  /// The codes of new rows.
  package func transform(_ x: Matrix, _ context: Context) throws -> Matrix {
    try codes(ofNew: .dense(x))
  }

  package func transform(_ x: SparseMatrix, _ context: Context) throws -> Matrix {
    try codes(ofNew: .sparse(x))
  }

  func codes(ofNew x: AnyMatrix) throws -> Matrix {
    guard options.form == .standard || options.form == .semi else {
      throw Problem(
        .value, "a model of form=\"\(options.form.rawValue)\" has no codes for new rows",
        at: "model", help: "form=\"standard\" and form=\"semi\" have them")
    }
    let weights = try NMFInput.weights(nil, x, skipsNaN: isWeighted)
    try NMFInput.check(
      x, at: "x", weights: weights, anySign: options.form == .semi, skipsNaN: isWeighted)
    guard x.columns == ht.rows else {
      throw Problem(
        .shape, "this model needs rows of \(ht.rows) numbers", at: "x", label: x.label)
    }
    return codes(of: x, weights: weights)
  }

  /// `W H` for the rows of training, or the rebuilt rows of a new X.
  package func predict(_ inputs: [Value], _ context: Context) throws -> Value {
    guard let first = inputs.first else { return .matrix(w * h) }
    guard inputs.count == 1, let x = AnyMatrix.from(first) else {
      throw Problem(
        .type, "an nmf model predicts nothing, or one matrix of new rows", at: "inputs",
        label: first.label)
    }
    return .matrix(try codes(ofNew: x) * h)
  }

  private func percent(_ part: Double) -> String {
    NumberFormat.fixed(100 * part, decimals: 1) + " %"
  }
}
