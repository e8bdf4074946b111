import Matrices
import Vocabulary

/// What `pca` returns: the directions, the coordinates of the rows, and how much they explain.
package final class PCAModel: Object, Transforming, Predicting {
  private let parts: PrincipalComponents
  private let rows: Int

  init(_ parts: PrincipalComponents) {
    self.parts = parts
    rows = parts.codes.rows
  }

  package var kind: String { "pca model" }

  package var fieldNames: [String] { ["codes", "components", "variance", "explained", "mean"] }

  package func field(_ name: String) -> Value? {
    switch name {
    case "codes": .matrix(parts.codes)
    case "components": .matrix(parts.components)
    case "variance": .matrix(parts.variance)
    case "explained": .matrix(parts.explained)
    case "mean": .matrix(parts.mean)
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let shares = parts.explained.elements
    let (count, columns) = (shares.count, parts.mean.columns)
    var lines = [
      "pca model: \(rows)×\(columns) ≈ codes \(parts.codes.shape) · components "
        + "\(parts.components.shape) + mean, \(parts.codes.precision)",
      "  \(count) component\(count == 1 ? "" : "s") of \(min(rows, columns)) explain"
        + "\(count == 1 ? "s" : "") \(percent(shares.reduce(0, +))) of the variance",
    ]
    let room = max(8, width - 40)
    var sum = 0.0
    for (place, share) in shares.enumerated().prefix(8) {
      sum += share
      let part = min(1, max(0, share / max(shares[0], .leastNormalMagnitude)))
      let bar = String(repeating: "█", count: Int((part * Double(room)).rounded()))
      lines.append(
        "  \(padded("\(place + 1)", 4)) \(padded(percent(share), 8)) sum \(padded(percent(sum), 9))\(bar)"
      )
    }
    if shares.count > 8 { lines.append("  … and \(shares.count - 8) more in .explained") }
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }

  /// Coordinates of new rows along the components.
  package func transform(_ x: Matrix, _ context: Context) throws -> Matrix {
    try codes(x, at: "x")
  }

  private func codes(_ x: Matrix, at parameter: String) throws -> Matrix {
    guard x.columns == parts.mean.columns else {
      throw Problem(
        .shape, "this model needs rows of \(parts.mean.columns) numbers", at: parameter,
        label: x.label)
    }
    if let place = x.firstNonFinite {
      throw Problem(
        DecompositionError.notFinite(row: place.row, column: place.column), at: parameter, of: x)
    }
    return parts.codes(of: x)
  }

  /// The rows of training as the components rebuild them, or new rows.
  package func predict(_ inputs: [Value], _ context: Context) throws -> Value {
    guard let first = inputs.first else { return .matrix(parts.rebuilt(parts.codes)) }
    guard inputs.count == 1, let x = AnyMatrix.from(first) else {
      throw Problem(
        .type, "a pca model predicts nothing, or one matrix of new rows", at: "inputs",
        label: first.label)
    }
    let codes =
      switch x {
      case .dense(let x): try codes(x, at: "inputs")
      case .sparse(let x): try transform(x, context)
      }
    return .matrix(parts.rebuilt(codes))
  }

  private func percent(_ part: Double) -> String {
    NumberFormat.fixed(100 * part, decimals: 1) + " %"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension PCAModel: Returnable {
  package var value: Value { .object(self) }
}

extension PCAModel: Storable {
  package static let storedKind = "pca model"

  package var stored: Record {
    Record(fieldNames.compactMap { name in field(name).map { (name, $0) } })
  }

  package static func restored(from parts: Parts, _ context: Context) throws -> PCAModel {
    let codes: Matrix = try parts("codes")
    let components: Matrix = try parts("components")
    let mean = try parts.matrix("mean", Shape(1, components.columns))
    guard codes.columns == components.rows else {
      throw Parts.damage("codes and components do not fit each other")
    }
    let column = Shape(components.rows, 1)
    return PCAModel(
      PrincipalComponents(
        codes: codes, components: components, variance: try parts.matrix("variance", column),
        explained: try parts.matrix("explained", column), mean: mean))
  }
}
