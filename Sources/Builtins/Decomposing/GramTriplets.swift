import Matrices

/// Singular vectors as columns, and values as a column, largest first.
struct SingularTriplets {
  var u: Matrix
  var s: Matrix
  var v: Matrix

  init(u: Matrix, s: Matrix, v: Matrix) { (self.u, self.s, self.v) = (u, s, v) }

  init(_ factors: Matrix.SVD) { self.init(u: factors.u, s: factors.s, v: factors.v) }
}

/// The largest singular triplets of rows, less a row or not, from the eigenvectors of their Gram matrix
/// along the smaller side: what a subspace that turns towards them finds slowly, because the values
/// beyond the wanted ones are nearly as large.
///
/// The squares in a Gram matrix cost digits of small values. The triplets are therefore the best ones of
/// X itself in the span of the eigenvectors, and count only where `‖Xᵀu − σv‖` is what `lanczos` promises;
/// otherwise there are none. Cost: products of X with itself and with the triplets, about 10 L³ flops for
/// the smaller side L, and memory for three L×L matrices.
struct GramTriplets {
  private let x: Matrix
  private let centered: ShiftedRows<Matrix>
  private let rank: Int

  /// The smaller side beyond which L×L matrices are too much.
  private static let largestSide = 4000
  /// Up to here L³ is next to nothing.
  private static let smallSide = 256
  /// Up to here it is little.
  private static let middleSide = 1024
  /// Steps that Lanczos takes where the values fall fast enough for it, and some more.
  private static let fewSteps = 14

  init(_ x: Matrix, shift: Matrix?, rank: Int) {
    self.x = x
    self.rank = rank
    centered = ShiftedRows(rows: x, shift: shift, isReadInOnePass: false)
  }

  private var side: Int { min(x.rows, x.columns) }
  private var isTall: Bool { x.rows >= x.columns }

  /// The triplets: at once where that is cheap, else when Lanczos takes long; `nil` where it would not pay or they
  /// are not good enough.
  func found() throws -> SingularTriplets? {
    if !isCheap {
      do {
        let bounded = BoundedOperator(centered, products: 2 * Self.fewSteps)
        return SingularTriplets(try bounded.leadingSVD(rank: rank, method: .lanczos))
      } catch is BoundedOperator<ShiftedRows<Matrix>>.Spent {}
      guard isCheaperThanLanczos else { return nil }
    }
    try Interrupt.check()
    return try triplets()
  }

  private var isCheap: Bool {
    side <= Self.smallSide || 4 * rank > side || side <= Self.middleSide && 16 * rank > side
  }

  /// Lanczos then takes a hundred steps or more. Measured at 5000×1000 and 3000×2000, ranks 10 to 100.
  private var isCheaperThanLanczos: Bool {
    side * side <= 40 * max(x.rows, x.columns) * (rank + 4)
  }

  /// Whether a matrix is neither so small that LAPACK does it at once nor too large.
  static func suits(_ shape: Shape) -> Bool {
    let side = min(shape.rows, shape.columns)
    return side > 0 && side <= largestSide && (side > 128 || shape.count > 1 << 22)
  }

  private func triplets() throws -> SingularTriplets? {
    let gram = try gram()
    let size = gram.diagonal.total(.maximum)
    guard size.isNormal, size * size.squareRoot() < 1e300, size > 1e-280 else { return nil }
    let vectors = try gram.eigen().vectors
    // Ascending: the last ones are the largest.
    let wanted = (0..<rank).map { side - 1 - $0 }
    let basis = vectors.selecting(columns: wanted).converted(to: x.precision)
    try Interrupt.check()
    let image =
      try isTall ? centered.product(with: basis) : centered.transposedProduct(with: basis)
    let (q, r) = try split(image)
    let inner = try r.converted(to: .double).svd()
    let far = q * inner.u.converted(to: x.precision)
    let near = basis * inner.v.converted(to: x.precision)
    let values = inner.s.transposed.converted(to: x.precision)
    let back = try isTall ? centered.transposedProduct(with: far) : centered.product(with: far)
    let rest = (back - near.times(values)).reduced(.sumOfSquares, along: .rows).elements
    let tolerance = (x.precision == .single ? 1e-6 : 1e-12) * inner.s[0, 0]
    guard rest.allSatisfy({ $0.squareRoot() <= tolerance }) else { return nil }
    return oriented(isTall ? (far, near) : (near, far), inner.s)
  }

