import Matrices

/// How far factors are from X.
extension Observations {
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

  /// `Σ (x − ŷ)²` of every row, from products: `‖x‖² − 2 (x H)·w + w (HHᵀ) w`.
  func squaredResidualOfRows(_ factors: NMFFactors) -> [Double] {
    let (gram, target) = (factors.ht.gram, times(factors.ht))
    var rest: [Double] = []
    for start in stride(from: 0, to: shape.rows, by: 1024) {
      let range = start..<min(shape.rows, start + 1024)
      let w = factors.w.rows(in: range)
      let gained = (2 * target.rows(in: range) - w * gram).times(w).reduced(.sum, along: .columns)
      let all = matrix.rows(in: range).reduced(.sumOfSquares, along: .columns)
      rest += (all.converted(to: .double) - gained.converted(to: .double)).elements
    }
    return rest
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

  /// The part of the variance around the column means that a squared residual leaves explained.
  package func explained(residual: Double) -> Double {
    if weights == nil, let dense = matrix.dense { return dense.explained(residual: residual) }
    let sums = weighted.reduced(.sum, along: .rows).elements
    let middle = zip(sums, knownCounts).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.0 / $1.1 : 0) }
    let spread = squares - middle
    return spread > 0 ? 1 - residual / spread : .nan
  }
}
