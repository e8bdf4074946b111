import Matrices

/// How far a model is off, `‖R‖²` with `R = X − model`, and the derivatives of `½‖R‖²` by every
/// parameter.
package struct DenseState: Sendable {
  package var squares: Double
  package var gradients: [Matrix]
}

/// A model of a whole matrix X with parameters that are matrices: two factors, which penalties and
/// bounds are for, one number μ, and further ones.
package protocol DenseForm: Sendable {
  func start(_ random: inout Random, rank: Int) -> [Matrix]
  /// What the model makes of its parameters.
  func rebuilt(_ parameters: [Matrix]) -> Matrix
  func evaluate(_ parameters: [Matrix]) -> DenseState
  /// What is added to rows and to columns.
  func lines(_ parameters: [Matrix]) -> (rows: Matrix, columns: Matrix)?
}

extension DenseForm {
  package func lines(_ parameters: [Matrix]) -> (rows: Matrix, columns: Matrix)? { nil }
}

/// `X ≈ W H + μ` with W m×k, H k×n and one number.
package struct TwoFactors: DenseForm {
  private let x: Matrix
  private let hasBias: Bool

  package init(_ x: Matrix, hasBias: Bool) {
    self.x = x
    self.hasBias = hasBias
  }

  package func start(_ random: inout Random, rank: Int) -> [Matrix] {
    let mean = hasBias ? x.total(.mean) : 0
    let spread = ((x - mean).sumOfSquares / Double(max(x.count, 1))).squareRoot()
    let size = (max(spread, 1e-12) / Double(rank).squareRoot()).squareRoot()
    return [
      size * random.normal(x.rows, rank), size * random.normal(rank, x.columns), Matrix(mean),
    ]
  }

  package func rebuilt(_ p: [Matrix]) -> Matrix { p[0] * p[1] + p[2][0, 0] }

  /// `∂W = −R Hᵀ`, `∂H = −Wᵀ R`, `∂μ = −Σ R`.
  package func evaluate(_ p: [Matrix]) -> DenseState {
    let r = x - rebuilt(p)
    return DenseState(
      squares: r.sumOfSquares,
      gradients: [
        -(r * p[1].transposed), -(p[0].transposed * r), Matrix(hasBias ? -r.total(.sum) : 0),
      ])
  }
}
