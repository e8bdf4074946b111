import Matrices
import Vocabulary

extension FactorizationLibrary {
  static let nmf = Builtin(
    "nmf", in: .factorize, "Writes a non-negative matrix as a product of two thin ones: X ≈ W H.",
    Parameter<Matrix>("x", "m×n, every element at least 0; a sample a row"),
    Parameter<Int>("rank", "how many parts: columns of W, rows of H", in: .atLeast(1)),
    Parameter<String>(
      "loss", "the distance that is made small", default: "frobenius",
      choices: NMFLoss.allCases.map(\.rawValue)),
    Parameter<String>(
      "solver", "auto: extrapolated HALS for frobenius, mu for kl", default: "auto",
      choices: NMFSolver.allCases.map(\.rawValue)),
    Parameter<String>(
      "init", "where W and H start; from singular vectors, or random", default: "nndsvda",
      choices: NMFStart.allCases.map(\.rawValue)),
    Parameter<Int>("iterations", "at most so many", default: 200, in: .atLeast(0)),
    Parameter<Double>(
      "tolerance", "ends when no part wants to change by more than this, twice; 0 never",
      default: 1e-4, in: .atLeast(0)),
    Parameter<Double>(
      "l1", "adds l1 (ΣW + ΣH) to the loss: more zeros", default: 0, in: .atLeast(0)),
    Parameter<Double>("l2", "adds ½ l2 (‖W‖² + ‖H‖²) to the loss", default: 0, in: .atLeast(0)),
    Parameter<Int?>("seed", "the chance behind the start"),
    Parameter<Bool?>("view", "whether to show the live view"),
    Parameter<[Value]?>("tile", "height and width of a row of H as a picture: {28, 28}"),
    shapes: "m×n, k → nmf model with W m×k, H k×n",
    math: """
      minimises ½‖X − WH‖² (frobenius) or Σ x log(x/ŷ) − x + ŷ (kl) over W, H ≥ 0. X only has to be \
      non-negative, not positive definite; singular vectors are the start, not the method. \
      Coordinate descent: Cichocki & Phan 2009, Gillis & Glineur 2012, extrapolated as in Ang & \
      Gillis 2019; multiplicative updates: Lee & Seung 2001; start: Boutsidis & Gallopoulos 2008
      """,
    seeAlso: ["transform", "top", "error", "predict", "svd", "pca", "mf"],
    examples: [
      Example("m = nmf([1, 2; 2, 4; 3, 6], 1); size(m.W)", prints: "3  1"),
      Example("m = nmf([2, 0, 1; 0, 3, 0], 2); all(m.W >= 0)", prints: "true"),
    ],
    using: nmfBody)

  private static let nmfBody:
    @Sendable (
      Context, Matrix, Int, String, String, String, Int, Double, Double, Double, Int?, Bool?,
      [Value]?
    ) throws -> NMFModel = {
      context, x, rank, loss, solver, start, iterations, tolerance, l1, l2, seed, view, tile in
      try NMFInput.check(x, at: "x")
      var options = NMFOptions(rank: rank)
      options.loss = NMFLoss(rawValue: loss) ?? options.loss
      options.solver = NMFSolver(rawValue: solver) ?? options.solver
      options.start = NMFStart(rawValue: start) ?? options.start
      options.iterations = iterations
      options.tolerance = tolerance
      options.l1 = l1
      options.l2 = l2
      options.tile = try NMFInput.tile(tile, columns: x.columns)
      try NMFInput.check(options, for: x)
      options.seed = context.generator(seed: seed).seed
      return try NMFModel.fit(x, options, loop: context.trainingLoop(view))
    }
}
