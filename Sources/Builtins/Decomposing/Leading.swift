import Matrices
import Vocabulary

extension StandardLibrary {
  /// The directions in which a matrix is largest, a few of them or all.
  static let leading: [Builtin] = [singularValues, principalComponents]

  private static let singularValues = Builtin(
    "svd", in: .decompose,
    "Singular vectors and values: X = U diag(S) Vᵀ, with a rank only the largest.",
    Parameter<Matrix>("x", "a matrix"),
    Parameter<Int?>(positional: "rank", "how many singular values", in: .atLeast(1)),
    Parameter<String>(
      "method", "auto chooses by shape and rank", default: "auto",
      choices: SVDMethod.allCases.map(\.rawValue)),
    Parameter<Int?>(
      "powers", "rounds of randomized; left out: until the values have settled",
      in: .between(0, 1000)),
    shapes:
      "m×n, k → {U = m×k, S = k×1, V = n×k}; m×n → {U = m×k, S = k×1, V = n×k}, k = min(m, n)",
    math: "the largest element of every column of U is positive. " + methods,
    seeAlso: ["pca", "rank", "eig", "nmf"],
    examples: [
      Example("svd([3, 0; 0, 4]).S", prints: "4\n3"),
      Example("(U, S, V) = svd([1, 2; 2, 4], 1)\nU * diag(S) * V'", prints: "1  2\n2  4"),
      Example(
        "X = randn(300, 20) * randn(20, 200); a = svd(X, 20).S; b = svd(X, 20, method=\"full\").S; "
          + "max(abs(a - b)) < 1e-9 * a[1]",
        prints: "true"),
    ],
    using: { (_: Context, x: Matrix, rank: Int?, method: String, powers: Int?) in
      let method = try chosen(method, powers)
      let factors = try decompose(x) { x in
        guard let rank else {
          return method == .auto || method == .full
            ? try x.svd()
            : try x.svd(rank: min(x.rows, x.columns), method: method, powers: powers)
        }
        try atMost(min(x.rows, x.columns), rank, "rank", of: x)
        return try x.svd(rank: rank, method: method, powers: powers)
      }
      return Record([
        ("U", .matrix(factors.u)), ("S", .matrix(factors.s)), ("V", .matrix(factors.v)),
      ])
    })

  private static let principalComponents = Builtin(
    "pca", in: .decompose,
    "The directions in which the rows vary most: X ≈ codes · components + mean.",
    Parameter<Matrix>("x", "one sample a row"),
    Parameter<Int?>(positional: "k", "how many directions; all without it", in: .atLeast(1)),
    Parameter<String>(
      "method", "as in svd", default: "auto", choices: SVDMethod.allCases.map(\.rawValue)),
    Parameter<Int?>("powers", "as in svd", in: .between(0, 1000)),
    shapes:
      "m×n, k → pca model with codes m×k, components k×n, variance k×1, explained k×1, mean 1×n; m×n → pca model with mean 1×n",
    math: """
      singular vectors of the centered matrix: codes = U diag(S), components = Vᵀ, variance = \
      S² / (m − 1), explained = its share of the whole variance. transform(p, X) gives the codes of \
      further rows, predict(p, X) rebuilds them. Rows are centered a block at a time, so that no \
      centered copy is made
      """,
    seeAlso: ["svd", "transform", "predict", "cov", "nmf"],
    examples: [
      Example("pca([1, 2; 2, 4; 3, 6], 1).explained", prints: "1"),
      Example("pca([1, 0; 2, 0; 3, 0], 1).codes", prints: "-1\n 0\n 1"),
      Example(
        "p = pca([1, 2; 2, 4; 3, 6], 1); round(predict(p, [4, 8]))", prints: "4  8"),
    ],
    using: { (_: Context, x: Matrix, k: Int?, method: String, powers: Int?) in
      let method = try chosen(method, powers)
      try need(2, of: x, .rows, for: "pca")
      try need(1, of: x, .columns, for: "pca")
      let most = min(x.rows, x.columns)
      if let k { try atMost(most, k, "k", of: x) }
      return PCAModel(
        try decompose(x) {
          try $0.principalComponents(k ?? most, method: method, powers: powers)
        })
    })

  /// What the methods are, for the manual.
  private static let methods = """
    full: all values by LAPACK in 64 bits, then the largest. lanczos: block bidiagonalisation with \
    full reorthogonalisation and thick restarts (Golub, Luk & Overton 1981; Baglama & Reichel 2005), \
    until ‖Xᵀu − σv‖ ≤ 1e-12 σ₁ (f32: 1e-6) for every wanted pair; memory for 6 (k + 4) (m + n) \
    numbers beyond X. randomized: orthogonal iteration from a random subspace of k + max(10, k/2) \
    columns (Halko, Martinsson & Tropp 2011); powers=2 is quick and good where the values fall fast. \
    auto: full below four million elements when the smaller size is at most 128 or less than four \
    times the rank, else lanczos. The chance inside is fixed
    """

  private static func chosen(_ method: String, _ powers: Int?) throws -> SVDMethod {
    if powers != nil && method != "randomized" {
      throw Problem(
        .value, "'powers' is for method=\"randomized\"", at: "powers",
        label: "with method=\"\(method)\"")
    }
    return SVDMethod(rawValue: method) ?? .auto
  }

  /// Refuses more values than a matrix has.
  static func atMost(_ most: Int, _ given: Int, _ name: String, of x: Matrix) throws {
    if given > most {
      throw Problem(
        .value, "'\(name)' must be at most \(most), the smaller size of the \(x.label)", at: name,
        label: "the number \(given)")
    }
  }
}
