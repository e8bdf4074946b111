/// Systems of equations. All work is done in 64 bits; results have the precision of the operands.
extension Matrix {
  /// `x` with `a · x = b`. A triangular matrix is solved by substitution, a symmetric positive
  /// definite one by Cholesky, any other square one by LU with pivoting (⅔n³ flops); one that is not
  /// square in the sense of least squares. `a` and `b` have equally many rows.
  package static func solve(_ a: Matrix, _ b: Matrix) throws -> Matrix {
    precondition(a.rows == b.rows)
    guard a.shape.isSquare else { return try leastSquares(a, b) }
    try a.requireFinite()
    try b.requireFinite()
    let precision = Precision.joined(a.precision, b.precision)
    if a.isEmpty || b.isEmpty { return .zeros(a.columns, b.columns, precision) }
    return try LAPACK.listening(a.shape) { try solveSquare(a, b).converted(to: precision) }
  }

  private static func solveSquare(_ a: Matrix, _ b: Matrix) throws -> Matrix {
    var factor = LAPACK.input(a)
    var x = LAPACK.input(b)
    let triangle = factor.triangle
    if triangle.isLower || triangle.isUpper {
      guard LAPACK.solve(triangular: factor, isLower: triangle.isLower, &x) == 0,
        factor.hasSafeDiagonal
      else { throw DecompositionError.singular(a.shape) }
      return x
    }
    if factor.isSymmetric && factor.diagonal.total(.minimum) > 0 {
      var cholesky = factor
      if LAPACK.factorCholesky(&cholesky) == 0, cholesky.hasSafeDiagonal,
        LAPACK.solve(cholesky: cholesky, &x) == 0
      {
        return x
      }
      x = LAPACK.input(b)
    }
    let pivots = try factor.becomeLU()
    _ = LAPACK.solve(lu: factor, pivots, &x)
    return x
  }

  /// The `x` of smallest norm among those that make `‖a · x − b‖` smallest, by a QR decomposition
  /// with column pivoting.
  package static func leastSquares(_ a: Matrix, _ b: Matrix) throws -> Matrix {
    precondition(a.rows == b.rows)
    try a.requireFinite()
    try b.requireFinite()
    let precision = Precision.joined(a.precision, b.precision)
    if a.isEmpty || b.isEmpty { return .zeros(a.columns, b.columns, precision) }
    return try LAPACK.listening(a.shape) {
      var factor = LAPACK.input(a)
      let padding = Matrix.zeros(max(a.columns - a.rows, 0), b.columns)
      var x = LAPACK.input(.above([b.converted(to: .double), padding]))
      let tolerance = Double(max(a.rows, a.columns)) * a.precision.epsilon
      guard LAPACK.solveLeastSquares(&factor, &x, tolerance: tolerance) == 0 else {
        throw DecompositionError.notConverged
      }
      return x.rows(in: 0..<a.columns).converted(to: precision)
    }
  }

  /// The inverse of a square matrix, by LU.
  package func inverse() throws -> Matrix {
    precondition(shape.isSquare)
    try requireFinite()
    if isEmpty { return self }
    return try LAPACK.listening(shape) {
      var factor = LAPACK.input(self)
      let pivots = try factor.becomeLU()
      _ = LAPACK.invert(lu: &factor, pivots)
      return factor.converted(to: precision)
    }
  }

  /// The determinant of a square matrix, by LU; 0 of a singular one, 1 of an empty one.
  package func determinant() throws -> Double {
    precondition(shape.isSquare)
    try requireFinite()
    if isEmpty { return 1 }
    let (factor, swaps) = try pivoted()
    return factor.diagonal.total(.product) * swaps
  }

  /// Sign and natural logarithm of the size of the determinant: (0, −∞) of a singular matrix.
  package func logDeterminant() throws -> (sign: Double, logarithm: Double) {
    precondition(shape.isSquare)
    try requireFinite()
    if isEmpty { return (1, 0) }
    let (factor, swaps) = try pivoted()
    let diagonal = factor.diagonal
    let sign = diagonal.mapped(.sign).total(.product) * swaps
    return (sign, diagonal.mapped(.abs).mapped(.log).total(.sum))
  }

  /// The LU factors in one matrix and the sign of the permutation.
  private func pivoted() throws -> (factor: Matrix, sign: Double) {
    try LAPACK.listening(shape) {
      var factor = LAPACK.input(self)
      var pivots: [Int32] = []
      _ = LAPACK.factorLU(&factor, &pivots)
      let swaps = pivots.indices.count { pivots[$0] != $0 + 1 }
      return (factor, swaps % 2 == 0 ? 1 : -1)
    }
  }

  /// Overwrites the matrix with its LU factors; throws when it has no inverse to working precision.
  private mutating func becomeLU() throws -> [Int32] {
    let norm = mapped(.abs).reduced(.sum, along: .rows).total(.maximum)
    var pivots: [Int32] = []
    guard LAPACK.factorLU(&self, &pivots) == 0,
      LAPACK.reciprocalCondition(lu: self, norm: norm) >= Double.ulpOfOne
    else { throw DecompositionError.singular(shape) }
    return pivots
  }

  /// Throws at the first element that is NaN or infinite: LAPACK would return nonsense, or never.
  func requireFinite() throws {
    if let place = firstNonFinite {
      throw DecompositionError.notFinite(row: place.row, column: place.column)
    }
  }

  /// Whether everything above, or below, the diagonal is 0.
  private var triangle: (isLower: Bool, isUpper: Bool) {
    let (n, elements) = (rows, transposed.rowMajor())
    return elements.read(Double.self) { x in
      var (isLower, isUpper) = (true, true)
      for column in 0..<n where isLower || isUpper {
        for row in 0..<column where x[column * n + row] != 0 { isLower = false }
        for row in column + 1..<max(n, column + 1) where x[column * n + row] != 0 {
          isUpper = false
        }
      }
      return (isLower, isUpper)
    }
  }

  /// Whether no pivot on the diagonal is lost beside the largest.
  private var hasSafeDiagonal: Bool {
    let sizes = diagonal.mapped(.abs)
    return sizes.total(.minimum) > sizes.total(.maximum) * .ulpOfOne
  }

  /// Whether the matrix equals its transpose up to rounding.
  package var isSymmetric: Bool { shape.isSquare && firstAsymmetry == nil }

  /// The first pair of elements that differs from its mirror image by more than rounding.
  package var firstAsymmetry: (row: Int, column: Int)? {
    let size = max(abs(total(.maximum)), abs(total(.minimum)))
    let tolerance = 32 * precision.epsilon * size
    let difference = (self - transposed).mapped(.abs)
    guard difference.total(.maximum) > tolerance else { return nil }
    return (difference - tolerance).mapped(.relu).nonZeroPositions.first.map {
      ($0 / columns, $0 % columns)
    }
  }
}
