import Matrices
import Vocabulary

extension FactorizationLibrary {
  static let ranking = Builtin(
    "ranking", in: .factorize,
    "How well a model ranks what users turned out to like, against the full catalogue.",
    Parameter<RatingsModel>("model", "what mf made of ratings"),
    Parameter<RatingsTable>("test", "ratings that were held out"),
    Parameter<Int>("n", "how many recommendations count", default: 10, in: .atLeast(1)),
    Parameter<Double?>(
      "relevant", "the least rating of what a user likes; all of test when left out"),
    shapes: "model, ratings → record",
    math: """
      Means over the users of test that the model knows, of all items they had not rated in \
      training: precision = hits / n, recall = hits / relevant, map: the precision at every hit, \
      ndcg: Σ 1 / log₂(1 + rank) as part of the best possible (Järvelin & Kekäläinen 2002), mrr: \
      1 / rank of the first hit, auc: the chance that a relevant item ranks above another; coverage: \
      the part of all items that somebody is recommended
      """,
    seeAlso: ["mf", "recommend", "split", "rmse"],
    examples: [
      Example(
        """
        m = mf(ratings([1, 1, 5; 1, 2, 1; 2, 1, 5; 2, 3, 5; 3, 2, 1]), 1, seed=1)
        ranking(m, ratings([1, 3, 5]), n=1).recall
        """, prints: "1")
    ]
  ) { (model: RatingsModel, test: RatingsTable, n: Int, relevant: Double?) in
    let ranking = Ranking(model, test, first: n, threshold: relevant ?? -.infinity)
    guard ranking.users > 0 else {
      throw Problem(
        .value, "no user of 'test' is known to the model and likes anything new", at: "test",
        label: "\(test.users.count) users",
        help: relevant == nil
          ? "part one table: (known, later) = split(ratings(T), by=\"user\")"
          : "a lower 'relevant' lets more ratings count")
    }
    return Record(
      [
        ("precision", ranking.precision), ("recall", ranking.recall),
        ("map", ranking.averagePrecision), ("ndcg", ranking.gain),
        ("mrr", ranking.reciprocalRank), ("auc", ranking.area),
        ("coverage", ranking.coverage), ("users", Double(ranking.users)),
      ].map { ($0.0, .number($0.1)) })
  }
}
