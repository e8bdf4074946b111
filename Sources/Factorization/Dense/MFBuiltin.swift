import Matrices
import Training
import Vocabulary

extension FactorizationLibrary {
  static let mf = Builtin(
    "mf", in: .factorize,
    "Factorizes a matrix, or ratings with missing entries, into thin factors of any sign.",
    Parameter<Value>("r", "ratings(…), a whole matrix, or one with NaN where nothing is known"),
    Parameter<Int?>(positional: "rank", "columns of W; left out: 32 for ratings", in: .atLeast(1)),
    Parameter<String>(
      "form", "uv: X ≈ W H + b; whw: X ≈ W H Wᵀ + b", default: "uv",
      choices: MFForm.allCases.map(\.rawValue)),
    Parameter<String?>(
      "method",
      "als: alternating least squares; cg: the same by conjugate gradients, for implicit ratings; "
        + "gd: gradient descent, for whole matrices", choices: ["als", "cg", "gd"]),
    Parameter<Bool>(
      "bias", "whether to add one of each user and item, or one number b", default: true),
    Parameter<Double?>(
      "l2", "penalty on the factors; of ratings, times √n of n ratings", in: .atLeast(0)),
    Parameter<Int?>("iterations", "at most so many", in: .atLeast(0)),
    Parameter<Double?>(
      "tolerance", "ends when the error (als) or the gradient (gd) is still; 0 never",
      in: .atLeast(0)),
    Parameter<Double?>("rate", "a fixed length of the steps of gd", in: .above(0)),
    Parameter<Int?>("seed", "the chance behind the start"),
    Parameter<Bool>(
      "implicit", "whether ratings count how often something was chosen, not how good it is",
      default: false),
    Parameter<Double?>(
      "alpha", "implicit: the confidence of a rating r is alpha r; 1", in: .above(0)),
    Parameter<Double?>(
      "unobserved", "implicit: the weight of what was not chosen; 1", in: .above(0)),
    Parameter<Double?>(
      "frequency", "implicit: l2 times (ratings + unobserved · others) to this power; 1",
      in: .atLeast(0)),
    Parameter<Bool?>("view", "whether to show the live view"),
    shapes: "value → model",
    math: """
      ratings: Σ (r − μ − b − c − p·q)² + l2 Σ √n (‖p‖² + ⅓ b²), each user and item by one ridge \
      regression with its bias (Zhou, Wilkinson, Schreiber & Pan 2008). Implicit ratings: \
      Σ alpha r (1 − p·q)² + unobserved Σ (p·q)² over all other pairs + Σ λ (‖p‖² + ‖q‖²) (Hu, Koren \
      & Volinsky 2008; λ as Rendle, Krichene, Zhang & Koren 2022). Whole matrices: \
      ½‖X − WH − b‖² or ½‖X − WHWᵀ − b‖², where H is the core and b the bias; gradient descent with \
      the lengths of Barzilai & Borwein 1988, halved until the loss falls
      """,
    seeAlso: ["ratings", "predict", "recommend", "ranking", "similar", "rmse", "nmf", "svd"],
    examples: [
      Example("m = mf([1, 2; 2, 4], 1, bias=false, seed=1); round(1000 * m.error)", prints: "0"),
      Example(
        "m = mf([1, 2, 3; 4, 5, 6; 7, 8, 9], 2, form=\"whw\", seed=7); m.error < 0.001",
        prints: "true"),
      Example(
        "m = mf(ratings([1, 1, 5; 1, 2, 3; 2, 1, 4]), 2, seed=1); 3 <= predict(m, 2, 2)",
        prints: "true"),
      Example(
        """
        plays = ratings([1, 1, 1; 1, 2, 1; 2, 1, 1; 2, 2, 1; 3, 1, 1; 4, 3, 1])
        recommend(mf(plays, 2, implicit=true, l2=0.01, seed=1), 3, 1).item
        """, prints: "2"),
    ],
    using: mfBody)

