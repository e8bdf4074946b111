import Matrices

/// Gradient descent for a form. Without a given rate every step starts from the length that the
/// last two gradients suggest (Barzilai & Borwein 1988) and is halved until the loss falls enough
/// (Armijo 1966): the loss never rises, whatever the scale of X. Factors that must not be below 0
/// are set back to it after every step, and the fall is asked of the way that is left.
package struct GradientDescent: DenseRule {
  private let task: DenseTask
  private let rate: Double?
  /// The parameters that move; the others stay.
  private let moving: [Int]

  package private(set) var parameters: [Matrix]
  /// `½‖R‖²` with penalties, and `‖R‖²` alone.
  package private(set) var loss: Double
  package private(set) var squares: Double
  /// The length of the last gradient, as part of the first one.
  package private(set) var steepness = 1.0
  /// Whether no step could lower the loss any more.
  package private(set) var isStuck = false

  private var slope: [Matrix]
  private var length: Double
  private let first: Double

  package init(_ task: DenseTask) { self.init(task, moving: Array(task.start.indices)) }

  init(_ task: DenseTask, moving: [Int]) {
    self.task = task
    self.moving = moving
    rate = task.options.rate
    parameters = task.start
    let here = task.evaluate(parameters)
    (loss, squares, slope) = (here.loss, here.squares, here.slope)
    first = Self.norm(moving.map { here.slope[$0] })
    // A first step that would change the parameters by about a tenth of their size.
    let size = Self.norm(moving.map { task.start[$0] })
    length = first > 0 ? 0.1 * max(size, 1e-3) / first : 0
  }

  package func isDone(_ tolerance: Double) -> Bool { isStuck || steepness <= tolerance }

  /// Goes on from other parameters.
  mutating func move(to parameters: [Matrix]) {
    self.parameters = parameters
    let here = task.evaluate(parameters)
    (loss, squares, slope) = (here.loss, here.squares, here.slope)
    isStuck = false
  }

  package mutating func step() {
    guard Self.norm(moving.map { slope[$0] }) > 0 else {
      (steepness, isStuck) = (0, true)
      return
    }
    var step = rate ?? length
    var next = moved(step)
    var there = task.evaluate(next)
    if rate == nil {
      var halvings = 0
      while !(there.loss <= loss - 1e-4 / step * distance(next)) && halvings < 60 {
        step /= 2
        halvings += 1
        next = moved(step)
        there = task.evaluate(next)
      }
      guard there.loss <= loss else {
        isStuck = true
        return
      }
    }
    // s = x⁺ − x, y = g⁺ − g: the length ⟨s, s⟩ / ⟨s, y⟩, which is the inverse of the curvature.
    let bend = moving.reduce(0.0) {
      $0 + (there.slope[$1] - slope[$1]).dot(next[$1] - parameters[$1])
    }
    let squared = distance(next)
    length = bend > 0 && squared > 0 ? min(squared / bend, 1e3 * step) : 2 * step
    (parameters, slope) = (next, there.slope)
    (loss, squares) = (there.loss, there.squares)
    steepness = first > 0 ? Self.norm(moving.map(pull)) / first : 0
  }

  /// What a step of length 1 would change: the slope, but for what bounds hold.
  private func pull(_ place: Int) -> Matrix {
    guard task.options.isNonnegative, place < 2 else { return slope[place] }
    return parameters[place] - (parameters[place] - slope[place]).clamped(0, .infinity)
  }

  private func distance(_ next: [Matrix]) -> Double {
    moving.reduce(0) { $0 + (next[$1] - parameters[$1]).sumOfSquares }
  }

  private func moved(_ step: Double) -> [Matrix] {
    var result = parameters
    for place in moving { result[place].add(slope[place], scale: -step) }
    return task.bounded(result)
  }

  private static func norm(_ matrices: [Matrix]) -> Double {
    matrices.reduce(0) { $0 + $1.sumOfSquares }.squareRoot()
  }
}
