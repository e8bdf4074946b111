import Matrices

/// Any β-divergence of rows, or huber: W by multiplicative steps, H by `(A / B)^γ` of
/// `A = H^{1/γ} ∘ (X ∘ Ŷ^{β−2})ᵀW` and `B = (Ŷ^{β−1})ᵀW` (Févotte & Idier, Neural Comput. 23, 2011).
struct DivergenceRule: StreamedRule {
  private let options: NMFOptions
  /// γ: penalties that are squares make steps of H shorter.
  private let exponent: Double

  init(_ options: NMFOptions) {
    self.options = options
    exponent = options.loss.exponent(quadratic: options.terms.h.hasQuadratic)
  }

  func observations(_ block: Matrix) -> Observations { Observations(block, rank: options.rank) }

  func none(columns: Int) -> StreamedSums {
    StreamedSums(above: .zeros(columns, options.rank), below: .zeros(columns, options.rank))
  }

  func sums(of model: NMFFactors) -> StreamedSums {
    var below = Matrix.zeros(model.ht.rows, options.rank)
    for first in stride(from: 0, to: model.w.rows, by: 1024) {
      let rows = model.w.rows(in: first..<min(model.w.rows, first + 1024))
      let y = rows * model.ht.transposed
      let parts = Matrix.updateParts(options.loss.entries, x: y, y: y, weights: nil)
      below.add((parts.below.transposed * rows).converted(to: .double))
    }
    return StreamedSums(above: powered(model.ht).times(below), below: below)
  }

  func improve(_ start: NMFFactors, _ x: Observations, steps: Int)
    -> (w: Matrix, sums: StreamedSums, loss: Double)
  {
    var rule = DivergenceUpdates(x, start: start, options)
    for _ in 0..<steps { rule.improveW() }
    let sums = rule.sumsForH()
    return (
      rule.factors.w,
      StreamedSums(
        above: powered(start.ht).times(sums.above.converted(to: .double)),
        below: sums.below.converted(to: .double)),
      max(0, x.divergence(options.loss.entries, rule.factors))
    )
  }

  /// `H^{1/γ}` in 64 bits.
  private func powered(_ h: Matrix) -> Matrix {
    let h = h.converted(to: .double).clamped(leastEntry(h.precision), .infinity)
    return exponent == 1 ? h : Matrix.combine(.power, h, 1 / exponent)
  }

  func move(_ ht: inout Matrix, by sums: StreamedSums) {
    ht.multiply(
      by: sums.above.over(powered(ht)).converted(to: ht.precision),
      over: sums.below.converted(to: ht.precision), exponent: exponent, terms: options.terms.h,
      floor: leastEntry(ht.precision))
  }
}
