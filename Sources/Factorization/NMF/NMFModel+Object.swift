import Matrices
import Training
import Vocabulary

extension NMFModel: Predicting, Transforming {
  package var kind: String { "nmf model" }

  package var fieldNames: [String] {
    [
      "W", "H", "rank", "loss", "error", "explained", "history", "iterations", "converged",
      "reason", "solver", "init", "seed", "seconds", "revived",
    ]
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
    case "solver": .text(options.solverName)
    case "init": .text(options.start.rawValue)
    case "seed": .number(Double(options.seed))
    case "seconds": .number(seconds)
    case "revived": .number(Double(revived))
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let curve = (history["error"] ?? history["loss"]).flatMap(Matrix.from)?.elements ?? []
    let first = curve.first.map { NumberFormat.short($0, digits: 4) } ?? ""
    let last = curve.last.map { NumberFormat.short($0, digits: 4) } ?? ""
    let name = options.loss == .frobenius ? "error" : "divergence"
    var lines = [
      "nmf model: \(w.rows)×\(ht.rows) ≈ W \(w.shape) · H \(h.shape), \(w.precision)",
      "  error \(NumberFormat.short(error, digits: 4))"
        + (explained.isNaN ? "" : ", explains \(percent(explained)) of the variance"),
      "  \(name) \(first) "
        + SparkLine.text(of: curve, width: max(8, min(40, width - 36)), logarithmic: true)
        + " \(last)",
      "  \(iterations) iterations of \(options.solverName), \(reason.words), "
        + "\(NumberFormat.short(seconds, digits: 3)) s",
      "  start \(options.start.rawValue), seed \(options.seed)",
    ]
    if revived > 0 {
      lines.append("  \(revived) empty component\(revived == 1 ? "" : "s") started anew")
    }
    let shades = Shading.text(of: h, width: max(8, min(48, width - 6)), height: min(8, h.rows))
    lines += ["  H"] + shades.map { "  │\($0)│" }
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }

  /// The codes of new rows.
  package func transform(_ x: Matrix, _ context: Context) throws -> Matrix {
    try NMFInput.check(x, at: "x")
    guard x.columns == ht.rows else {
      throw Problem(
        .shape, "this model needs rows of \(ht.rows) numbers", at: "x", label: x.label)
    }
    return codes(of: x)
  }

  /// `W H` for the rows of training, or the rebuilt rows of a new X.
  package func predict(_ inputs: [Value], _ context: Context) throws -> Value {
    guard let first = inputs.first else { return .matrix(w * h) }
    guard inputs.count == 1, let x = Matrix.from(first) else {
      throw Problem(
        .type, "an nmf model predicts nothing, or one matrix of new rows", at: "inputs",
        label: first.label)
    }
    return .matrix(try transform(x, context) * h)
  }

  private func percent(_ part: Double) -> String {
    NumberFormat.fixed(100 * part, decimals: 1) + " %"
  }
}
