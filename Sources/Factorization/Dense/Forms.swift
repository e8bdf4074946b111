import Matrices

/// A model of a whole matrix, with parameters that are matrices: how far it is off, and in which
/// direction the loss `½‖R‖² + ½ l2 (‖W‖² + ‖H‖²)` rises, where `R = X − model`.
package protocol DenseForm: Sendable {
  /// What the model makes of its parameters.
  func rebuilt(_ parameters: [Matrix]) -> Matrix
  /// The derivatives of `½‖R‖²` by every parameter; the bias is last.
  func gradients(_ parameters: [Matrix], residual: Matrix) -> [Matrix]
}

/// `X ≈ W H + b` with W m×k, H k×n and one number b.
package struct TwoFactors: DenseForm {
  package init() {}

  package func rebuilt(_ p: [Matrix]) -> Matrix { p[0] * p[1] + p[2][0, 0] }

  /// `∂W = −R Hᵀ`, `∂H = −Wᵀ R`, `∂b = −Σ R`.
  package func gradients(_ p: [Matrix], residual r: Matrix) -> [Matrix] {
    [-(r * p[1].transposed), -(p[0].transposed * r), Matrix(-r.total(.sum))]
  }
}

/// `X ≈ W H Wᵀ + b` with W n×k, the k×k core H, and one number b.
package struct CoreFactors: DenseForm {
  package init() {}

  package func rebuilt(_ p: [Matrix]) -> Matrix {
    p[0] * p[1] * p[0].transposed + p[2][0, 0]
  }

  /// `∂W = −(R W Hᵀ + Rᵀ W H)`, `∂H = −Wᵀ R W`, `∂b = −Σ R`.
  package func gradients(_ p: [Matrix], residual r: Matrix) -> [Matrix] {
    let (w, h) = (p[0], p[1])
    let (right, left) = (r * w, r.transposed * w)
    return [
      -(right * h.transposed + left * h), -(w.transposed * right), Matrix(-r.total(.sum)),
    ]
  }
}
