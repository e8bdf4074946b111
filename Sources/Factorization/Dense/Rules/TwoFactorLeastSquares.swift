import Matrices

/// X ≈ W H + μ in turn: W and H by ridge regression, or with every row at its minimum where factors
/// must not be below 0 (block principal pivoting); then the mean of what is left as μ.
package struct TwoFactorLeastSquares: DenseRule {
  private let task: DenseTask
  package private(set) var parameters: [Matrix]
  package private(set) var squares: Double
  private var change = 1.0

  package init(_ task: DenseTask) {
    self.task = task
    parameters = task.start
    squares = task.form.evaluate(parameters).squares
  }

  package func isDone(_ tolerance: Double) -> Bool { change <= tolerance }

  package mutating func step() {
    let before = squares.squareRoot()
    let rest = task.x - parameters[2][0, 0]
    let h = parameters[1]
    parameters[0] = best(parameters[0], h * h.transposed, h * rest.transposed)
    let w = parameters[0]
    parameters[1] =
      best(h.transposed.rowMajor(), w.transposed * w, w.transposed * rest).transposed.rowMajor()
    if task.options.bias { parameters[2] = Matrix((task.x - w * parameters[1]).total(.mean)) }
    squares = (task.x - task.form.rebuilt(parameters)).sumOfSquares
    let error = squares.squareRoot()
    change = before > 0 ? abs(before - error) / before : 0
  }

  /// The F, rows×k, with the smallest `½ tr F (G + l2 I) Fᵀ − ⟨Bᵀ, F⟩`; a trace more on the diagonal
  /// keeps the root real.
  private func best(_ factor: Matrix, _ gram: Matrix, _ right: Matrix) -> Matrix {
    if task.options.isNonnegative {
      var (result, terms) = (factor, FactorTerms())
      terms.l2 = task.options.l2
      _ = result.solveRows(
        gram: gram, target: right.transposed.rowMajor(), by: .exact, terms: terms)
      return result
    }
    let trace = gram.diagonal.total(.sum)
    let root = gram.inverseCholesky(shift: task.options.l2 + max(1e-13 * trace, 1e-200))
    return (root * (root.transposed * right)).transposed.rowMajor()
  }
}
