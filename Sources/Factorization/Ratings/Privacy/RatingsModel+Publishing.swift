import Matrices
import Training
import Vocabulary

extension RatingsModel {
  /// What of the model may be known to everybody: items, their biases and the mean, without users,
  /// their ratings, and what was measured on these.
  package var published: RatingsModel {
    let table = RatingsTable(
      users: IdentifierMap(), items: table.items,
      entries: ObservedEntries(
        Shape(0, table.items.count), rows: [], columns: [], values: []))
    var origin = origin
    (origin.count, origin.error) = (0, .nan)
    origin.history = Record([])
    origin.outcome.objective = .nan
    return RatingsModel(
      RatingsFactors(users: .zeros(0, options.rank + 2), items: factors.items), of: table, options,
      method, origin: origin)
  }

  /// What the summary says of how users were protected.
  var protection: [String] {
    guard let ledger = origin.privacy else { return [] }
    func short(_ number: Double) -> String { NumberFormat.short(number, digits: 4) }
    let found = ledger.guarantee
    var lines = [
      "private, every user with all ratings: ε \(short(found.epsilon)) at δ \(short(found.delta)), "
        + "noise \(short(ledger.mechanism.noise)), clip \(short(ledger.settings.clip))"
    ]
    if table.users.count > 0 {
      lines.append("publish(m) keeps what is protected: H, item_bias, mean; not W, user_bias, rmse")
    }
    if !found.epsilon.isFinite { lines.append("without noise nothing is protected") }
    if ledger.isInsecure { lines.append("the noise can be repeated (insecure_seed): no privacy") }
    if let warning = found.warning { lines.append("ε may be smaller: \(warning)") }
    return lines
  }
}

extension FactorizationLibrary {
  static let publish = Builtin(
    "publish", in: .factorize,
    "What of a private model of ratings everybody may know: items and the mean, without users.",
    Parameter<RatingsModel>("model", "what mf(ratings, private=dp(…)) gave"),
    shapes: "model → model",
    math: """
      Users solve for their own factors from the items and their own ratings, by fold_in or \
      recommend(m, ratings(…)), which nobody else has to see. The names of the items count as known
      """,
    seeAlso: ["mf", "dp", "fold_in", "recommend"],
    examples: [
      Example(
        """
        r = ratings([1, 10, 5; 1, 20, 1; 2, 10, 5])
        rows(publish(mf(r, 1, private=dp(noise=1))).W)
        """, prints: "0")
    ]
  ) { (model: RatingsModel) in
    guard model.origin.privacy != nil else {
      throw Problem(
        .value, "only a private model can be published without giving users away", at: "model",
        label: "made by \"\(model.method.name)\"",
        help: "mf(ratings, private=dp(epsilon=10)) makes one")
    }
    return model.published
  }
}
