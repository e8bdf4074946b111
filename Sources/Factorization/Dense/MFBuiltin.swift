import Matrices
import Training
import Vocabulary

extension FactorizationLibrary {
  static let mf = Builtin(
    "mf", in: .factorize,
    "Factorizes a matrix, or ratings with missing entries, into thin factors of any sign.",
    Parameter<Value>("r", "ratings(…), or a whole matrix"),
    Parameter<Int?>(positional: "rank", "columns of W; left out: 32 for ratings", in: .atLeast(1)),
    Parameter<String>(
      "form", "uv: X ≈ W H + b; whw: X ≈ W H Wᵀ + b", default: "uv",
      choices: MFForm.allCases.map(\.rawValue)),
    Parameter<String?>(
      "method", "als: alternating least squares; gd: gradient descent, for whole matrices",
      choices: ["als", "gd"]),
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
    Parameter<Bool?>("view", "whether to show the live view"),
    shapes: "value → model",
    math: """
      ratings: Σ (r − μ − b − c − p·q)² + l2 Σ √n (‖p‖² + ⅓ b²), each user and item by one ridge \
      regression with its bias (Zhou, Wilkinson, Schreiber & Pan 2008). Whole matrices: \
      ½‖X − WH − b‖² or ½‖X − WHWᵀ − b‖², where H is the core and b the bias; gradient descent with \
      the lengths of Barzilai & Borwein 1988, halved until the loss falls
      """,
    seeAlso: ["ratings", "predict", "recommend", "similar", "rmse", "nmf", "svd"],
    examples: [
      Example("m = mf([1, 2; 2, 4], 1, bias=false, seed=1); round(1000 * m.error)", prints: "0"),
      Example(
        "m = mf([1, 2, 3; 4, 5, 6; 7, 8, 9], 2, form=\"whw\", seed=7); m.error < 0.001",
        prints: "true"),
      Example(
        "m = mf(ratings([1, 1, 5; 1, 2, 3; 2, 1, 4]), 2, seed=1); 3 <= predict(m, 2, 2)",
        prints: "true"),
    ],
    using: mfBody)

  private static let mfBody:
    @Sendable (
      Context, Value, Int?, String, String?, Bool, Double?, Int?, Double?, Double?, Int?, Bool?
    ) throws -> Value = {
      context, r, rank, form, method, bias, l2, iterations, tolerance, rate, seed, view in
      let form = MFForm(rawValue: form) ?? .uv
      if let table = RatingsTable.from(r) {
        try refuse(form == .whw, "form=\"whw\" needs a whole square matrix", at: "form")
        try refuse(method == "gd", "ratings are factorized by als", at: "method")
        try refuse(rate != nil, "'rate' is for method=\"gd\"", at: "rate")
        var options = MFOptions(
          rank: rank ?? 32, l2: l2 ?? 1.3, iterations: iterations ?? 15,
          tolerance: tolerance ?? 1e-4)
        options.bias = bias
        options.seed = context.generator(seed: seed).seed
        return try RatingsModel.fit(table, options, loop: context.trainingLoop(view)).value
      }
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

  private static func refuse(_ isWrong: Bool, _ message: String, at parameter: String) throws {
    if isWrong { throw Problem(.value, message, at: parameter) }
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
