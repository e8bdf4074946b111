import Matrices

/// `X ≈ W H Wᵀ + B` where every element counts as much as its weight, and one of weight 0 is not
/// known: ½ Σ Ω ∘ (X − W H Wᵀ − B)². What is left of X is formed, n×n: with `E = Ω ∘ R` the slopes are
/// `∂W = −(E W Hᵀ + Eᵀ W H)`, `∂H = −Wᵀ E W`, `∂μ = −1ᵀ E 1`, `∂r = −E 1`, `∂c = −Eᵀ 1`.
package struct WeightedCoreFactors: DenseForm {
  private let x: Matrix
  private let weights: Matrix
  private let plain: CoreFactors

  /// X must be finite, with any number where the weight is 0.
  package init(_ x: Matrix, weights: Matrix, bias: CoreBias, isSymmetric: Bool) {
    self.weights = weights
    let total = weights.total(.sum)
    let mean = total > 0 ? weights.dot(x) / total : 0
    // What is not known is of the usual size: only the start looks at it.
    self.x = Matrix.choose(weights, x, Matrix(mean))
    plain = CoreFactors(self.x, bias: bias, isSymmetric: isSymmetric)
  }

  package func start(_ random: inout Random, rank: Int) -> [Matrix] {
    plain.start(&random, rank: rank)
  }

  package func rebuilt(_ p: [Matrix]) -> Matrix { plain.rebuilt(p) }
  package func lines(_ p: [Matrix]) -> (rows: Matrix, columns: Matrix)? { plain.lines(p) }

  package func evaluate(_ p: [Matrix]) -> DenseState {
    let (w, h) = (p[0], p[1])
    let rest = x - plain.rebuilt(p)
    let e = weights.times(rest)
    let (right, left) = (e * w, e.transposed * w)
    let core = w.transposed * right
    let (across, down) = (
      e.reduced(.sum, along: .columns), e.reduced(.sum, along: .rows).transposed.rowMajor()
    )
    var gradients = [
      -(right * h.transposed + left * h),
      -(plain.isSymmetric ? 0.5 * (core + core.transposed) : core),
      Matrix(plain.bias == .none ? 0 : -across.total(.sum)),
    ]
    switch plain.bias {
    case .none, .scalar: break
    case .lines: gradients += [-across, -down]
    case .symmetric: gradients.append(-(across + down))
    }
    return DenseState(squares: e.dot(rest), gradients: gradients)
  }
}
