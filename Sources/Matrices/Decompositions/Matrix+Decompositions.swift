/// Decompositions. All work is done in 64 bits; results have the precision of the matrix. Signs are
/// fixed, so that equal matrices give equal factors.
extension Matrix {
  /// `P·X = L·U` with L lower triangular (ones on its diagonal), U upper triangular, P a
  /// permutation.
  package func factoredLU() throws -> (l: Matrix, u: Matrix, p: Matrix) {
    try requireFinite()
    return try LAPACK.listening(shape) { try triangles() }
  }

  private func triangles() throws -> (l: Matrix, u: Matrix, p: Matrix) {
    let rank = min(rows, columns)
    var factor = LAPACK.input(self)
    var pivots: [Int32] = []
    if !isEmpty { _ = LAPACK.factorLU(&factor, &pivots) }
    var order = Array(0..<rows)
    for i in 0..<rank { order.swapAt(i, Int(pivots[i]) - 1) }
    var l = factor.triangular(isLower: true).selecting(columns: Array(0..<rank))
    for i in 0..<rank { l[i, i] = 1 }
    let u = factor.triangular(isLower: false).rows(in: 0..<rank)
    let p = Matrix.identity(rows).selecting(rows: order)
    return (l.converted(to: precision), u.converted(to: precision), p.converted(to: precision))
  }

  /// `X = Q·R`, thin: Q is m×k with orthonormal columns, R k×n upper triangular with a diagonal
  /// that is not negative, k = min(m, n). Householder reflections.
  package func factoredQR() throws -> (q: Matrix, r: Matrix) {
    try requireFinite()
    let rank = min(rows, columns)
    if isEmpty { return (.zeros(rows, rank, precision), .zeros(rank, columns, precision)) }
    return try LAPACK.listening(shape) { orthogonalAndTriangle(rank) }
  }

  private func orthogonalAndTriangle(_ rank: Int) -> (q: Matrix, r: Matrix) {
    var factor = LAPACK.input(self)
    var scales: [Double] = []
    _ = LAPACK.factorQR(&factor, &scales)
    var r = factor.triangular(isLower: false).rows(in: 0..<rank)
    var q = LAPACK.input(factor.selecting(columns: Array(0..<rank)))
    _ = LAPACK.expandQ(&q, scales)
    let signs = r.diagonal.mapped(.sign)
    let flips = signs + signs.mapped(.not)
    r = r.times(flips)
    q = q.times(flips.transposed)
    return (q.converted(to: precision), r.converted(to: precision))
  }

  /// `X = L·Lᵀ` with L lower triangular, for a symmetric positive definite matrix.
  package func factoredCholesky() throws -> Matrix {
    precondition(shape.isSquare)
    try requireFinite()
    if isEmpty { return self }
    if let place = firstAsymmetry {
      throw DecompositionError.notSymmetric(row: place.row, column: place.column)
    }
    return try LAPACK.listening(shape) {
      var factor = LAPACK.input(self)
      let verdict = LAPACK.factorCholesky(&factor)
      guard verdict == 0 else { throw DecompositionError.notPositiveDefinite(order: verdict) }
      return factor.triangular(isLower: true).converted(to: precision)
    }
  }

  /// Real eigenvalues in ascending order and the eigenvectors as columns of length 1. A symmetric
  /// matrix always has them; throws when others come in complex pairs.
  package func eigen() throws -> (values: Matrix, vectors: Matrix) {
    precondition(shape.isSquare)
    try requireFinite()
    if isEmpty { return (.zeros(0, 1, precision), self) }
    return try LAPACK.listening(shape) { try realEigen() }
  }

  private func realEigen() throws -> (values: Matrix, vectors: Matrix) {
    if isSymmetric {
      var vectors = LAPACK.input(self)
      var values: [Double] = []
      guard LAPACK.factorSymmetric(&vectors, &values) == 0 else {
        throw DecompositionError.notConverged
      }
      vectors = vectors.times(vectors.signsOfLargest)
      return (Matrix(column: values).converted(to: precision), vectors.converted(to: precision))
    }
    let (real, imaginary, vectors) = try generalEigen()
    let complex = imaginary.count { $0 != 0 }
    if complex > 0 { throw DecompositionError.complexEigenvalues(complex) }
    let places = Matrix(row: real).sortingOrder(along: .columns)
    // The places that a stop leaves behind are none.
    if Interrupt.abandonsKernels { throw Interrupted() }
    let order = places.elements.map { Int($0) }
    let sorted = vectors.selecting(columns: order)
    return (
      Matrix(column: order.map { real[$0] }).converted(to: precision),
      sorted.times(sorted.signsOfLargest).converted(to: precision)
    )
  }

  /// Real and imaginary parts of all eigenvalues as an n×2 matrix, in ascending order.
  package func complexEigenvalues() throws -> Matrix {
    precondition(shape.isSquare)
    try requireFinite()
    if isEmpty { return .zeros(0, 2, precision) }
    let (real, imaginary, _) = try LAPACK.listening(shape) { try generalEigen() }
    let order = (0..<rows).sorted { (real[$0], imaginary[$0]) < (real[$1], imaginary[$1]) }
    return Matrix(order.map { [real[$0], imaginary[$0]] }).converted(to: precision)
  }

  private func generalEigen() throws -> (real: [Double], imaginary: [Double], vectors: Matrix) {
    var factor = LAPACK.input(self)
    var vectors = LAPACK.output(rows, rows)
    var real: [Double] = []
    var imaginary: [Double] = []
    guard LAPACK.factorGeneral(&factor, &real, &imaginary, &vectors) == 0 else {
      throw DecompositionError.notConverged
    }
    return (real, imaginary, vectors)
  }

  /// The pairs of elements of a vector that differ by no more than a share of the largest.
  package func closePairs(within tolerance: Double) -> [(first: Int, second: Int)] {
    let values = elements
    let limit = tolerance * values.reduce(0) { Swift.max($0, abs($1)) }
    let order = values.indices.sorted { values[$0] < values[$1] }
    var pairs: [(first: Int, second: Int)] = []
    for (place, first) in order.enumerated() {
      for second in order[(place + 1)...] {
        if values[second] - values[first] > limit { break }
        pairs.append((first, second))
      }
    }
    return pairs
  }

  /// The elements on and above, or on and below, the diagonal; zeros elsewhere. Row-major, 64 bits.
  private func triangular(isLower: Bool) -> Matrix {
    var result = Kernels.copied(converted(to: .double).rowMajor())
    let (rows, columns) = (rows, columns)
    result.write(Double.self) { x in
      for row in 0..<rows {
        let kept = isLower ? 0..<min(row + 1, columns) : min(row, columns)..<columns
        for column in 0..<columns where !kept.contains(column) { x[row * columns + column] = 0 }
      }
    }
    return result
  }

  /// A row of 1 and −1: what makes the largest element of every column positive.
  var signsOfLargest: Matrix {
    if rows == 0 { return .ones(1, columns, precision) }
    let places = mapped(.abs).argMaximum(along: .rows)
    return Matrix(row: places.enumerated().map { self[$1, $0] < 0 ? -1 : 1 })
      .converted(to: precision)
  }
}
