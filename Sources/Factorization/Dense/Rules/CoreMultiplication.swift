import Matrices

/// Multiplicative updates of X ≈ W H Wᵀ with everything at least 0 (Wang, Li, Wang, Zhu & Ding, Data
/// Mining and Knowledge Discovery 22, 2011):
/// `W ← W ∘ [(X W Hᵀ + Xᵀ W H) / (W (H G Hᵀ + Hᵀ G H))]^¼`, `H ← H ∘ (Wᵀ X W) / (G H G)`, with
/// `G = WᵀW`; where elements have weights Ω, with `Ω ∘ X` and `Ω ∘ W H Wᵀ` in place of X and W H Wᵀ.
///
/// The loss never rises with the power ¼, which is a cautious one: it grows by a tenth with every
/// step, and a step after which the loss would be higher is made again with ¼. H costs next to
/// nothing once X W is there, and is updated several times. Two products with X a step, one where X
/// is symmetric.
package struct CoreMultiplication: DenseRule {
  private let x: Matrix
  private let weights: Matrix?
  private let isSymmetric: Bool
  private let l2: Double
  private let norm: Double
  private var state: State
  private let bias: Matrix
  private var change = 1.0
  private var power = Self.safePower

  private static let safePower = 0.25
  private static let largestPower = 1.5
  private static let coreSteps = 5
  /// Keeps quotients finite.
  private static let least = 1e-300

  /// Factors, and what is known of them: X W, XᵀW and, with weights, the same of the model.
  private struct State: Sendable {
    var w: Matrix
    var h: Matrix
    var right: Matrix
    var left: Matrix
    var modelRight: Matrix
    var modelLeft: Matrix
    var squares = 0.0
    /// With penalties.
    var loss = 0.0
  }

  package init(_ task: DenseTask) {
    weights = task.weights
    x = task.weights.map { $0.times(task.x) } ?? task.x
    l2 = task.options.l2
    norm = task.weights.map { $0.dot(task.x.times(task.x)) } ?? task.x.sumOfSquares
    isSymmetric = x == x.transposed && (task.weights.map { $0 == $0.transposed } ?? true)
    bias = task.start[2]
    let none = Matrix.zeros(0, 0)
    state = State(
      w: task.start[0].mapped(.abs), h: task.start[1].mapped(.abs), right: none, left: none,
      modelRight: none, modelLeft: none)
    state = measured(withModel(withProducts(state)))
  }

  package var parameters: [Matrix] { [state.w, state.h, bias] }
  package var squares: Double { state.squares }
  package func isDone(_ tolerance: Double) -> Bool { change <= tolerance }

  package mutating func step() {
    var next = moved(state, power: power)
    if power > Self.safePower, !(next.loss <= state.loss) {
      power = Self.safePower
      next = moved(state, power: power)
    } else {
      power = min(1.1 * power, Self.largestPower)
    }
    change = state.loss > 0 ? (state.loss - next.loss) / state.loss : 0
    state = next
  }

  private func moved(_ state: State, power: Double) -> State {
    var next = state
    let (w, h) = (state.w, state.h)
    let top = state.right * h.transposed + state.left * h
    let bottom: Matrix
    if weights == nil {
      let gram = w.transposed * w
      bottom = w * (h * gram * h.transposed + h.transposed * gram * h)
    } else {
      bottom = state.modelRight * h.transposed + state.modelLeft * h
    }
    let quotients = top.over(bottom + l2 * w + Self.least)
    next.w = w.times(Matrix.combine(.power, quotients, power))
    next = withModel(withProducts(next))
    let target = next.w.transposed * next.right
    let gram = next.w.transposed * next.w
    for _ in 0..<(weights == nil ? Self.coreSteps : 1) {
      let model = weights == nil ? gram * next.h * gram : next.w.transposed * next.modelRight
      next.h = next.h.times(target.over(model + l2 * next.h + Self.least))
    }
    return measured(withModel(next))
  }

  /// With `X W` and `XᵀW` of its W.
  private func withProducts(_ state: State) -> State {
    var state = state
    state.right = x * state.w
    state.left = isSymmetric ? state.right : x.transposed * state.w
    return state
  }

  /// With the products of the model, where elements have weights.
  private func withModel(_ state: State) -> State {
    guard let weights else { return state }
    var state = state
    let model = weights.times(state.w * state.h * state.w.transposed)
    state.modelRight = model * state.w
    state.modelLeft = model.transposed * state.w
    return state
  }

  /// With its loss: `‖X‖² − 2 ⟨WᵀXW, H⟩ + ⟨model, model⟩`.
  private func measured(_ state: State) -> State {
    var state = state
    let (w, h) = (state.w, state.h)
    let known = norm - 2 * (w.transposed * state.right).dot(h)
    let gram = w.transposed * w
    let model = weights == nil ? gram * h * gram : w.transposed * state.modelRight
    state.squares = known + model.dot(h)
    // Where little is left the difference has no digits.
    if !(state.squares > 1e-6 * norm) {
      let rest = x - (weights?.times(w * h * w.transposed) ?? w * h * w.transposed)
      state.squares =
        weights.map { rest.dot(rest.over($0 + Self.least)) } ?? rest.sumOfSquares
    }
    state.loss = state.squares + l2 * (w.sumOfSquares + h.sumOfSquares)
    return state
  }
}
