extension SparseMatrix: LinearOperator {
  package func product(with factor: Matrix) -> Matrix { times(factor) }
  package func transposedProduct(with factor: Matrix) -> Matrix { transposedTimes(factor) }
}

extension SparseMatrix {
  /// The `rank` largest singular values with their vectors, from products that skip the zeros.
  package func svd(rank: Int, method: SVDMethod = .auto, powers: Int? = nil) throws -> Matrix.SVD {
    try requireFinite()
    if let power = powerOfTwo {
      let near = power.dividing(self)
      return power.multiplying(try near.svd(rank: rank, method: method, powers: powers))
    }
    return try leadingSVD(rank: rank, method: method, powers: powers)
  }

  /// The first `count` principal components of the rows; their mean is taken off the products, so that
  /// the zeros stay where they are.
  package func principalComponents(_ count: Int, method: SVDMethod = .auto, powers: Int? = nil)
    throws -> PrincipalComponents
  {
    try requireFinite()
    if let power = powerOfTwo {
      let near = power.dividing(self)
      return power.multiplying(
        try near.principalComponents(count, method: method, powers: powers))
    }
    let mean = reduced(.mean, along: .rows).converted(to: .double)
    let squares = sumOfSquares - Double(rows) * mean.sumOfSquares
    let centered = Centered(base: self, mean: mean.converted(to: precision))
    return PrincipalComponents(
      try centered.leadingSVD(rank: count, method: method, powers: powers),
      mean: mean.converted(to: precision), squares: max(squares, 0), rows: rows)
  }

  private func requireFinite() throws {
    if let place = first(where: { !$0.isFinite }) {
      throw DecompositionError.notFinite(row: place.row, column: place.column)
    }
  }
}

/// `X − 1 · mean`, by what it does: `X F − 1 (mean F)` and `XᵀF − meanᵀ (1ᵀF)`.
private struct Centered<Base: LinearOperator>: LinearOperator {
  let base: Base
  let mean: Matrix

  var shape: Shape { base.shape }
  var precision: Precision { base.precision }

  func product(with factor: Matrix) throws -> Matrix {
    Matrix.combine(.subtract, try base.product(with: factor), mean * factor)
  }

  func transposedProduct(with factor: Matrix) throws -> Matrix {
    var result = try base.transposedProduct(with: factor)
    let sums = factor.reduced(.sum, along: .rows)
    Matrix.product(mean.transposed, sums, into: &result, scale: -1, keep: 1)
    return result
  }
}
