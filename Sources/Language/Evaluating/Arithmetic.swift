import Glibc
import Matrices
import Vocabulary

/// What is wrong with the operands of an operator.
enum OperationError: Error {
  case types
  case shapes(ShapeError)
  case tooLarge(Shape)
  case problem(Problem)
  /// The computation was stopped.
  case interrupted

  /// An error of a decomposition.
  static func decomposition(_ error: any Error, of matrix: Matrix) -> OperationError {
    guard let error = error as? DecompositionError else { return .interrupted }
    return .problem(Problem(error, of: matrix))
  }
}

/// The meaning of the operators on values.
enum Arithmetic {
  /// An operand of a numeric operator: numbers stay numbers, everything else becomes a matrix.
  private enum Quantity {
    case number(Double)
    case matrix(Matrix)

    init?(_ value: Value) throws(OperationError) {
      switch value {
      case .number(let number): self = .number(number)
      case .boolean(let truth): self = .number(truth ? 1 : 0)
      case .matrix(let matrix): self = .matrix(matrix)
      case .range(let range):
        guard let matrix = Matrix.from(value) else { throw .tooLarge(Shape(1, range.count)) }
        self = .matrix(matrix)
      case .nothing, .text, .list, .record, .function, .object: return nil
      }
    }

    var shape: Shape {
      switch self {
      case .number: Shape(1, 1)
      case .matrix(let matrix): matrix.shape
      }
    }
  }

  /// `a ∘ b` for any two values.
  static func apply(_ operation: Operator, _ a: Value, _ b: Value) throws(OperationError) -> Value {
    if case .number(let x) = a, case .number(let y) = b {
      return scalar(operation, x, y)
    }
    if let result = try traced(operation, a, b) { return result }
    if let result = try sparse(operation, a, b) { return result }
    if let result = try nonNumeric(operation, a, b) { return result }
    guard let x = try Quantity(a), let y = try Quantity(b) else { throw .types }
    switch operation {
    case .multiply: return try product(x, y)
    case .solve: return try solution(x, y)
    case .power: return try power(x, y)
    case .divide:
      // A matrix divided by a number; everything else has to say what it means.
      guard y.shape.count == 1 else { throw .types }
      return try combine(.divide, x, y, fit: .broadcast)
    case .and, .or:
      let result = try combine(operation.elementwise, x, y, fit: .equal)
      return result
    default:
      return try combine(
        operation.elementwise, x, y, fit: operation.isDotted ? .broadcast : .equal)
    }
  }

  /// `a ∘ b` for two numbers.
  @inline(__always)
  static func number(_ operation: Operator, _ a: Double, _ b: Double) -> Double? {
    switch operation {
    case .add, .dotPlus: a + b
    case .subtract, .dotMinus: a - b
    case .multiply, .dotTimes: a * b
    case .divide, .dotOver: a / b
    case .solve: b / a
    case .power, .dotPower: b == 2 ? a * a : Glibc.pow(a, b)
    case .remainder: remainder(a, b)
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or: nil
    }
  }

  /// Whether `a ∘ b` holds for two numbers.
  @inline(__always)
  static func truth(_ operation: Operator, _ a: Double, _ b: Double) -> Bool? {
    switch operation {
    case .equal: a == b
    case .unequal: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .and: a != 0 && b != 0
    case .or: a != 0 || b != 0
    default: nil
    }
  }

  private static func scalar(_ operation: Operator, _ a: Double, _ b: Double) -> Value {
    if let number = number(operation, a, b) { return .number(number) }
    return .boolean(truth(operation, a, b) ?? false)
  }

