import Matrices
import Networks
import Vocabulary

extension StandardLibrary {
  static let explain = Builtin(
    "explain", in: .train, "Why a model or network says what it does, number by number.",
    Parameter<Value>("model", "a network, or what mf made of ratings"),
    Parameter<Rest>("inputs", "one row for a network; a user and an item for ratings"),
    Parameter<Double?>("class", "the class to ask about; the one that the network names"),
    Parameter<String?>(
      "method", "integrated: what the way from the baseline has gained; gradient: the slopes at x",
      choices: Attribution.Method.allCases.map(\.rawValue)),
    Parameter<Matrix?>("baseline", "an input that says nothing; zeros when left out"),
    Parameter<Int?>("steps", "places on the way; 64 when left out", in: .between(1, 1e5)),
    shapes: "value → value",
    math: """
      Of a network the score s of a class, before softmax: (x − x₀) ∘ ∫₀¹ ∇s(x₀ + t (x − x₀)) dt, by \
      the middle of even steps (integrated gradients, Sundararajan, Taly & Yan 2017). The sum is what s \
      gains from x₀ to x, but for gap; map has the shape of the image. Where an embedding comes first, \
      a name gets the sum over its vector (gradient: of slope times number), compared with 0.
      Of mf: the factors of a user are linear in the ratings they were solved from, so the prediction is \
      μ + c + Σ of what each rating of the user adds, qᵀ(FᵀF + Λ)⁻¹ f (r − μ − c) (Hu, Koren & \
      Volinsky 2008, §5).
      """,
    seeAlso: ["predict", "recommend", "confusion", "image", "heatmap"],
    examples: [
      Example(
        """
        net = input(4, seed=1) |> dense(8, tanh) |> dense(3, softmax)
        why = explain(net, [1, 0, 2, 1], class=2)
        abs(sum(why.values) - (why.score - why.baseline)) < 1e-3
        """, prints: "true"),
      Example(
        """
        m = mf(ratings([1, 1, 5; 1, 2, 3; 2, 1, 4; 2, 2, 2]), 1, method=\"als\", seed=1)
        why = explain(m, 1, 2)
        abs(why.prediction - why.mean - why.item_bias - sum(why.because.weight)) < 1e-6
        """, prints: "true"),
    ],
    using: {
      (
        context: Context, model: Value, inputs: Rest, label: Double?, method: String?,
        baseline: Matrix?, steps: Int?
      ) -> Value in
      guard case .object(let object) = model, let explaining = object as? any Explaining else {
        throw Problem(
          .type, "'model' needs something that explains itself, a network or a model of ratings",
          at: "model", label: model.label)
      }
      var options = Record()
      options["class"] = label.map { .number($0) }
      options["method"] = method.map { .text($0) }
      options["baseline"] = baseline.map { .matrix($0) }
      options["steps"] = steps.map { .number(Double($0)) }
      return try explaining.explain(inputs.values, options, context)
    })
}
