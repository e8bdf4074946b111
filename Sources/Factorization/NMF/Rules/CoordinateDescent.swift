import Matrices

/// `½‖X − WH‖²` by hierarchical alternating least squares (Cichocki & Phan 2009): H and W in turn by
/// coordinate descent, several sweeps for every product with X, which costs most (Gillis &
/// Glineur, Neural Comput. 24, 2012).
///
/// With extrapolation (Ang & Gillis, Neural Comput. 31, 2019) every half starts from where the
/// last movement points, `Y = F + β (F − F_old)`; β grows while the loss falls, and a step that
/// raised it is taken back.
package struct CoordinateDescent: NMFRule {
  private let x: Observations
  private let options: NMFOptions
  private let extrapolates: Bool
  /// How the rows of W and of Hᵀ are found.
  private let method: PerFactor<RowMethod>
  /// With weights, every row has a Gram matrix of its own.
  private let weights: EntryWeights?

  // The last accepted factors, the extrapolated ones, and the pair with the smallest loss.
  private var accepted: NMFFactors
  private var reaching: NMFFactors
  private var best: NMFFactors
  private var bestAdvance = NMFAdvance(objective: .infinity, loss: .infinity, change: .infinity)
  /// `WᵀW` of the accepted factors and of the extrapolated ones.
  private var grams: (accepted: Matrix, reaching: Matrix)

  private var momentum = Momentum.ofDescent

  package private(set) var revived = 0

  package var factors: NMFFactors { best }

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
    accepted = start
    reaching = start
    best = start
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
    let (hNew, h) = improvedH()
    if isStopRequested() { return abandon() }
    let (wNew, w) = improvedW(h.reaching, h.reachingGram)
    if isStopRequested() { return abandon() }
    let pair = NMFFactors(w: wNew, ht: h.reaching)
    let loss =
      w.value.map { max(0, x.squares / 2 + $0) }
      ?? loss(of: pair, product: w.product, grams: h.reachingGram.dot(w.gram))
    let objective = loss + options.penalty(pair)
    let advance = NMFAdvance(
      objective: objective, loss: loss, change: max(h.report.largestChange, w.report.largestChange))

    if extrapolates && !(objective <= bestAdvance.objective) {
      takeBack()
      momentum.shrink()
      bestAdvance.change = advance.change
      return bestAdvance
    }
    reaching = NMFFactors(w: w.reaching, ht: h.reaching)
    accepted = NMFFactors(w: wNew, ht: hNew)
    grams = (w.gram, w.reachingGram)
    momentum.grow()
    best = pair
    bestAdvance = advance
    reviveEmptyComponents(w.report.squares, h.reachingGram)
    return advance
  }

  /// Forgets a step that was not finished.
  private mutating func abandon() -> NMFAdvance? {
    takeBack()
    return nil
  }

  /// Goes back to the accepted factors.
  private mutating func takeBack() {
    reaching = accepted
    grams.reaching = grams.accepted
  }

  /// What a half leaves besides the factor.
  private struct Half {
    var reaching: Matrix
    var reachingGram: Matrix
    var gram: Matrix
    var product: Double
    var report: DescentReport
    /// With weights, what belongs to `½ Σ m x²` to make the loss.
    var value: Double?
  }

  private mutating func improvedH() -> (Matrix, Half) {
    // Only one owner, so that it is improved where it is.
    var factor = Matrix.zeros(0, 0)
    swap(&factor, &reaching.ht)
    let half = improve(
      &factor, from: accepted.ht, x.target(of: reaching.w, transposed: true), reaching.w,
      grams.reaching, method.h, options.terms.h, reachesWithin: options.terms.h, isH: true)
    return (factor, half)
  }

  private mutating func improvedW(_ h: Matrix, _ gram: Matrix) -> (Matrix, Half) {
    var factor = Matrix.zeros(0, 0)
    swap(&factor, &reaching.w)
    let half = improve(
      &factor, from: accepted.w, x.target(of: h, transposed: false), h, gram, method.w,
      options.terms.w, reachesWithin: nil, isH: false)
    return (factor, half)
  }

  /// Improves a factor for the other one, and extrapolates it from where it was; `reachesWithin` the
  /// limits of terms, if any.
  private func improve(
    _ factor: inout Matrix, from old: Matrix, _ target: DescentTarget, _ other: Matrix,
    _ gram: Matrix, _ method: RowMethod, _ terms: FactorTerms, reachesWithin limits: FactorTerms?,
    isH: Bool
  ) -> Half {
    if weights == nil, case .descent(let sweeps, let decay) = method, !terms.rowsSumToOne {
      let reach = DescentPlan.Reach(
        old: old, momentum: momentum.size, lowest: limits?.lowest ?? -.infinity,
        highest: limits?.highest ?? .infinity)
      let step = factor.step(
        DescentPlan(
          gram: gram, sweeps: sweeps, decay: decay, terms: terms, reach: extrapolates ? reach : nil,
          needsGram: !isH), target)
      return Half(
        reaching: step.reaching, reachingGram: step.reachingGram,
        gram: step.gram ?? step.reachingGram, product: step.product, report: step.report)
    }
    let (report, product, value) = solve(
      &factor, target.whole, other, gram, method, terms, isH: isH)
    var reaching = factor
    if extrapolates {
      reaching = factor.extrapolated(
        from: old, by: momentum.size, clamped: limits?.lowest == 0)
      if let limits { reaching = reaching.within(limits) }
    }
    let reachingGram = reaching.gram
    return Half(
      reaching: reaching, reachingGram: reachingGram,
      gram: extrapolates && !isH ? factor.gram : reachingGram, product: product, report: report,
      value: value)
  }

  /// Rows by other methods, or with weights, which give every row a Gram matrix of its own.
  private func solve(
    _ factor: inout Matrix, _ target: Matrix, _ other: Matrix, _ gram: Matrix,
    _ method: RowMethod, _ terms: FactorTerms, isH: Bool
  ) -> (DescentReport, product: Double, value: Double?) {
    guard let weights else {
      let report = factor.solveRows(gram: gram, target: target, by: method, terms: terms)
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
  private func loss(of pair: NMFFactors, product: Double, grams: Double) -> Double {
    let twice = x.squares - 2 * product + grams
    let trusted = (x.precision == .single ? 1e-5 : 1e-12) * x.squares
    return max(0, twice > trusted ? twice : x.squaredResidual(pair)) / 2
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
    let w = best.w
    let target = x.times(best.ht)
    let rest =
      x.matrix.reduced(.sumOfSquares, along: .columns).converted(to: .double)
      - (2 * target - w * gram).times(w).reduced(.sum, along: .columns).converted(to: .double)
    var left = rest.elements
    let noise = 1e-5 * x.squares / Double(max(left.count, 1))
    var factors = best
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
    accepted = factors
    reaching = factors
    best = factors
    let own = factors.w.gram
    grams = (own, own)
  }
}

extension Matrix {
  /// The nearest factor that the terms allow, but for rows that sum to 1, which are scaled.
  package func within(_ terms: FactorTerms) -> Matrix {
    guard terms.areLimits else { return self }
    if terms.rowsSumToOne {
      let clipped = clamped(0, .infinity)
      let sums = clipped.reduced(.sum, along: .columns)
      let empty = Matrix.combine(.equal, sums, 0)
      let even = Matrix(1 / Double(max(columns, 1))).converted(to: precision)
      return Matrix.choose(empty, even, clipped.over(sums + empty))
    }
    return clamped(terms.lowest, terms.highest)
  }
}

extension NMFFactors {
  /// The nearest factors that the terms allow.
  package func within(_ terms: PerFactor<FactorTerms>) -> NMFFactors {
    NMFFactors(w: w.within(terms.w), ht: ht.within(terms.h))
  }
}
