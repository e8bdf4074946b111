import Matrices
import Training
import Vocabulary

extension StreamedDescent {
  /// The result after the last pass: one more look at the rows for the residual and how far the
  /// conditions of a solution are from holding; for their best codes too, which under losses that are
  /// no squares cost as much as many passes and are left to runs that converged.
  mutating func finish(converged: Bool) throws -> NMFProcess.Finish {
    var factors = takeFactors()
    if options.isScaleFree && options.start != .given { factors.balance() }
    if options.partsSumToOne { factors.normalizeParts() }
    let ht = factors.ht
    var w = factors.w
    factors.w = .zeros(0, 0)
    var look = LastLook(ht, options)
    let codes = NMFCodes(ht, options)
    let asksForCodes =
      options.loss.isSquared ? !advances.isEmpty || options.start != .given : converged
    try rows.forEachBlock { range, block in
      let x = Observations(block, rank: options.rank)
      var own = w.rows(in: range)
      if asksForCodes {
        own = codes.polished(own, x)
        w.put(own, at: range.lowerBound)
      }
      look.take(x, own)
    }
    factors.w = w
    return NMFProcess.Finish(
      factors: factors, options: options, choice: choice, revived: 0,
      loss: options.loss.isSquared ? look.residual / 2 : look.divergence,
      residual: look.residual,
      explained: census.explained(residual: look.residual, rows: rows.shape.rows),
      optimality: look.optimality(w), extras: Record())
  }
}

/// What is said of factors after one more look at the rows.
private struct LastLook {
  private let ht: Matrix
  private let hGram: Matrix
  private let options: NMFOptions
  /// Of the step of H: what it adds and takes away, as in `Observations.target`.
  private var above: Matrix
  private var gram: Matrix
  private var sums: Matrix
  private var below: Matrix
  private var change: StreamedChange
  private(set) var residual = 0.0
  private(set) var divergence = 0.0

  init(_ ht: Matrix, _ options: NMFOptions) {
    self.ht = ht
    self.options = options
    hGram = ht.gram
    let k = options.rank
    above = .zeros(ht.rows, k)
    gram = .zeros(k, k)
    sums = .zeros(1, k)
    below = .zeros(options.loss.isSquared || options.loss == .kl ? 0 : ht.rows, k)
    change = StreamedChange(k)
  }

  mutating func take(_ x: Observations, _ own: Matrix) {
    let slope: (above: Matrix, below: Matrix)
    let factors = NMFFactors(w: own, ht: ht)
    switch options.loss {
    case .frobenius:
      slope = (above: x.times(ht), below: own * hGram)
      gram.add(own.gram.converted(to: .double))
      above.add(x.transposedTimes(own).converted(to: .double))
    case .beta, .huber:
      let rule = DivergenceUpdates(x, start: factors, options)
      slope = rule.sumsForW()
      let sums = rule.sumsForH()
      above.add(sums.above.converted(to: .double))
      below.add(sums.below.converted(to: .double))
      divergence += max(0, x.divergence(options.loss.entries, factors))
    case .kl:
      let quotients = KullbackLeibler(x)
      let linear = x.linearOfColumns(own)
      slope = (
        above: quotients.quotientsTimes(factors),
        below: x.linearOfRows(ht).converted(to: own.precision).repeated(to: own.shape)
      )
      sums.add(linear)
      above.add(quotients.quotientsTransposedTimes(factors).converted(to: .double))
      divergence += max(0, quotients.divergence(factors, linearOfColumns: linear))
    }
    let goal = Observations.target(of: own, slope, ht, options.terms.w, options.loss)
    change.add(
      DescentReport(
        firstChange: goal.squaredDistances(from: own),
        squares: own.reduced(.sumOfSquares, along: .rows).elements))
    residual += x.squaredResidual(factors)
  }

  /// The larger wish of both factors.
  func optimality(_ w: Matrix) -> Double {
    if options.terms.w.rowsSumToOne { return .nan }
    let parts = ht.converted(to: .double)
    let below =
      switch options.loss {
      case .frobenius: parts * gram
      case .kl: sums.repeated(to: parts.shape)
      case .beta, .huber: self.below
      }
    let goal = Observations.target(
      of: parts, (above: above, below: below), w, options.terms.h, options.loss)
    return max(change.largest, goal.change(from: parts))
  }
}
