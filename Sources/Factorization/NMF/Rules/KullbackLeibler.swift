import Matrices

/// The Kullback–Leibler divergence of X, `Σ m (x log(x/ŷ) − x + ŷ)`: where most of X is 0, only the
/// other entries cost anything; a full X is looked at a block of rows at a time, with dense products.
struct KullbackLeibler: Sendable {
  private let x: Observations
  /// The entries of `M ∘ X` that are not 0, when they are few, or wanted anyhow.
  let kept: SparseMatrix?
  /// `Σ m x log x − m x`, which does not depend on the factors.
  private let constant: Double

  init(_ x: Observations) {
    let x = x.storing()
    self.x = x
    kept = x.compressed
    constant = kept.map { x.weights == nil ? $0.entropy - x.matrix.total(.sum) : x.entropy } ?? 0
  }

  var precision: Precision { x.precision }

  /// `(M ∘ X / Ŷ) H`.
  func quotientsTimes(_ factors: NMFFactors) -> Matrix {
    if let kept {
      var result = factors.w
      kept.quotientsTimes(factors.w, factors.ht, into: &result)
      return result
    }
    var blocks: [Matrix] = []
    x.forBlocks { range in blocks.append(quotients(factors, range) * factors.ht) }
    return .above(blocks)
  }

  /// `(M ∘ X / Ŷ)ᵀ W`.
  func quotientsTransposedTimes(_ factors: NMFFactors) -> Matrix {
    var result = factors.ht
    if let kept {
      kept.quotientsTransposedTimes(factors.ht, factors.w, into: &result)
      return result
    }
    result = .zeros(result.rows, result.columns, result.precision)
    x.forBlocks { range in
      Matrix.product(
        quotients(factors, range).transposed, factors.w.rows(in: range), into: &result, keep: 1)
    }
    return result
  }

  private func quotients(_ factors: NMFFactors, _ range: Range<Int>) -> Matrix {
    Matrix.updateParts(
      .beta(1), x: x.matrix.rows(in: range),
      y: factors.w.rows(in: range) * factors.ht.transposed, weights: x.weights(in: range)
    ).above
  }

  /// What multiplies W in `Σ m ŷ`.
  func linearOfRows(_ ht: Matrix) -> Matrix { x.linearOfRows(ht) }

  /// What multiplies Hᵀ there.
  func linearOfColumns(_ w: Matrix) -> Matrix { x.linearOfColumns(w) }

  /// The divergence; `linear` is that of the columns for these factors.
  func divergence(_ factors: NMFFactors, linearOfColumns linear: Matrix) -> Double {
    guard let kept else { return x.divergence(.beta(1), factors) }
    let total =
      x.isPartial
      ? factors.ht.dot(linear.converted(to: factors.ht.precision))
      : Matrix(row: factors.ht.columnSums).dot(linear)
    return constant - kept.logarithm(factors.w, factors.ht) + total
  }
}

extension Observations {
  /// What multiplies W in `Σ m ŷ`: the sums of the parts (1×k), or, with weights, `M H` (m×k).
  func linearOfRows(_ ht: Matrix) -> Matrix {
    let sums = Matrix(row: ht.columnSums)
    if let missing { return left(of: sums, without: missing.times(ht)) { $0.times(ht) } }
    return weights?.times(ht) ?? sums
  }

  /// What multiplies Hᵀ: the sums of the columns of W, or `Mᵀ W` (n×k).
  func linearOfColumns(_ w: Matrix) -> Matrix {
    let sums = Matrix(row: w.columnSums)
    if let missing {
      return left(of: sums, without: missing.transposedTimes(w)) { $0.transposedTimes(w) }
    }
    return weights?.transposedTimes(w) ?? sums
  }

  /// Sums over all entries without what missing ones add. Where next to nothing is left, rounding must
  /// not leave less than what stored entries add alone: a step divides by it.
  private func left(of sums: Matrix, without part: Matrix, _ add: (SparseMatrix) -> Matrix)
    -> Matrix
  {
    let rest = Matrix.combine(.subtract, sums, part)
    let noise = (precision == .single ? 1e-3 : 1e-8) * sums
    guard let x = matrix.sparse, Matrix.combine(.less, rest, noise).total(.maximum) > 0 else {
      return rest
    }
    let stored = SparseMatrix.combine(.greater, x, 0).converted(to: precision)
    return Matrix.combine(.maximum, rest, add(stored).converted(to: rest.precision))
  }

  /// `Σ m x log x − m x`, block by block in 64 bits.
  fileprivate var entropy: Double {
    if let x = matrix.sparse, let m = weights?.sparse {
      // The logarithm of a 1 is 0, and so is what it adds.
      let logarithms = SparseMatrix.combine(.multiply, x, x.mapped(.log))
      return SparseMatrix.combine(.multiply, m, logarithms).total(.sum) - weighted.total(.sum)
    }
    var sum = 0.0
    forBlocks { range in
      let x = matrix.rows(in: range).converted(to: .double)
      let ones = Matrix.ones(x.rows, x.columns)
      // d(x | 1) = x log x − x + 1.
      let m = weights?.rows(in: range)
      sum += Matrix.divergence(.beta(1), x: x, y: ones, weights: m)
      sum -= m?.total(.sum) ?? Double(x.count)
    }
    return sum
  }
}

extension Matrix {
  /// The sum of every column, in 64 bits.
  var columnSums: [Double] { converted(to: .double).reduced(.sum, along: .rows).elements }
}

/// The Kullback–Leibler divergence by Newton's step, coordinate after coordinate (Hsieh & Dhillon
/// 2011), damped so that it never rises (Hien & Gillis 2021); both factors in turn, a few sweeps
/// each.
package struct NewtonDescent: NMFRule {
  private let x: KullbackLeibler
  private let kept: SparseMatrix
  private let options: NMFOptions
  private let sweeps: Int
  package private(set) var factors: NMFFactors

  package init(
    _ x: Observations, start: NMFFactors, _ options: NMFOptions, sweeps: Int = 2
  ) {
    let x = x.compressing()
    self.x = KullbackLeibler(x)
    kept = x.kept
    self.options = options
    self.sweeps = sweeps
    factors = start.within(options.terms).positive
  }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let old = factors
    let first = improveW(sweeps: sweeps, decay: 0.2)
    if isStopRequested() {
      factors = old
      return nil
    }
    let linear = x.linearOfColumns(factors.w)
    let second = kept.descendColumns(
      &factors.ht, factors.w, linear: linear, sweeps: sweeps, decay: 0.2, terms: options.terms.h,
      floor: leastEntry(x.precision))
    let loss = x.divergence(factors, linearOfColumns: linear)
    return NMFAdvance(
      objective: loss + options.penalty(factors), loss: loss,
      change: max(first.largestChange, second.largestChange))
  }

  /// The step of W alone.
  package mutating func improveW(sweeps: Int, decay: Double) -> DescentReport {
    kept.descendRows(
      &factors.w, factors.ht, linear: x.linearOfRows(factors.ht), sweeps: sweeps, decay: decay,
      terms: options.terms.w, floor: leastEntry(x.precision))
  }
}
