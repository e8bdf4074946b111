import Matrices

/// What a rule starts from.
package struct DenseTask: Sendable {
  let x: Matrix
  /// How much every element counts; `nil` where all count alike.
  let weights: Matrix?
  let form: any DenseForm
  let start: [Matrix]
  let options: MFOptions

  /// The loss `½‖R‖² + ½ l2 (‖W‖² + ‖H‖²)`, and its slope.
  func evaluate(_ parameters: [Matrix]) -> (loss: Double, squares: Double, slope: [Matrix]) {
    var state = form.evaluate(parameters)
    let l2 = options.l2
    guard l2 > 0 else { return (state.squares / 2, state.squares, state.gradients) }
    state.gradients[0].add(parameters[0], scale: l2)
    state.gradients[1].add(parameters[1], scale: l2)
    let penalty = l2 * (parameters[0].sumOfSquares + parameters[1].sumOfSquares)
    return ((state.squares + penalty) / 2, state.squares, state.gradients)
  }

  /// Factors at least 0, where that is asked for.
  func bounded(_ parameters: [Matrix]) -> [Matrix] {
    guard options.isNonnegative else { return parameters }
    var result = parameters
    for place in 0..<2 { result[place].clamp(0, .infinity) }
    return result
  }
}

/// A way to find the parameters of a form: it owns them and does one step.
package protocol DenseRule: Sendable {
  init(_ task: DenseTask)
  var parameters: [Matrix] { get }
  /// `‖R‖²`.
  var squares: Double { get }
  /// Whether there is nothing left to win, by a measure of the rule's own.
  func isDone(_ tolerance: Double) -> Bool
  mutating func step()
}

/// One line a rule: what `method=` may be for whole matrices.
package struct DenseMethod: Sendable {
  package let name: String
  package let forms: Set<MFForm>
  let iterations: Int
  let tolerance: Double
  let takesRate: Bool
  let rule: @Sendable (DenseTask) -> any DenseRule

  /// The first that a form has is its usual one.
  package static let all: [DenseMethod] = [
    DenseMethod("als", [.uv], 200, 1e-6) { TwoFactorLeastSquares($0) },
    DenseMethod("gd", [.uv, .whw], 2000, 1e-8, takesRate: true) {
      GradientDescent($0)
    },
    DenseMethod("als", [.whw], 500, 1e-8) { CoreLeastSquares($0) },
    DenseMethod("adam", [.uv, .whw], 2000, 1e-8, takesRate: true) {
      AdamDescent($0)
    },
    DenseMethod("mu", [.whw], 2000, 1e-8) { CoreMultiplication($0) },
  ]

  package static func named(_ name: String?, for form: MFForm) -> DenseMethod? {
    all.first { $0.forms.contains(form) && (name == nil || $0.name == name) }
  }

  private init(
    _ name: String, _ forms: Set<MFForm>, _ iterations: Int, _ tolerance: Double,
    takesRate: Bool = false,
    _ rule: @escaping @Sendable (DenseTask) -> any DenseRule
  ) {
    self.name = name
    self.forms = forms
    self.iterations = iterations
    self.tolerance = tolerance
    self.takesRate = takesRate
    self.rule = rule
  }
}
