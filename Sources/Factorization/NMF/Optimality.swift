import Matrices

extension Observations {
  /// The standard deviation of the known entries; their size where all are the same but for rounding.
  var spread: Double {
    let square = squares / max(knownCount, 1)
    let deviation = max(0, square - mean * mean).squareRoot()
    return deviation > 1e-6 * square.squareRoot() ? deviation : square.squareRoot()
  }

  /// How far the conditions of Karush, Kuhn & Tucker are from holding: over both factors and all
  /// components the largest `‖F_r − P(F_r − ∇_r / c_r)‖ / ‖F_r‖` with P onto what is allowed and
  /// `c_r` the curvature of the component. 0 at a solution; does not depend on how W and H share
  /// their scale. A component that is lost in the rounding of WH is measured against the largest. One
  /// more look at X.
  func optimality(_ factors: NMFFactors, _ options: NMFOptions) -> Double {
    guard options.form == .standard || options.form == .semi else { return .nan }
    let (loss, terms) = (options.loss, options.terms)
    if loss.isSquared && !isPartial {
      // One factor after the other: memory for one product, and for rows of the rest.
      return max(
        wanted(factors.w, factors.ht, terms.w, loss, transposed: false),
        wanted(factors.ht, factors.w, terms.h, loss, transposed: true))
    }
    let slopes = slopes(factors, loss)
    return max(
      Self.wanted(factors.w, slopes.w, factors.ht, terms.w, loss),
      Self.wanted(factors.ht, slopes.h, factors.w, terms.h, loss))
  }

  /// What numerator and denominator of a multiplicative step are: the gradient is their difference.
  private func slopes(_ factors: NMFFactors, _ loss: NMFLoss)
    -> PerFactor<(above: Matrix, below: Matrix)>
  {
    if matrix.sparse != nil, let slopes = sparseSlopes(factors, loss) { return slopes }
    var (aboveW, belowW): ([Matrix], [Matrix]) = ([], [])
    var aboveH = Matrix.zeros(factors.ht.rows, factors.ht.columns, precision)
    var belowH = aboveH
    forBlocks { range in
      let w = factors.w.rows(in: range)
      let parts = Matrix.updateParts(
        loss.entries, x: matrix.rows(in: range), y: w * factors.ht.transposed,
        weights: weights(in: range))
      aboveW.append(parts.above * factors.ht)
      belowW.append(parts.below * factors.ht)
      Matrix.product(parts.above.transposed, w, into: &aboveH, keep: 1)
      Matrix.product(parts.below.transposed, w, into: &belowH, keep: 1)
    }
    return PerFactor(w: (.above(aboveW), .above(belowW)), h: (aboveH, belowH))
  }

  /// The same from what is stored, for the losses that need no more.
  private func sparseSlopes(_ factors: NMFFactors, _ loss: NMFLoss)
    -> PerFactor<(above: Matrix, below: Matrix)>?
  {
    if loss.isSquared, let weights = weights?.sparse {
      let approximation = weights.timesApproximation(factors.w, factors.ht)
      return PerFactor(
        w: (times(factors.ht), approximation.times(factors.ht)),
        h: (transposedTimes(factors.w), approximation.transposedTimes(factors.w)))
    }
    if loss.isSquared, let missing {
      let holes = missing.timesApproximation(factors.w, factors.ht)
      return PerFactor(
        w: (times(factors.ht), factors.w * factors.ht.gram - holes.times(factors.ht)),
        h: (
          transposedTimes(factors.w),
          factors.ht * factors.w.gram - holes.transposedTimes(factors.w)
        ))
    }
    guard loss == .kl else { return nil }
    let x = KullbackLeibler(self)
    let linear = (x.linearOfRows(factors.ht), x.linearOfColumns(factors.w))
    return PerFactor(
      w: (
        x.quotientsTimes(factors),
        linear.0.converted(to: precision).repeated(to: factors.w.shape)
      ),
      h: (
        x.quotientsTransposedTimes(factors),
        linear.1.converted(to: precision).repeated(to: factors.ht.shape)
      ))
  }

