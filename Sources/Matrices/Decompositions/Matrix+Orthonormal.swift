/// Orthonormal bases of a few columns, and what it takes to make one larger.
extension Matrix {
  /// A tall matrix as `q · r` with orthonormal columns `q`: Cholesky of the Gram matrix twice (two
  /// products each; Yamamoto et al., ETNA 44, 2015), or `nil` where the columns are too nearly
  /// dependent for that.
  func choleskyQR() -> (q: Matrix, r: Matrix)? {
    let size = Swift.max(total(.maximum), -total(.minimum))
    guard size > 0, size.isFinite else { return nil }
    // Squares must neither overflow nor vanish.
    let scale =
      size > 1e100 || size < 1e-100 || precision == .single && !(1e-10...1e10).contains(size)
    var q = scale ? self / size : self
    var r = Matrix.identity(columns)
    let least = precision == .single ? 1e-2 : 1e-6
    for _ in 0..<2 {
      let gram = (q.transposed * q).converted(to: .double)
      guard let factor = try? gram.factoredCholesky(),
        factor.diagonal.total(.minimum) > least * factor.diagonal.total(.maximum),
        let inverse = try? Matrix.solve(factor, .identity(columns))
      else { return nil }
      q = q * inverse.transposed.converted(to: precision)
      r = factor.transposed * r
    }
    return (q, scale ? r * size : r)
  }

  /// An orthonormal basis of the columns of a tall matrix; of fewer directions than columns, it is
  /// filled up with others.
  func orthonormalized() throws -> Matrix {
    if let q = choleskyQR()?.q { return q }
    return try factoredQR().q
  }

  /// Splits `block` into what lies in the span of these orthonormal columns and the rest:
  /// `block = self · along + q · rest` with q orthonormal, and orthogonal to these columns too.
  /// Directions in which nothing is left are filled with random ones, and `rest` is 0 there; q has
  /// fewer columns than `block` where no more are orthogonal. `along` and `rest` have 64 bits.
  func extended(by block: Matrix, _ random: inout Random) throws
    -> (q: Matrix, along: Matrix, rest: Matrix)
  {
    var left = block
    var along = Matrix.zeros(columns, block.columns)
    for _ in 0..<2 where columns > 0 {
      let part = transposed * left
      Matrix.product(self, part, into: &left, scale: -1, keep: 1)
      along = along + part.converted(to: .double)
    }
    let reference = Swift.max(along.frobeniusNorm, left.frobeniusNorm)
    let count = Swift.min(block.columns, rows - columns)
    if count == block.columns, let (q, r) = left.choleskyQR(),
      r.diagonal.mapped(.abs).total(.minimum) > 1e3 * precision.epsilon * reference
    {
      return (q, along, r)
    }
    let (q, r) = try left.factoredQR()
    let parts = try r.converted(to: .double).svd()
    let limit = 10 * precision.epsilon * reference
    let good = Array(0..<Swift.min(count, parts.s.elements.prefix { $0 > limit }.count))
    let filling = random.normal(rows, count - good.count, precision)
    var basis = Matrix.besides([
      q * parts.u.selecting(columns: good).converted(to: precision), filling,
    ])
    // Columns that were small have lost their right angles.
    for _ in 0..<2 {
      if columns > 0 {
        let part = transposed * basis
        Matrix.product(self, part, into: &basis, scale: -1, keep: 1)
      }
      basis = try basis.factoredQR().q
    }
    let sizes = parts.s.selecting(rows: good)
    let rest = Matrix.above([
      parts.v.selecting(columns: good).times(sizes.transposed).transposed,
      .zeros(count - good.count, block.columns),
    ])
    return (basis, along, rest)
  }
}
