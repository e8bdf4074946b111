import Matrices
import Training
import Vocabulary

extension RatingsModel: Predicting {
  package var kind: String { "ratings model" }

  package var fieldNames: [String] {
    ["W", "H"] + (options.implicit == nil ? ["user_bias", "item_bias", "mean"] : [])
      + ["users", "items", "rank", "l2", options.implicit == nil ? "rmse" : "loss"]
      + ["history", "iterations", "converged", "reason", "seed", "seconds"]
  }

  package func field(_ name: String) -> Value? {
    guard fieldNames.contains(name) else { return nil }
    let rank = options.rank
    return switch name {
    case "W": .matrix(w)
    case "H": .matrix(ht.transposed)
    case "user_bias": .matrix(userRows.selecting(columns: [rank]))
    case "item_bias": .matrix(itemRows.selecting(columns: [rank + 1]))
    case "mean": .number(mean)
    case "users": table.users.value
    case "items": table.items.value
    case "rank": .number(Double(rank))
    case "l2": .number(options.l2)
    case "rmse", "loss": .number(error)
    case "history": .record(history)
    case "iterations": .number(Double(iterations))
    case "converged": .boolean(reason == .converged)
    case "reason": .text(reason.words)
    case "seed": .number(Double(options.seed))
    case "seconds": .number(seconds)
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let isImplicit = options.implicit != nil
    let curve = history[isImplicit ? "loss" : "rmse"].flatMap(Matrix.from)?.elements ?? []
    let what = isImplicit ? "implicit ratings model" : "ratings model"
    let withBiases = options.bias && !isImplicit ? " with biases" : ""
    var penalty = "l2 \(NumberFormat.short(options.l2)) a rating"
    if let implicit = options.implicit {
      penalty =
        "confidence \(NumberFormat.short(implicit.alpha)) r against "
        + "\(NumberFormat.short(implicit.unobserved)), l2 \(NumberFormat.short(options.l2))"
    } else {
      penalty = "mean \(NumberFormat.short(table.mean, digits: 4)), " + penalty
    }
    let rule = options.implicit.map { $0.isExact ? "als" : "als by conjugate gradients" } ?? "als"
    let lines = [
      "\(what): \(table.users.count) users × \(table.items.count) items, "
        + "rank \(options.rank)\(withBiases)",
      "  \(isImplicit ? "loss" : "rmse of training") \(NumberFormat.short(error, digits: 4)) "
        + SparkLine.text(of: curve, width: max(8, min(40, width - 40)), logarithmic: true),
      "  \(table.entries.count) ratings, \(penalty)",
      "  \(iterations) iterations of \(rule), \(reason.words), "
        + "\(NumberFormat.short(seconds, digits: 3)) s, seed \(options.seed)",
    ]
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }

  /// `predict(m, user, item)`, or `predict(m, ratings)`: a column in the order of the table.
  package func predict(_ inputs: [Value], _ context: Context) throws -> Value {
    if inputs.count == 1, let table = RatingsTable.from(inputs[0]) {
      return .matrix(Matrix(column: predictions(table)))
    }
    guard inputs.count == 2, let user = Identifier(inputs[0]), let item = Identifier(inputs[1])
    else {
      throw Problem(
        .type, "a ratings model predicts for a user and an item, or for a table of ratings",
        at: "inputs", label: inputs.map(\.label).joined(separator: ", "))
    }
    return .number(prediction(user, item))
  }
}

extension RatingsModel: Argument, Returnable {
  package static var takes: String { "ratings model" }
  package static func from(_ value: Value) -> RatingsModel? {
    if case .object(let object) = value { object as? RatingsModel } else { nil }
  }
  package var value: Value { .object(self) }
}
