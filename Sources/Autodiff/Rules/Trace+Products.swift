import Matrices

/// Products of matrices, and what undoes them.
extension Trace {
  /// The matrix product.
  package static func * (a: Trace, b: Trace) -> Trace {
    record(.matrix(a.value.matrix * b.value.matrix), a.asMatrix, b.asMatrix, by: .product)
  }

  /// The product of a sparse constant and a matrix.
  static func product(_ s: SparseMatrix, _ b: Trace) -> Trace {
    record(.matrix(s.times(b.value.matrix)), b.asMatrix, by: .product(after: s))
  }

  /// The transpose.
  package var transposed: Trace {
    guard case .matrix(let matrix) = value else { return self }
    return Self.record(.matrix(matrix.transposed), self, by: .transposition)
  }

  /// A whole power of a square matrix, by squaring.
  package func power(_ exponent: Int) throws -> Trace {
    if exponent < 0 { return try inverse().power(-exponent) }
    var result: Trace?
    var (square, rest) = (self, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = result.map { $0 * square } ?? square }
      rest >>= 1
      if rest > 0 { square = square * square }
    }
    return result ?? Trace(.identity(shape.rows, value.precision))
  }

  /// The `x` with `self · x = b`.
  package func solve(_ b: Trace) throws -> Trace {
    try Self.record(
      .matrix(Matrix.solve(value.matrix, b.value.matrix)), asMatrix, b.asMatrix,
      by: .solution(of: shape))
  }

  /// The inverse of a square matrix.
  package func inverse() throws -> Trace {
    try Self.record(.matrix(value.matrix.inverse()), asMatrix, by: .inverse)
  }
}

extension Rule {
  /// `d(A B) = dA B + A dB`: the slopes `G Bᵀ` and `Aᵀ G`.
  package static let product = Rule(
    { $0.full.asMatrix * $0.b.transposed }, { $0.a.transposed * $0.full.asMatrix })

  /// `S B` for a sparse constant S: the slope `Sᵀ G`, at the cost of what is stored.
  package static func product(after s: SparseMatrix) -> Rule {
    Rule { .product(s.transposed, $0.full.asMatrix) }
  }

  /// `A S` for a sparse constant S: the slope `G Sᵀ`.
  package static func product(before s: SparseMatrix) -> Rule {
    Rule { Trace.product(s, $0.full.asMatrix.transposed).transposed }
  }

  /// The transpose of the slope.
  package static let transposition = Rule { $0.slope.transposed }

  /// `A Y = B`. Square: `dB = A⁻ᵀ G`, `dA = −dB Yᵀ`. Tall (least squares), with `Z = (AᵀA)⁻¹ G`:
  /// `dB = A Z`, `dA = (B − A Y) Zᵀ − A Z Yᵀ`. Wide (smallest norm), with `S = AAᵀ`, `W = S⁻¹ B`,
  /// `U = S⁻¹ A G`: `dB = U`, `dA = W (G − Aᵀ U)ᵀ − U Yᵀ`.
  package static func solution(of shape: Shape) -> Rule {
    if shape.isSquare {
      return Rule(
        { p in -(try p.a.transposed.solve(p.full)) * p.y.transposed },
        { p in try p.a.transposed.solve(p.full) })
    }
    if shape.rows > shape.columns {
      return Rule(
        { p in
          let z = try (p.a.transposed * p.a).solve(p.full)
          return (p.b - p.a * p.y) * z.transposed - p.a * z * p.y.transposed
        },
        { p in p.a * (try (p.a.transposed * p.a).solve(p.full)) })
    }
    return Rule(
      { p in
        let gram = p.a * p.a.transposed
        let (w, u) = try (gram.solve(p.b), gram.solve(p.a * p.full))
        return w * (p.full - p.a.transposed * u).transposed - u * p.y.transposed
      },
      { p in try (p.a * p.a.transposed).solve(p.a * p.full) })
  }

  /// `dA⁻¹ = −A⁻¹ dA A⁻¹`: the slope `−Yᵀ G Yᵀ`.
  package static let inverse = Rule { p in
    let back = p.y.transposed
    return -(back * p.full * back)
  }

  /// The pseudoinverse, at constant rank (Golub & Pereyra 1973):
  /// `−Yᵀ G Yᵀ + (I − A Y) Gᵀ Y Yᵀ + Yᵀ Y Gᵀ (I − Y A)`.
  package static let pseudoinverse = Rule { p in
    let (a, y, g) = (p.a, p.y, p.full)
    let (back, turned) = (y.transposed, g.transposed)
    let first = turned * y * back
    let second = back * y * turned
    return (first - a * y * first) + (second - second * y * a) - back * g * back
  }

  /// `d det A = det(A) tr(A⁻¹ dA)`.
  package static let determinant = Rule { p in
    (p.slope .* p.y) .* (try p.a.asMatrix.inverse().transposed)
  }

  /// `d ln |det A| = tr(A⁻¹ dA)`.
  package static let logDeterminant = Rule { p in
    p.slope .* (try p.a.asMatrix.inverse().transposed)
  }

  /// `A = L Lᵀ` (Murray 2016): `S = L⁻ᵀ Φ(Lᵀ G) L⁻¹` made symmetric, where Φ keeps the lower half
  /// with half of the diagonal.
  package static let cholesky = Rule { p in
    let n = p.a.shape.rows
    let (l, g) = (p.y, p.full.asMatrix)
    let inner = (l.transposed * g) .* Trace(Matrix.lowerHalf(n, p.y.value.precision))
    let left = try l.transposed.solve(inner)
    // X L⁻¹ = (L⁻ᵀ Xᵀ)ᵀ
    let s = try l.transposed.solve(left.transposed).transposed
    return 0.5 .* (s + s.transposed)
  }
}
