import Matrices
import Vocabulary

extension FactorizationLibrary {
  static let nmf = Builtin(
    "nmf", in: .factorize, "Writes a non-negative matrix as a product of two thin ones: X ≈ W H.",
    Parameter<WideMatrix>(
      "x", "m×n, sparse or not, every element at least 0; a sample a row. Or the stream of a file"),
    Parameter<Int>("rank", "how many parts: columns of W, rows of H", in: .atLeast(1)),
    Parameter<LossName>(
      "loss", "the distance that is made small; a number is the β of a divergence",
      default: LossName(text: "frobenius"), choices: NMFLoss.names),
    Parameter<Double?>("beta", "the β of loss=\"beta\": 2 is frobenius, 1 kl, 0 itakura-saito"),
    Parameter<Double?>(
      "delta", "where huber turns from squares to sizes; left out: half the deviation of X",
      in: .above(0)),
    Parameter<String>(
      "solver", "auto chooses by shape, density and loss, and says why in the summary",
      default: "auto", choices: NMFSolver.allCases.map(\.rawValue)),
    Parameter<StartArgument>(
      "init",
      "a name, factors {W = …, H = …}, or an earlier model, of these rows or of others",
      default: .named("nndsvda"), choices: NMFStart.names),
    Parameter<Int>("iterations", "at most so many", default: 200, in: .atLeast(0)),
    Parameter<Double>(
      "tolerance", "ends when no part wants to change by more than this, twice; 0 never",
      default: 1e-4, in: .atLeast(0)),
    Parameter<FactorAmounts>(
      "l1", "adds l1 (ΣW + ΣH): more zeros; {W = 0.1} for W alone", default: FactorAmounts()),
    Parameter<FactorAmounts>(
      "l2", "adds ½ l2 (‖W‖² + ‖H‖²); {H = 0.1} for H alone", default: FactorAmounts()),
    Parameter<FactorAmounts>(
      "orthogonal", "adds ½ λ Σ wᵣ·wₛ over pairs of parts, and of H: they overlap less",
      default: FactorAmounts()),
    Parameter<FactorBounds?>("box", "bounds of the elements of W and H: {0, 1}, {W = {0, 1}}"),
    Parameter<String?>(
      "simplex", "whose rows sum to 1: those of W are mixtures, those of H distributions",
      choices: ["W", "H"]),
    Parameter<AnyMatrix?>(
      "weights",
      "m×n, how much every element counts; 0 or false: it is missing; a sparse one knows what it stores"
    ),
    Parameter<String>(
      "missing", "nan: elements that are NaN, stored ones of a sparse X, are left out",
      default: "none",
      choices: ["none", "nan"]),
    Parameter<String>(
      "form",
      "semi: H of any sign; symmetric: X ≈ W W'; archetypal: parts are mixtures of rows",
      default: "standard", choices: NMFForm.allCases.map(\.rawValue)),
    Parameter<Int>(
      "restarts", "so many runs in parallel, the best is kept; all but the first start at random",
      default: 1, in: .between(1, 10_000)),
    Parameter<Int?>(
      "batch", "online: H moves after every so many rows, instead of after all", in: .atLeast(1)),
    Parameter<Double>(
      "forget", "with batch: what is left of the weight of earlier rows after a pass; 1: all",
      default: 0.7, in: .between(0.01, 1)),
    Parameter<Int?>("seed", "the chance behind the start"),
    Parameter<Bool?>("view", "whether to show the live view"),
    Parameter<[Value]?>("tile", "height and width of a row of H as a picture: {28, 28}"),
    shapes: "m×n, k → nmf model with W m×k, H k×n",
    math: """
      minimises over W, H ≥ 0, summed over the elements of X and ŷ = WH: ½(x − ŷ)² (frobenius), \
      x log(x/ŷ) − x + ŷ (kl), x/ŷ − log(x/ŷ) − 1 (itakura-saito), any β-divergence, or ½r² up to \
      δ and δ|r| − ½δ² beyond (huber). Penalties are added as they stand, not divided by the size \
      of X: scikit-learn's alpha_W = a with l1_ratio = 1 is l1={W = a·n}, its alpha_H = a is \
      l1={H = a·m}. X only has to be non-negative, not positive definite; singular vectors are a \
      start, not the method. Numbers of any size are welcome: inside, X is divided by a power of two. \
      A run that converged ends with the best W for its H, which transform finds again, under every \
      loss (β below 1 or above 2 is not convex in a row: the best of a few starts counts); error is \
      ‖X − WH‖/‖X‖, explained the part of the variance around column means, kkt the largest relative \
      change that a component still wants. extrapolated: coordinate descent (Cichocki & Phan 2009; Gillis & \
      Glineur 2012) with extrapolation (Ang & Gillis 2019), not monotone inside but the best is \
      kept; hals: the same without; bpp: exact alternating least squares (Kim & Park 2011); gcd: \
      greedy coordinates (Hsieh & Dhillon 2011); mu: multiplicative updates (Lee & Seung 2001; \
      Févotte & Idier 2011); newton: for kl (Hsieh & Dhillon 2011; Hien & Gillis 2021); randomized: \
      on a sketch, then on X (Erichson et al. 2018); spa: rows of X as parts (Gillis & Vavasis \
      2014). Losses but frobenius and kl look at all elements of a sparse X, in blocks of rows of some \
      megabytes. Starts: nndsvd, its zeros filled by the mean (nndsvda) or by chance (nndsvdar) \
      (Boutsidis & Gallopoulos 2008), spa, kmeans++ (Arthur & Vassilvitskii 2007), random. A stream is \
      read once an iteration, with memory for about 4 k (m + n) numbers and 64 MiB, under every loss (those \
      but frobenius by multiplications, kl of few elements by Newton's step); \
      batch: online learning (Mairal et al. 2010). An earlier model goes on with new rows: \
      init=m, batch=256 counts its rows as it rebuilds them; without batch its H is the start
      """,
    seeAlso: [
      "transform", "top", "error", "predict", "rank_scan", "consensus", "deep_nmf", "joint_nmf",
      "svd", "mf",
    ],
    examples: [
      Example("m = nmf([1, 2; 2, 4; 3, 6], 1); size(m.W)", prints: "3  1"),
      Example("m = nmf([2, 0, 1; 0, 3, 0], 2); all(m.W >= 0)", prints: "true"),
      Example(
        "m = nmf([1, 2; 2, nan; 3, 6], 1, missing=\"nan\"); round(100 * predict(m)[2, 2])",
        prints: "400"),
      Example(
        "m = nmf([1, 2; 2, 4; 3, 6], 1, loss=\"kl\"); round(1000 * m.error)", prints: "0"),
      Example(
        "m = nmf([1, 2; 2, 4], 1, init={W = [1; 1], H = [1, 1]}, solver=\"mu\"); m.init",
        prints: "\"given\""),
      Example(
        "m = nmf([1, 2; 2, 4], 1); more = nmf([3, 6; 5, 10], 1, init=m, batch=1); size(more.W)",
        prints: "2  1"),
      Example(
        "m = nmf([1, -2; 2, -4], 1, form=\"semi\"); round(1000 * m.error)", prints: "0"),
    ],
    using: nmfBody)

