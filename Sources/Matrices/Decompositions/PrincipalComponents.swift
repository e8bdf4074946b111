/// The principal components of the rows of a matrix.
package struct PrincipalComponents: Sendable {
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

  /// From the singular triplets of the centered rows and their sum of squares. What is only rounding of
  /// the mean row is 0.
  init(_ factors: Matrix.SVD, mean: Matrix, squares: Double, rows: Int) {
    let rounding = 16 * factors.s.precision.epsilon * factors.s.precision.epsilon
    let noise = rounding * Double(rows) * mean.sumOfSquares
    let lengths = Matrix(column: factors.s.elements.map { $0 * $0 < noise ? 0 : $0 })
      .converted(to: factors.s.precision)
    variance = lengths.mapped(.square) / Double(rows - 1)
    let whole = squares / Double(rows - 1)
    explained = variance / (whole > 0 ? whole : 1)
    codes = factors.u.times(lengths.transposed)
    components = factors.v.transposed
    self.mean = mean
  }

  /// From what is known of them: the shapes must fit each other.
  package init(
    codes: Matrix, components: Matrix, variance: Matrix, explained: Matrix, mean: Matrix
  ) {
    self.codes = codes
    self.components = components
    self.variance = variance
    self.explained = explained
    self.mean = mean
  }

  /// Coordinates of further rows: `(X − mean) · componentsᵀ`.
  package func codes(of x: Matrix) -> Matrix {
    Matrix.combine(.subtract, x, mean) * components.transposed
  }

  /// The rows that codes stand for: `codes · components + mean`.
  package func rebuilt(_ codes: Matrix) -> Matrix {
    codes * components + mean.repeated(to: Shape(codes.rows, mean.columns))
  }
}

extension Matrix {
  /// The first `count` principal components of the rows, from products with blocks of centered rows; of
  /// a small matrix by LAPACK from the centered rows.
  package func principalComponents(_ count: Int, method: SVDMethod = .auto, powers: Int? = nil)
    throws -> PrincipalComponents
  {
    try requireFinite()
    if let power = powerOfTwo {
      let near = power.dividing(self)
      return power.multiplying(
        try near.principalComponents(count, method: method, powers: powers))
    }
    if method == .auto, GramSVD.suits(shape) {
      let (mean, squares) = try meanRowAndSpread()
      let shift = mean.converted(to: precision)
      if let factors = try GramSVD(self, shift: shift, rank: count).run() {
        return PrincipalComponents(factors, mean: shift, squares: squares, rows: rows)
      }
    }
    guard method == .full || method == .auto && suitsLAPACK(forRank: count) else {
      return try ShiftedRows.principalComponents(
        of: self, count, method: method, powers: powers, isReadInOnePass: false)
    }
    let mean = reduced(.mean, along: .rows)
    let centered = Matrix.combine(.subtract, self, mean)
    let factors = try centered.svd().truncated(to: count)
    return PrincipalComponents(factors, mean: mean, squares: centered.sumOfSquares, rows: rows)
  }
}

extension ShiftedRows {
  /// The `rank` largest singular values of the rows with their vectors. Throws at the first element
  /// that is not finite: all of them are looked at first.
  package static func leadingSVD(
    of rows: Rows, rank: Int, method: SVDMethod, powers: Int?, isReadInOnePass: Bool
  ) throws -> Matrix.SVD {
    if let power = try rows.powerOfTwo() {
      let near = ShiftedRows<ChangedRows<Rows>>(
        rows: ChangedRows(rows) { power.dividing($0) }, shift: nil, isReadInOnePass: isReadInOnePass
      )
      return power.multiplying(try near.leadingSVD(rank: rank, method: method, powers: powers))
    }
    let rows = ShiftedRows(rows: rows, shift: nil, isReadInOnePass: isReadInOnePass)
    return try rows.leadingSVD(rank: rank, method: method, powers: powers)
  }

  /// The first `count` principal components, from products with blocks of centered rows.
  package static func principalComponents(
    of rows: Rows, _ count: Int, method: SVDMethod, powers: Int?, isReadInOnePass: Bool
  ) throws -> PrincipalComponents {
    let (mean, squares) = try rows.meanRowAndSpread()
    // What is lost of squares shows in them, too.
    let elements = Double(Swift.max(rows.shape.count, 1))
    let level = (squares / elements + mean.sumOfSquares / Double(mean.count)).squareRoot()
    if PowerOfTwo.isNeeded(at: level, rows.precision), let power = try rows.powerOfTwo() {
      let near = ChangedRows(rows) { power.dividing($0) }
      return power.multiplying(
        try ShiftedRows<ChangedRows<Rows>>.principalComponents(
          of: near, count, method: method, powers: powers, isReadInOnePass: isReadInOnePass))
    }
    let centered = ShiftedRows(
      rows: rows, shift: mean.converted(to: rows.precision), isReadInOnePass: isReadInOnePass)
    return PrincipalComponents(
      try centered.leadingSVD(rank: count, method: method, powers: powers),
      mean: mean.converted(to: rows.precision), squares: squares, rows: rows.shape.rows)
  }
}
