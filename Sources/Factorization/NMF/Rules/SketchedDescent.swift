import Matrices
import Vocabulary

/// `½‖X − WH‖²` of a large full X of low rank: extrapolated coordinate descent whose products go
/// through a basis Q of the columns of X, `X F ≈ Q (QᵀX) F`, which costs `2(m + n)ℓk` flops instead of
/// `2mnk` (Tepper & Sapiro, IEEE Trans. Signal Process. 64, 2016; Erichson et al., Pattern Recognit.
/// Lett. 2018); once that is still, descent on X itself, so that the result is one for X.
package struct SketchedDescent: NMFRule {
  private let x: Observations
  private let options: NMFOptions
  private var descent: CoordinateDescent
  private var isSketched: Bool
  /// `‖X − QQᵀX‖²`: what every sketched loss contains.
  private var last = Double.infinity
  private var still = 0

  package var factors: NMFFactors { descent.factors }
  package var revived: Int { descent.revived }

  package init(_ x: Observations, start: NMFFactors, _ options: NMFOptions, _ random: Random) {
    self.x = x
    self.options = options
    var random = random
    let width = min(options.rank + 20, min(x.shape.rows, x.shape.columns))
    let sketch = x.sketched(on: SingularVectors.basis(of: x, width: width, powers: 1, &random))
    isSketched = true
    descent = CoordinateDescent(sketch, start: start, options, extrapolates: true)
  }

  package mutating func settle() -> NMFFactors { descent.settle() }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    guard var advance = descent.iterate(isStopRequested) else { return nil }
    guard isSketched else { return advance }
    let gain = (last - advance.loss) / max(advance.loss, .leastNormalMagnitude)
    still = gain < 1e-4 ? still + 1 : 0
    last = advance.loss
    if still >= 3 || advance.change <= 10 * options.tolerance {
      isSketched = false
      descent = CoordinateDescent(x, start: descent.settle(), options, extrapolates: true)
    }
    // A sketch is never the end.
    advance.change = max(advance.change, 2 * options.tolerance)
    return advance
  }
}

/// Rows of X as parts: of a separable X, whose rows are mixtures of a few of them, those few are
/// found exactly by successive projections (Gillis & Vavasis, IEEE Trans. Pattern Anal. Mach.
/// Intell. 36, 2014). The weights are then least squares over W ≥ 0.
package struct SeparableParts: NMFRule {
  private let x: Observations
  private let options: NMFOptions
  private let anchors: [Int]
  package private(set) var factors: NMFFactors

  package var extras: Record {
    Record([("anchors", .matrix(Matrix(row: anchors.map { Double($0 + 1) })))])
  }

  package init(_ x: Observations, rank: Int, _ options: NMFOptions) {
    self.x = x
    self.options = options
    anchors = SuccessiveProjections.anchors(of: x, count: rank)
    let parts = x.matrix.selecting(rows: anchors)
    factors = NMFFactors(
      w: .zeros(x.shape.rows, rank, x.precision), ht: parts.transposed.rowMajor())
  }

  package mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance? {
    factors.w = NMFCodes(factors.ht, options).polished(factors.w, x)
    let loss = x.squaredResidual(factors) / 2
    // There is nothing to iterate.
    return NMFAdvance(objective: loss + options.penalty(factors), loss: loss, change: 0)
  }
}
