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
  /// The entries of `M ∘ X` that are not 0, when they are few enough to gain by it, and not those of a
  /// full X without weights.
  package private(set) var compressed: SparseMatrix?
  /// A full X without weights with a map of the entries that are not 0, when they are as few.
  private var mapped: MappedMatrix?
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
    compressed = always || (gains && weights != nil) ? weighted.stored : nil
    mapped = gains && compressed == nil ? MappedMatrix(matrix) : nil
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
  var knownCounts: [Double] {
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
    return compressed?.count ?? mapped?.count ?? Int(matrix.count)
  }

  /// Whether products skip the zeros of X.
  var skipsZeros: Bool { compressed != nil || mapped != nil }

  /// `X F`, or `(M ∘ X) F`.
  package func times(_ factor: Matrix) -> Matrix {
    if let sketch { return sketch.basis * (sketch.core.transposed * factor) }
    return compressed?.times(factor) ?? mapped?.times(factor) ?? weighted.times(factor)
  }

  /// `Xᵀ F`, or `(M ∘ X)ᵀ F`.
  package func transposedTimes(_ factor: Matrix) -> Matrix {
    if let sketch { return sketch.core * (sketch.basis.transposed * factor) }
    return compressed?.transposedTimes(factor) ?? mapped?.transposed.times(factor)
      ?? weighted.transposedTimes(factor)
  }

  /// What makes up to 512 rows of `X F` or of `Xᵀ F`: of all at once where zeros are skipped, and where
  /// so many columns of X are more than the product.
  func rowsOfProduct(_ factor: Matrix, transposed: Bool) -> (Range<Int>) -> Matrix {
    let isSmall = transposed && shape.columns * factor.columns <= 512 * shape.rows
    if !skipsZeros, !isSmall, sketch == nil, let x = weighted.dense {
      return { range in
        transposed
          ? x.selecting(columns: Array(range)).transposed * factor : x.rows(in: range) * factor
      }
    }
    let whole = transposed ? transposedTimes(factor) : times(factor)
    return { whole.rows(in: $0) }
  }

  /// `X F` or `Xᵀ F` for a step, where F is where the other factor reaches; the step makes it a few
  /// rows at a time where that is much.
  func target(of factor: ReachingFactor, transposed: Bool) -> DescentTarget {
    // Where it reaches depends on more than its own rows.
    let factor = factor.needsAll ? ReachingFactor(factor.ahead) : factor
    let rows = transposed ? shape.columns : shape.rows
    if sketch == nil {
      if let compressed {
        return .product(.sparse(transposed ? compressed.transposed : compressed), factor)
      }
      if let mapped { return .mapped(transposed ? mapped.transposed : mapped, factor) }
      if rows * factor.shape.columns >= Self.worthBlocks, let x = weighted.dense {
        return .product(.dense(transposed ? x.transposed : x), factor)
      }
    }
    let ahead = factor.ahead
    return .whole(transposed ? transposedTimes(ahead) : times(ahead))
  }

  /// Products of fewer numbers are small, and thin ones are cut along the sum.
  private static let worthBlocks = 1 << 14

  /// The entries of `M ∘ X` that are not 0, whatever they gain.
  var kept: SparseMatrix { compressed ?? weighted.stored }

  /// The same matrix with these entries kept.
  func compressing() -> Observations {
    var copy = self
    (copy.compressed, copy.mapped) = (kept, nil)
    return copy
  }

  /// The same matrix with these entries kept where their places are, for losses that ask for them one
  /// by one.
  func storing() -> Observations { mapped == nil ? self : compressing() }

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

  /// Calls `body` with ranges of rows of about a quarter of a million elements: what is formed of all
  /// elements, of a sparse X too, takes a few times 2 MiB, or a row.
  package func forBlocks(_ body: (Range<Int>) -> Void) {
    let block = max(1, (1 << 18) / max(shape.columns, 1))
    for start in stride(from: 0, to: shape.rows, by: block) {
      body(start..<min(shape.rows, start + block))
    }
  }
}
