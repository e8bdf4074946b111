import Matrices
import Training
import Vocabulary

extension FactorizationLibrary {
  static let mf = Builtin(
    "mf", in: .factorize,
    "Factorizes a matrix, or ratings with missing entries, into thin factors of any sign.",
    Parameter<Value>(
      "r",
      "ratings(…), a whole matrix, one with NaN where nothing is known, or a sparse one, of which what "
        + "is stored is known; whw: a square matrix, with all elements of a sparse one"),
    Parameter<Int?>(
      positional: "rank", "columns of W; left out: 32 for ratings, of which 0 are biases alone",
      in: .atLeast(0)),
    Parameter<String>(
      "form", "uv: X ≈ W H + b; whw: X ≈ W H Wᵀ + b", default: "uv",
      choices: MFForm.allCases.map(\.rawValue)),
    Parameter<String?>(
      "method",
      "ratings: cg, alternating least squares by conjugate gradients, usual; als, the same solved "
        + "exactly; ccd, coordinate descent; sgd, stochastic gradient descent; dpals, private. Implicit: cg, als, als++, "
        + "als by blocks of coordinates, bpr, pairwise ranking. uv: als, gd, gradient descent, adam; "
        + "whw: gd, als, H exactly and W by gd, adam, mu, multiplicative updates",
      choices: RatingsMethod.names + ["gd", "adam", "mu"]),
    Parameter<BiasChoice>(
      "bias",
      "whether to add one of each user and item, or one number b; of whw also lines: b + r1ᵀ + 1cᵀ, "
        + "symmetric: b + r1ᵀ + 1rᵀ", default: .usual),
    Parameter<Double?>(
      "l2", "penalty on the factors; of ratings, times n^frequency of n ratings", in: .atLeast(0)),
    Parameter<Int?>("iterations", "at most so many", in: .atLeast(0)),
    Parameter<Double?>(
      "tolerance", "ends when the error (als) or the gradient (gd) is still; 0 never",
      in: .atLeast(0)),
    Parameter<Double?>(
      "rate",
      "the length of the steps: of the first ones of sgd, 0.1; of bpr, 0.05, adam and gd",
      in: .above(0)),
    Parameter<Int?>("seed", "the chance behind the start"),
    Parameter<Bool>(
      "implicit", "whether ratings count how often something was chosen, not how good it is",
      default: false),
    Parameter<Double?>(
      "alpha", "implicit: the confidence of a rating r is alpha r; 1", in: .above(0)),
    Parameter<Double?>(
      "unobserved", "implicit: the weight of what was not chosen; 1", in: .above(0)),
    Parameter<Double?>(
      "frequency",
      "ratings: l2 times their number to this power; ½. implicit: (ratings + unobserved · all of the "
        + "other side) to this power; 1", in: .atLeast(0)),
    Parameter<Bool>("nonnegative", "whether factors must not be below 0", default: false),
    Parameter<Bool>("symmetric", "whw: whether H is symmetric", default: false),
    Parameter<Bool>(
      "feedback", "ratings, als: whether what a user has rated is part of the user (SVD++)",
      default: false),
    Parameter<Int?>(
      "block", "als++: how many coordinates are solved for together; 32", in: .atLeast(1)),
    Parameter<PrivacyValue?>(
      "private",
      "ratings: dp(…) protects every user with all ratings; clip bounds the user's part in a step"),
    Parameter<Matrix?>(
      "range",
      "ratings: the least and the largest that predictions may be; left out: those of the ratings, or "
        + "none where these are private"),
    Parameter<Matrix?>(
      "weights", "whw: how much every element counts, 0 for not at all, as where it is NaN"),
    Parameter<Bool?>("view", "whether to show the live view"),
    shapes: "value → model",
    math: """
      ratings: Σ (r − μ − b − c − p·q)² + l2 Σ n^ν (‖p‖² + ⅓ b²), each user and item by one ridge \
      regression with its bias (Zhou, Wilkinson, Schreiber & Pan 2008; ccd: CCD++, Yu, Hsieh, Si & \
      Dhillon 2012; sgd: one step length a vector, Chin, Zhuang, Juan & Lin 2015, in blocks of a Latin \
      square); feedback: p + n^−½ Σ y in place of p, and l2 Σ n^ν ‖y‖² (Koren 2008). Implicit ratings: \
      Σ alpha r (1 − p·q)² + unobserved Σ (p·q)² over all other pairs + Σ λ (‖p‖² + ‖q‖²) (Hu, Koren \
      & Volinsky 2008; λ as Rendle, Krichene, Zhang & Koren 2022; als++: the same 2021); bpr: \
      −Σ ln σ(p·q + c − p·q′ − c′) (Rendle, Freudenthaler, Gantner & Schmidt-Thieme 2009). private: \
      items by (Σ w f fᵀ + N)⁻¹ (Σ w t f + N) with f = [p, 1], where w bounds the norm of all that a user \
      adds by clip, and N is normal noise; users from the items (after Chien et al. 2021). Whole \
      matrices: ½‖X − WH − b‖² or ½‖X − WHWᵀ − b‖², where H is the core and b the bias; WHWᵀ is never \
      formed; gradient descent with the lengths of Barzilai & Borwein 1988, halved until the loss \
      falls; adam: Kingma & Ba 2015; mu: W ∘ [(XWHᵀ + XᵀWH) / W(HGHᵀ + HᵀGH)]^¼, H ∘ (WᵀXW) / (GHG) \
      with G = WᵀW (Wang, Li, Wang, Zhu & Ding 2011)
      """,
    seeAlso: [
      "ratings", "predict", "recommend", "explain", "fold_in", "ranking", "similar", "rmse", "dp",
      "publish", "nmf", "svd",
    ],
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
      Context, Value, Int?, String, String?, BiasChoice, Double?, Int?, Double?, Double?, Int?,
      Bool, Double?, Double?, Double?, Bool, Bool, Bool, Int?, PrivacyValue?, Matrix?, Matrix?,
      Bool?
    ) throws -> Value = {
      context, r, rank, form, method, bias, l2, iterations, tolerance, rate, seed, isImplicit,
      alpha, unobserved, frequency, isNonnegative, isSymmetric, hasFeedback, block, privacy, range,
      weights, view in
      let request = MFRequest(
        rank: rank, form: MFForm(rawValue: form) ?? .uv, method: method, bias: bias, l2: l2,
        iterations: iterations, tolerance: tolerance, rate: rate,
        seed: context.generator(seed: seed).seed, isImplicit: isImplicit, alpha: alpha,
        unobserved: unobserved, frequency: frequency, isNonnegative: isNonnegative,
        isSymmetric: isSymmetric, hasFeedback: hasFeedback, block: block,
        privacy: privacy?.settings, range: range, weights: weights)
      let loop = context.trainingLoop(view)
      if let table = RatingsTable.from(r) { return try request.factorize(table, loop).value }
      if request.form == .uv, let table = try RatingsTable(withGaps: r) {
        return try request.factorize(table, loop).value
      }
      return try request.factorize(whole: r, loop).value
    }
}
