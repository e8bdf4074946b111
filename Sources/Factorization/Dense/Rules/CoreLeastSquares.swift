import Matrices

/// X ≈ W H Wᵀ + B in turn: the core H and B exactly, of which H is
/// `(G + …)⁻¹ Wᵀ (X − B) W (G + …)⁻¹` in the directions of `G = WᵀW`, or coordinate by coordinate where
/// it must not be below 0; then W by some steps of gradient descent. The loss never rises.
///
/// Where elements have weights Ω, H and B are those for a whole matrix that lies above the loss and
/// touches it at the model: with ω the largest weight, `Ω/ω ∘ X + (1 − Ω/ω) ∘ model` (as Dempster,
/// Laird & Rubin 1977 complete what is missing); a few times, since each costs two products with it.
package struct CoreLeastSquares: DenseRule {
  private let task: DenseTask
  private var descent: GradientDescent
  private let whole: CoreFactors
  /// The largest weight; 1 without.
  private let heaviest: Double
  private var change = 1.0
  private static let turns = 5
  /// How often what is missing is completed in a step.
  private static let completions = 4

  package init(_ task: DenseTask) {
    self.task = task
    let bias = task.options.bias ? task.options.coreBias : .none
    whole = CoreFactors(task.x, bias: bias, isSymmetric: task.options.isSymmetric)
    heaviest = max(task.weights?.total(.maximum) ?? 1, .leastNormalMagnitude)
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
    var parameters = descent.parameters
    for _ in 0..<(task.weights == nil ? 1 : Self.completions) {
      let core = completed(parameters)
      parameters = core.bestBias(parameters)
      if !descendsCore { parameters[1] = bestCore(core, parameters) }
    }
    descent.move(to: parameters)
    for _ in 0..<Self.turns where !descent.isStuck { descent.step() }
    change = before > 0 ? (before - descent.loss) / before : 0
  }

  /// X with what the model says where nothing is known, and in between by weight.
  private func completed(_ p: [Matrix]) -> CoreFactors {
    guard let weights = task.weights else { return whole }
    let model = whole.rebuilt(p)
    let moved = (1 / heaviest) * weights.times(task.x - model)
    return CoreFactors(model + moved, bias: whole.bias, isSymmetric: whole.isSymmetric)
  }

  /// The minimum of `½‖X − B − W H Wᵀ‖² + ½ l2 ‖H‖²` in H.
  private func bestCore(_ core: CoreFactors, _ p: [Matrix]) -> Matrix {
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
      let weights =
        diagonal * diagonal.transposed + (task.options.l2 / heaviest + 1e-14 * largest * largest)
      h =
        vectors * (vectors.transposed * wanted * vectors).over(weights + 1e-300)
        * vectors.transposed
    }
    return core.isSymmetric ? 0.5 * (h + h.transposed) : h
  }
}
