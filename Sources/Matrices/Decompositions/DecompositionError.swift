/// Why a decomposition or a system of equations has no result, as data.
package enum DecompositionError: Error, Equatable, Sendable {
  /// An element is NaN or infinite; counted from 0.
  case notFinite(row: Int, column: Int)
  /// The matrix has no inverse, to working precision.
  case singular(Shape)
  /// The matrix differs from its transpose; the first pair that differs, counted from 0.
  case notSymmetric(row: Int, column: Int)
  /// A leading part of this order has no positive determinant.
  case notPositiveDefinite(order: Int)
  /// Eigenvalues come in complex pairs; how many are not real.
  case complexEigenvalues(Int)
  /// The iteration inside has not settled.
  case notConverged
}
