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
    return SVD(u: u, s: Matrix(column: s), v: v.transposed).oriented(precision)
  }

  /// The `rank` largest singular values with their vectors.
  package func svd(rank: Int, method: SVDMethod = .auto, powers: Int? = nil) throws -> SVD {
    try requireFinite()
    if let power = powerOfTwo {
      let near = power.dividing(self)
      return power.multiplying(try near.svd(rank: rank, method: method, powers: powers))
    }
    if method == .auto, let found = try GramSVD(self, shift: nil, rank: rank).run() { return found }
    if method == .full || method == .auto && suitsLAPACK(forRank: rank) {
      return try svd().truncated(to: min(rank, rows, columns))
    }
    return try leadingSVD(rank: rank, method: method, powers: powers)
  }

  /// Whether all singular values at once cost less than the `rank` largest alone: few rows or
  /// columns, or most of the values are wanted. LAPACK copies the matrix in 64 bits.
  func suitsLAPACK(forRank rank: Int) -> Bool {
    let least = min(rows, columns)
    return count <= 1 << 22 && (least <= 128 || 4 * rank > least)
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
}

extension Matrix.SVD {
  /// In a precision, with the element of largest size in every column of U positive.
  func oriented(_ precision: Precision) -> Matrix.SVD {
    let signs = u.signsOfLargest
    return Matrix.SVD(
      u: u.times(signs).converted(to: precision), s: s.converted(to: precision),
      v: v.times(signs).converted(to: precision))
  }

  /// The largest values and their vectors.
  func truncated(to rank: Int) -> Matrix.SVD {
    let kept = Array(0..<rank)
    return Matrix.SVD(
      u: u.selecting(columns: kept), s: s.selecting(rows: kept), v: v.selecting(columns: kept))
  }
}
