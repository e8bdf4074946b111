import Matrices

/// The matrix to be factorized, with what is known of it, in the form in which products with thin
/// factors are fastest.
package struct Observations: Sendable {
  /// X; 0 where nothing is known.
  package let matrix: Matrix
  /// How much every entry counts, 0 where it is missing; `nil`: every entry 1.
  package let weights: Matrix?
  /// `Σ m x²`.
  package let squares: Double
  /// The mean of the known entries.
  package let mean: Double
  /// The entries of `M ∘ X` that are not 0, when they are few enough to gain by it.
  package private(set) var compressed: SparseMatrix?
  /// `M ∘ X`.
  private let weighted: Matrix
  /// The part of entries that are not 0.
  package let density: Double
  /// `M ∘ X ≈ basis · core`, for products that are cheaper and not exact.
  private var sketch: Sketch?

  private struct Sketch: Sendable {
    var basis: Matrix
    /// n×ℓ.
    var core: Matrix
  }

  /// Below this part of elements that are not 0, products that skip zeros are faster than dense ones.
  /// Measured on 4000×1000 f32 at ranks 10, 50 and 200: an iteration costs about half at 10 and 20 %,
  /// 5 to 20 % less at 30 %, and between 40 % and 50 % the ranks disagree.
  private static let worthCompressing = 0.3

  /// Entries of weight 0 may be anything, NaN too.
  package init(_ matrix: Matrix, rank: Int, weights: Matrix? = nil, always: Bool = false) {
    var matrix = matrix.rowMajor()
    if let weights {
      let known = Matrix.combine(.greater, weights, 0)
      matrix = Matrix.choose(known, matrix, Matrix(0).converted(to: matrix.precision))
      self.weights = weights.converted(to: matrix.precision).rowMajor()
      weighted = matrix.times(weights.converted(to: matrix.precision))
      squares = weighted.dot(matrix)
      mean = weighted.total(.sum) / max(weights.total(.sum), .leastNormalMagnitude)
      density = weighted.total(.count) / Double(max(matrix.count, 1))
    } else {
      self.weights = nil
      weighted = matrix
      let census = matrix.census
      squares = census.sumOfSquares
      mean = census.sum / Double(max(matrix.count, 1))
      density = Double(census.nonZeros) / Double(max(matrix.count, 1))
    }
    self.matrix = matrix
    let gains = density < Self.worthCompressing && matrix.count > 1 << 16
    compressed = gains || always ? SparseMatrix(weighted) : nil
  }

  package var shape: Shape { matrix.shape }
  package var precision: Precision { matrix.precision }

  /// The elements that a product visits.
  package var visited: Int {
    if let sketch { return sketch.basis.count + sketch.core.count }
    return compressed?.count ?? matrix.count
  }

  /// `X F`, or `(M ∘ X) F`.
  package func times(_ factor: Matrix) -> Matrix {
    if let sketch { return sketch.basis * (sketch.core.transposed * factor) }
    guard let compressed else { return weighted * factor }
    var result = Matrix.zeros(shape.rows, factor.columns, precision)
    compressed.times(factor, into: &result)
    return result
  }

  /// `Xᵀ F`, or `(M ∘ X)ᵀ F`.
  package func transposedTimes(_ factor: Matrix) -> Matrix {
    if let sketch { return sketch.core * (sketch.basis.transposed * factor) }
    guard let compressed else { return weighted.transposed * factor }
    var result = Matrix.zeros(shape.columns, factor.columns, precision)
    compressed.transposedTimes(factor, into: &result)
    return result
  }

  /// The entries of `M ∘ X` that are not 0, whatever they gain.
  var kept: SparseMatrix { compressed ?? SparseMatrix(weighted) }

  /// The same matrix with these entries kept.
  func compressing() -> Observations {
    var copy = self
    copy.compressed = kept
    return copy
  }

  /// The same matrix with products that go through a basis of its columns.
  package func sketched(on basis: Matrix) -> Observations {
    var copy = self
    copy.sketch = Sketch(basis: basis, core: transposedTimes(basis))
    return copy
  }

  /// The same matrix, with the mean of its column where nothing is known, for starts that need a
  /// whole one.
  package func filled(rank: Int) -> Observations {
    guard let weights else { return self }
    let sums = weighted.reduced(.sum, along: .rows)
    let counts = weights.reduced(.sum, along: .rows)
    let means = Matrix.choose(
      Matrix.combine(.greater, counts, 0), sums.over(counts), Matrix(mean))
    let whole = Matrix.choose(Matrix.combine(.greater, weights, 0), matrix, means)
    return Observations(whole.converted(to: precision), rank: rank)
  }

  /// `Σ m (x − ŷ)²` for `Ŷ = W Hᵀ`, element by element, a block of rows at a time: one product and
  /// one pass.
  package func squaredResidual(_ factors: NMFFactors) -> Double {
    if weights != nil { return 2 * divergence(.beta(2), factors) }
    var sum = 0.0
    forBlocks { range in
      var rest = matrix.rows(in: range)
      Matrix.product(
        factors.w.rows(in: range), factors.ht.transposed, into: &rest, scale: -1, keep: 1)
      sum += rest.sumOfSquares
    }
    return sum
  }

  /// `Σ m d(x | ŷ)`, a block of rows at a time.
  package func divergence(_ divergence: EntryDivergence, _ factors: NMFFactors) -> Double {
    var sum = 0.0
    forBlocks { range in
      sum += Matrix.divergence(
        divergence, x: matrix.rows(in: range),
        y: factors.w.rows(in: range) * factors.ht.transposed,
        weights: weights?.rows(in: range))
    }
    return sum
  }

  /// Calls `body` with ranges of rows of about a million elements.
  package func forBlocks(_ body: (Range<Int>) -> Void) {
    let block = max(1, (1 << 18) / max(shape.columns, 1))
    for start in stride(from: 0, to: shape.rows, by: block) {
      body(start..<min(shape.rows, start + block))
    }
  }

  /// The part of the variance around the column means that a squared residual leaves explained.
  package func explained(residual: Double) -> Double {
    guard let weights else { return matrix.explained(residual: residual) }
    let sums = weighted.reduced(.sum, along: .rows).elements
    let counts = weights.reduced(.sum, along: .rows).elements
    let middle = zip(sums, counts).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.0 / $1.1 : 0) }
    let spread = squares - middle
    return spread > 0 ? 1 - residual / spread : .nan
  }
}
