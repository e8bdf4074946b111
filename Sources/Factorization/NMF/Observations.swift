import Matrices

/// The matrix to be factorized, with what is known of it, in the form in which products with thin
/// factors are fastest. A sparse one is never made full: where all elements of rows are asked for,
/// they are made a block at a time.
package struct Observations: Sendable {
  /// X; 0 where nothing is known.
  package let matrix: AnyMatrix
  /// How much every entry counts, 0 where it is missing; `nil`: every entry 1. As sparse as X is.
  package let weights: AnyMatrix?
  /// Where a sparse X stores NaN, each a 1: entries that are missing, while all others count 1.
  let missing: SparseMatrix?
  /// `Σ m x²`.
  package let squares: Double
  /// The mean of the known entries.
  package let mean: Double
  /// The entries of `M ∘ X` that are not 0, when they are few enough to gain by it.
  package private(set) var compressed: SparseMatrix?
  /// `M ∘ X`.
  let weighted: AnyMatrix
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

  /// Entries of weight 0 may be anything, NaN too. `always` skips zeros whatever that gains.
  package init(
    _ matrix: AnyMatrix, rank: Int, weights: AnyMatrix? = nil, always: Bool = false
  ) {
    switch matrix {
    case .dense(let x):
      self.init(x, weights: weights?.full, always: always)
    case .sparse(let x):
      if let weights = weights?.dense {
        // As large as the weights, which are there.
        self.init(x.full, weights: weights, always: always)
      } else {
        self.init(x, weights: weights?.sparse)
      }
    }
  }

  package init(_ matrix: Matrix, rank: Int, weights: Matrix? = nil, always: Bool = false) {
    self.init(matrix, weights: weights, always: always)
  }

  private init(_ given: Matrix, weights: Matrix?, always: Bool) {
    var matrix = given.rowMajor()
    missing = nil
    if let weights {
      let known = Matrix.combine(.greater, weights, 0)
      matrix = Matrix.choose(known, matrix, Matrix(0).converted(to: matrix.precision))
      self.weights = .dense(weights.converted(to: matrix.precision).rowMajor())
      let product = matrix.times(weights.converted(to: matrix.precision))
      weighted = .dense(product)
      squares = product.dot(matrix)
      mean = product.total(.sum) / max(weights.total(.sum), .leastNormalMagnitude)
      density = product.total(.count) / Double(max(matrix.count, 1))
    } else {
      self.weights = nil
      weighted = .dense(matrix)
      let census = matrix.census
      squares = census.sumOfSquares
      mean = census.sum / Double(max(matrix.count, 1))
      density = Double(census.nonZeros) / Double(max(matrix.count, 1))
    }
    self.matrix = .dense(matrix)
    let gains = density < Self.worthCompressing && matrix.count > 1 << 16
    compressed = gains || always ? weighted.stored : nil
  }

  private init(_ given: SparseMatrix, weights: SparseMatrix?) {
    if let weights {
      let weights = weights.converted(to: given.precision)
      let known = SparseMatrix.combine(.greater, weights, 0)
      let x = given.choosing(where: known)
      let product = SparseMatrix.combine(.multiply, x, weights)
      matrix = .sparse(x)
      self.weights = .sparse(weights)
      weighted = .sparse(product)
      squares = SparseMatrix.combine(.multiply, product, x).total(.sum)
      mean = product.total(.sum) / max(weights.total(.sum), .leastNormalMagnitude)
      density = product.density
      compressed = product
      missing = nil
    } else {
      let x = given.withoutNaN
      missing =
        x.count == given.count ? nil : given.mapped(.isNaN).converted(to: given.precision)
      matrix = .sparse(x)
      self.weights = nil
      weighted = .sparse(x)
      squares = x.sumOfSquares
      let known = Double(x.rows) * Double(x.columns) - Double(missing?.count ?? 0)
      mean = known > 0 ? x.total(.sum) / known : 0
      density = x.density
      compressed = x
    }
  }

  /// Whether entries are missing, or count otherwise than others.
  var isPartial: Bool { weights != nil || missing != nil }

  /// `Σ m`.
  var knownCount: Double {
    weights?.total(.sum) ?? matrix.count - Double(missing?.count ?? 0)
  }

  /// `Σ m` of every column.
  private var knownCounts: [Double] {
    if let weights { return weights.reduced(.sum, along: .rows).elements }
    let holes = missing?.reduced(.sum, along: .rows).elements
    return holes?.map { Double(shape.rows) - $0 }
      ?? [Double](repeating: Double(shape.rows), count: shape.columns)
  }

  /// The weights for steps in which every row has its own Gram matrix; `nil` where all are 1.
  var entryWeights: EntryWeights? {
    weights.map { EntryWeights($0) } ?? missing.map { EntryWeights(allBut: $0) }
  }

  /// The weights of all entries of some rows; `nil` where all are 1.
  func weights(in range: Range<Int>) -> Matrix? {
    weights?.rows(in: range)
      ?? missing.map { Matrix.combine(.subtract, 1, $0.rows(in: range)) }
  }

  /// All entries of some rows.
  func full(_ range: Range<Int>) -> Observations {
    Observations(matrix.rows(in: range), rank: 0, weights: weights(in: range))
  }

  package var shape: Shape { matrix.shape }
  package var precision: Precision { matrix.precision }

  /// The elements that a product visits.
  package var visited: Int {
    if let sketch { return sketch.basis.count + sketch.core.count }
    return compressed?.count ?? Int(matrix.count)
  }

  /// `X F`, or `(M ∘ X) F`.
  package func times(_ factor: Matrix) -> Matrix {
    if let sketch { return sketch.basis * (sketch.core.transposed * factor) }
    return compressed?.times(factor) ?? weighted.times(factor)
  }

  /// `Xᵀ F`, or `(M ∘ X)ᵀ F`.
  package func transposedTimes(_ factor: Matrix) -> Matrix {
    if let sketch { return sketch.core * (sketch.basis.transposed * factor) }
    return compressed?.transposedTimes(factor) ?? weighted.transposedTimes(factor)
  }

  /// `X F` or `Xᵀ F` for a step, which makes it a few rows at a time where they are many.
  func target(of factor: Matrix, transposed: Bool) -> DescentTarget {
    let rows = transposed ? shape.columns : shape.rows
    if sketch == nil {
      if let compressed {
        return .product(.sparse(transposed ? compressed.transposed : compressed), factor)
      }
      if rows >= Self.worthBlocks, let x = weighted.dense {
        return .product(.dense(transposed ? x.transposed : x), factor)
      }
    }
    return .whole(transposed ? transposedTimes(factor) : times(factor))
  }

  /// Products of fewer rows are small, and thin ones are cut along the sum.
  private static let worthBlocks = 1024

  /// The entries of `M ∘ X` that are not 0, whatever they gain.
  var kept: SparseMatrix { compressed ?? weighted.stored }

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
  /// whole one. Of a sparse matrix the zeros serve as they are.
  package func filled(rank: Int) -> Observations {
    guard let weights = weights?.dense, let matrix = matrix.dense else { return self }
    let sums = weighted.reduced(.sum, along: .rows)
    let counts = weights.reduced(.sum, along: .rows)
    let means = Matrix.choose(
      Matrix.combine(.greater, counts, 0), sums.over(counts), Matrix(mean))
    let whole = Matrix.choose(Matrix.combine(.greater, weights, 0), matrix, means)
    return Observations(whole.converted(to: precision), rank: rank)
  }

  /// `Σ m (x − ŷ)²` for `Ŷ = W Hᵀ`: element by element, a block of rows at a time; of a sparse matrix
  /// from what is stored and, without weights, the Gram matrices.
  package func squaredResidual(_ factors: NMFFactors) -> Double {
    if let sparse = weighted.sparse {
      let products = sparse.approximationSums(factors.w, factors.ht).first
      let all: Double
      if let weights = weights?.sparse {
        all = weights.approximationSums(factors.w, factors.ht).second
      } else {
        let (w, ht) = (factors.w.converted(to: .double), factors.ht.converted(to: .double))
        let known = w.gram.dot(ht.gram)
        all = known - (missing?.approximationSums(factors.w, factors.ht).second ?? 0)
      }
      return max(0, squares - 2 * products + all)
    }
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

  /// `Σ m d(x | ŷ)`, a block of rows at a time; the squared error and the Kullback–Leibler divergence
  /// of a sparse matrix from what is stored.
  package func divergence(_ divergence: EntryDivergence, _ factors: NMFFactors) -> Double {
    if matrix.sparse != nil {
      if divergence == .beta(2) { return squaredResidual(factors) / 2 }
      if divergence == .beta(1) {
        let x = KullbackLeibler(self)
        return x.divergence(factors, linearOfColumns: x.linearOfColumns(factors.w))
      }
    }
    var sum = 0.0
    if let stored = storedAmongZeros, divergence.isFiniteAtZero {
      forBlocks { range in
        let y = factors.w.rows(in: range) * factors.ht.transposed
        sum += Matrix.divergenceOfZeros(divergence, y)
      }
      return sum + stored.divergenceBeyondZeros(divergence, factors.w, factors.ht)
    }
    forBlocks { range in
      sum += Matrix.divergence(
        divergence, x: matrix.rows(in: range),
        y: factors.w.rows(in: range) * factors.ht.transposed,
        weights: weights(in: range))
    }
    return sum
  }

  /// A sparse X of which every element counts alike: its zeros are looked at apart from the rest.
  var storedAmongZeros: SparseMatrix? { isPartial ? nil : matrix.sparse }

  /// Calls `body` with ranges of rows of about a quarter of a million elements: what is formed of all
  /// elements, of a sparse X too, takes a few times 2 MiB, or a row.
  package func forBlocks(_ body: (Range<Int>) -> Void) {
    let block = max(1, (1 << 18) / max(shape.columns, 1))
    for start in stride(from: 0, to: shape.rows, by: block) {
      body(start..<min(shape.rows, start + block))
    }
  }

  /// The part of the variance around the column means that a squared residual leaves explained.
  package func explained(residual: Double) -> Double {
    if weights == nil, let dense = matrix.dense { return dense.explained(residual: residual) }
    let sums = weighted.reduced(.sum, along: .rows).elements
    let middle = zip(sums, knownCounts).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.0 / $1.1 : 0) }
    let spread = squares - middle
    return spread > 0 ? 1 - residual / spread : .nan
  }
}
