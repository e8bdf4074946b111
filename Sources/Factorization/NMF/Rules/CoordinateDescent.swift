import Matrices

/// `½‖X − WH‖²` by hierarchical alternating least squares (Cichocki & Phan 2009): H and W in turn by
/// coordinate descent, several sweeps for every product with X, which costs most (Gillis &
/// Glineur, Neural Comput. 24, 2012).
///
/// With extrapolation (Ang & Gillis, Neural Comput. 31, 2019) every half starts from where the
/// last movement points, `Y = F + β (F − F_old)`; β grows while the loss falls, and a step that
/// raised it is taken back. The loss is that of W and of where H reaches, which is lost when a step is
/// taken back: no shorter step may get as low again. After a few such the next one reaches nowhere and
/// stays: it lowers the loss of W and H as they are, and the run goes on from there.
package struct CoordinateDescent: NMFRule {
  private let x: Observations
  private let options: NMFOptions
  private let extrapolates: Bool
  /// How the rows of W and of Hᵀ are found.
  private let method: PerFactor<RowMethod>
  /// With weights, every row has a Gram matrix of its own.
  private let weights: EntryWeights?

  private var w: ReachingFactor
  private var ht: ReachingFactor
  private var bestAdvance = NMFAdvance(objective: .infinity, loss: .infinity, change: .infinity)
  /// `WᵀW` of W and of where it reaches.
  private var grams: (now: Matrix, ahead: Matrix)
  /// Whether the last step was taken back, and with it where H had reached.
  private var isTakenBack = false
  /// Steps in a row that were taken back.
  private var refusals = 0
  private static let mostRefusals = 3

  private var momentum = Momentum.ofDescent

  package private(set) var revived = 0

  package var factors: NMFFactors { NMFFactors(w: w.now, ht: ht.ahead) }

  /// `sweeps` fixes their number for every product; otherwise as many as pay, by the ratio of
  /// costs. `decay` 0 does them all. `method` replaces the sweeps.
  package init(
    _ x: Observations, start: NMFFactors, _ options: NMFOptions, extrapolates: Bool,
    sweeps: Int? = nil, decay: Double = 0.1, method: PerFactor<RowMethod>? = nil
  ) {
    self.x = x
    self.options = options
    self.extrapolates = extrapolates
    weights = x.entryWeights
    let start = start.within(options.terms)
    (w, ht) = (ReachingFactor(start.w), ReachingFactor(start.ht))
    let gram = start.w.gram
    grams = (gram, gram)
    let (m, n, k) = (Double(x.shape.rows), Double(x.shape.columns), Double(options.rank))
    let visited = Double(x.visited)
    self.method =
      method
      ?? PerFactor(
        w: .descent(
          sweeps: sweeps ?? Self.sweeps(1 + (visited + n * k) / (m * (k + 1))), decay: decay),
        h: .descent(
          sweeps: sweeps ?? Self.sweeps(1 + (visited + m * k) / (n * (k + 1))), decay: decay))
  }

  /// `1 + ⌊ρ/2⌋`, where ρ compares the cost of a product with that of a sweep.
  private static func sweeps(_ ratio: Double) -> Int { 1 + Int(min(ratio / 2, 1e6)) }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let reach = refusals < Self.mostRefusals ? momentum.size : 0
    return iterate(isStopRequested, by: extrapolates ? reach : nil)
  }

  /// The factors, in the memory of nothing else. Where the last step was taken back, with it went where
  /// H had reached: one that does not reach ahead makes up for it.
  package mutating func settle() -> NMFFactors {
    if isTakenBack { _ = iterate({ false }, by: 0) }
    var factors = NMFFactors(w: w.now, ht: ht.settle())
    if options.isRegularized { factors.clearUnused(options.terms) }
    return factors
  }

  /// `reach` is β; with `nil` no step is ever taken back.
  private mutating func iterate(_ isStopRequested: () -> Bool, by reach: Double?) -> NMFAdvance? {
    let h = improvedH(reach)
    if isStopRequested() { return abandon(takesBackW: false) }
    let w = improvedW(h.aheadGram, reach)
    if isStopRequested() { return abandon(takesBackW: true) }
    let loss =
      w.value.map { max(0, x.squares / 2 + $0) }
      ?? loss(product: w.product, grams: h.aheadGram.dot(w.gram))
    let objective = loss + (options.isRegularized ? options.penalty(factors) : 0)
    let advance = NMFAdvance(
      objective: objective, loss: loss, change: max(h.report.largestChange, w.report.largestChange))
    let isLower = objective <= bestAdvance.objective
    let isPlain = isTakenBack && reach == 0 && objective.isFinite
    if extrapolates && !isLower && !isPlain {
      _ = abandon(takesBackW: true)
      momentum.shrink()
      refusals += 1
      bestAdvance.change = advance.change
      return bestAdvance
    }
    grams = (w.gram, w.aheadGram)
    if isLower { momentum.grow() }
    refusals = 0
    bestAdvance = advance
    isTakenBack = false
    reviveEmptyComponents(w.report.squares, h.aheadGram)
    return advance
  }

  /// Forgets a step of which H is finished, and W too where it is taken back; what does not reach ahead
  /// only lowers the loss, and stays.
  private mutating func abandon(takesBackW: Bool) -> NMFAdvance? {
    guard extrapolates else { return nil }
    ht.takeBack()
    if takesBackW { w.takeBack() } else { w.rest() }
    grams.ahead = grams.now
    isTakenBack = bestAdvance.objective < .infinity
    return nil
  }

  /// What a half leaves besides the factor.
  private struct Half {
    /// `YᵀY` of where the factor reaches, and `FᵀF` of W.
    var aheadGram: Matrix
    var gram: Matrix
    var product: Double
    var report: DescentReport
    /// With weights, what belongs to `½ Σ m x²` to make the loss.
    var value: Double?
  }

  private mutating func improvedH(_ reach: Double?) -> Half {
    // Only one owner, so that it is improved where it is.
    var factor = ReachingFactor(.zeros(0, 0))
    swap(&factor, &ht)
    defer { swap(&factor, &ht) }
    let limits = options.terms.h
    return improve(
      &factor, w, grams.ahead, method.h, limits,
      reach.map { DescentPlan.Reach(momentum: $0, limits: limits) }, isH: true)
  }

  private mutating func improvedW(_ gram: Matrix, _ reach: Double?) -> Half {
    var factor = ReachingFactor(.zeros(0, 0))
    swap(&factor, &w)
    defer { swap(&factor, &w) }
    // What H does not use stays where it is: reaching ahead it would drift below 0.
    if (0..<gram.rows).contains(where: { gram[$0, $0] == 0 }) { factor.rest() }
    return improve(
      &factor, ht, gram, method.w, options.terms.w,
      reach.map { DescentPlan.Reach(momentum: $0, limits: nil) }, isH: false)
  }

  /// Improves a factor for where the other one reaches.
  private func improve(
    _ factor: inout ReachingFactor, _ other: ReachingFactor, _ gram: Matrix, _ method: RowMethod,
    _ terms: FactorTerms, _ reach: DescentPlan.Reach?, isH: Bool
  ) -> Half {
    if weights == nil, case .descent(let sweeps, let decay) = method, !terms.rowsSumToOne {
      let step = factor.step(
        DescentPlan(
          gram: gram, sweeps: sweeps, decay: decay, terms: terms, reach: reach, needsGram: !isH),
        x.target(of: other, transposed: isH))
      return Half(
        aheadGram: step.aheadGram, gram: step.gram ?? step.aheadGram, product: step.product,
        report: step.report)
    }
    var next = factor.ahead
    let other = other.ahead
    let (report, product, value) = solve(
      &next, isH ? x.transposedTimes(other) : x.times(other), other, gram, method, terms, isH: isH)
    // Rows of W start from where they reach, and may stay there where nothing known holds an entry.
    if reach != nil && !isH && !terms.rowsSumToOne {
      next = next.clamped(terms.lowest, terms.highest)
    }
    factor.move(to: next, by: reach?.momentum ?? 0, within: reach?.limits)
    let aheadGram = factor.ahead.gram
    return Half(
      aheadGram: aheadGram, gram: reach != nil && !isH ? next.gram : aheadGram, product: product,
      report: report, value: value)
  }

  /// Rows by other methods, or with weights, which give every row a Gram matrix of its own.
  private func solve(
    _ factor: inout Matrix, _ target: Matrix, _ other: Matrix, _ gram: Matrix,
    _ method: RowMethod, _ terms: FactorTerms, isH: Bool
  ) -> (DescentReport, product: Double, value: Double?) {
    guard let weights else {
      let start = factor
      var report = factor.solveRows(gram: gram, target: target, by: method, terms: terms)
      // Components that the other factor does not use stay as they are, as in coordinate descent:
      // what was revived has its turn in the next half. Where they cost something, or share a sum with
      // others, they are as free as these.
      let isFree = terms.hasQuadratic || terms.rowsSumToOne
      let unused = isFree ? [] : (0..<gram.rows).filter { gram[$0, $0] == 0 }
      if !unused.isEmpty {
        let kept = start.selecting(columns: unused)
        factor.replace(rows: Array(0..<factor.rows), columns: unused, with: kept)
        for (r, square) in zip(unused, kept.reduced(.sumOfSquares, along: .rows).elements) {
          (report.firstChange[r], report.squares[r]) = (0, square)
        }
      }
      return (report, target.dot(factor), nil)
    }
    if isH {
      let report = factor.solveColumns(
        weights, of: other, gram: gram, target: target, by: method, terms: terms)
      return (report.descent, 0, nil)
    }
    let report = factor.solveRows(
      weights, of: other, gram: gram, target: target, by: method, terms: terms)
    return (report.descent, 0, report.value)
  }

  /// `½(‖X‖² − 2⟨XHᵀ, W⟩ + ⟨HHᵀ, WᵀW⟩)`, from products that are there already; element by element
  /// where almost nothing is left of it.
  private func loss(product: Double, grams: Double) -> Double {
    let twice = x.squares - 2 * product + grams
    let trusted = (x.precision == .single ? 1e-5 : 1e-12) * x.squares
    return max(0, twice > trusted ? twice : x.squaredResidual(factors)) / 2
  }

  /// Gives a component whose column of W or row of H became 0 the row of X that is rebuilt worst as
  /// its row of H, and weights of 0: WH stays as it is until the next step of W. The step of H
  /// before it leaves components with an empty column alone.
  private mutating func reviveEmptyComponents(_ squares: [Double], _ gram: Matrix) {
    let empty = squares.indices.filter { squares[$0] == 0 || gram[$0, $0] == 0 }
    // Every component gets a few chances; with penalties an empty one may be right.
    guard !empty.isEmpty, options.isScaleFree, weights == nil, revived < 2 * options.rank else {
      return
    }
    var factors = NMFFactors(w: w.now, ht: ht.settle())
    (w, ht) = (ReachingFactor(.zeros(0, 0)), ReachingFactor(.zeros(0, 0)))
    Memory.letGoOfKept()
    var left = x.squaredResidualOfRows(factors)
    let noise = 1e-5 * x.squares / Double(max(left.count, 1))
    for component in empty {
      guard let row = left.indices.max(by: { left[$0] < left[$1] }), left[row] > noise else {
        break
      }
      left[row] = 0
      factors.ht.replace(
        rows: Array(0..<x.shape.columns), columns: [component],
        with: x.matrix.rows(in: row..<row + 1).transposed)
      factors.w.replace(
        rows: Array(0..<x.shape.rows), columns: [component], with: .zeros(1, 1, x.precision))
      revived += 1
    }
    (w, ht) = (ReachingFactor(factors.w), ReachingFactor(factors.ht))
    Memory.letGoOfKept()
    let own = factors.w.gram
    grams = (own, own)
  }
}

extension NMFFactors {
  /// The nearest factors that the terms allow.
  package func within(_ terms: PerFactor<FactorTerms>) -> NMFFactors {
    NMFFactors(w: w.within(terms.w), ht: ht.within(terms.h))
  }
}
