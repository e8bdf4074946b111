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
  /// The most sweeps for one product, of W and of H.
  private let sweeps: (w: Int, h: Int)
  /// A sweep that moves a row less than this part of what the first one did is the last.
  private let decay: Double

  // The last accepted factors, the extrapolated ones, and the pair with the smallest loss.
  private var accepted: NMFFactors
  private var reaching: NMFFactors
  private var best: NMFFactors
  private var bestAdvance = NMFAdvance(objective: .infinity, loss: .infinity, change: .infinity)

  // β, the largest β allowed now, and the β of the step before.
  private var momentum = 0.5
  private var ceiling = 1.0
  private var earlier = 0.5

  package private(set) var revived = 0

  package var factors: NMFFactors { best }

  /// `sweeps` fixes their number for every product; otherwise as many as pay, by the ratio of
  /// costs. `decay` 0 does them all.
  package init(
    _ x: Observations, start: NMFFactors, _ options: NMFOptions, extrapolates: Bool,
    sweeps: Int? = nil, decay: Double = 0.1
  ) {
    self.x = x
    self.options = options
    self.extrapolates = extrapolates
    self.decay = decay
    accepted = start
    reaching = start
    best = start
    let (m, n, k) = (Double(x.shape.rows), Double(x.shape.columns), Double(options.rank))
    let visited = Double(x.visited)
    self.sweeps =
      sweeps.map { ($0, $0) } ?? (
        w: Self.sweeps(1 + (visited + n * k) / (m * (k + 1))),
        h: Self.sweeps(1 + (visited + m * k) / (n * (k + 1)))
      )
  }

  /// `1 + ⌊ρ/2⌋`, where ρ compares the cost of a product with that of a sweep.
  private static func sweeps(_ ratio: Double) -> Int { 1 + Int(min(ratio / 2, 1e6)) }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let (hNew, hReport) = improved(
      reaching.ht, gram: reaching.w.gram, target: x.transposedTimes(reaching.w), sweeps.h)
    if isStopRequested() { return nil }
    let h = extrapolates ? hNew.extrapolated(from: accepted.ht, by: momentum, clamped: true) : hNew
    let (gram, target) = (h.gram, x.times(h))
    if isStopRequested() { return nil }
    let (wNew, wReport) = improved(reaching.w, gram: gram, target: target, sweeps.w)
    let pair = NMFFactors(w: wNew, ht: h)
    let loss = loss(of: pair, gram: gram, target: target)
    let objective = loss + options.penalty(pair)
    let advance = NMFAdvance(
      objective: objective, loss: loss, change: max(hReport.largestChange, wReport.largestChange))

    if objective > bestAdvance.objective && extrapolates {
      takeBack()
      bestAdvance.change = advance.change
      return bestAdvance
    }
    reaching = NMFFactors(
      w: extrapolates ? wNew.extrapolated(from: accepted.w, by: momentum, clamped: false) : wNew,
      ht: h)
    accepted = NMFFactors(w: wNew, ht: hNew)
    earlier = momentum
    momentum = min(ceiling, 1.05 * momentum)
    ceiling = min(1, 1.01 * ceiling)
    best = pair
    bestAdvance = advance
    reviveEmptyComponents(wReport.squares, gram, target)
    return advance
  }

  /// Forgets a step that raised the loss, and reaches less far.
  private mutating func takeBack() {
    reaching = accepted
    ceiling = earlier
    momentum /= 1.5
  }

  private func improved(_ start: Matrix, gram: Matrix, target: Matrix, _ sweeps: Int)
    -> (Matrix, DescentReport)
  {
    var factor = start
    let report = factor.descend(
      gram: gram, target: target, sweeps: sweeps, decay: decay, l1: options.l1, l2: options.l2)
    return (factor, report)
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
    guard !empty.isEmpty, !options.isRegularized, revived < 2 * options.rank else { return }
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
}
