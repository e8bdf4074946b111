/// The largest singular triplets of rows, less a row or not, from the eigenvectors of their Gram matrix
/// along the smaller side: what a subspace that turns towards them finds slowly, because the values
/// beyond the wanted ones are nearly as large.
///
/// The squares in a Gram matrix cost digits of small values. The triplets are therefore the best ones of
/// X itself in the span of the eigenvectors, and count only where `‖Xᵀu − σv‖` is what `lanczos` promises;
/// otherwise there are none. Cost: products of X with itself and with the triplets, about 10 L³ flops for
/// the smaller side L, and memory for three L×L matrices.
struct GramSVD {
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
    self.rank = min(rank, x.rows, x.columns)
    centered = ShiftedRows(rows: x, shift: shift, isReadInOnePass: false)
  }

  private var side: Int { min(x.rows, x.columns) }
  private var isTall: Bool { x.rows >= x.columns }
  private var lanczos: LanczosProcess<ShiftedRows<Matrix>> { LanczosProcess(centered, rank: rank) }

  /// The triplets: at once where that is cheap, else when Lanczos takes long; `nil` where it would not
  /// pay or they are not good enough.
  func run() throws -> Matrix.SVD? {
    guard Self.suits(x.shape), rank > 0 else { return nil }
    if !isCheap {
      guard isCheaperThanLanczos else { return nil }
      if let found = try lanczos.run(within: Self.fewSteps) { return found.oriented(x.precision) }
    } else if isTall && side <= Self.smallSide && lanczos.isOneStep {
      return nil
    }
    try Interrupt.check()
    return try triplets()?.oriented(x.precision)
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

  private func triplets() throws -> Matrix.SVD? {
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
    let limit = lanczos.tolerance * inner.s[0, 0]
    guard rest.allSatisfy({ $0.squareRoot() <= limit }) else { return nil }
    return Matrix.SVD(u: isTall ? far : near, s: inner.s, v: isTall ? near : far)
  }

  /// `image = q · r` with orthonormal columns q. Those of the image nearly have right angles, whatever
  /// their lengths.
  private func split(_ image: Matrix) throws -> (q: Matrix, r: Matrix) {
    let lengths = image.reduced(.sumOfSquares, along: .rows).mapped(.sqrt)
    guard lengths.total(.minimum) > 0,
      let (q, r) = Matrix.combine(.divide, image, lengths).choleskyQR()
    else { return try image.factoredQR() }
    return (q, r.times(lengths.converted(to: .double)))
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
}
