import Matrices
import Vocabulary

extension StandardLibrary {
  /// The directions in which a matrix is largest, a few of them or all.
  static let leading: [Builtin] = [singularValues, principalComponents]

  private static let singularValues = Builtin(
    "svd", in: .decompose,
    "Singular vectors and values: X = U diag(S) Vᵀ, with a rank only the largest.",
    Parameter<WideMatrix>("x", "a matrix, sparse or not, or the stream of a file"),
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
    using: { (_: Context, x: WideMatrix, rank: Int?, method: String, powers: Int?) in
      let method = try chosen(method, powers, x)
      try check(rank, "rank", of: x, example: "svd(x, 10)")
      let factors = try found(x) {
        switch x {
        case .matrix(.dense(let x)) where rank == nil && (method == .auto || method == .full):
          return try x.svd()
        case .matrix(.dense(let x)):
          return try x.svd(rank: rank ?? least(x.shape), method: method, powers: powers)
        case .matrix(.sparse(let x)):
          return try x.svd(rank: rank ?? least(x.shape), method: method, powers: powers)
        case .stream(let rows):
          return try ShiftedRows.leadingSVD(
            of: rows, rank: rank ?? least(rows.shape), method: method, powers: powers,
            isReadInOnePass: true)
        }
      }
      guard factors.s.firstNonFinite == nil else { throw beyondRange("singular values", x) }
      return Record([
        ("U", .matrix(factors.u)), ("S", .matrix(factors.s)), ("V", .matrix(factors.v)),
      ])
    })

  private static let principalComponents = Builtin(
    "pca", in: .decompose,
    "The directions in which the rows vary most: X ≈ codes · components + mean.",
    Parameter<WideMatrix>(
      "x", "one sample a row; a matrix, sparse or not, or the stream of a file"),
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
    using: { (_: Context, x: WideMatrix, k: Int?, method: String, powers: Int?) in
      let method = try chosen(method, powers, x)
      guard x.shape.rows > 1, x.shape.columns > 0 else {
        throw Problem(
          .value, "pca needs two rows and a column at least", at: "x", label: x.label)
      }
      try check(k, "k", of: x, example: "pca(x, 10)")
      let count = k ?? least(x.shape)
      let parts = try found(x) {
        switch x {
        case .matrix(.dense(let x)):
          try x.principalComponents(count, method: method, powers: powers)
        case .matrix(.sparse(let x)):
          try x.principalComponents(count, method: method, powers: powers)
        case .stream(let rows):
          try ShiftedRows.principalComponents(
            of: rows, count, method: method, powers: powers, isReadInOnePass: true)
        }
      }
      let isLost = parts.variance.total(.maximum) == 0 && parts.codes.total(.count) > 0
      guard !isLost, parts.variance.firstNonFinite == nil, parts.explained.firstNonFinite == nil
      else { throw beyondRange("variances", x) }
      return PCAModel(parts)
    })

  private static func least(_ shape: Shape) -> Int { min(shape.rows, shape.columns) }

  /// Runs a decomposition; what goes wrong is told as a problem with `x`.
  private static func found<R>(_ x: WideMatrix, _ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as DecompositionError {
      switch (x, error) {
      case (.matrix(let matrix), .notFinite(let row, let column))
      where matrix[row, column].isFinite:
        throw beyondRange("singular values", x)
      case (.matrix(.dense(let matrix)), _): throw Problem(error, at: "x", of: matrix)
      case (_, .notFinite(let row, let column)):
        throw Problem(
          .value, "every element must be a finite number", at: "x",
          label: "[\(row + 1), \(column + 1)] is not")
      case (_, _):
        throw Problem(
          .computation, "the decomposition has not converged", at: "x", label: x.label)
      }
    }
  }

  /// A matrix that is finite, whose length or its square is not, or is lost.
  private static func beyondRange(_ what: String, _ x: WideMatrix) -> Problem {
    Problem(
      .computation, "the \(what) leave the range of the arithmetic", at: "x", label: x.label,
      help: "scale the matrix, so that its elements are nearer to 1")
  }

  /// What the methods are, for the manual.
  private static let methods = """
    full: all values by LAPACK in 64 bits, then the largest. lanczos: block bidiagonalisation with \
    full reorthogonalisation and thick restarts (Golub, Luk & Overton 1981; Baglama & Reichel 2005), \
    until ‖Xᵀu − σv‖ ≤ 1e-12 σ₁ (f32: 1e-6) for every wanted pair; memory for about 8 (k + 4) (m + n) \
    numbers beyond X. randomized: orthogonal iteration from a random subspace of k + max(10, k/2) \
    columns (Halko, Martinsson & Tropp 2011); powers=2 is quick and good where the values fall fast. \
    auto: full below four million elements when the smaller size is at most 128; the eigenvectors of \
    XᵀX or XXᵀ, whichever is smaller, where that size is at most 256 or little beside the rank, or \
    lanczos takes longer, if what they give meets its bound; else full or lanczos; lanczos \
    for a sparse matrix, from products that skip \
    its zeros (pca takes the mean off these products); randomized for a stream, whose file is then read once a round, with \
    memory for about 12 k (m + n) numbers and 64 MiB. The chance inside is fixed
    """

  private static func chosen(_ method: String, _ powers: Int?, _ x: WideMatrix) throws
    -> SVDMethod
  {
    if powers != nil && method != "randomized" {
      throw Problem(
        .value, "'powers' is for method=\"randomized\"", at: "powers",
        label: "with method=\"\(method)\"")
    }
    let isFull = if case .matrix(.dense) = x { true } else { false }
    if method == "full" && !isFull {
      throw Problem(
        .value, "method=\"full\" needs a matrix with all its elements", at: "method",
        label: x.label,
        help: "method=\"lanczos\" is as exact")
    }
    return SVDMethod(rawValue: method) ?? .auto
  }

  /// Refuses more values than a matrix has, and all of a sparse one.
  private static func check(_ given: Int?, _ name: String, of x: WideMatrix, example: String) throws
  {
    if let given { try atMost(least(x.shape), given, name, of: x.label) }
    if given == nil, case .matrix(.sparse) = x {
      throw Problem(
        .value, "of a sparse matrix only the largest are found: how many", at: "x", label: x.label,
        help: "as in \(example)")
    }
  }

  /// Refuses more values than a matrix has.
  static func atMost(_ most: Int, _ given: Int, _ name: String, of x: Matrix) throws {
    try atMost(most, given, name, of: x.label)
  }

  private static func atMost(_ most: Int, _ given: Int, _ name: String, of label: String) throws {
    if given > most {
      throw Problem(
        .value, "'\(name)' must be at most \(most), the smaller size of the \(label)", at: name,
        label: "the number \(given)")
    }
  }
}
