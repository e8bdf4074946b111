import Matrices

/// The smallest entry of a factor under multiplicative updates, so that 0 is not for ever.
func leastEntry(_ precision: Precision) -> Double { precision == .single ? 1e-12 : 1e-16 }

/// `½‖X − WH‖²` by multiplicative updates (Lee & Seung 2001):
/// `W ← W ∘ XHᵀ / (W HHᵀ + l1 + l2 W)`, then the same for H. The loss never rises.
package struct SquaredErrorUpdates: NMFRule {
  private let x: Observations
  private let options: NMFOptions
  private var wanted: WantedChange
  package private(set) var factors: NMFFactors

  package init(_ x: Observations, start: NMFFactors, _ options: NMFOptions) {
    self.x = x
    self.options = options
    wanted = WantedChange(options)
    factors = start
  }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let old = factors
    improveW()
    if isStopRequested() {
      factors = old
      return nil
    }
    let (gram, target) = (factors.w.gram, x.transposedTimes(factors.w))
    let below = factors.ht * gram
    wanted.look(factors, h: (target, below))
    factors.ht.multiply(
      by: target, over: below, terms: options.terms.h, floor: leastEntry(x.precision))
    let twice = x.squares - 2 * target.dot(factors.ht) + gram.dot(factors.ht.gram)
    let trusted = (x.precision == .single ? 1e-5 : 1e-12) * x.squares
    let loss = max(0, twice > trusted ? twice : x.squaredResidual(factors)) / 2
    return NMFAdvance(
      objective: loss + options.penalty(factors), loss: loss,
      change: wanted.change(factors.change(from: old)))
  }

  private mutating func improveW() {
    let (above, below) = (x.times(factors.ht), factors.w * factors.ht.gram)
    wanted.look(factors, w: (above, below))
    factors.w.multiply(
      by: above, over: below, terms: options.terms.w, floor: leastEntry(x.precision))
  }
}

/// Any β-divergence, or huber, with or without weights, by multiplicative updates (Févotte & Idier,
/// Neural Comput. 23, 2011): `W ← W ∘ ((M ∘ X ∘ Ŷ^{β−2}) Hᵀ / ((M ∘ Ŷ^{β−1}) Hᵀ + …))^γ`, then the
/// same for H. Ŷ is formed a block of rows at a time and never kept; of a sparse X, what its zeros add
/// to the denominators comes from such blocks, and all else from what is stored.
package struct DivergenceUpdates: NMFRule {
  private let x: Observations
  private let options: NMFOptions
  private var wanted: WantedChange
  package private(set) var factors: NMFFactors

  package init(_ x: Observations, start: NMFFactors, _ options: NMFOptions) {
    self.x = x
    self.options = options
    wanted = WantedChange(options)
    factors = start.positive
  }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let old = factors
    improveW()
    if isStopRequested() {
      factors = old
      return nil
    }
    improveH()
    let loss = x.divergence(options.loss.entries, factors)
    return NMFAdvance(
      objective: loss + options.penalty(factors), loss: loss,
      change: wanted.change(factors.change(from: old)))
  }

  /// The step of W alone.
  package mutating func improveW() {
    guard x.shape.rows > 0, factors.w.columns > 0 else { return }
    let sums = sumsForW()
    wanted.look(factors, w: sums)
    factors.w.multiply(
      by: sums.above, over: sums.below, exponent: exponent(options.terms.w),
      terms: options.terms.w, floor: leastEntry(x.precision))
  }

  private mutating func improveH() {
    let sums = sumsForH()
    wanted.look(factors, h: sums)
    factors.ht.multiply(
      by: sums.above, over: sums.below, exponent: exponent(options.terms.h),
      terms: options.terms.h, floor: leastEntry(x.precision))
  }

  /// Numerator and denominator of the step of W.
  func sumsForW() -> (above: Matrix, below: Matrix) {
    let (w, ht) = (factors.w, factors.ht)
    if let stored = x.storedAmongZeros {
      var below: [Matrix] = []
      x.forBlocks { range in below.append(zeroParts(range) * ht) }
      var sum = Matrix.above(below)
      if isHuber { sum.add(stored.stepParts(options.loss.entries, denominator: true, w, ht)) }
      return (stored.stepParts(options.loss.entries, w, ht), sum.clamped(0, .infinity))
    }
    var (above, below): ([Matrix], [Matrix]) = ([], [])
    x.forBlocks { range in
      let parts = parts(range)
      above.append(parts.above * ht)
      below.append(parts.below * ht)
    }
    return (.above(above), .above(below))
  }

  /// Numerator and denominator of the step of H.
  func sumsForH() -> (above: Matrix, below: Matrix) {
    let (w, ht) = (factors.w, factors.ht)
    var below = Matrix.zeros(ht.rows, ht.columns, x.precision)
    if let stored = x.storedAmongZeros {
      x.forBlocks { range in
        Matrix.product(zeroParts(range).transposed, w.rows(in: range), into: &below, keep: 1)
      }
      if isHuber {
        below.add(stored.transposedStepParts(options.loss.entries, denominator: true, ht, w))
      }
      return (
        stored.transposedStepParts(options.loss.entries, ht, w), below.clamped(0, .infinity)
      )
    }
    var above = below
    x.forBlocks { range in
      let (parts, w) = (parts(range), w.rows(in: range))
      Matrix.product(parts.above.transposed, w, into: &above, keep: 1)
      Matrix.product(parts.below.transposed, w, into: &below, keep: 1)
    }
    return (above, below)
  }

  private var isHuber: Bool {
    if case .huber = options.loss.entries { true } else { false }
  }

  /// What zeros in these rows of X would add to the denominators.
  private func zeroParts(_ range: Range<Int>) -> Matrix {
    var y = factors.w.rows(in: range) * factors.ht.transposed
    y.becomeZeroParts(options.loss.entries)
    return y
  }

  private func parts(_ range: Range<Int>) -> (above: Matrix, below: Matrix) {
    Matrix.updateParts(
      options.loss.entries, x: x.matrix.rows(in: range),
      y: factors.w.rows(in: range) * factors.ht.transposed, weights: x.weights(in: range))
  }

  private func exponent(_ terms: FactorTerms) -> Double {
    options.loss.exponent(quadratic: terms.hasQuadratic)
  }
}

