/// A set of weights to which a step is led back: the nearest point of it.
package enum Constraint: Sendable, Equatable, CustomStringConvertible {
  /// Every weight is at least 0.
  case nonnegative
  /// Every column has the length 1.
  case unit
  /// Every column is ≥ 0 and has the sum 1.
  case simplex
  /// Every weight lies between two numbers.
  case box(Double, Double)
  /// Every column is ≥ 0 and has the length 1: a dictionary of parts.
  case parts

  package var description: String {
    switch self {
    case .nonnegative: "nonnegative"
    case .unit: "unit"
    case .simplex: "simplex"
    case .box(let low, let high): "box \(NumberFormat.short(low)) … \(NumberFormat.short(high))"
    case .parts: "nonnegative unit"
    }
  }
}

extension Block {
  /// Adds `l1 sign(w) + l2 w` to a gradient and returns `l1 Σ|w| + ½ l2 Σw²`.
  package func addPenalty(of weights: Block, l1: Double, l2: Double) -> Double {
    switch precision {
    case .double: addPenalty(weights, l1, l2, Double.self)
    case .single: addPenalty(weights, Float(l1), Float(l2), Float.self)
    }
  }

  private func addPenalty<S: Scalar>(_ weights: Block, _ l1: S, _ l2: S, _: S.Type) -> Double {
    var (sum, squares) = (0.0, 0.0)
    for row in 0..<rows {
      let (g, w) = (self.row(row, S.self), weights.row(row, S.self))
      for i in 0..<columns {
        let sign: S = w[i] > 0 ? 1 : w[i] < 0 ? -1 : 0
        g[i] += l1 * sign + l2 * w[i]
        sum += Double(abs(w[i]))
        squares.addProduct(Double(w[i]), Double(w[i]))
      }
    }
    return Double(l1) * sum + Double(l2) / 2 * squares
  }

  /// Brings every element between `−limit` and `limit`; NaN stays.
  package func clamp(to limit: Double) { clamp(-limit, limit) }

  private func clamp(_ low: Double, _ high: Double) {
    switch precision {
    case .double: clamp(low, high, Double.self)
    case .single: clamp(Float(low), Float(high), Float.self)
    }
  }

  private func clamp<S: Scalar>(_ low: S, _ high: S, _: S.Type) {
    let (least, most) = (S.Vector(repeating: low), S.Vector(repeating: high))
    for row in 0..<rows {
      Kernels.transform(self.row(row, S.self), columns) {
        S.larger(least, S.smaller(most, $0))
      }
    }
  }

  /// Moves to the nearest point of a set. A column that has nothing above 0 where its length or
  /// sum must be 1 becomes the same in every row.
  package func project(onto constraint: Constraint) {
    switch precision {
    case .double: project(constraint, Double.self)
    case .single: project(constraint, Float.self)
    }
  }

  private func project<S: Scalar>(_ constraint: Constraint, _: S.Type) {
    switch constraint {
    case .nonnegative: clamp(0, .infinity)
    case .box(let low, let high): clamp(low, high)
    case .unit: normalize(S.self)
    case .parts:
      clamp(0, .infinity)
      normalize(S.self)
    case .simplex:
      for column in 0..<columns { projectOnSimplex(column, S.self) }
    }
  }

  private func normalize<S: Scalar>(_: S.Type) {
    let x = pointer(S.self)
    for column in 0..<columns {
      var squares = 0.0
      for row in 0..<rows {
        let value = Double(x[row * stride + column])
        squares.addProduct(value, value)
      }
      let length = squares.squareRoot()
      let even = S(1 / Double(rows).squareRoot())
      let factor = S(1 / length)
      for row in 0..<rows {
        let place = row * stride + column
        x[place] = length > 1e-30 ? x[place] * factor : even
      }
    }
  }

  /// The nearest point with all numbers ≥ 0 and the sum 1 is `max(0, x − θ)`; θ is found by
  /// Newton's steps on the convex, piecewise linear sum, which reach it exactly from below.
  private func projectOnSimplex<S: Scalar>(_ column: Int, _: S.Type) {
    let x = pointer(S.self) + column
    var total = 0.0
    for row in 0..<rows { total += Double(x[row * stride]) }
    var shift = (total - 1) / Double(rows)
    for _ in 0..<64 {
      var (sum, count) = (0.0, 0.0)
      for row in 0..<rows where Double(x[row * stride]) > shift {
        sum += Double(x[row * stride])
        count += 1
      }
      let next = (sum - 1) / max(count, 1)
      if !(next > shift) { break }
      shift = next
    }
    for row in 0..<rows { x[row * stride] = max(0, S(Double(x[row * stride]) - shift)) }
  }
}
