import Matrices

/// X ≈ W H Wᵀ + B in turn: the core H and B exactly, of which H is
/// `(G + …)⁻¹ Wᵀ (X − B) W (G + …)⁻¹` in the directions of `G = WᵀW`, or coordinate by coordinate where
/// it must not be below 0; then W by some steps of gradient descent. The loss never rises.
package struct CoreLeastSquares: DenseRule {
  private let task: DenseTask
  private var descent: GradientDescent
  private let core: CoreFactors
  private var change = 1.0
  private static let turns = 5

  package init(_ task: DenseTask) {
    self.task = task
    core = task.form as? CoreFactors ?? CoreFactors(task.x, bias: .none)
    descent = GradientDescent(
      task, moving: task.options.isNonnegative && task.options.l2 > 0 ? [0, 1] : [0])
  }

  /// A penalty and a bound at once have no solution coordinate by coordinate: then H goes with W.
  private var descendsCore: Bool { task.options.isNonnegative && task.options.l2 > 0 }

  package var parameters: [Matrix] { descent.parameters }
  package var squares: Double { descent.squares }
  package func isDone(_ tolerance: Double) -> Bool { change <= tolerance }

  package mutating func step() {
    let before = descent.loss
    var parameters = core.bestBias(descent.parameters)
    if !descendsCore { parameters[1] = bestCore(parameters) }
    descent.move(to: parameters)
    for _ in 0..<Self.turns where !descent.isStuck { descent.step() }
    change = before > 0 ? (before - descent.loss) / before : 0
  }

  /// The minimum of `½‖X − B − W H Wᵀ‖² + ½ l2 ‖H‖²` in H.
  private func bestCore(_ p: [Matrix]) -> Matrix {
    let w = p[0]
    let gram = w.transposed * w
    var wanted = core.projected(p)
    // Of a symmetric core only this part counts, and the best one is symmetric too.
    if core.isSymmetric { wanted = 0.5 * (wanted + wanted.transposed) }
    var h = p[1]
    if task.options.isNonnegative {
      h.descendBetween(left: gram, right: gram, target: wanted, sweeps: 20)
    } else {
      let (values, vectors) = gram.rotatedToDiagonal()
      let diagonal = Matrix(column: values)
      // A trace more keeps directions out that W does not have.
      let largest = diagonal.total(.maximum)
      let weights = diagonal * diagonal.transposed + (task.options.l2 + 1e-14 * largest * largest)
      h =
        vectors * (vectors.transposed * wanted * vectors).over(weights + 1e-300)
        * vectors.transposed
    }
    return core.isSymmetric ? 0.5 * (h + h.transposed) : h
  }
}
