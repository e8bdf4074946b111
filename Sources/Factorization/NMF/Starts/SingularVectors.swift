import Matrices

/// The leading singular triplets of X by a randomised range finder with power iterations (Halko,
/// Martinsson & Tropp, SIAM Review 2011), from products with thin factors alone.
struct SingularVectors {
  /// m×k, σ, n×k.
  var u: Matrix
  var values: [Double]
  var v: Matrix

  init(_ x: Observations, rank: Int, powers: Int, _ random: inout Random) {
    let width = min(rank + 10, min(x.shape.rows, x.shape.columns))
    let basis = Self.basis(of: x, width: width, powers: powers, &random)
    // X ≈ Q Zᵀ with ZᵀZ = Ũ Σ² Ũᵀ.
    let z = x.transposedTimes(basis)
    let (squares, rotation) = z.gram.rotatedToDiagonal()
    let kept = rotation.selecting(columns: Array(0..<rank)).converted(to: x.precision)
    let lengths = squares.prefix(rank).map { max($0, 0).squareRoot() }
    let least = 1e-6 * (lengths.first ?? 0)
    let inverses = lengths.map { $0 > least ? 1 / $0 : 0 }
    values = lengths
    u = basis * kept
    self.v = Matrix.combine(
      .multiply, z * kept, Matrix(row: inverses).converted(to: x.precision))
  }

  /// Orthonormal directions, m×width, in which X is largest.
  static func basis(
    of x: Observations, width: Int, powers: Int, _ random: inout Random
  ) -> Matrix {
    var v = random.normal(x.shape.columns, width, x.precision)
    for _ in 0..<powers {
      v = orthonormal(x.transposedTimes(orthonormal(x.times(v))))
    }
    return orthonormal(orthonormal(x.times(v)))
  }

  /// A basis of the columns' span with orthonormal columns, by Cholesky's factor of the Gram matrix.
  private static func orthonormal(_ y: Matrix) -> Matrix {
    let gram = y.gram
    let trace = (0..<gram.rows).reduce(0) { $0 + gram[$1, $1] }
    guard trace > 0 else { return y }
    let shift = trace * (y.precision == .single ? 1e-7 : 1e-15)
    return y * gram.inverseCholesky(shift: shift).converted(to: y.precision)
  }
}
