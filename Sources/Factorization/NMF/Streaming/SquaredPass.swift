import Matrices

/// A pass of `½‖X − WH‖²`: W block by block by coordinate descent for the H before it, `A = WᵀW` and
/// `B = XᵀW` summed on the way, and H from these.
struct SquaredPass: StreamedPass {
  private let task: StreamedTask
  private let sweeps: Int
  var w: Matrix
  private(set) var ht: Matrix
  /// `WᵀW` and `XᵀW` of what was seen, with batches the older the less.
  private var gram: Matrix
  private var cross: Matrix
  private var changeOfW: StreamedChange
  private var changeOfH = 0.0
  /// Of every batch, before H moved.
  private var lossOfBatches = 0.0

  /// Sweeps of H at the end of a pass, which cost little next to it.
  private static let sweepsOfH = 20

  init(_ task: StreamedTask, start: NMFFactors) {
    self.task = task
    (w, ht) = (start.w, start.ht)
    let (n, k) = (task.shape.columns, task.options.rank)
    sweeps = min(20, 2 + n / max(k, 1))
    gram = .zeros(k, k)
    cross = .zeros(n, k)
    changeOfW = StreamedChange(k)
    if let prior = task.prior {
      // What the earlier rows were is known by what they were rebuilt as.
      gram = prior.w.gram.converted(to: .double)
      cross = prior.ht.converted(to: .double) * gram
    }
  }

  mutating func begin() {
    changeOfW = StreamedChange(task.options.rank)
    (changeOfH, lossOfBatches) = (0, 0)
    guard task.batch == nil else { return }
    gram = .zeros(gram.rows, gram.columns)
    cross = .zeros(cross.rows, cross.columns)
  }

  mutating func take(_ block: Matrix, _ range: Range<Int>) {
    var own = w.rows(in: range)
    let (hGram, target) = (ht.gram, block * ht)
    changeOfW.add(
      own.solveRows(
        gram: hGram, target: target, by: .descent(sweeps: sweeps, decay: 0.01),
        terms: task.options.terms.w))
    w.put(own, at: range.lowerBound)
    let ownGram = own.gram
    if task.batch != nil {
      lossOfBatches += max(0, block.sumOfSquares - 2 * target.dot(own) + hGram.dot(ownGram)) / 2
      let fade = task.fading(after: range.count)
      gram.scale(by: fade)
      cross.scale(by: fade)
    }
    gram.add(ownGram.converted(to: .double))
    cross.add((block.transposed * own).converted(to: .double))
    if task.batch != nil { changeOfH = max(changeOfH, improveH(sweeps: 2, decay: 0)) }
  }

  private mutating func improveH(sweeps: Int, decay: Double) -> Double {
    let precision = ht.precision
    var terms = task.options.terms.h
    terms.rowsSumToOne = false
    return ht.solveRows(
      gram: gram.converted(to: precision), target: cross.converted(to: precision),
      by: .descent(sweeps: sweeps, decay: decay), terms: terms
    ).largestChange
  }

  /// The loss is exact without batches.
  mutating func end() -> NMFAdvance {
    var loss = lossOfBatches
    if task.batch == nil {
      changeOfH = improveH(sweeps: Self.sweepsOfH, decay: 0.01)
      let factor = ht.converted(to: .double)
      loss = max(0, task.squares - 2 * cross.dot(factor) + gram.dot(factor.gram)) / 2
    }
    let penalty = task.options.penalty(NMFFactors(w: w, ht: ht))
    return NMFAdvance(
      objective: loss + penalty, loss: loss, change: max(changeOfW.largest, changeOfH))
  }
}
