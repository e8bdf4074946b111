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
    weights = x.weights.map { EntryWeights($0) }
    let start = start.within(options.terms)
    accepted = start
    reaching = start
    best = start
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
    let (hNew, hReport) = improvedH()
    if isStopRequested() { return nil }
    let h =
      extrapolates
      ? hNew.extrapolated(
        from: accepted.ht, by: momentum.size, clamped: options.terms.h.lowest == 0
      ).within(options.terms.h) : hNew
    let (gram, target) = (h.gram, x.times(h))
    if isStopRequested() { return nil }
    let (wNew, wReport, value) = improvedW(h, gram, target)
    let pair = NMFFactors(w: wNew, ht: h)
    let loss =
      value.map { max(0, x.squares / 2 + $0) } ?? loss(of: pair, gram: gram, target: target)
    let objective = loss + options.penalty(pair)
    let advance = NMFAdvance(
      objective: objective, loss: loss, change: max(hReport.largestChange, wReport.largestChange))

    if objective > bestAdvance.objective && extrapolates {
      takeBack()
      bestAdvance.change = advance.change
      return bestAdvance
    }
    reaching = NMFFactors(
      w: extrapolates
        ? wNew.extrapolated(from: accepted.w, by: momentum.size, clamped: false) : wNew,
      ht: h)
    accepted = NMFFactors(w: wNew, ht: hNew)
    momentum.grow()
    best = pair
    bestAdvance = advance
    reviveEmptyComponents(wReport.squares, gram, target)
    return advance
  }

  /// Forgets a step that raised the loss, and reaches less far.
  private mutating func takeBack() {
    reaching = accepted
    momentum.shrink()
  }

  private func improvedH() -> (Matrix, DescentReport) {
    var factor = reaching.ht
    let (gram, target) = (reaching.w.gram, x.transposedTimes(reaching.w))
    if let weights {
      let report = factor.solveColumns(
        weights, of: reaching.w, gram: gram, target: target, by: method.h, terms: options.terms.h)
      return (factor, report.descent)
    }
    let report = factor.solveRows(
      gram: gram, target: target, by: method.h, terms: options.terms.h)
    return (factor, report)
  }

  /// W for this H, and with weights what belongs to `½ Σ m x²` to make the loss.
  private func improvedW(_ h: Matrix, _ gram: Matrix, _ target: Matrix)
    -> (Matrix, DescentReport, value: Double?)
  {
    var factor = reaching.w
    if let weights {
      let report = factor.solveRows(
        weights, of: h, gram: gram, target: target, by: method.w, terms: options.terms.w)
      return (factor, report.descent, report.value)
    }
    let report = factor.solveRows(
      gram: gram, target: target, by: method.w, terms: options.terms.w)
    return (factor, report, nil)
  }

  /// `½(‖X‖² − 2⟨XHᵀ, W⟩ + ⟨HHᵀ, WᵀW⟩)`, from products that are there already; element by element
  /// where almost nothing is left of it.
  private func loss(of pair: NMFFactors, gram: Matrix, target: Matrix) -> Double {
    let twice = x.squares - 2 * target.dot(pair.w) + gram.dot(pair.w.gram)
    let trusted = (x.precision == .single ? 1e-5 : 1e-12) * x.squares
    return max(0, twice > trusted ? twice : x.squaredResidual(pair)) / 2
  }

  /// Gives a component whose column of W or row of H became 0 the row of X that is rebuilt worst as
  /// its row of H, and weights of 0: WH stays as it is until the next step of W. The step of H
  /// before it leaves components with an empty column alone.
  private mutating func reviveEmptyComponents(_ squares: [Double], _ gram: Matrix, _ target: Matrix)
  {
    let empty = squares.indices.filter { squares[$0] == 0 || gram[$0, $0] == 0 }
    // Every component gets a few chances; with penalties an empty one may be right.
    guard !empty.isEmpty, options.isScaleFree, weights == nil, revived < 2 * options.rank else {
      return
    }
    let w = best.w
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
  }
}

extension Matrix {
  /// `FᵀF`.
  package var gram: Matrix { transposed * self }

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
