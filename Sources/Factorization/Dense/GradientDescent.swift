import Matrices

/// Gradient descent for a form. Without a given rate every step starts from the length that the
/// last two gradients suggest (Barzilai & Borwein 1988) and is halved until the loss falls enough
/// (Armijo 1966): the loss never rises, whatever the scale of X.
package struct GradientDescent: Sendable {
  private let x: Matrix
  private let form: any DenseForm
  private let l2: Double
  private let learnsBias: Bool
  private let rate: Double?

  package private(set) var parameters: [Matrix]
  /// `½‖R‖²` with penalties, and `‖R‖²` alone.
  package private(set) var loss: Double
  package private(set) var squares: Double
  /// The length of the last gradient, as part of the first one.
  package private(set) var steepness = 1.0
  /// Whether no step could lower the loss any more.
  package private(set) var isStuck = false

  private var gradients: [Matrix]
  private var length: Double
  private var firstNorm: Double

  package init(
    _ x: Matrix, _ form: any DenseForm, start: [Matrix], l2: Double, learnsBias: Bool, rate: Double?
  ) {
    self.x = x
    self.form = form
    self.l2 = l2
    self.learnsBias = learnsBias
    self.rate = rate
    parameters = start
    (loss, squares, gradients) = (0, 0, [])
    (length, firstNorm) = (0, 0)
    let here = evaluate(start)
    (loss, squares) = (here.loss, here.squares)
    gradients = slope(start, here.residual)
    firstNorm = Self.norm(gradients)
    // A first step that would change the parameters by about a tenth of their size.
    let size = Self.norm(start)
    length = firstNorm > 0 ? 0.1 * max(size, 1e-3) / firstNorm : 0
  }

  /// One step. Returns whether the loss is finite.
  package mutating func step() {
    let norm = Self.norm(gradients)
    guard norm > 0 else {
      (steepness, isStuck) = (0, true)
      return
    }
    var step = rate ?? length
    var next = moved(step)
    var there = evaluate(next)
    if rate == nil {
      var halvings = 0
      while !(there.loss <= loss - 1e-4 * step * norm * norm) && halvings < 60 {
        step /= 2
        halvings += 1
        next = moved(step)
        there = evaluate(next)
      }
      guard there.loss <= loss else {
        isStuck = true
        return
      }
    }
    let slope = slope(next, there.residual)
    // s = −step·g, y = g⁺ − g: the length ⟨s, s⟩ / ⟨s, y⟩, which is the inverse of the curvature.
    let bend = zip(slope, gradients).reduce(0) { $0 + ($1.0 - $1.1).dot($1.1) } * -step
    length = bend > 0 ? min(step * step * norm * norm / bend, 1e3 * step) : 2 * step
    (parameters, gradients) = (next, slope)
    (loss, squares) = (there.loss, there.squares)
    steepness = firstNorm > 0 ? Self.norm(slope) / firstNorm : 0
  }

  private func moved(_ step: Double) -> [Matrix] {
    zip(parameters, gradients).map { parameter, gradient in
      var result = parameter
      result.add(gradient, scale: -step)
      return result
    }
  }

  private func evaluate(_ parameters: [Matrix]) -> (loss: Double, squares: Double, residual: Matrix)
  {
    let residual = x - form.rebuilt(parameters)
    let squares = residual.sumOfSquares
    let penalty = l2 == 0 ? 0 : l2 * (parameters[0].sumOfSquares + parameters[1].sumOfSquares)
    return ((squares + penalty) / 2, squares, residual)
  }

  private func slope(_ parameters: [Matrix], _ residual: Matrix) -> [Matrix] {
    var slope = form.gradients(parameters, residual: residual)
    if l2 > 0 {
      slope[0].add(parameters[0], scale: l2)
      slope[1].add(parameters[1], scale: l2)
    }
    if !learnsBias { slope[2] = Matrix(0) }
    return slope
  }

  private static func norm(_ matrices: [Matrix]) -> Double {
    matrices.reduce(0) { $0 + $1.sumOfSquares }.squareRoot()
  }
}
