import Matrices
import Vocabulary

extension FactorizationLibrary {
  static let recommend = Builtin(
    "recommend", in: .factorize,
    "The items with the highest predictions, of those that a user has not rated.",
    Parameter<RatingsModel>("model", "what mf made of ratings"),
    Parameter<Value>(
      "user",
      "a user, as in the table of ratings, several of them, or ratings of new users, who are folded "
        + "in; a stranger gets what all like"),
    Parameter<Int>("n", "how many for each", default: 10, in: .atLeast(1), positional: true),
    Parameter<Bool>(
      "exclude_seen", "whether to leave out what the user has rated", default: true),
    shapes: "model, value → record",
    seeAlso: ["mf", "fold_in", "explain", "similar", "predict", "ranking", "is_known"],
    examples: [
      Example(
        "m = mf(ratings([1, 10, 5; 1, 20, 1; 2, 10, 5]), 1, seed=1); recommend(m, 2).item",
        prints: "20"),
      Example(
        """
        m = mf(ratings([1, 10, 5; 1, 20, 1; 1, 30, 3; 2, 10, 5; 2, 30, 4]), 1, seed=1)
        recommend(m, ratings([7, 10, 5]), 1).item
        """, prints: "30"),
    ],
    using: { (context: Context, model: RatingsModel, user: Value, n: Int, excludesSeen: Bool) in
      let score = model.isImplicit ? "preference" : "rating"
      if let identifier = Identifier(user) {
        let best = model.recommendations(for: identifier, count: n, excludesSeen: excludesSeen)
        let isKnown = model.table.users[identifier] != nil
        model.noteStrangers(askingFor: [identifier], context)
        return table(best, score, users: nil, known: best.map { _ in isKnown })
      }
      var model = model
      let users: [Identifier]
      if let ratings = RatingsTable.from(user) {
        model = try model.folding(ratings, by: .user)
        users = ratings.users.all
      } else {
        users = try several(user)
      }
      model.noteStrangers(askingFor: users, context)
      var (rows, names, known): ([(Identifier, Double)], [Identifier], [Bool]) = ([], [], [])
      for user in users {
        if Interrupt.isRequested { break }
        let best = model.recommendations(for: user, count: n, excludesSeen: excludesSeen)
        rows += best
        names += best.map { _ in user }
        known += best.map { _ in model.table.users[user] != nil }
      }
      return table(rows, score, users: names, known: known)
    })

  private static func several(_ value: Value) throws -> [Identifier] {
    var all: [Value] = []
    if case .list(let list) = value {
      all = list
    } else if let matrix = Matrix.from(value), matrix.shape.isVector {
      all = matrix.elements.map { .number($0) }
    }
    let users = all.compactMap { Identifier($0) }
    guard !users.isEmpty, users.count == all.count else {
      throw Problem(
        .type, "'user' needs a number or a text, several of them, or ratings of new users",
        at: "user", label: value.label)
    }
    return users
  }

  private static func table(
    _ rows: [(Identifier, Double)], _ score: String, users: [Identifier]?, known: [Bool]
  ) -> Record {
    var record = record(rows, score)
    record["known"] = .matrix(Matrix(column: known.map { $0 ? 1 : 0 }).comparedAsTruth)
    guard let users else { return record }
    return Record(
      [("user", IdentifierMap.value(of: users))] + zip(record.keys, record.values).map { ($0, $1) })
  }

  static let foldIn = Builtin(
    "fold_in", in: .factorize,
    "The same model with new users, or items, as their ratings make them; nothing else changes.",
    Parameter<RatingsModel>("model", "what mf made of ratings"),
    Parameter<RatingsTable>("ratings", "ratings of new users, or of new items, or further ones"),
    Parameter<String>(
      "by", "whose factors are solved for: user or item", default: "user",
      choices: RatingsSide.allCases.map(\.rawValue)),
    shapes: "model, ratings → model",
    math: """
      One ridge regression each, with the other side as it is: the half-step of als. A new rating of a \
      pair takes the place of an old one; implicit ones are added. Ratings of what the model does not \
      know on the other side are left out
      """,
    seeAlso: ["mf", "recommend", "explain", "is_known"],
    examples: [
      Example(
        """
        m = mf(ratings([1, 10, 5; 1, 20, 1; 2, 10, 5; 2, 20, 2]), 1, seed=1)
        is_known(m, "me", 20) || is_known(fold_in(m, ratings({u = {"me"}, i = [10], r = [5]})), "me", 20)
        """, prints: "true")
    ]
  ) { (model: RatingsModel, ratings: RatingsTable, side: String) in
    try model.folding(ratings, by: RatingsSide(rawValue: side) ?? .user)
  }

  static let isKnown = Builtin(
    "is_known", in: .factorize,
    "Whether a model knows both the user and the item; others are predicted by means and biases.",
    Parameter<RatingsModel>("model", "what mf made of ratings"),
    Parameter<Rest>("inputs", "a user and an item, or ratings"),
    shapes: "value → value",
    seeAlso: ["predict", "fold_in", "rmse"],
    examples: [
      Example(
        "m = mf(ratings([1, 1, 5; 1, 2, 3; 2, 1, 4]), 1, seed=1); is_known(m, 9, 1)",
        prints: "false")
    ]
  ) { (model: RatingsModel, inputs: Rest) -> Value in
    if inputs.values.count == 1, let table = RatingsTable.from(inputs.values[0]) {
      let truths = (0..<table.entries.count).map { place in
        model.knows(
          table.users.all[Int(table.entries.rows[place])],
          table.items.all[Int(table.entries.columns[place])])
      }
      return .matrix(Matrix(column: truths.map { $0 ? 1 : 0 }).comparedAsTruth)
    }
    guard inputs.values.count == 2, let user = Identifier(inputs.values[0]),
      let item = Identifier(inputs.values[1])
    else {
      throw Problem(
        .type, "a user and an item, or a table of ratings, are needed", at: "inputs",
        label: inputs.values.map(\.label).joined(separator: ", "))
    }
    return .boolean(model.knows(user, item))
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
      examples: [Example("\(name)([3; 5], [1; 3])", prints: output)],
      using: { (context: Context, predicted: Value, truth: Value) in
        if let model = RatingsModel.from(predicted) {
          guard let table = RatingsTable.from(truth) else {
            throw Problem(
              .type, "a model of ratings is compared with ratings", at: "truth", label: truth.label,
              help: "as in \(name)(m, ratings(T))")
          }
          model.noteStrangers(table, context)
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
      })
  }
}
