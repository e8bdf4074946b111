import Matrices

/// What is asked of the weights of a layer: small numbers (`l1 Σ|w| + ½ l2 Σw²` is added to the
/// loss), and a set that every step leads back to.
package struct WeightRules: Sendable, Equatable {
  package var l1: Double
  package var l2: Double
  package var constraint: Constraint?

  package init(l1: Double = 0, l2: Double = 0, constraint: Constraint? = nil) {
    self.l1 = l1
    self.l2 = l2
    self.constraint = constraint
  }

  /// Adds the derivative of the penalty of some weights to their gradient; returns the penalty.
  func penalize(_ weights: Block, gradient: Block) -> Double {
    l1 > 0 || l2 > 0 ? gradient.addPenalty(of: weights, l1: l1, l2: l2) : 0
  }

  /// First weights that obey: drawn ones are made positive before they are led to a set of such.
  func allowed(_ weights: Matrix) -> Matrix {
    guard let constraint else { return weights }
    let start: Matrix =
      switch constraint {
      case .nonnegative, .simplex, .parts: weights.mapped(.abs)
      case .unit, .box: weights
      }
    let result = start.rowMajor()
    let copy = Matrix.zeros(result.rows, result.columns)
    copy.withBlock { block in
      block.copy(from: result)
      block.project(onto: constraint)
    }
    return copy
  }

  /// How a title ends.
  var suffix: String { constraint.map { " \($0)" } ?? "" }
}
