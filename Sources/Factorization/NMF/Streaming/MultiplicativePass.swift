import Matrices

/// What a multiplicative step of H is made of, in 64 bits: numerator and denominator, n×k, the latter
/// 1×k where all rows have the same.
struct StreamedSums: Sendable {
  var above: Matrix
  var below: Matrix

  mutating func scale(by factor: Double) {
    above.scale(by: factor)
    below.scale(by: factor)
  }

  mutating func add(_ other: StreamedSums) {
    above.add(other.above)
    below.add(other.below)
  }
}

/// How W follows the rows of a block under a loss, and H what was summed over all of them.
protocol StreamedRule: Sendable {
  init(_ options: NMFOptions)
  /// Rows as the loss looks at them.
  func observations(_ block: Matrix) -> Observations
  /// The sums of no rows.
  func none(columns: Int) -> StreamedSums
  /// The sums of rows that are what a model rebuilds: they leave H where it is.
  func sums(of model: NMFFactors) -> StreamedSums
  /// Some steps of W, what the rows then add to the sums, and their loss.
  func improve(_ start: NMFFactors, _ x: Observations, steps: Int)
    -> (w: Matrix, sums: StreamedSums, loss: Double)
  /// The step of H.
  func move(_ ht: inout Matrix, by sums: StreamedSums)
}

/// A pass of a loss that is no square: W block by block for the H before it; numerator and
/// denominator of a multiplicative step of H summed on the way; then H, from all rows, which never
/// raises the loss, or with batches from what was seen, the older the less (as MiniBatchNMF of
/// scikit-learn).
struct MultiplicativePass<Rule: StreamedRule>: StreamedPass {
  private let task: StreamedTask
  private let rule: Rule
  var w: Matrix
  private(set) var ht: Matrix
  private var sums: StreamedSums
  private var changeOfW: StreamedChange
  private var changeOfH = 0.0
  /// Of every block, before H moved.
  private var loss = 0.0

  /// Steps of W in a block; rows that start from nothing take more.
  private static var steps: Int { 2 }
  private static var firstSteps: Int { 10 }

  init(_ task: StreamedTask, start: NMFFactors, by _: Rule.Type) {
    self.task = task
    rule = Rule(task.options)
    w = start.w
    ht = NMFFactors(w: .zeros(0, start.ht.columns, start.ht.precision), ht: start.ht).positive.ht
    sums = task.prior.map(rule.sums) ?? rule.none(columns: task.shape.columns)
    changeOfW = StreamedChange(task.options.rank)
  }

  mutating func begin() {
    changeOfW = StreamedChange(task.options.rank)
    (changeOfH, loss) = (0, 0)
    if task.batch == nil { sums = rule.none(columns: task.shape.columns) }
  }

  mutating func take(_ block: Matrix, _ range: Range<Int>) {
    let x = rule.observations(block)
    let before = w.rows(in: range)
    let isFirst = before.total(.maximum) == 0
    let start = isFirst ? NMFCodes(ht, task.options).level(x) : before
    let found = rule.improve(
      NMFFactors(w: start, ht: ht), x, steps: isFirst ? Self.firstSteps : Self.steps)
    changeOfW.add(
      DescentReport(
        firstChange: found.w.squaredDistances(from: before),
        squares: found.w.reduced(.sumOfSquares, along: .rows).elements))
    w.put(found.w, at: range.lowerBound)
    loss += found.loss
    if task.batch != nil { sums.scale(by: task.fading(after: range.count)) }
    sums.add(found.sums)
    if task.batch != nil { improveH() }
  }

  private mutating func improveH() {
    let before = ht
    rule.move(&ht, by: sums)
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
