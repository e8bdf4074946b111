import Matrices
import Vocabulary

extension StandardLibrary {
  /// Systems of equations and decompositions. Several results come as a record in a fixed order, so
  /// that `(U, S, V) = svd(X)` takes them apart.
  static let decomposing: [Builtin] = equations + factors + spectra + leading

  /// Runs a decomposition of `x`; what goes wrong is told as a problem with parameter `name`.
  static func decompose<R>(_ x: Matrix, _ name: String = "x", _ body: (Matrix) throws -> R) throws
    -> R
  {
    do { return try body(x) } catch let error as DecompositionError {
      throw Problem(error, at: name, of: x)
    }
  }

  /// The same for a matrix that must be square.
  static func decomposeSquare<R>(_ x: Matrix, _ body: (Matrix) throws -> R) throws -> R {
    guard x.shape.isSquare else { throw ShapeError.square(x.shape) }
    return try decompose(x, "x", body)
  }

  private static let equations: [Builtin] = [
    Builtin(
      "solve", in: .decompose,
      "The solution of A x = b, as A \\ b: exact of a square matrix, else of least squares.",
      Parameter<Matrix>("A", "the matrix of the system"),
      Parameter<Matrix>("b", "right-hand sides, one a column"),
      shapes: "m×n, m×k → n×k",
      math:
        "substitution for a triangular, Cholesky for a positive definite, LU with pivoting for another square matrix",
      seeAlso: ["lstsq", "inv", "lu"],
      examples: [
        Example("solve([2, 0; 0, 4], [2; 8])", prints: "1\n2"),
        Example("[2, 1; 1, 3] \\ [3; 5]", prints: "0.8\n1.4"),
      ]
    ) { a, b in
      try solution(a, b, Matrix.solve)
    },
    Builtin(
      "lstsq", in: .decompose, "The x of smallest norm that makes ‖A x − b‖ smallest.",
      Parameter<Matrix>("A", "the matrix of the system"),
      Parameter<Matrix>("b", "right-hand sides, one a column"),
      shapes: "m×n, m×k → n×k", math: "QR with column pivoting",
      seeAlso: ["solve", "pinv", "nnls"],
      examples: [Example("lstsq([1, 0; 1, 1; 1, 2], [1; 3; 5])", prints: "1\n2")]
    ) { a, b in
      try solution(a, b, Matrix.leastSquares)
    },
    Builtin(
      "nnls", in: .decompose, "The x ≥ 0 that makes ‖A x − b‖ smallest.",
      Parameter<Matrix>("A", "the matrix of the system"),
      Parameter<Matrix>("b", "right-hand sides, one a column"),
      shapes: "m×n, m×k → n×k",
      math: "block principal pivoting (Kim & Park 2011), QR for the entries above 0",
      seeAlso: ["lstsq", "nmf"],
      examples: [
        Example("nnls([1, 0; 1, 1; 1, 2], [3; 1; -1])", prints: "1\n0"),
        Example("nnls([1, 0; 0, 2], [3; 4])", prints: "3\n2"),
      ]
    ) { a, b in
      try solution(a, b, Matrix.nonnegativeLeastSquares)
    },
    Builtin(
      "inv", in: .decompose, "The inverse of a square matrix.",
      Parameter<Matrix>("x", "a square matrix"),
      shapes: "n×n → n×n", math: "LU with pivoting; A \\ b solves faster and more exactly",
      seeAlso: ["solve", "pinv", "det"],
      examples: [Example("inv([2, 0; 0, 4])", prints: "0.50     0\n   0  0.25")]
    ) { x in try decomposeSquare(x) { try $0.inverse() } },
    Builtin(
      "pinv", in: .decompose, "The pseudoinverse of Moore and Penrose.",
      Parameter<Matrix>("x", "a matrix"),
      shapes: "m×n → n×m", math: "V S⁺ Uᵀ", seeAlso: ["inv", "lstsq", "svd"],
      examples: [Example("pinv([2, 0; 0, 0])", prints: "0.5  0\n  0  0")]
    ) { x in try decompose(x) { try $0.pseudoinverse() } },
  ]

