import Matrices
import Vocabulary

extension StandardLibrary {
  static let explain = Builtin(
    "explain", in: .factorize, "Why a model predicts what it does.",
    Parameter<Value>("model", "what mf made of ratings"),
    Parameter<Rest>("inputs", "a user and an item"),
    shapes: "value → value",
    math: """
      mf: the factors of a user are linear in the ratings they were solved from, so the prediction is \
      μ + c + Σ of what each rating of the user adds, qᵀ(FᵀF + Λ)⁻¹ f (r − μ − c) (Hu, Koren & \
      Volinsky 2008, §5)
      """,
    seeAlso: ["predict", "recommend", "mf"],
    examples: [
      Example(
        """
        m = mf(ratings([1, 1, 5; 1, 2, 3; 2, 1, 4; 2, 2, 2]), 1, method=\"als\", seed=1)
        why = explain(m, 1, 2)
        abs(why.prediction - why.mean - why.item_bias - sum(why.because.weight)) < 1e-6
        """, prints: "true")
    ],
    using: { (context: Context, model: Value, inputs: Rest) in
      guard case .object(let object) = model, let explaining = object as? any Explaining else {
        throw Problem(
          .type, "'model' needs something that explains itself, as mf makes of ratings",
          at: "model", label: model.label)
      }
      return try explaining.explain(inputs.values, Record(), context)
    })
}
