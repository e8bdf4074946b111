import Matrices
import Vocabulary

extension StandardLibrary {
  /// What every model answers, whichever engine made it.
  static let models: [Builtin] = [predict, transform, explain, summary, network]

  private static let predict = Builtin(
    "predict", in: .train, "What a model or network says of new inputs.",
    Parameter<Value>("model", "a network, or what nmf or mf returned"),
    Parameter<Rest>(
      "inputs",
      "rows for a network or nmf; a user and an item, or ratings, for mf; nothing: the rows of "
        + "training"),
    shapes: "network, m×n → m×k; nmf model → m×n; value → value",
    seeAlso: ["train", "nmf", "mf", "transform"],
    examples: [
      Example("m = nmf([1, 2; 2, 4], 1); round(sum(predict(m)))", prints: "9"),
      Example("m = nmf([1, 2; 2, 4], 1); round(sum(predict(m, [3, 6])))", prints: "9"),
    ],
    using: { (context: Context, model: Value, inputs: Rest) in
      guard case .object(let object) = model, let predicting = object as? any Predicting else {
        throw Problem(
          .type, "'model' needs something that predicts: a network or a model", at: "model",
          label: model.label)
      }
      return try predicting.predict(inputs.values, context)
    })

  private static let transform = Builtin(
    "transform", in: .factorize, "The codes of new rows: how much of each part they have.",
    Parameter<Value>("model", "what nmf returned"),
    Parameter<AnyMatrix>("x", "rows like those of training, sparse or not"),
    shapes: "model, m×n → m×k",
    math: "argmin over W ≥ 0 of the loss between X and W H, with the H of the model",
    seeAlso: ["nmf", "predict", "error"],
    examples: [
      Example("m = nmf([1, 2; 2, 4], 1); size(transform(m, [3, 6; 1, 2; 0, 0]))", prints: "3  1")
    ],
    using: { (context: Context, model: Value, x: AnyMatrix) in
      guard case .object(let object) = model, let transforming = object as? any Transforming else {
        throw Problem(
          .type, "'model' needs something with codes, as nmf returns", at: "model",
          label: model.label)
      }
      switch x {
      case .dense(let x): return try transforming.transform(x, context)
      case .sparse(let x): return try transforming.transform(x, context)
      }
    })

  private static let summary = Builtin(
    "summary", in: .train, "What a model or network is, in a few lines of text.",
    Parameter<Value>("model", "a network or a model"),
    Parameter<Bool>("time", "whether to measure how long each layer takes", default: false),
    shapes: "model → text",
    math: """
      Of a network: shapes, parameters, multiply-adds and memory of a row, the ranges of weights that \
      are held by constraints, and how it was trained.
      """,
    seeAlso: ["print", "explain"],
    examples: [Example("type(summary(nmf([1, 2; 2, 4], 1)))", prints: "\"text\"")],
    using: { (context: Context, model: Value, isTimed: Bool) in
      guard case .object(let object) = model else {
        throw Problem(.type, "'model' needs a network or a model", at: "model", label: model.label)
      }
      if isTimed {
        guard let timed = object as? any TimedObject else {
          throw Problem(.value, "times are for the layers of a network", at: "time")
        }
        return timed.timedSummary(width: context.width)
      }
      return object.summary(width: context.width)
    })
}
