import Matrices

/// A pass of any β-divergence, or huber: W block by block for the H before it, by multiplicative
/// steps; `A = H^{1/γ} ∘ (X ∘ Ŷ^{β−2})ᵀW` and `B = (Ŷ^{β−1})ᵀW` summed on the way; then H,
/// `(A / B)^γ` from all rows (Févotte & Idier, Neural Comput. 23, 2011), which never raises the loss,
/// or with batches from what was seen, the older the less (as MiniBatchNMF of scikit-learn).
struct DivergencePass: StreamedPass {
  private let task: StreamedTask
  var w: Matrix
  private(set) var ht: Matrix
  /// A and B, n×k, in 64 bits.
  private var above: Matrix
  private var below: Matrix
  private var changeOfW: StreamedChange
  private var changeOfH = 0.0
  /// Of every block, before H moved.
  private var loss = 0.0

  /// Steps of W in a block; rows that start from nothing take more.
  private static let (steps, firstSteps) = (2, 10)

  init(_ task: StreamedTask, start: NMFFactors) {
    self.task = task
    w = start.w
    ht = NMFFactors(w: .zeros(0, start.ht.columns, start.ht.precision), ht: start.ht).positive.ht
    above = .zeros(ht.rows, ht.columns)
    below = above
    changeOfW = StreamedChange(task.options.rank)
    if let prior = task.prior {
      // Rows that were rebuilt as they are leave H where it is.
      for first in stride(from: 0, to: prior.w.rows, by: 1024) {
        let rows = prior.w.rows(in: first..<min(prior.w.rows, first + 1024))
        let y = rows * prior.ht.transposed
        let parts = Matrix.updateParts(task.options.loss.entries, x: y, y: y, weights: nil)
        below.add((parts.below.transposed * rows).converted(to: .double))
      }
      above = powered(prior.ht).times(below)
    }
  }

  /// γ: penalties that are squares make steps of H shorter.
  private var exponent: Double {
    task.options.loss.exponent(quadratic: task.options.terms.h.hasQuadratic)
  }

  /// `H^{1/γ}` in 64 bits.
  private func powered(_ h: Matrix) -> Matrix {
    let h = h.converted(to: .double).clamped(leastEntry(h.precision), .infinity)
    return exponent == 1 ? h : Matrix.combine(.power, h, 1 / exponent)
  }

  mutating func begin() {
    changeOfW = StreamedChange(task.options.rank)
    (changeOfH, loss) = (0, 0)
    guard task.batch == nil else { return }
    above = .zeros(above.rows, above.columns)
    below = above
  }

  mutating func take(_ block: Matrix, _ range: Range<Int>) {
    let x = Observations(block, rank: task.options.rank)
    let before = w.rows(in: range)
    let isFirst = before.total(.maximum) == 0
    let start = isFirst ? NMFCodes(ht, task.options).level(x) : before
    var rule = DivergenceUpdates(x, start: NMFFactors(w: start, ht: ht), task.options)
    for _ in 0..<(isFirst ? Self.firstSteps : Self.steps) { rule.improveW() }
    changeOfW.add(
      DescentReport(
        firstChange: rule.factors.w.squaredDistances(from: before),
        squares: rule.factors.w.reduced(.sumOfSquares, along: .rows).elements))
    w.put(rule.factors.w, at: range.lowerBound)
    loss += max(0, x.divergence(task.options.loss.entries, rule.factors))
    if task.batch != nil {
      let fade = task.fading(after: range.count)
      above.scale(by: fade)
      below.scale(by: fade)
    }
    let sums = rule.sumsForH()
    above.add(powered(ht).times(sums.above.converted(to: .double)))
    below.add(sums.below.converted(to: .double))
    if task.batch != nil { improveH() }
  }

  private mutating func improveH() {
    let before = ht
    ht.multiply(
      by: above.over(powered(ht)).converted(to: ht.precision),
      over: below.converted(to: ht.precision), exponent: exponent, terms: task.options.terms.h,
      floor: leastEntry(ht.precision))
    changeOfH = max(changeOfH, ht.change(from: before))
  }

  /// The loss is that before H moved, of every batch with batches.
  mutating func end() -> NMFAdvance {
    let penalty = task.options.penalty(NMFFactors(w: w, ht: ht))
    if task.batch == nil { improveH() }
    return NMFAdvance(
      objective: loss + penalty, loss: loss, change: max(changeOfW.largest, changeOfH))
  }
}
