import Matrices
import Training
import Vocabulary

extension RatingsModel: Predicting {
  package var kind: String { "ratings model" }

  package var fieldNames: [String] {
    ["W", "H"] + (factors.feedback == nil ? [] : ["Y"])
      + (isImplicit ? [] : ["user_bias", "item_bias", "mean"])
      + ["users", "items", "rank", "l2", "method", isImplicit ? "loss" : "rmse"]
      + ["history", "iterations", "converged", "reason", "seed", "seconds"]
      + (origin.privacy == nil ? [] : ["privacy"])
  }

  package func field(_ name: String) -> Value? {
    guard fieldNames.contains(name) else { return nil }
    let rank = options.rank
    return switch name {
    case "W": .matrix(w)
    case "H": .matrix(ht.transposed)
    case "Y": factors.feedback.map { .matrix($0.transposed) }
    case "user_bias": .matrix(factors.users.selecting(columns: [rank]))
    case "item_bias": .matrix(factors.items.selecting(columns: [rank + 1]))
    case "mean": .number(origin.mean)
    case "users": table.users.value
    case "items": table.items.value
    case "rank": .number(Double(rank))
    case "l2": .number(options.l2)
    case "method": .text(method.name)
    case "rmse", "loss": .number(error)
    case "history": .record(origin.history)
    case "iterations": .number(Double(origin.outcome.steps))
    case "converged": .boolean(origin.outcome.reason == .converged)
    case "reason": .text(origin.outcome.reason.words)
    case "seed": .number(Double(options.seed))
    case "seconds": .number(origin.outcome.seconds)
    case "privacy": origin.privacy.map { .record($0.record) }
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let curve =
      origin.history[isImplicit ? "loss" : "rmse"].flatMap(Matrix.from)?.elements ?? []
    let what =
      (options.isNonnegative ? "non-negative " : "")
      + (isImplicit ? "implicit ratings model" : "ratings model")
    var withBiases = options.bias && !isImplicit ? " with biases" : ""
    if options.hasFeedback { withBiases += " and feedback" }
    var penalty = "l2 \(NumberFormat.short(options.l2)) a rating"
    if method.name == "bpr" {
      penalty = "what was chosen against what was not, l2 \(NumberFormat.short(options.l2))"
    } else if let implicit = options.implicit {
      penalty =
        "confidence \(NumberFormat.short(implicit.alpha)) r against "
        + "\(NumberFormat.short(implicit.unobserved)), l2 \(NumberFormat.short(options.l2))"
    } else {
      penalty = "mean \(NumberFormat.short(origin.average, digits: 4)), " + penalty
    }
    let (outcome, count) = (origin.outcome, origin.count)
    var lines = [
      "\(what): \(table.users.count) users × \(table.items.count) items, "
        + "rank \(options.rank)\(withBiases)",
      "  \(isImplicit ? "loss" : "rmse of training") \(NumberFormat.short(error, digits: 4)) "
        + SparkLine.text(of: curve, width: max(8, min(40, width - 40)), logarithmic: true),
      "  \(count) ratings, \(penalty)",
      "  \(outcome.steps) iterations of \(method.words), \(outcome.reason.words), "
        + "\(NumberFormat.short(outcome.seconds, digits: 3)) s, seed \(options.seed)",
    ]
    lines += protection.map { "  " + $0 }
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }

  /// `predict(m, user, item)`, or `predict(m, ratings)`: a column in the order of the table.
  package func predict(_ inputs: [Value], _ context: Context) throws -> Value {
    if inputs.count == 1, let table = RatingsTable.from(inputs[0]) {
      noteStrangers(table, context)
      return .matrix(Matrix(column: predictions(table)))
    }
    let (user, item) = try pair(inputs, "predicts")
    noteStrangers(user, item, context)
    return .number(prediction(user, item))
  }

  private func pair(_ inputs: [Value], _ verb: String) throws -> (Identifier, Identifier) {
    guard inputs.count == 2, let user = Identifier(inputs[0]), let item = Identifier(inputs[1])
    else {
      throw Problem(
        .type,
        "a ratings model \(verb) for a user and an item"
          + (verb == "predicts" ? ", or for a table of ratings" : ""),
        at: "inputs", label: inputs.map(\.label).joined(separator: ", "))
    }
    return (user, item)
  }
}

extension RatingsModel: Explaining {
  /// `explain(m, user, item)`.
  package func explain(_ inputs: [Value], _ options: Record, _ context: Context) throws -> Value {
    if let name = options.keys.first {
      throw Problem(
        .value, "'\(name)' is for networks: of ratings a user and an item say all", at: name)
    }
    let (user, item) = try pair(inputs, "explains what it says")
    return .object(RatingExplanation(self, user, item))
  }
}

extension RatingsModel: Argument, Returnable {
  package static var takes: String { "ratings model" }
  package static var hint: String? { "mf makes one of ratings: mf(ratings(table), 10)" }
  package static func from(_ value: Value) -> RatingsModel? {
    if case .object(let object) = value { object as? RatingsModel } else { nil }
  }
  package var value: Value { .object(self) }
}
