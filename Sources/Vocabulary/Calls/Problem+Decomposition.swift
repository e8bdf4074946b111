import Autodiff
import Matrices

extension Problem {
  /// What a user is told when there is no derivative where one is taken.
  package init(_ error: DerivativeError) {
    switch error {
    case .repeatedValues(let name, let first, let second):
      self.init(
        .computation,
        "vectors have no derivative where \(name) are equal: \(NumberFormat.short(first)) and "
          + NumberFormat.short(second),
        help: "use the values alone, or add a small multiple of diag(1:n) to the matrix")
    case .onlyOnce(let name):
      self.init(
        .computation, "'\(name)' has a first derivative only, and a second one goes through it",
        help: "dense layers, batchnorm, dropout and activations have all of them")
    case .rankDeficient(let name):
      self.init(
        .computation, "'\(name)' has no derivative at a matrix without full rank",
        help: "use the values alone, or add a small multiple of eye(n)")
    }
  }

  /// What a user is told when a matrix cannot be decomposed, or a system not solved.
  package init(_ error: DecompositionError, at parameter: String? = nil, of matrix: Matrix) {
    let label: String
    switch error {
    case .notFinite(let row, let column):
      label = "\(NumberFormat.short(matrix[row, column])) at [\(row + 1), \(column + 1)]"
      self.init(.value, "every element must be a finite number", at: parameter, label: label)
    case .singular:
      self.init(
        .computation, "the matrix has no inverse: it is singular to working precision",
        at: parameter, label: matrix.label,
        help: "lstsq and pinv give the solution of smallest norm")
    case .notSymmetric(let row, let column):
      label = "[\(row + 1), \(column + 1)] differs from [\(column + 1), \(row + 1)]"
      self.init(
        .value, "a symmetric matrix is needed", at: parameter, label: label,
        help: "(x + x') / 2 is symmetric")
    case .notPositiveDefinite(let order):
      label = "the leading \(order)×\(order) part has no positive determinant"
      self.init(.computation, "a positive definite matrix is needed", at: parameter, label: label)
    case .complexEigenvalues(let count):
      self.init(
        .computation, "\(count) eigenvalues are complex, which a matrix cannot hold",
        at: parameter, label: matrix.label,
        help: "eig(x, complex=true) gives their real and imaginary parts")
    case .notConverged:
      self.init(
        .computation, "the decomposition has not converged", at: parameter, label: matrix.label)
    }
  }
}
