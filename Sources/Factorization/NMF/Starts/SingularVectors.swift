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
    v = z * Matrix.combine(.multiply, kept, Matrix(row: inverses).converted(to: x.precision))
  }

  /// Orthonormal directions, m×width, in which X is largest.
  static func basis(
    of x: Observations, width: Int, powers: Int, _ random: inout Random
  ) -> Matrix {
    var v = random.normal(x.shape.columns, width, x.precision)
    // One matrix as long as X is wide at a time, and one as long as X is high.
    for _ in 0..<powers {
      var image = x.times(v)
      v = .zeros(0, 0)
      image.orthonormalize()
      v = x.transposedTimes(image)
      v.orthonormalize()
    }
    var image = x.times(v)
    image.orthonormalize()
    image.orthonormalize()
    return image
  }
}

extension Matrix {

  /// Becomes a basis of the columns' span with orthonormal columns, by Cholesky's factor of the Gram
  /// matrix.
  fileprivate mutating func orthonormalize() {
    let gram = gram
    let trace = (0..<gram.rows).reduce(0) { $0 + gram[$1, $1] }
    guard trace > 0 else { return }
    let shift = trace * (precision == .single ? 1e-7 : 1e-15)
    let root = gram.inverseCholesky(shift: shift).converted(to: precision)
    replaceRows { $0 * root }
  }

  /// Replaces rows by what `body` makes of them, some hundred at a time and in place: memory for
  /// those alone.
  mutating func replaceRows(_ body: (Matrix) -> Matrix) {
    for start in stride(from: 0, to: rows, by: 512) {
      put(body(rows(in: start..<min(rows, start + 512))), at: start)
    }
  }
}
