/// The largest singular triplets by orthogonal iteration from a random subspace (Halko, Martinsson &
/// Tropp, SIAM Review 53, 2011), 32 rounds at most: the subspace turns towards the vectors of the largest values, by
/// the ratio of squares of the values inside and outside a round. Memory: `(m + n)` times 1.5 times
/// the rank, and a matrix in a file is looked at once a round.
struct SubspaceIteration<Operator: LinearOperator> {
  private let x: Operator
  private let wanted: Int
  private let width: Int
  private let powers: Int?

  private static var mostRounds: Int { 32 }

  init(_ x: Operator, rank: Int, powers: Int?) {
    self.x = x
    wanted = rank
    width = min(rank + max(10, rank / 2), x.shape.rows, x.shape.columns)
    self.powers = powers
  }

  func run() throws -> Matrix.SVD {
    var random = Random(seed: Random.defaultSeed, stream: 0x5BD)
    var basis = try turnedBasis().basis
    try Interrupt.check()
    // The best triplets of this subspace.
    basis = basis.converted(to: x.precision)
    let (q, _, rest) = try Matrix.zeros(x.shape.rows, 0, x.precision).extended(
      by: x.product(with: basis), &random)
    let inner = try rest.svd()
    let kept = Array(0..<wanted)
    return Matrix.SVD(
      u: q * inner.u.selecting(columns: kept).converted(to: x.precision),
      s: inner.s.selecting(rows: kept),
      v: basis * inner.v.selecting(columns: kept).converted(to: x.precision))
  }

  /// Orthonormal columns that have turned towards the right singular vectors, and the values as they
  /// look there. Of a matrix in a file they are the vectors themselves, in the order of the values.
  func turnedBasis() throws -> (basis: Matrix, values: [Double]) {
    var random = Random(seed: Random.defaultSeed, stream: 0x5BD)
    // Squares of values need the digits of 64 bits.
    let precision = x.isReadInOnePass ? .double : x.precision
    var basis = try random.normal(x.shape.columns, width, precision).orthonormalized()
    var settled = [Double](repeating: 0, count: wanted)
    for _ in 0..<(powers ?? Self.mostRounds) {
      try Interrupt.check()
      let values: [Double]
      (basis, values) = try turned(basis)
      let change = zip(values, settled).reduce(0) { max($0, abs($1.0 - $1.1)) }
      settled = values
      let tolerance = x.precision == .single ? 1e-6 : 1e-11
      if powers == nil && change <= tolerance * (values.first ?? 0) { break }
    }
    if x.isReadInOnePass { return try rotated(basis) }
    return (basis, settled)
  }

  /// The best `wanted` directions of a subspace, from one more look: what is as long as X has rows
  /// then need not be wider.
  private func rotated(_ basis: Matrix) throws -> (basis: Matrix, values: [Double]) {
    let image = try x.gramProduct(with: basis)
    guard image.total(.sumOfSquares).isFinite else { throw DecompositionError.notConverged }
    let (squares, rotation) = (basis.transposed * image).rotatedToDiagonal()
    return (
      basis * rotation.selecting(columns: Array(0..<wanted)),
      squares.prefix(wanted).map { max($0, 0).squareRoot() }
    )
  }

  /// The subspace after a round, and the largest values as they look in it.
  private func turned(_ basis: Matrix) throws -> (Matrix, [Double]) {
    if x.isReadInOnePass {
      let image = try x.gramProduct(with: basis)
      guard image.total(.sumOfSquares).isFinite else { throw DecompositionError.notConverged }
      let squares = (basis.transposed * image).rotatedToDiagonal().values
      return (try image.orthonormalized(), squares.prefix(wanted).map { max($0, 0).squareRoot() })
    }
    let image = try x.transposedProduct(with: x.product(with: basis).orthonormalized())
    let (q, r) = try image.choleskyQR() ?? image.factoredQR()
    return (q, Array(try r.singularValues().elements.prefix(wanted)))
  }
}
