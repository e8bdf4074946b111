import Matrices
import Vocabulary

/// L-BFGS (Liu & Nocedal 1989): steps along `−H g`, where H is the inverse of the curvature that the
/// last m moves `s` and changes of the gradient `y` tell of, by the two loops over them; the length
/// is found by a line search. One step an epoch, on all rows: the loss must be the same whenever it
/// is asked for.
///
/// The state holds the moves (m rows), then the changes, in a ring; `step` counts the pairs.
package struct LBFGS: Optimizer {
  /// The length of the first step, as a part of `1 / ‖g‖₁`, and of the later ones.
  package var rate: Double
  package let memory: Int
  /// Evaluations that one line search may take.
  package let evaluations: Int

  package init(rate: Double = 1, memory: Int = 10, evaluations: Int = 25) {
    self.rate = rate
    self.memory = memory
    self.evaluations = evaluations
  }

  package var title: String { memory == 10 ? "lbfgs()" : "lbfgs(memory=\(memory))" }
  package var name: String { "lbfgs \(memory)" }
  package var call: Call {
    Call(
      "lbfgs",
      numbers: [
        ("rate", rate), ("memory", Double(memory)), ("evaluations", Double(evaluations)),
      ])
  }
  package var slots: Int { 2 * memory }

  /// Parameters do not move apart from each other: `advance` moves all.
  package func update(_ parameters: Block, gradient: Block, state: Block, step: Int) {}

  /// A place, with what was found there.
  struct Place {
    /// The parameters as one row.
    var x: Matrix
    var loss: Double
    var gradient: Matrix
    /// The part of the rows that is right, where that means something.
    var accuracy = Double.nan
  }

  /// How a step ended.
  enum Move {
    case moved(Place)
    /// Nothing near is lower.
    case still
  }

  /// One step from a place.
  ///
  /// - Parameters:
  ///   - state: the pairs so far, 2m rows; receives the new one.
  ///   - count: how many pairs there have been; 0 after the curvature was found useless.
  func advance(
    from place: Place, state: Block, count: inout Int,
    evaluate: @escaping (Matrix) throws -> Place
  ) throws -> Move {
    while true {
      var direction = direction(place.gradient, state, count)
      var slope = direction.dot(place.gradient)
      if !(slope < 0) {
        count = 0
        direction = -1 * place.gradient
        slope = direction.dot(place.gradient)
      }
      guard slope < 0 else { return .still }
      let sum = count == 0 ? place.gradient.mapped(.abs).total(.sum) : 0
      let first = count == 0 ? rate * min(1, 1 / sum) : rate
      var search = LineSearch<Place>(from: place.loss, slope: slope, evaluations: evaluations) {
        [direction] step in
        let found = try evaluate(place.x + step * direction)
        return .init(
          step: step, value: found.loss, slope: found.gradient.dot(direction), payload: found)
      }
      if let found = try search.find(first: first)?.payload {
        remember(place, found, along: direction, in: state, &count)
        return .moved(found)
      }
      // The curvature may mislead: once more along the gradient alone.
      if count == 0 { return .still }
      count = 0
    }
  }

  /// `−H g` by the two loops; of some parameters alone where `free` is 1 for these and 0 for others.
  func direction(_ gradient: Matrix, _ state: Block, _ count: Int, free: Matrix? = nil)
    -> Matrix
  {
    let known = min(count, memory)
    guard known > 0 else { return -1 * gradient }
    var pairs = (count - known..<count).map { index in
      let place = index % memory
      return (
        s: Self.row(place, of: state), y: Self.row(memory + place, of: state)
      )
    }
    if let free {
      // What is left of a pair must still tell of a curvature above 0.
      pairs = pairs.map { ($0.s.times(free), $0.y.times(free)) }
        .filter { $0.s.dot($0.y) > 1e-10 * $0.y.dot($0.y) }
    }
    var q = gradient
    var shares: [Double] = []
    for (s, y) in pairs.reversed() {
      let share = s.dot(q) / s.dot(y)
      shares.append(share)
      q = q - share * y
    }
    if let (s, y) = pairs.last { q = (s.dot(y) / y.dot(y)) * q }
    for ((s, y), share) in zip(pairs, shares.reversed()) {
      q = q + (share - y.dot(q) / s.dot(y)) * s
    }
    return -1 * q
  }

  private static func row(_ place: Int, of state: Block) -> Matrix {
    Matrix(state.rows(in: place..<place + 1)).converted(to: .double)
  }

  /// Keeps the pair of a move, if it tells of a curvature above 0. What stands among the parameters
  /// without being one, as the running means of a batch do, has not moved.
  func remember(
    _ start: Place, _ end: Place, along direction: Matrix, in state: Block, _ count: inout Int
  ) {
    let s = (end.x - start.x).times(.combine(.unequal, direction, 0))
    let y = end.gradient - start.gradient
    guard s.dot(y) > 1e-10 * y.dot(y) else { return }
    let place = count % memory
    state.rows(in: place..<place + 1).copy(from: s)
    state.rows(in: memory + place..<memory + place + 1).copy(from: y)
    count += 1
  }
}
