/// The largest singular triplets by block Golub–Kahan–Lanczos bidiagonalisation with full
/// reorthogonalisation (Golub, Luk & Overton, ACM TOMS 7, 1981) and thick restarts (Baglama & Reichel,
/// SIAM J. Sci. Comput. 27, 2005).
///
/// It keeps `X V = P T` exactly and `Xᵀ P = V Tᵀ` but for the last block, so what is left of
/// `Xᵀu − σv` is known without another product; every value is that close to a singular value. Ends
/// when that is rounding for all wanted ones. A block is wider than the rank, so that equal singular
/// values are all found. Memory: `(m + n)` times six blocks.
struct LanczosProcess<Operator: LinearOperator> {
  private let x: Operator
  private let wanted: Int
  /// Columns of a block.
  private let width: Int
  /// Blocks before the bases are cut down to the best directions.
  private static var blocks: Int { 6 }
  private static var mostSteps: Int { 200 }
  /// What may be left of `Xᵀu − σv`, in parts of the largest value.
  var tolerance: Double { x.precision == .single ? 1e-6 : 1e-12 }

  init(_ x: Operator, rank: Int) {
    self.x = x
    wanted = rank
    width = min(max(rank + 4, 8), x.shape.rows, x.shape.columns)
  }

  /// Whether a block holds all directions of the smaller side, so that one step finds all.
  var isOneStep: Bool { width == min(x.shape.rows, x.shape.columns) }

  /// The triplets, as near as they have come at last.
  func run() throws -> Matrix.SVD {
    guard let found = try run(steps: Self.mostSteps, takesLast: true) else {
      throw DecompositionError.notConverged
    }
    return found
  }

  /// The triplets, if so many steps find them.
  func run(within steps: Int) throws -> Matrix.SVD? { try run(steps: steps, takesLast: false) }

  private func run(steps: Int, takesLast: Bool) throws -> Matrix.SVD? {
    var random = Random(seed: Random.defaultSeed, stream: 0x5BD)
    var left = Matrix.zeros(x.shape.rows, 0, x.precision)
    var right = Matrix.zeros(x.shape.columns, 0, x.precision)
    var core = Matrix.zeros(0, 0)
    var block = try random.normal(right.rows, width, x.precision).orthonormalized()
    for step in 1...steps {
      try Interrupt.check()
      let (p, along, rest) = try left.extended(by: x.product(with: block), &random)
      core = Matrix.above([
        .besides([core, along]), .besides([.zeros(rest.rows, core.columns), rest]),
      ])
      left = .besides([left, p])
      right = .besides([right, block])
      try Interrupt.check()
      let next = try right.extended(by: x.transposedProduct(with: p), &random)
      let isWhole = next.q.columns == 0
      let isLast = isWhole || step == steps
      // A look costs as much as some products with X, and early ones rarely find anything.
      if isLast || left.columns >= Self.blocks / 2 * width
        || next.rest.frobeniusNorm <= tolerance * core.frobeniusNorm
      {
        let inner = try core.svd()
        let last = inner.u.rows(in: left.columns - p.columns..<left.columns)
        let missing = (next.rest * last).reduced(.sumOfSquares, along: .rows).elements
        let limit = tolerance * inner.s[0, 0]
        let isFound = missing.prefix(wanted).allSatisfy { $0.squareRoot() <= limit }
        if isFound || isWhole || isLast && takesLast {
          return triplets(left, right, inner, wanted)
        }
        if left.columns + next.q.columns > Self.blocks * width {
          let kept = triplets(left, right, inner, wanted + (width - wanted + 1) / 2)
          (left, right, core) = (kept.u, kept.v, kept.s.asDiagonal)
        }
      }
      block = next.q
    }
    return nil
  }

  private func triplets(_ left: Matrix, _ right: Matrix, _ inner: Matrix.SVD, _ count: Int)
    -> Matrix.SVD
  {
    let kept = Array(0..<count)
    return Matrix.SVD(
      u: left * inner.u.selecting(columns: kept).converted(to: x.precision),
      s: inner.s.selecting(rows: kept),
      v: right * inner.v.selecting(columns: kept).converted(to: x.precision))
  }
}