  private static func solution(
    _ a: Matrix, _ b: Matrix, _ method: (Matrix, Matrix) throws -> Matrix
  ) throws -> Matrix {
    guard a.rows == b.rows else {
      throw Problem(
        .shape, "both sides need equally many rows",
        mentioning: [
          .init(parameter: "A", label: a.label), .init(parameter: "b", label: b.label),
        ], help: b.rows == 1 && b.columns == a.rows ? "b' has them" : nil)
    }
    _ = try decompose(b, "b") {
      if let place = $0.firstNonFinite {
        throw DecompositionError.notFinite(row: place.row, column: place.column)
      }
    }
    return try decompose(a, "A") { try method($0, b) }
  }

  private static let factors: [Builtin] = [
    Builtin(
      "lu", in: .decompose, "The factors P X = L U of elimination with row swaps.",
      Parameter<Matrix>("x", "a matrix"),
      shapes: "m×n → {L = m×k, U = k×n, P = m×m}, k = min(m, n)",
      math: "P X = L U: L lower triangular with ones on its diagonal, U upper triangular",
      seeAlso: ["solve", "det", "qr"],
      examples: [
        Example("(L, U, P) = lu([1, 2; 3, 4])\nU", prints: "3.0000  4.0000\n     0  0.6667"),
        Example("(L, U, P) = lu([0, 2; 3, 4])\nP' * L * U", prints: "0  2\n3  4"),
      ]
    ) { x in
      let (l, u, p) = try decompose(x) { try $0.factoredLU() }
      return Record([("L", .matrix(l)), ("U", .matrix(u)), ("P", .matrix(p))])
    },
    Builtin(
      "qr", in: .decompose, "Orthonormal columns times an upper triangle: X = Q R.",
      Parameter<Matrix>("x", "a matrix"),
      shapes: "m×n → {Q = m×k, R = k×n}, k = min(m, n)",
      math: "Householder reflections; the diagonal of R is not negative",
      seeAlso: ["lstsq", "svd"],
      examples: [
        Example("(Q, R) = qr([3, 1; 4, 2])\nround(R * 10) / 10", prints: "5.0  2.2\n  0  0.4")
      ]
    ) { x in
      let (q, r) = try decompose(x) { try $0.factoredQR() }
      return Record([("Q", .matrix(q)), ("R", .matrix(r))])
    },
    Builtin(
      "chol", in: .decompose, "The Cholesky factor L of a symmetric positive definite matrix.",
      Parameter<Matrix>("x", "a symmetric positive definite matrix"),
      shapes: "n×n → n×n", math: "X = L Lᵀ with L lower triangular", seeAlso: ["solve", "eig"],
      examples: [Example("chol([4, 2; 2, 5])", prints: "2  0\n1  2")]
    ) { x in try decomposeSquare(x) { try $0.factoredCholesky() } },
  ]

  private static let spectra: [Builtin] = [
    Builtin(
      "eig", in: .decompose,
      "Eigenvalues in ascending order, and eigenvectors as columns of length 1.",
      Parameter<Matrix>("x", "a square matrix"),
      Parameter<Bool>(
        "complex", "give real and imaginary parts of the values instead", default: false),
      shapes:
        "n×n, complex=true → {real = n×1, imaginary = n×1}; n×n → {values = n×1, vectors = n×n}",
      math: "X v = λ v",
      seeAlso: ["svd", "pca"],
      examples: [
        Example("eig([2, 1; 1, 2]).values", prints: "1\n3"),
        Example("eig([0, -1; 1, 0], complex=true).imaginary'", prints: "-1  1"),
      ]
    ) { x, complex in
      if complex {
        let parts = try decomposeSquare(x) { try $0.complexEigenvalues() }
        return Record([
          ("real", .matrix(parts.selecting(columns: [0]))),
          ("imaginary", .matrix(parts.selecting(columns: [1]))),
        ])
      }
      let (values, vectors) = try decomposeSquare(x) { try $0.eigen() }
      return Record([("values", .matrix(values)), ("vectors", .matrix(vectors))])
    }
  ]
}