  private static let nmfBody:
    @Sendable (
      Context, WideMatrix, Int, LossName, Double?, Double?, String, StartArgument, Int, Double,
      FactorAmounts, FactorAmounts, FactorAmounts, FactorBounds?, String?, AnyMatrix?, String,
      String, Int, Int?, Double, Int?, Bool?, [Value]?
    ) throws -> NMFModel = {
      context, wide, rank, loss, beta, delta, solver, start, iterations, tolerance, l1, l2,
      orthogonal, box, simplex, weights, missing, form, restarts, batch, forget, seed, view, tile in
      let form = NMFForm(rawValue: form) ?? .standard
      let anySign = form == .semi || form == .archetypal
      var options = NMFOptions(rank: rank)
      options.form = form
      options.loss = try NMFInput.loss(loss, beta: beta, delta: delta)
      options.solver = NMFSolver(rawValue: solver) ?? options.solver
      options.iterations = iterations
      options.tolerance = tolerance
      options.terms = NMFInput.terms(l1, l2, orthogonal, box)
      if form == .semi { options.terms.h.lowest = -.infinity }
      options.terms.w.rowsSumToOne = simplex == "W"
      options.partsSumToOne = simplex == "H"
      options.restarts = restarts
      options.tile = try NMFInput.tile(tile, columns: wide.shape.columns)
      var given: NMFFactors?
      (options.start, given) = try start.start(for: wide.shape, rank: rank, anySign)
      if anySign && options.start.needsSingularVectors { options.start = .kmeans }
      let isWeighted = weights != nil || missing == "nan"
      var streaming = StreamingOptions(batch: batch, forget: forget)
      if case .model(let model) = start, batch != nil {
        streaming.prior = NMFFactors(w: model.w, ht: model.ht)
      }
      switch wide {
      case .stream(let rows):
        try NMFInput.checkStreaming(options, isWeighted, rows.shape, "a stream")
        try NMFInput.check(options, for: rows.shape, label: rows.label)
        options.seed = context.generator(seed: seed).seed
        return try NMFModel.streamed(
          rows, options, streaming, start: given, loop: context.trainingLoop(view))
      case .matrix(let x) where batch != nil:
        guard let x = x.dense else {
          throw Problem(
            .value, "'batch' is for matrices with all their elements, and for streams", at: "batch",
            label: "with a \(x.label)", help: "without batch only what is stored costs anything")
        }
        try NMFInput.checkStreaming(options, isWeighted, x.shape, "'batch'")
        try NMFInput.check(options, for: x.shape, label: x.label)
        options.seed = context.generator(seed: seed).seed
        return try NMFModel.streamed(
          x, options, streaming, start: given, loop: context.trainingLoop(view))
      case .matrix(let x):
        let weights = try NMFInput.weights(weights, x, skipsNaN: missing == "nan")
        try NMFInput.check(
          x, at: "x", weights: weights, anySign: anySign, skipsNaN: missing == "nan",
          offers: [.missing, .semi])
        try NMFInput.check(options, for: x, weights: weights)
        if case .model(let model) = start, model.w.rows != x.rows {
          given?.w = model.codes(of: x, weights: weights)
        }
        options.seed = context.generator(seed: seed).seed
        return try NMFModel.fit(
          x, options, loop: context.trainingLoop(view), start: given, weights: weights)
      }
    }
}

