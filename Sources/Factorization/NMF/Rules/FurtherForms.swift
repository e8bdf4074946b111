import Matrices
import Vocabulary

/// `½‖X − W Wᵀ‖²` for a symmetric X, W ≥ 0, entry after entry by the root of a cubic (Vandaele et al.
/// 2016); never rises.
package struct SymmetricDescent: NMFRule {
  private let x: Observations
  private var w: Matrix

  package var factors: NMFFactors {
    let factor = w.converted(to: x.precision)
    return NMFFactors(w: factor, ht: factor)
  }

  /// The start is the mean of both factors, scaled to fit best.
  package init(_ x: Observations, start: NMFFactors, _ options: NMFOptions) {
    self.x = x
    var balanced = start
    balanced.balance()
    let both = (balanced.w + balanced.ht).converted(to: .double)
    let gram = both.gram
    let fit = x.times(both.converted(to: x.precision)).converted(to: .double).dot(both)
    let size = gram.sumOfSquares
    w = (size > 0 && fit > 0 ? (fit / size).squareRoot() : 0.5) * both
  }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let old = w
    let report = w.descendSymmetric(x.matrix)
    if isStopRequested() {
      w = old
      return nil
    }
    let loss = x.squaredResidual(factors) / 2
    return NMFAdvance(objective: loss, loss: loss, change: report.largestChange)
  }
}

/// Archetypal analysis (Cutler & Breiman, Technometrics 36, 1994): `½‖X − W B X‖²` where the rows of W
/// and of B are at least 0 and sum to 1, so that the parts `H = B X` are mixtures of rows, and
/// rows mixtures of parts. W by exchanges between pairs, B by pairwise Frank–Wolfe steps
/// (Lacoste-Julien & Jaggi 2015), each with its best length: never rises.
package struct ArchetypalDescent: NMFRule {
  private let x: Observations
  private var w: Matrix
  /// k×n.
  private var h: Matrix
  private var b: Matrix
  private let norms: [Double]
  private var terms = FactorTerms()

  package var factors: NMFFactors { NMFFactors(w: w, ht: h.transposed.rowMajor()) }

  package var extras: Record { Record([("B", .matrix(b))]) }

  /// Steps of every part in an iteration.
  private static let steps = 4

  package init(_ x: Observations, start: NMFFactors, _ options: NMFOptions) {
    self.x = x
    terms.rowsSumToOne = true
    norms = x.matrix.reduced(.sumOfSquares, along: .columns).converted(to: .double).elements
    let chosen = Self.farthest(x, norms, options.rank)
    h = x.matrix.selecting(rows: chosen)
    b = .zeros(options.rank, x.shape.rows)
    for (part, row) in chosen.enumerated() { b[part, row] = 1 }
    w = .filled(x.shape.rows, options.rank, with: 1 / Double(options.rank), x.precision)
    improveW(sweeps: 5)
  }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    let old = (w, h, b)
    improveH()
    if isStopRequested() {
      (w, h, b) = old
      return nil
    }
    let change = improveW(sweeps: 5)
    let loss = x.squaredResidual(factors) / 2
    return NMFAdvance(
      objective: loss, loss: loss,
      change: max(change, h.transposed.change(from: old.1.transposed)))
  }

  @discardableResult
  private mutating func improveW(sweeps: Int) -> Double {
    w.solveRows(
      gram: h * h.transposed, target: x.times(h.transposed),
      by: .descent(sweeps: sweeps, decay: 0), terms: terms
    ).largestChange
  }

  /// Moves every part towards the row that lowers the loss most, away from the one in it that
  /// raises it most.
  private mutating func improveH() {
    let gram = w.gram.converted(to: .double)
    let target = x.transposedTimes(w).transposed.converted(to: .double)
    var parts = h.converted(to: .double)
    for _ in 0..<Self.steps {
      for part in 0..<parts.rows where gram[part, part] > 0 {
        let slope =
          gram.rows(in: part..<part + 1) * parts - target.rows(in: part..<part + 1)
        let scores = x.times(slope.transposed.converted(to: x.precision)).converted(to: .double)
          .elements
        let own = b.row(part)
        guard let best = scores.indices.min(by: { scores[$0] < scores[$1] }),
          let worst = scores.indices.filter({ own[$0] > 0 }).max(by: { scores[$0] < scores[$1] }),
          best != worst, scores[best] < scores[worst]
        else { continue }
        let direction =
          (x.matrix.rows(in: best..<best + 1) - x.matrix.rows(in: worst..<worst + 1)).converted(
            to: .double)
        let curvature = gram[part, part] * direction.sumOfSquares
        guard curvature > 0 else { continue }
        let step = min(own[worst], (scores[worst] - scores[best]) / curvature)
        b[part, best] += step
        b[part, worst] = step == own[worst] ? 0 : own[worst] - step
        parts.replace(
          rows: [part], columns: Array(0..<parts.columns),
          with: parts.rows(in: part..<part + 1) + step * direction)
      }
    }
    h = parts.converted(to: h.precision)
  }

  /// The row farthest from the mean, then again and again the one farthest from all before.
  private static func farthest(_ x: Observations, _ norms: [Double], _ count: Int) -> [Int] {
    let mean = x.matrix.reduced(.mean, along: .rows)
    let toMean = x.times(mean.transposed).converted(to: .double).elements
    var distances = zip(norms, toMean).map { $0 - 2 * $1 }
    var chosen: [Int] = []
    for _ in 0..<count {
      guard let place = distances.indices.max(by: { distances[$0] < distances[$1] }) else { break }
      let products = x.times(x.matrix.rows(in: place..<place + 1).transposed).converted(to: .double)
        .elements
      for i in distances.indices {
        let distance = max(0, norms[i] + norms[place] - 2 * products[i])
        distances[i] = chosen.isEmpty ? distance : min(distances[i], distance)
      }
      chosen.append(place)
      distances[place] = -1
    }
    return chosen
  }
}