/// The Kullback–Leibler divergence by multiplicative updates (Lee & Seung 2001; Févotte & Idier
/// 2011): `W ← W ∘ (X / WH) Hᵀ / (row sums of H + l1)`, then the same for H. The quotient is only
/// formed where X is not 0, and never kept.
///
/// With extrapolation every half starts from where the last movement points, as far as that is
/// upwards, `Y = F + β max(0, F − F_old)` (Hien, Leplat & Gillis, "Block majorization minimization
/// with extrapolation", 2024); β grows while the loss falls, and a step that raised it is taken
/// back.
package struct KullbackLeiblerUpdates: NMFRule {
  private let x: KullbackLeibler
  private let options: NMFOptions
  private let extrapolates: Bool
  private var accepted: NMFFactors
  private var earlier: NMFFactors
  private var last = NMFAdvance(objective: .infinity, loss: .infinity, change: .infinity)
  private var momentum = Momentum.ofUpdates
  private var wanted: WantedChange

  package var factors: NMFFactors { accepted }

  package init(
    _ x: Observations, start: NMFFactors, _ options: NMFOptions, extrapolates: Bool = false
  ) {
    self.x = KullbackLeibler(x)
    self.options = options
    self.extrapolates = extrapolates
    wanted = WantedChange(options)
    accepted = start.within(options.terms).positive
    earlier = accepted
  }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let old = accepted
    let floor = leastEntry(x.precision)
    var next = NMFFactors(
      w: reaching(old.w, earlier.w), ht: reaching(old.ht, earlier.ht))
    improveW(&next, floor)
    if isStopRequested() { return nil }
    let linear = x.linearOfColumns(next.w)
    let above = x.quotientsTransposedTimes(next)
    wanted.look(next, h: (above, linear))
    next.ht.multiply(by: above, overLinear: linear, terms: options.terms.h, floor: floor)
    let loss = x.divergence(next, linearOfColumns: linear)
    let advance = NMFAdvance(
      objective: loss + options.penalty(next), loss: loss,
      change: wanted.change(next.change(from: old)))
    if extrapolates && advance.objective > last.objective {
      momentum.shrink()
      earlier = accepted
      last.change = advance.change
      return last
    }
    earlier = old
    accepted = next
    momentum.grow()
    last = advance
    return advance
  }

  private mutating func improveW(_ next: inout NMFFactors, _ floor: Double) {
    let (above, linear) = (x.quotientsTimes(next), x.linearOfRows(next.ht))
    wanted.look(next, w: (above, linear))
    next.w.multiply(by: above, overLinear: linear, terms: options.terms.w, floor: floor)
  }

  private func reaching(_ factor: Matrix, _ old: Matrix) -> Matrix {
    guard extrapolates else { return factor }
    return factor + momentum.size * (factor - old).clamped(0, .infinity)
  }
}

extension NMFFactors {
  /// The same with entries that multiplication can change.
  var positive: NMFFactors {
    let least = leastEntry(w.precision)
    return NMFFactors(w: w.clamped(least, .infinity), ht: ht.clamped(least, .infinity))
  }

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