  private static let mfBody:
    @Sendable (
      Context, Value, Int?, String, String?, Bool, Double?, Int?, Double?, Double?, Int?, Bool,
      Double?, Double?, Double?, Bool?
    ) throws -> Value = {
      context, r, rank, form, method, bias, l2, iterations, tolerance, rate, seed, isImplicit,
      alpha, unobserved, frequency, view in
      let form = MFForm(rawValue: form) ?? .uv
      let implicit = try implicitOptions(isImplicit, method, alpha, unobserved, frequency)
      if let table = try RatingsTable.from(r) ?? RatingsTable(withGaps: r) {
        try refuse(form == .whw, "form=\"whw\" needs a whole square matrix", at: "form")
        try refuse(method == "gd", "ratings are factorized by als", at: "method")
        try refuse(rate != nil, "'rate' is for method=\"gd\"", at: "rate")
        var options = MFOptions(
          rank: rank ?? 32, l2: l2 ?? (isImplicit ? 0.02 : 1.3), iterations: iterations ?? 15,
          tolerance: tolerance ?? (isImplicit ? 1e-3 : 1e-2))
        options.bias = bias
        options.implicit = implicit
        try refuseNegative(table, implicit)
        options.seed = context.generator(seed: seed).seed
        return try RatingsModel.fit(table, options, loop: context.trainingLoop(view)).value
      }
      try refuse(
        isImplicit, "implicit=true needs ratings: who, what, how often", at: "implicit",
        help: "as in mf(ratings(T), 32, implicit=true)")
      guard let x = Matrix.from(r) else {
        throw Problem(
          .type, "'r' needs ratings or a matrix", at: "r", label: r.label,
          help: "a table of who, what, how good becomes ratings by ratings(…)")
      }
      guard let rank else {
        throw Problem(.value, "a whole matrix needs a rank", at: "rank", help: "as in mf(X, 2)")
      }
      try checkWhole(x, form, rank)
      let usesGradients = form == .whw || method == "gd"
      try refuse(
        form == .whw && method == "als", "form=\"whw\" is factorized by gd", at: "method")
      try refuse(rate != nil && !usesGradients, "'rate' is for method=\"gd\"", at: "rate")
      var options = MFOptions(
        rank: rank, l2: l2 ?? 0, iterations: iterations ?? (usesGradients ? 2000 : 200),
        tolerance: tolerance ?? (usesGradients ? 1e-8 : 1e-6))
      options.bias = bias
      options.rate = rate
      options.seed = context.generator(seed: seed).seed
      do {
        return try DenseModel(
          fitting: x, form, options, usesGradients: usesGradients,
          loop: context.trainingLoop(view)
        ).value
      } catch TrainingError.diverged(let step) {
        throw Problem(
          .computation, "the loss became infinite in step \(step)", at: "rate",
          label: "too long for this matrix",
          help: "leave 'rate' out: the length of every step is then found")
      }
    }

  private static func refuse(
    _ isWrong: Bool, _ message: String, at parameter: String, help: String? = nil
  ) throws {
    if isWrong { throw Problem(.value, message, at: parameter, help: help) }
  }

  /// The options of implicit ratings; those given without `implicit=true` are refused.
  private static func implicitOptions(
    _ isImplicit: Bool, _ method: String?, _ alpha: Double?, _ unobserved: Double?,
    _ frequency: Double?
  ) throws -> ImplicitOptions? {
    guard isImplicit else {
      let given = [("alpha", alpha), ("unobserved", unobserved), ("frequency", frequency)]
      for (name, value) in given {
        try refuse(value != nil, "'\(name)' is for implicit=true", at: name)
      }
      try refuse(method == "cg", "method=\"cg\" is for implicit=true", at: "method")
      return nil
    }
    var options = ImplicitOptions()
    options.alpha = alpha ?? options.alpha
    options.unobserved = unobserved ?? options.unobserved
    options.frequency = frequency ?? options.frequency
    options.isExact = method == "als"
    return options
  }

  /// A confidence is not negative.
  private static func refuseNegative(_ table: RatingsTable, _ implicit: ImplicitOptions?) throws {
    guard implicit != nil, let place = table.entries.values.firstIndex(where: { $0 < 0 }) else {
      return
    }
    throw Problem(
      .value, "implicit ratings say how often, and must be at least 0", at: "r",
      label: "\(NumberFormat.short(table.entries.values[place])) in row \(place + 1)")
  }

  private static func checkWhole(_ x: Matrix, _ form: MFForm, _ rank: Int) throws {
    guard !x.isEmpty else {
      throw Problem(
        .shape, "a matrix with at least one element is needed", at: "r", label: x.label)
    }
    if let place = x.firstNonFinite {
      throw Problem(
        .value, "every element must be a finite number", at: "r",
        label: "\(NumberFormat.short(x[place.row, place.column])) at "
          + "[\(place.row + 1), \(place.column + 1)]",
        help: "known entries of a matrix with gaps become a table for ratings(…)")
    }
    if form == .whw, x.rows != x.columns {
      throw Problem(.shape, "form=\"whw\" needs a square matrix", at: "r", label: x.label)
    }
    let most = min(x.rows, x.columns)
    guard rank <= most else {
      throw Problem(
        .value, "the rank is at most \(most), the smaller size of the matrix",
        mentioning: [
          Problem.Mention(parameter: "r", label: x.label),
          Problem.Mention(parameter: "rank", label: "rank \(rank)"),
        ])
    }
  }
}
