import Matrices
import Vocabulary

extension FactorizationLibrary {
  static let error = Builtin(
    "error", in: .factorize, "How far an nmf model is from rows: ‖X − WH‖ / ‖X‖.",
    Parameter<NMFModel>("model", "what nmf returned"),
    Parameter<AnyMatrix?>(positional: "x", "new rows, coded first; left out: the rows of training"),
    shapes: "nmf model → number",
    seeAlso: ["nmf", "transform", "rmse"],
    examples: [
      Example("m = nmf([1, 2; 2, 4], 1); round(1000 * error(m, [3, 6]))", prints: "0")
    ],
    body: { (model: NMFModel, x: AnyMatrix?) in
      guard let x else { return model.error }
      let codes = try model.codes(ofNew: x)
      let known = Observations(
        x.converted(to: codes.precision), rank: codes.columns,
        weights: try NMFInput.weights(nil, x, skipsNaN: model.isWeighted))
      let rest = known.squaredResidual(NMFFactors(w: codes, ht: model.ht))
      return known.squares > 0 ? (rest / known.squares).squareRoot() : 0
    })

  static let top = Builtin(
    "top", in: .factorize, "The features that weigh most in each part of an nmf model.",
    Parameter<NMFModel>("model", "what nmf returned"),
    Parameter<[Value]?>(positional: "names", "what the columns of X are called"),
    Parameter<Int>("n", "how many a part", default: 10, in: .atLeast(1)),
    shapes: "nmf model, list → list; nmf model → k×c",
    seeAlso: ["nmf"],
    examples: [
      Example("m = nmf([9, 1, 0; 18, 2, 0], 1); top(m, n=2)", prints: "1  2"),
      Example(
        "m = nmf([9, 1, 0; 18, 2, 0], 1); top(m, {\"a\", \"b\", \"c\"}, n=2)",
        prints: "{{\"a\", \"b\"}}"),
    ]
  ) { (model: NMFModel, names: [Value]?, n: Int) in
    let count = min(n, model.ht.rows)
    let order = (0..<model.ht.columns).map { part in
      let weights = model.ht.column(part)
      return Array(
        weights.indices.sorted { (weights[$0], $1) > (weights[$1], $0) }.prefix(count))
    }
    guard let names else {
      return Value.matrix(Matrix(order.map { $0.map { Double($0 + 1) } }))
    }
    guard names.count == model.ht.rows else {
      throw Problem(
        .shape, "one name a column of X is needed: \(model.ht.rows)", at: "names",
        label: "list of \(names.count)")
    }
    return .list(order.map { .list($0.map { names[$0] }) })
  }
}