  private static func wanted(
    _ factor: Matrix, _ slope: (above: Matrix, below: Matrix), _ other: Matrix,
    _ terms: FactorTerms, _ loss: NMFLoss
  ) -> Double {
    // Rows that sum to 1 have no such simple projection.
    if terms.rowsSumToOne { return .nan }
    return DescentReport(
      firstChange: factor.squaredDistances(from: target(of: factor, slope, other, terms, loss)),
      squares: factor.reduced(.sumOfSquares, along: .rows).elements
    ).atLeastRounding(beside: other).largestChange
  }

  /// The same for the squared error of all entries and the other factor O, some rows at a time.
  private func wanted(
    _ factor: Matrix, _ other: Matrix, _ terms: FactorTerms, _ loss: NMFLoss, transposed: Bool
  ) -> Double {
    if terms.rowsSumToOne { return .nan }
    let gram = other.gram
    var report = DescentReport(
      firstChange: [Double](repeating: 0, count: factor.columns),
      squares: [Double](repeating: 0, count: factor.columns))
    let product = rowsOfProduct(other, transposed: transposed)
    for start in stride(from: 0, to: factor.rows, by: 512) {
      let range = start..<min(factor.rows, start + 512)
      let own = factor.rows(in: range)
      let goal = Self.target(of: own, (product(range), own * gram), other, terms, loss)
      let (changes, squares) = (
        own.squaredDistances(from: goal), own.reduced(.sumOfSquares, along: .rows).elements
      )
      for r in changes.indices {
        report.firstChange[r] += changes[r]
        report.squares[r] += squares[r]
      }
    }
    return report.atLeastRounding(beside: other).largestChange
  }

  /// Where a step of every component, for its curvature, would end.
  static func target(
    of factor: Matrix, _ slope: (above: Matrix, below: Matrix), _ other: Matrix,
    _ terms: FactorTerms, _ loss: NMFLoss
  ) -> Matrix {
    let gradient = slope.below - slope.above + terms.slope(factor)
    let curvature: Matrix
    if loss.isSquared {
      curvature = other.reduced(.sumOfSquares, along: .rows) + terms.l2
    } else {
      // What a multiplicative step divides by, for a unit of F.
      let sums = factor.reduced(.sum, along: .rows)
      curvature =
        (slope.below.reduced(.sum, along: .rows)).over(
          sums + Matrix.combine(.equal, sums, 0)) + terms.l2
    }
    let safe = curvature + Matrix.combine(.equal, curvature, 0)
    let step = factor - Matrix.combine(.divide, gradient, safe)
    return step.clamped(terms.lowest, terms.highest)
  }
}

extension NMFOptions {
  /// Whether a run that is this far from the conditions of a solution has converged: the best W, which
  /// it ends with, moves H by a little more than the tolerance.
  func isAtRest(_ optimality: Double, _ precision: Precision) -> Bool {
    // What rounding of the products leaves of a solution.
    let least = precision == .single ? 1e-5 : 1e-10
    return optimality.isNaN || optimality <= 10 * max(tolerance, least)
  }
}

extension DescentReport {
  /// Sizes that rounding of `F Oᵀ` leaves a meaning: a component that is lost in it is compared with the
  /// largest, as one of zeros is, and one that keeps less than half of the digits with half of them.
  fileprivate func atLeastRounding(beside other: Matrix) -> DescentReport {
    let others = other.reduced(.sumOfSquares, along: .rows).elements
    let largest = zip(squares, others).map { $0.squareRoot() * $1.squareRoot() }.max() ?? 0
    let rounding = other.precision.epsilon
    return DescentReport(
      firstChange: firstChange,
      squares: zip(squares, others).map { own, other in
        guard other > 0 else { return own }
        let whole = largest / other * largest
        return own <= rounding * rounding * whole ? whole : max(own, rounding * whole)
      })
  }
}