extension NMFInput {
  /// The loss that the three arguments mean together.
  static func loss(_ name: LossName, beta: Double?, delta: Double?) throws -> NMFLoss {
    if delta != nil && name.text != "huber" {
      throw Problem(.value, "'delta' is for loss=\"huber\"", at: "delta")
    }
    if beta != nil && (name.text != "beta" || name.beta != nil) {
      throw Problem(
        .value, "'beta' is for loss=\"beta\"", at: "beta", help: "loss=0.5 is short for both")
    }
    switch name.text {
    case "kl": return .kl
    case "itakura-saito": return .beta(0)
    case "huber": return .huber(delta)
    case "beta":
      guard let beta = name.beta ?? beta, beta.isFinite, abs(beta) <= 8 else {
        throw Problem(
          .value, "loss=\"beta\" needs a β between -8 and 8", at: "loss",
          help: "as in loss=\"beta\", beta=0.5, or short: loss=0.5")
      }
      return .divergence(beta)
    default: return .frobenius
    }
  }

  /// The penalties and limits of both factors.
  static func terms(
    _ l1: FactorAmounts, _ l2: FactorAmounts, _ orthogonal: FactorAmounts, _ box: FactorBounds?
  ) -> PerFactor<FactorTerms> {
    var terms = PerFactor(FactorTerms())
    (terms.w.l1, terms.h.l1) = (l1.w, l1.h)
    (terms.w.l2, terms.h.l2) = (l2.w, l2.h)
    (terms.w.orthogonality, terms.h.orthogonality) = (orthogonal.w, orthogonal.h)
    if let w = box?.w { (terms.w.lowest, terms.w.highest) = (w.lowerBound, w.upperBound) }
    if let h = box?.h { (terms.h.lowest, terms.h.highest) = (h.lowerBound, h.upperBound) }
    return terms
  }
}
