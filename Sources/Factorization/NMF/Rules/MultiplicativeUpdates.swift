import Matrices

/// The smallest entry of a factor under multiplicative updates, so that 0 is not for ever.
private func floor(_ precision: Precision) -> Double { precision == .single ? 1e-12 : 1e-16 }

/// `½‖X − WH‖²` by multiplicative updates (Lee & Seung 2001):
/// `W ← W ∘ XHᵀ / (W HHᵀ + l1 + l2 W)`, then the same for H. The loss never rises.
package struct SquaredErrorUpdates: NMFRule {
  private let x: Observations
  private let options: NMFOptions
  package private(set) var factors: NMFFactors
  package var revived: Int { 0 }

  package init(_ x: Observations, start: NMFFactors, _ options: NMFOptions) {
    self.x = x
    self.options = options
    factors = start
  }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let old = factors
    factors.w = updated(factors.w, gram: factors.ht.gram, target: x.times(factors.ht))
    if isStopRequested() {
      factors = old
      return nil
    }
    let (gram, target) = (factors.w.gram, x.transposedTimes(factors.w))
    factors.ht = updated(factors.ht, gram: gram, target: target)
    let twice = x.squares - 2 * target.dot(factors.ht) + gram.dot(factors.ht.gram)
    let trusted = (x.precision == .single ? 1e-5 : 1e-12) * x.squares
    let loss = max(0, twice > trusted ? twice : x.squaredResidual(factors)) / 2
    return NMFAdvance(
      objective: loss + options.penalty(factors), loss: loss, change: factors.change(from: old))
  }

  private func updated(_ factor: Matrix, gram: Matrix, target: Matrix) -> Matrix {
    var factor = factor
    factor.multiply(
      by: target, over: factor * gram, l1: options.l1, l2: options.l2, floor: floor(x.precision))
    return factor
  }
}

/// The Kullback–Leibler divergence by multiplicative updates (Lee & Seung 2001; Févotte & Idier
/// 2011): `W ← W ∘ (X / WH) Hᵀ / (row sums of H + l1)`, then the same for H. The quotient is only
/// formed where X is not 0, and never kept.
package struct DivergenceUpdates: NMFRule {
  private let kept: CompressedMatrix
  private let options: NMFOptions
  /// `Σ x log x − x`, which does not depend on the factors.
  private let constant: Double
  package private(set) var factors: NMFFactors
  package var revived: Int { 0 }

  package init(_ x: Observations, start: NMFFactors, _ options: NMFOptions) {
    kept = x.compressed ?? CompressedMatrix(x.matrix, rank: options.rank)
    self.options = options
    constant = kept.entropy - x.matrix.total(.sum)
    factors = start
  }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let old = factors
    improveW(holding: factors.ht)
    if isStopRequested() {
      factors = old
      return nil
    }
    var numerator = factors.ht
    kept.quotientsTransposedTimes(factors.ht, factors.w, into: &numerator)
    factors.ht.multiply(
      by: numerator, overColumns: factors.w.columnSums, l1: options.l1, l2: options.l2,
      floor: floor(kept.precision))
    let total = zip(factors.w.columnSums, factors.ht.columnSums).reduce(0) { $0 + $1.0 * $1.1 }
    let loss = constant - kept.logarithm(factors.w, factors.ht) + total
    return NMFAdvance(
      objective: loss + options.penalty(factors), loss: loss, change: factors.change(from: old))
  }

  /// The step of W alone.
  package mutating func improveW(holding ht: Matrix) {
    var numerator = factors.w
    kept.quotientsTimes(factors.w, ht, into: &numerator)
    factors.w.multiply(
      by: numerator, overColumns: ht.columnSums, l1: options.l1, l2: options.l2,
      floor: floor(kept.precision))
  }
}

extension Matrix {
  /// The sum of every column, in 64 bits.
  fileprivate var columnSums: [Double] { reduced(.sum, along: .rows).elements }
}

extension NMFFactors {
  /// The largest relative change of a component.
  package func change(from old: NMFFactors) -> Double {
    max(w.change(from: old.w), ht.change(from: old.ht))
  }
}

extension Matrix {
  /// The largest relative change of a column.
  package func change(from old: Matrix) -> Double {
    DescentReport(
      firstChange: squaredDistances(from: old),
      squares: reduced(.sumOfSquares, along: .rows).elements
    ).largestChange
  }
}

extension NMFOptions {
  /// `l1 (ΣW + ΣH) + ½ l2 (‖W‖² + ‖H‖²)`.
  package func penalty(_ factors: NMFFactors) -> Double {
    guard isRegularized else { return 0 }
    return l1 * (factors.w.total(.sum) + factors.ht.total(.sum))
      + l2 / 2 * (factors.w.sumOfSquares + factors.ht.sumOfSquares)
  }
}
