/// A matrix that is known by its products with thin ones: all that the largest singular values ask of
/// it, so that one with few entries, one in a file, or one with its mean taken off is never written
/// out.
package protocol LinearOperator: Sendable {
  var shape: Shape { get }
  var precision: Precision { get }
  /// Whether `gramProduct` looks at X once, and a look is what costs: X lies in a file.
  var isReadInOnePass: Bool { get }
  /// `X F` for an n×k factor.
  func product(with factor: Matrix) throws -> Matrix
  /// `Xᵀ F` for an m×k factor.
  func transposedProduct(with factor: Matrix) throws -> Matrix
  /// `Xᵀ X F` for an n×k factor.
  func gramProduct(with factor: Matrix) throws -> Matrix
}

extension LinearOperator {
  package var isReadInOnePass: Bool { false }

  package func gramProduct(with factor: Matrix) throws -> Matrix {
    try transposedProduct(with: product(with: factor))
  }
}

extension Matrix: LinearOperator {
  package func product(with factor: Matrix) -> Matrix { self * factor }
  package func transposedProduct(with factor: Matrix) -> Matrix { transposed * factor }
}

/// How the largest singular values are found.
package enum SVDMethod: String, Sendable, CaseIterable {
  /// The one that suits shape, rank and where X lies.
  case auto
  /// All of them, by LAPACK.
  case full
  /// Block Golub–Kahan–Lanczos with a bound for the error.
  case lanczos
  /// Orthogonal iteration from a random subspace.
  case randomized
}

extension LinearOperator {
  /// The `rank` largest singular values with their vectors, from products with thin factors alone:
  /// memory for `(m + n)` times a few times `rank` numbers. The chance in it is fixed. `powers`
  /// fixes the rounds of `randomized`, which otherwise goes on until the values have settled.
  package func leadingSVD(rank: Int, method: SVDMethod, powers: Int? = nil) throws -> Matrix.SVD {
    let wanted = min(rank, shape.rows, shape.columns)
    if wanted == 0 {
      return Matrix.SVD(
        u: .zeros(shape.rows, 0, precision), s: .zeros(0, 1, precision),
        v: .zeros(shape.columns, 0, precision))
    }
    let isRandomized = method == .randomized || method == .auto && isReadInOnePass
    let found =
      isRandomized
      ? try SubspaceIteration(self, rank: wanted, powers: powers).run()
      : try LanczosProcess(self, rank: wanted).run()
    return found.oriented(precision)
  }

  /// The largest singular values and right singular vectors after so many rounds of orthogonal
  /// iteration: nothing is as long as X has rows.
  package func leadingRightVectors(rank: Int, powers: Int) throws -> (v: Matrix, values: [Double]) {
    let found = try SubspaceIteration(self, rank: rank, powers: powers).turnedBasis()
    return (found.basis, found.values)
  }
}
