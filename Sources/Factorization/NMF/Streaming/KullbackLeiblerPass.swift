import Matrices

/// A pass of the Kullback–Leibler divergence: W block by block for the H before it, by Newton's step
/// where most of X is 0 and by multiplicative ones where little is, which cost products alone;
/// `A = H ∘ (X/Ŷ)ᵀW` and `b = Wᵀ1` summed on the way; then H, a multiplicative step `A / b` from all
/// rows (Lee & Seung 2001), which never raises the loss, or with batches from what was seen, the
/// older the less (Lefèvre, Bach & Févotte 2011; as MiniBatchNMF of scikit-learn).
struct KullbackLeiblerPass: StreamedPass {
  private let task: StreamedTask
  var w: Matrix
  private(set) var ht: Matrix
  /// A (n×k) and b (1×k), in 64 bits.
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
    let (n, k) = (task.shape.columns, task.options.rank)
    above = .zeros(n, k)
    below = .zeros(1, k)
    changeOfW = StreamedChange(k)
    if let prior = task.prior {
      // Rows that were rebuilt as they are leave H where it is.
      below = Matrix(row: prior.w.columnSums)
      above = Matrix.combine(.multiply, prior.ht.converted(to: .double), below)
    }
  }

  mutating func begin() {
    changeOfW = StreamedChange(task.options.rank)
    (changeOfH, loss) = (0, 0)
    guard task.batch == nil else { return }
    above = .zeros(above.rows, above.columns)
    below = .zeros(1, below.columns)
  }

  mutating func take(_ block: Matrix, _ range: Range<Int>) {
    let x = Observations(block, rank: task.options.rank).storing()
    let divergence = KullbackLeibler(x)
    let before = w.rows(in: range)
    let isFirst = before.total(.maximum) == 0
    let start = isFirst ? NMFCodes(ht, task.options).level(x) : before
    let steps = isFirst ? Self.firstSteps : Self.steps
    let factors = improved(NMFFactors(w: start, ht: ht), x, divergence, steps)
    changeOfW.add(
      DescentReport(
        firstChange: factors.w.squaredDistances(from: before),
        squares: factors.w.reduced(.sumOfSquares, along: .rows).elements))
    w.put(factors.w, at: range.lowerBound)
    let sums = x.linearOfColumns(factors.w)
    loss += max(0, divergence.divergence(factors, linearOfColumns: sums))
    let quotients = divergence.quotientsTransposedTimes(factors).times(ht)
    if task.batch != nil {
      let fade = task.fading(after: range.count)
      above.scale(by: fade)
      below.scale(by: fade)
    }
    above.add(quotients.converted(to: .double))
    below.add(sums)
    if task.batch != nil { improveH() }
  }

  private func improved(
    _ start: NMFFactors, _ x: Observations, _ divergence: KullbackLeibler, _ steps: Int
  ) -> NMFFactors {
    if divergence.kept != nil {
      var rule = NewtonDescent(x, start: start, task.options)
      _ = rule.improveW(sweeps: steps, decay: 0.1)
      return rule.factors
    }
    var factors = start.within(task.options.terms).positive
    let linear = x.linearOfRows(factors.ht)
    for _ in 0..<steps {
      factors.w.multiply(
        by: divergence.quotientsTimes(factors), overLinear: linear, terms: task.options.terms.w,
        floor: leastEntry(x.precision))
    }
    return factors
  }

  private mutating func improveH() {
    let before = ht
    let floor = leastEntry(ht.precision)
    let factor = above.over(ht.converted(to: .double).clamped(floor, .infinity))
    ht.multiply(
      by: factor.converted(to: ht.precision), overLinear: below, terms: task.options.terms.h,
      floor: floor)
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
