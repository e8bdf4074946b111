import Matrices

/// The Kullback–Leibler divergence of rows: W by Newton's step where most of X is 0 and by
/// multiplicative ones where little is, which cost products alone; H by `A / b` of
/// `A = H ∘ (X/Ŷ)ᵀW` and `b = Wᵀ1` (Lee & Seung 2001; online: Lefèvre, Bach & Févotte 2011).
struct KullbackLeiblerRule: StreamedRule {
  private let options: NMFOptions

  init(_ options: NMFOptions) { self.options = options }

  func observations(_ block: Matrix) -> Observations {
    Observations(block, rank: options.rank).storing()
  }

  func none(columns: Int) -> StreamedSums {
    StreamedSums(above: .zeros(columns, options.rank), below: .zeros(1, options.rank))
  }

  func sums(of model: NMFFactors) -> StreamedSums {
    let below = Matrix(row: model.w.columnSums)
    return StreamedSums(
      above: Matrix.combine(.multiply, model.ht.converted(to: .double), below), below: below)
  }

  func improve(_ start: NMFFactors, _ x: Observations, steps: Int)
    -> (w: Matrix, sums: StreamedSums, loss: Double)
  {
    let divergence = KullbackLeibler(x)
    let factors = improved(start, x, divergence, steps)
    let below = x.linearOfColumns(factors.w)
    let above = divergence.quotientsTransposedTimes(factors).times(start.ht)
    return (
      factors.w, StreamedSums(above: above.converted(to: .double), below: below),
      max(0, divergence.divergence(factors, linearOfColumns: below))
    )
  }

  private func improved(
    _ start: NMFFactors, _ x: Observations, _ divergence: KullbackLeibler, _ steps: Int
  ) -> NMFFactors {
    if divergence.kept != nil {
      var rule = NewtonDescent(x, start: start, options)
      _ = rule.improveW(sweeps: steps, decay: 0.1)
      return rule.factors
    }
    var factors = start.within(options.terms).positive
    let linear = x.linearOfRows(factors.ht)
    for _ in 0..<steps {
      factors.w.multiply(
        by: divergence.quotientsTimes(factors), overLinear: linear, terms: options.terms.w,
        floor: leastEntry(x.precision))
    }
    return factors
  }

  func move(_ ht: inout Matrix, by sums: StreamedSums) {
    let floor = leastEntry(ht.precision)
    let factor = sums.above.over(ht.converted(to: .double).clamped(floor, .infinity))
    ht.multiply(
      by: factor.converted(to: ht.precision), overLinear: sums.below, terms: options.terms.h,
      floor: floor)
  }
}
