import Matrices
import Vocabulary

extension FactorizationLibrary {
  static let jointNMF = Builtin(
    "joint_nmf", in: .factorize,
    "Factorizes several non-negative matrices that share a factor: Xᵢ ≈ W Hᵢ.",
    Parameter<[Value]>("xs", "matrices with equally many rows, or columns for shared=\"H\""),
    Parameter<Int>("rank", "how many parts", in: .atLeast(1)),
    Parameter<String>(
      "shared", "the factor that all have in common", default: "W", choices: ["W", "H"]),
    Parameter<Bool>(
      "balance", "whether every matrix counts the same, whatever its size", default: true),
    Parameter<LossName>(
      "loss", "the distance that is made small", default: LossName(text: "frobenius"),
      choices: ["frobenius", "kl"]),
    Parameter<Int>("iterations", "at most so many", default: 200, in: .atLeast(0)),
    Parameter<Double>("tolerance", "as in nmf", default: 1e-4, in: .atLeast(0)),
    Parameter<Int?>("seed", "the chance behind the start"),
    Parameter<Bool?>("view", "whether to show the live view"),
    shapes: "list → record",
    math: """
      Σ cᵢ D(Xᵢ | W Hᵢ) over W, Hᵢ ≥ 0: one factorization of the matrices side by side, each scaled; \
      balanced, cᵢ = 1/‖Xᵢ‖² (frobenius) or 1/ΣXᵢ (kl)
      """,
    seeAlso: ["nmf", "deep_nmf"],
    examples: [
      Example(
        "W = rand(9, 2); j = joint_nmf({W * rand(2, 5), W * rand(2, 7)}, 2, seed=1); "
          + "all(j.errors < 0.01)",
        prints: "true"),
      Example("size(joint_nmf({ones(4, 3), ones(4, 5)}, 1).H[2])", prints: "1  5"),
    ],
    using: jointBody)

  private static let jointBody:
    @Sendable (
      Context, [Value], Int, String, Bool, LossName, Int, Double, Int?, Bool?
    ) throws -> Record = {
      context, xs, rank, shared, balance, loss, iterations, tolerance, seed, view in
      let sharesRows = shared == "W"
      let matrices = try joined(xs, sharesRows)
      var options = NMFOptions(rank: rank)
      options.loss = try NMFInput.loss(loss, beta: nil, delta: nil)
      (options.iterations, options.tolerance) = (iterations, tolerance)
      let scales = matrices.map { x -> Double in
        let size = options.loss.isSquared ? x.frobeniusNorm : x.total(.sum)
        return balance && size > 0 ? 1 / size : 1
      }
      let scaled = zip(matrices, scales).map { $0 * $1 }
      let whole = sharesRows ? Matrix.besides(scaled).rowMajor() : Matrix.above(scaled)
      try NMFInput.check(whole, at: "xs")
      if rank > min(whole.rows, whole.columns) { options.start = .random }
      try NMFInput.check(options, for: whole, weights: nil)
      options.seed = context.generator(seed: seed).seed
      let model = try NMFModel.fit(whole, options, loop: context.trainingLoop(view))
      // The own factors, cut out of the long one and scaled back.
      let long = sharesRows ? model.ht : model.w
      let common = sharesRows ? model.w : model.ht
      var (own, errors, place): ([Value], [Double], Int) = ([], [], 0)
      for (x, scale) in zip(matrices, scales) {
        let length = sharesRows ? x.columns : x.rows
        let factor = long.rows(in: place..<place + length) / scale
        place += length
        let pair =
          sharesRows ? NMFFactors(w: common, ht: factor) : NMFFactors(w: factor, ht: common)
        let norm = x.frobeniusNorm
        let rest = Observations(x, rank: rank).squaredResidual(
          NMFFactors(
            w: pair.w.converted(to: x.precision), ht: pair.ht.converted(to: x.precision)))
        errors.append(norm > 0 ? rest.squareRoot() / norm : 0)
        own.append(.matrix(sharesRows ? factor.transposed : factor))
      }
      return Record([
        ("W", sharesRows ? .matrix(common) : .list(own)),
        ("H", sharesRows ? .list(own) : .matrix(common.transposed)),
        ("errors", .matrix(Matrix(column: errors))),
        ("model", .object(model)),
      ])
    }

  /// The matrices of the list, which must fit beside or above each other.
  private static func joined(_ xs: [Value], _ sharesRows: Bool) throws -> [Matrix] {
    let matrices = xs.compactMap(Matrix.from)
    if let number = xs.firstIndex(where: { Matrix.from($0) == nil && AnyMatrix.from($0) != nil }) {
      throw Problem(
        .type, "joint_nmf does not take sparse matrices", at: "xs",
        label: "number \(number + 1) is sparse", help: "full(x) has all elements, the zeros too")
    }
    guard let first = matrices.first, matrices.count == xs.count else {
      throw Problem(
        .type, "a list of matrices is needed", at: "xs", label: "list of \(xs.count)",
        help: "as in joint_nmf({A, B}, 5)")
    }
    for (number, x) in matrices.enumerated() {
      let fits = sharesRows ? x.rows == first.rows : x.columns == first.columns
      if !fits {
        throw Problem(
          .shape,
          "matrices that share \(sharesRows ? "W need equally many rows" : "H need equally many columns")",
          at: "xs", label: "number 1 is \(first.shape), number \(number + 1) is \(x.shape)")
      }
      try NMFInput.check(x, at: "xs")
      try NMFInput.checkRange(AnyMatrix(x), at: "xs")
    }
    return matrices
  }
}