  /// The remainder with the sign of the divisor.
  static func remainder(_ a: Double, _ b: Double) -> Double {
    let rest = a.truncatingRemainder(dividingBy: b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }

  // MARK: Texts, lists, truth values

  private static func nonNumeric(_ operation: Operator, _ a: Value, _ b: Value)
    throws(OperationError) -> Value?
  {
    switch (operation, a, b) {
    case (.add, .text(let x), .text(let y)):
      try Room.check(letters: x.utf8.count + y.utf8.count)
      return .text(x + y)
    case (.add, .list(let x), .list(let y)):
      try Room.check(elements: x.count + y.count)
      return .list(x + y)
    case (.less, .text(let x), .text(let y)): return .boolean(x < y)
    case (.lessOrEqual, .text(let x), .text(let y)): return .boolean(x <= y)
    case (.greater, .text(let x), .text(let y)): return .boolean(x > y)
    case (.greaterOrEqual, .text(let x), .text(let y)): return .boolean(x >= y)
    case (.and, .boolean(let x), .boolean(let y)): return .boolean(x && y)
    case (.or, .boolean(let x), .boolean(let y)): return .boolean(x || y)
    case (.equal, .list(let list), .text), (.unequal, .list(let list), .text),
      (.equal, .list(let list), .number), (.unequal, .list(let list), .number),
      (.equal, .list(let list), .boolean), (.unequal, .list(let list), .boolean):
      return marks(list, operation, b)
    case (.equal, .text, .list(let list)), (.unequal, .text, .list(let list)),
      (.equal, .number, .list(let list)), (.unequal, .number, .list(let list)),
      (.equal, .boolean, .list(let list)), (.unequal, .boolean, .list(let list)):
      return marks(list, operation, a)
    case (.equal, _, _), (.unequal, _, _):
      if isNumeric(a) && isNumeric(b) { return nil }
      guard let equal = areEqual(a, b) else { throw .types }
      return .boolean(equal == (operation == .equal))
    default: return nil
    }
  }

  /// Which elements of a list are a text or number, or are not: a column, as those of a table.
  private static func marks(_ list: [Value], _ operation: Operator, _ one: Value) -> Value {
    var marks = Matrix(
      column: list.map { areEqual($0, one) ?? false == (operation == .equal) ? 1 : 0 })
    marks.isLogical = true
    return .matrix(marks)
  }

  private static func isNumeric(_ value: Value) -> Bool {
    switch value {
    case .number, .boolean, .matrix, .range: true
    case .nothing, .text, .list, .record, .function, .object: false
    }
  }

  /// Whether two values are the same; `nil` when they cannot be compared.
  static func areEqual(_ a: Value, _ b: Value) -> Bool? {
    // Lists that hold each other many times take for ever to compare.
    if Interrupt.isRequested { return nil }
    switch (a, b) {
    case (.nothing, .nothing): return true
    case (.nothing, _), (_, .nothing): return false
    case (.text(let x), .text(let y)): return x == y
    case (.list(let x), .list(let y)):
      return x.count == y.count && zip(x, y).allSatisfy { areEqual($0, $1) ?? false }
    case (.record(let x), .record(let y)):
      return x.count == y.count
        && x.keys.allSatisfy { key in
          guard let first = x[key], let second = y[key] else { return false }
          return areEqual(first, second) ?? false
        }
    case (.function(let x), .function(let y)): return x === y
    case (.object(let x), .object(let y)): return x === y
    default:
      guard let x = try? Quantity(a), let y = try? Quantity(b) else { return nil }
      switch (x, y) {
      case (.number(let first), .number(let second)): return first == second
      case (.matrix(let first), .matrix(let second)): return first == second
      case (.number(let first), .matrix(let second)), (.matrix(let second), .number(let first)):
        return second.count == 1 && second[0, 0] == first
      }
    }
  }

  // MARK: Matrices

  private enum Fit { case equal, broadcast }

  private static func combine(
    _ operation: ElementwiseOperation, _ a: Quantity, _ b: Quantity, fit: Fit
  ) throws(OperationError) -> Value {
    let shape: Shape
    do {
      shape =
        try fit == .equal
        ? Shape.equal(a.shape, b.shape) : Shape.broadcast(a.shape, b.shape)
    } catch { throw .shapes(error) }
    guard Matrix.canAllocate(shape) else { throw .tooLarge(shape) }
    switch (a, b) {
    case (.number(let x), .number(let y)):
      return .matrix(Matrix.combine(operation, Matrix(x), y)).single
    case (.matrix(let x), .number(let y)): return .matrix(Matrix.combine(operation, x, y))
    case (.number(let x), .matrix(let y)): return .matrix(Matrix.combine(operation, x, y))
    case (.matrix(let x), .matrix(let y)): return .matrix(Matrix.combine(operation, x, y))
    }
  }

  private static func product(_ a: Quantity, _ b: Quantity) throws(OperationError) -> Value {
    guard case .matrix(let x) = a, case .matrix(let y) = b else {
      return try combine(.multiply, a, b, fit: .equal)
    }
    if x.columns != y.rows, x.count == 1 || y.count == 1 {
      return try combine(.multiply, a, b, fit: .equal)
    }
    let shape: Shape
    do { shape = try Shape.product(x.shape, y.shape) } catch { throw .shapes(error) }
    guard Matrix.canAllocate(shape) else { throw .tooLarge(shape) }
    let result = x * y
    return result.count == 1 && result.precision == .double
      ? .number(result[0, 0]) : .matrix(result)
  }

  private static func solution(_ a: Quantity, _ b: Quantity) throws(OperationError) -> Value {
    switch (a, b) {
    case (.number(let x), .number(let y)): return .number(y / x)
    case (.number(let x), .matrix(let y)): return .matrix(y / x)
    case (.matrix(let x), .number(let y)):
      if x.count == 1 { return .number(y / x[0, 0]) }
      guard x.rows == 1 else { throw .shapes(.unequal(x.shape, Shape(1, 1))) }
      return try solution(a, .matrix(Matrix(y)))
    case (.matrix(let x), .matrix(let y)):
      guard x.rows == y.rows else { throw .shapes(.besides(x.shape, y.shape)) }
      do { return .matrix(try Matrix.solve(x, y)) } catch { throw .decomposition(error, of: x) }
    }
  }

  private static func power(_ a: Quantity, _ b: Quantity) throws(OperationError) -> Value {
    guard b.shape.count == 1 else { throw .types }
    let exponent: Double
    switch b {
    case .number(let number): exponent = number
    case .matrix(let matrix): exponent = matrix[0, 0]
    }
    switch a {
    case .number(let x): return .number(Glibc.pow(x, exponent))
    case .matrix(let x):
      if x.count == 1 { return try combine(.power, a, .number(exponent), fit: .equal) }
      guard x.rows == x.columns else { throw .shapes(.square(x.shape)) }
      guard let whole = Int(exactly: exponent), abs(exponent) < 1e9 else { throw .types }
      do { return .matrix(try x.power(whole)) } catch { throw .decomposition(error, of: x) }
    }
  }

  /// `-a`.
  static func negated(_ a: Value) throws(OperationError) -> Value {
    if let result = tracedNegative(a) { return result }
    if let matrix = a.sparse { return Value(SparseMatrix.combine(.multiply, matrix, -1)) }
    switch try Quantity(a) {
    case .number(let number): return .number(-number)
    case .matrix(let matrix): return .matrix(-matrix)
    case nil: throw .types
    }
  }

  /// `!a`, element by element.
  static func inverted(_ a: Value) throws(OperationError) -> Value {
    switch try Quantity(a.plain) {
    case .number(let number): return .boolean(number == 0)
    case .matrix(let matrix): return .matrix(Matrix.combine(.equal, matrix, 0))
    case nil: throw .types
    }
  }

  /// `a'`.
  static func transposed(_ a: Value) throws(OperationError) -> Value {
    if let result = tracedTranspose(a) { return result }
    if let matrix = a.sparse { return Value(matrix.transposed) }
    switch a {
    case .number, .boolean: return a
    default:
      guard case .matrix(let matrix) = try Quantity(a) else { throw .types }
      return .matrix(matrix.transposed)
    }
  }

  /// `1 |`, `2`: a value as one truth value, when it is one.
  static func isTrue(_ value: Value) -> Bool? {
    switch value {
    case .boolean(let truth): truth
    case .matrix(let matrix) where matrix.isLogical && matrix.count == 1: matrix[0, 0] != 0
    default: nil
    }
  }
}

extension Value {
  /// A 1×1 matrix as a number or truth value.
  fileprivate var single: Value {
    guard case .matrix(let matrix) = self, matrix.count == 1 else { return self }
    return matrix.isLogical ? .boolean(matrix[0, 0] != 0) : .number(matrix[0, 0])
  }
}

extension Operator {
  /// What the operator does to two elements; products, quotients and powers of whole matrices are
  /// made elsewhere.
  var elementwise: ElementwiseOperation {
    switch self {
    case .add, .dotPlus: .add
    case .subtract, .dotMinus: .subtract
    case .multiply, .dotTimes: .multiply
    case .divide, .dotOver, .solve: .divide
    case .power, .dotPower: .power
    case .remainder: .remainder
    case .equal: .equal
    case .unequal: .unequal
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    case .and: .and
    case .or: .or
    }
  }

  /// Whether rows and columns of length 1 are repeated.
  var isDotted: Bool {
    switch self {
    case .dotTimes, .dotOver, .dotPower, .dotPlus, .dotMinus: true
    default: false
    }
  }

  /// Whether the result is a truth value.
  var isComparison: Bool {
    switch self {
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }
}
