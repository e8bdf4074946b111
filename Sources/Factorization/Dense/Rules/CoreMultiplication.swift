import Matrices

/// Multiplicative updates of X ≈ W H Wᵀ with everything at least 0 (Wang, Li, Wang, Zhu & Ding, Data
/// Mining and Knowledge Discovery 22, 2011):
/// `W ← W ∘ [(X W Hᵀ + Xᵀ W H) / (W (H G Hᵀ + Hᵀ G H))]^¼`, `H ← H ∘ (Wᵀ X W) / (G H G)`, with
/// `G = WᵀW`. The loss never rises.
package struct CoreMultiplication: DenseRule {
  private let task: DenseTask
  private let core: CoreFactors
  package private(set) var parameters: [Matrix]
  package private(set) var squares: Double
  private var change = 1.0
  /// Keeps quotients finite.
  private static let least = 1e-300

  package init(_ task: DenseTask) {
    self.task = task
    core = CoreFactors(task.x, bias: .none)
    parameters = task.start.map { $0.mapped(.abs) }
    squares = core.evaluate(parameters).squares
  }

  package func isDone(_ tolerance: Double) -> Bool { change <= tolerance }

  package mutating func step() {
    var (w, h) = (parameters[0], parameters[1])
    let (l2, before) = (task.options.l2, squares)
    let (right, left) = core.products(w)
    var gram = w.transposed * w
    let top = right * h.transposed + left * h
    let inner = h * gram * h.transposed + h.transposed * gram * h
    let bottom = w * inner + l2 * w + Self.least
    w = w.times(top.over(bottom).mapped(.sqrt).mapped(.sqrt))
    let (next, _) = core.products(w)
    gram = w.transposed * w
    h = h.times((w.transposed * next).over(gram * h * gram + l2 * h + Self.least))
    parameters = [w, h, parameters[2]]
    squares = core.evaluate(parameters).squares
    change = before > 0 ? (before - squares) / before : 0
  }
}
