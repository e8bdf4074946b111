/// Singular values and what follows from them.
extension Matrix {
  /// `X ≈ U · diag(s) · Vᵀ`: singular vectors as columns, values in descending order as a column.
  /// The element of largest size in every column of U is positive.
  package struct SVD: Sendable {
    package var u: Matrix
    package var s: Matrix
    package var v: Matrix
  }

  /// The thin singular value decomposition: k = min(m, n) values.
  package func svd() throws -> SVD {
    try requireFinite()
    let k = min(rows, columns)
    if isEmpty {
      return SVD(
        u: .zeros(rows, k, precision), s: .zeros(k, 1, precision), v: .zeros(columns, k, precision))
    }
    return try LAPACK.listening(shape) { try thinSVD(k) }
  }

  private func thinSVD(_ k: Int) throws -> SVD {
    var factor = LAPACK.input(self)
    var u = LAPACK.output(rows, k)
    var v = LAPACK.output(k, columns)
    var s: [Double] = []
    guard LAPACK.factorSVD(&factor, &u, &s, &v) == 0 else { throw DecompositionError.notConverged }
    let signs = u.signsOfLargest
    return SVD(
      u: u.times(signs).converted(to: precision), s: Matrix(column: s).converted(to: precision),
      v: v.transposed.times(signs).converted(to: precision))
  }

  /// The `rank` largest singular values with their vectors. A large matrix is first projected on a
  /// random subspace that a few rounds of orthogonal iteration turn towards them (Halko, Martinsson
  /// & Tropp, SIAM Review 2011), until the values have settled; the chance in it is fixed.
  package func svd(rank: Int) throws -> SVD {
    let k = min(rows, columns)
    let wanted = min(rank, k)
    let width = wanted + max(10, wanted / 2)
    if k <= 128 || 3 * width > k { return try svd().truncated(to: wanted) }
    try requireFinite()
    var random = Random(seed: Random.defaultSeed, stream: 0x5BD)
    var subspace = (self * random.normal(columns, width, precision)).orthonormalized()
    var settled = [Double](repeating: 0, count: wanted)
    for round in 0..<32 {
      if Interrupt.abandonsKernels { throw Interrupted() }
      let across = (transposed * subspace).orthonormalized()
      let image = self * across
      subspace = image.orthonormalized()
      if round % 2 == 0 { continue }
      let values = try Array(
        (subspace.transposed * image).singularValues().elements.prefix(wanted))
      let tolerance = precision == .single ? 1e-6 : 1e-11
      let largest = values.first ?? 0
      let change = zip(values, settled).reduce(0) { max($0, abs($1.0 - $1.1)) }
      settled = values
      if change <= tolerance * largest { break }
    }
    let small = try (subspace.transposed * self).svd().truncated(to: wanted)
    let u = subspace * small.u
    let signs = u.signsOfLargest
    return SVD(u: u.times(signs), s: small.s, v: small.v.times(signs))
  }

  /// An orthonormal basis of the columns, for a tall matrix of full rank: Cholesky of the Gram
  /// matrix twice (two products each), or Householder reflections where that is not exact enough.
  private func orthonormalized() -> Matrix {
    var basis = self
    for _ in 0..<2 {
      let gram = (basis.transposed * basis).converted(to: .double)
      guard let factor = try? gram.factoredCholesky(),
        let inverse = try? Matrix.solve(factor, .identity(columns)),
        factor.diagonal.total(.minimum) > 1e-6 * factor.diagonal.total(.maximum)
      else { return (try? factoredQR().q) ?? self }
      basis = basis * inverse.transposed.converted(to: precision)
    }
    return basis
  }

  /// The singular values in descending order, as a column.
  package func singularValues() throws -> Matrix {
    try requireFinite()
    if isEmpty { return .zeros(0, 1, precision) }
    return try LAPACK.listening(shape) {
      var factor = LAPACK.input(self)
      var s: [Double] = []
      guard LAPACK.singularValues(&factor, &s) == 0 else { throw DecompositionError.notConverged }
      return Matrix(column: s).converted(to: precision)
    }
  }

  /// How many singular values are above `tolerance`, by default what rounding may leave of 0:
  /// max(m, n) · ε · σ₁.
  package func rank(tolerance: Double? = nil) throws -> Int {
    let values = try singularValues().elements
    let limit = tolerance ?? Double(max(rows, columns)) * precision.epsilon * (values.first ?? 0)
    return values.count { $0 > limit }
  }

  /// The largest over the smallest singular value: ∞ of a singular matrix, 0 of an empty one.
  package func conditionNumber() throws -> Double {
    let values = try singularValues().elements
    guard let largest = values.first, let smallest = values.last else { return 0 }
    return smallest == 0 ? .infinity : largest / smallest
  }

  /// The pseudoinverse of Moore and Penrose, n×m: singular values that rounding may have left of 0
  /// count as 0.
  package func pseudoinverse() throws -> Matrix {
    let (rows, columns) = (rows, columns)
    let factors = try svd()
    let values = factors.s.elements
    let limit = Double(max(rows, columns)) * precision.epsilon * (values.first ?? 0)
    let inverses = Matrix(row: values.map { $0 > limit ? 1 / $0 : 0 }).converted(to: precision)
    return factors.v.times(inverses) * factors.u.transposed
  }

  /// The principal components of the rows.
  package struct PCA: Sendable {
    /// Coordinates of the rows, m×k.
    package var codes: Matrix
    /// Directions of largest variance as rows, k×n.
    package var components: Matrix
    /// The variance along each component, k×1.
    package var variance: Matrix
    /// Which share of the whole variance that is, k×1.
    package var explained: Matrix
    /// The mean row, 1×n.
    package var mean: Matrix
  }

  /// `X ≈ codes · components + mean` with the `k` components of largest variance, by the singular
  /// values of the centered matrix.
  package func pca(components k: Int) throws -> PCA {
    precondition(rows > 1)
    try requireFinite()
    let mean = reduced(.mean, along: .rows)
    let centered = Matrix.combine(.subtract, self, mean)
    let factors = try centered.svd(rank: k)
    let variance = factors.s.mapped(.square) / Double(rows - 1)
    let whole = centered.sumOfSquares / Double(rows - 1)
    return PCA(
      codes: factors.u.times(factors.s.transposed), components: factors.v.transposed,
      variance: variance, explained: variance / (whole > 0 ? whole : 1), mean: mean)
  }
}

extension Matrix.SVD {
  /// The largest values and their vectors.
  fileprivate func truncated(to rank: Int) -> Matrix.SVD {
    let kept = Array(0..<rank)
    return Matrix.SVD(
      u: u.selecting(columns: kept), s: s.selecting(rows: kept), v: v.selecting(columns: kept))
  }
}
