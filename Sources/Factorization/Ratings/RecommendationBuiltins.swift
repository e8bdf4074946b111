import Matrices
import Vocabulary

extension FactorizationLibrary {
  static let recommend = Builtin(
    "recommend", in: .factorize,
    "The items with the highest predictions, of those that a user has not rated.",
    Parameter<RatingsModel>("model", "what mf made of ratings"),
    Parameter<Value>("user", "a user, as in the table of ratings; a stranger gets what all like"),
    Parameter<Int>("n", "how many", default: 10, in: .atLeast(1), positional: true),
    Parameter<Bool>(
      "exclude_seen", "whether to leave out what the user has rated", default: true),
    shapes: "model, value → record",
    seeAlso: ["mf", "similar", "predict", "ranking"],
    examples: [
      Example(
        "m = mf(ratings([1, 10, 5; 1, 20, 1; 2, 10, 5]), 1, seed=1); recommend(m, 2).item",
        prints: "20")
    ]
  ) { (model: RatingsModel, user: Value, n: Int, excludesSeen: Bool) in
    guard let identifier = Identifier(user) else {
      throw Problem(.type, "'user' needs a number or a text", at: "user", label: user.label)
    }
    return record(
      model.recommendations(for: identifier, count: n, excludesSeen: excludesSeen),
      model.options.implicit == nil ? "rating" : "preference")
  }

  static let similar = Builtin(
    "similar", in: .factorize, "The items that are liked by the same users, by their factors.",
    Parameter<RatingsModel>("model", "what mf made of ratings"),
    Parameter<Value>("item", "an item, as in the table of ratings"),
    Parameter<Int>("n", "how many", default: 10, in: .atLeast(1), positional: true),
    shapes: "model, value → record",
    seeAlso: ["mf", "recommend"],
    examples: [
      Example(
        "m = mf(ratings([1, 10, 5; 1, 20, 1; 2, 10, 4]), 1, seed=1); similar(m, 10).item",
        prints: "20")
    ]
  ) { (model: RatingsModel, item: Value, n: Int) in
    guard let identifier = Identifier(item) else {
      throw Problem(.type, "'item' needs a number or a text", at: "item", label: item.label)
    }
    guard let line = model.table.items[identifier] else {
      throw Problem(
        .value, "the item must be one of the \(model.table.items.count) that were rated",
        at: "item", label: item.label)
    }
    return record(model.similar(to: line, count: n), "similarity")
  }

  private static func record(_ pairs: [(Identifier, Double)], _ name: String) -> Record {
    let items = IdentifierMap.value(of: pairs.map(\.0))
    return Record([("item", items), (name, .matrix(Matrix(column: pairs.map(\.1))))])
  }

  static let rmse = errorBuiltin(
    "rmse", "The root of the mean squared error of predictions.", "√(Σ (ŷ − y)² / n)", other: "mae",
    prints: "2"
  ) { ($0.sumOfSquares / Double($0.count)).squareRoot() }

  static let mae = errorBuiltin(
    "mae", "The mean absolute error of predictions.", "Σ |ŷ − y| / n", other: "rmse", prints: "2"
  ) { $0.total(.sumOfMagnitudes) / Double($0.count) }

  private static func errorBuiltin(
    _ name: String, _ summary: String, _ math: String, other: String, prints output: String,
    _ measure: @escaping @Sendable (Matrix) -> Double
  ) -> Builtin {
    Builtin(
      name, in: .factorize, summary,
      Parameter<Value>("predicted", "a model of ratings, or a matrix of predictions"),
      Parameter<Value>("truth", "ratings to compare with, or a matrix of the same shape"),
      shapes: "value, value → number", math: math,
      seeAlso: ["mf", "error", other],
      examples: [Example("\(name)([3; 5], [1; 3])", prints: output)]
    ) { (predicted: Value, truth: Value) in
      if let model = RatingsModel.from(predicted) {
        guard let table = RatingsTable.from(truth) else {
          throw Problem(
            .type, "a model of ratings is compared with ratings", at: "truth", label: truth.label,
            help: "as in \(name)(m, ratings(T))")
        }
        return measure(
          Matrix(column: model.predictions(table)) - Matrix(column: table.entries.values))
      }
      guard let ours = Matrix.from(predicted), let theirs = Matrix.from(truth) else {
        throw Problem(
          .type, "a model and ratings, or two matrices, are needed",
          mentioning: [
            Problem.Mention(parameter: "predicted", label: predicted.label),
            Problem.Mention(parameter: "truth", label: truth.label),
          ])
      }
      guard ours.shape == theirs.shape, !ours.isEmpty else {
        throw Problem(
          .shape, "both matrices must have the same shape, and elements",
          mentioning: [
            Problem.Mention(parameter: "predicted", label: ours.label),
            Problem.Mention(parameter: "truth", label: theirs.label),
          ])
      }
      return measure(ours - theirs)
    }
  }
}