  /// `image = q · r` with orthonormal columns q. Those of the image nearly have right angles, so that the
  /// root of their Gram matrix makes them so, which costs products alone.
  private func split(_ image: Matrix) throws -> (q: Matrix, r: Matrix) {
    let lengths = image.reduced(.sumOfSquares, along: .rows).mapped(.sqrt)
    guard lengths.total(.minimum) > 0 else { return try image.factoredQR() }
    let directions = Matrix.combine(.divide, image, lengths)
    let gram = directions.gram.converted(to: .double)
    guard (gram - .identity(rank)).frobeniusNorm < 0.1 else { return try image.factoredQR() }
    let q = directions * gram.inverseCholesky(shift: 0).converted(to: x.precision)
    return (q, q.transposed * image)
  }

  /// `XᵀX` or `XXᵀ`, whichever is smaller, in 64 bits from blocks of some megabytes.
  private func gram() throws -> Matrix {
    var sum = Matrix.zeros(side, side)
    let length = isTall ? x.rows : x.columns
    let step = max(16, Matrix.blockElements / side)
    for start in stride(from: 0, to: length, by: step) {
      try Interrupt.check()
      let range = start..<min(length, start + step)
      let block = block(range).converted(to: .double)
      if isTall {
        Matrix.product(block.transposed, block, into: &sum, keep: 1)
      } else {
        Matrix.product(block, block.transposed, into: &sum, keep: 1)
      }
    }
    return 0.5 * (sum + sum.transposed)
  }

  /// Some rows of a tall X, or some columns of a wide one, less their part of the shift.
  private func block(_ range: Range<Int>) -> Matrix {
    let own = isTall ? x.rows(in: range) : x.selecting(columns: Array(range))
    guard let shift = centered.shift else { return own }
    let part = isTall ? shift : shift.selecting(columns: Array(range))
    return Matrix.combine(.subtract, own, part)
  }

  /// With the element of largest size in every column of U positive.
  private func oriented(_ vectors: (u: Matrix, v: Matrix), _ values: Matrix) -> SingularTriplets {
    let (highest, lowest) = (
      vectors.u.reduced(.maximum, along: .rows), vectors.u.reduced(.minimum, along: .rows)
    )
    let isPositive = Matrix.combine(.greaterOrEqual, highest + lowest, 0).converted(
      to: x.precision)
    let signs = 2 * isPositive - 1
    return SingularTriplets(
      u: vectors.u.times(signs), s: values.converted(to: x.precision), v: vectors.v.times(signs))
  }
}

extension Matrix {
  /// The `rank` largest singular triplets by the way that suits shape, rank and values.
  func leadingTriplets(rank: Int) throws -> SingularTriplets {
    if let place = firstNonFinite {
      throw DecompositionError.notFinite(row: place.row, column: place.column)
    }
    let found =
      try GramTriplets.suits(shape) ? GramTriplets(self, shift: nil, rank: rank).found() : nil
    return try found ?? SingularTriplets(svd(rank: rank))
  }

  /// The first principal components by the way that suits shape, count and values.
  func leadingComponents(_ count: Int) throws -> PrincipalComponents {
    guard GramTriplets.suits(shape) else { return try principalComponents(count) }
    let (mean, squares) = try meanRowAndSpread()
    let shift = mean.converted(to: precision)
    guard let found = try GramTriplets(self, shift: shift, rank: count).found()
    else { return try principalComponents(count) }
    // What is only rounding of the mean row is no variance.
    let noise = 16 * precision.epsilon * precision.epsilon * Double(rows) * shift.sumOfSquares
    let lengths = Matrix(column: found.s.elements.map { $0 * $0 < noise ? 0 : $0 })
      .converted(to: precision)
    let variance = lengths.mapped(.square) / Double(rows - 1)
    let whole = squares / Double(rows - 1)
    return PrincipalComponents(
      codes: found.u.times(lengths.transposed), components: found.v.transposed,
      variance: variance, explained: variance / (whole > 0 ? whole : 1), mean: shift)
  }
}
