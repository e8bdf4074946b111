import Matrices

/// A number or matrix that knows where it came from: the language of derivative rules.
///
/// Operations on variables are recorded on their tape; on constants they only compute. A rule
/// written with them therefore costs nothing but its numbers in a gradient, and is itself recorded
/// in a gradient of a gradient.
package struct Trace: Sendable {
  package private(set) var value: Quantity
  /// Where it was recorded; `nil` of a constant.
  let tape: Tape?
  let place: Int32

  /// A constant.
  package init(_ value: Quantity) {
    self.value = value
    tape = nil
    place = -1
  }

  init(_ value: Quantity, _ tape: Tape, _ place: Int32) {
    self.value = value
    self.tape = tape
    self.place = place
  }

  /// A constant matrix.
  package init(_ matrix: Matrix) { self.init(.matrix(matrix)) }

  /// A constant number.
  package init(_ number: Double) { self.init(.number(number)) }

  package var shape: Shape { value.shape }

  /// Whether it depends on what a gradient is taken in.
  package var isTraced: Bool { tape?.isOpen ?? false }

  /// Its place on the tape, for telling whether it came after something.
  package var position: Int? { isTraced ? Int(place) : nil }

  /// It as a value of a program, if it depends on what a gradient is taken in.
  package var traced: Traced? {
    guard let tape, tape.isOpen else { return nil }
    return Traced(tape, place)
  }

  /// The same number or matrix as a constant.
  package var constant: Trace { Trace(value) }

  /// Adds another slope, in place where nobody else has the memory.
  mutating func accumulate(_ other: Trace) {
    if tape == nil, other.tape == nil, case .matrix(let y) = other.value,
      case .matrix(var x) = value, x.shape == y.shape, x.precision == y.precision
    {
      value = .number(0)
      x.add(y)
      value = .matrix(x)
    } else {
      self = self + other
    }
  }

  /// Adds the slope of some rows and columns, in place where nobody else has the memory.
  mutating func accumulate(_ other: Matrix, rows: [Int], columns: [Int]) {
    guard case .matrix(var x) = value else { return }
    value = .number(0)
    x.add(other, rows: rows, columns: columns)
    value = .matrix(x)
  }

  /// Notes the result of an operation of one operand.
  @inline(__always)
  package static func record(_ value: Quantity, _ a: Trace, by rule: Rule) -> Trace {
    guard let tape = a.tape else { return Trace(value) }
    return tape.record(value, a, nil, rule)
  }

  /// Notes the result of an operation of two operands.
  @inline(__always)
  package static func record(_ value: Quantity, _ a: Trace, _ b: Trace, by rule: Rule)
    -> Trace
  {
    guard let tape = newer(a.tape, b.tape) else { return Trace(value) }
    return tape.record(value, a, b, rule)
  }

  /// Notes the result of an operation of many operands.
  package static func record(_ value: Quantity, _ operands: [Trace], by rule: Rule) -> Trace {
    guard let tape = operands.lazy.compactMap(\.tape).first(where: \.isOpen) else {
      return Trace(value)
    }
    return tape.record(value, operands, rule)
  }

  @inline(__always)
  private static func newer(_ a: Tape?, _ b: Tape?) -> Tape? {
    guard let a else { return b }
    guard let b, a !== b else { return a }
    return a.isOpen ? a : b
  }
}

/// How a slope goes back through an operation: for each operand the derivative of the end in it,
/// from the derivative in the result.
package struct Rule: Sendable {
  package typealias Pullback = @Sendable (Pull) throws -> Trace

  let left: Pullback
  let right: Pullback?
  /// The rows and columns of the operand that the result is a copy of, where it is one: its slope
  /// can be added there without a matrix of zeros around it.
  var part: (rows: [Int], columns: [Int])?

  /// The rule of an operation of one operand, or of many that are treated alike.
  package init(_ left: @escaping Pullback) {
    self.left = left
    right = nil
  }

  /// The rule of an operation of two.
  package init(_ left: @escaping Pullback, _ right: @escaping Pullback) {
    self.left = left
    self.right = right
  }

  /// `y = a`.
  static let identity = Rule { $0.slope }
}

/// What a rule sees: the slope of the result `y`, and the operands.
package struct Pull {
  /// The derivative of the end in `y`: of its shape, or one number that stands for all elements.
  package let slope: Trace
  package internal(set) var a: Trace
  let right: Trace?
  package let y: Trace
  /// Which of many operands `a` is.
  package internal(set) var position = 0

  init(slope: Trace, a: Trace, b: Trace?, y: Trace) {
    self.slope = slope
    self.a = a
    right = b
    self.y = y
  }

  /// The second operand.
  package var b: Trace { right ?? a }

  /// The slope with an element for each of `y`.
  package var full: Trace {
    if case .matrix(let matrix) = slope.value, case .matrix(let whole) = y.value,
      matrix.shape == whole.shape, matrix.precision == whole.precision
    {
      return slope
    }
    return slope.filling(y.value)
  }

  /// What of a slope of the shape of `y` belongs to `a`: sums over what was repeated.
  package func toLeft(_ part: Trace) -> Trace { part.folded(onto: a.value, from: y.shape) }

  /// What of a slope of the shape of `y` belongs to `b`.
  package func toRight(_ part: Trace) -> Trace { part.folded(onto: b.value, from: y.shape) }
}
