import Matrices
import Vocabulary

/// A value, or an elementwise result of large matrices that is not computed yet.
///
/// Operators and functions of elements hand such results on, so that a whole expression,
/// `A .* B .+ 0.5 .* A .- B .^ 2`, is one pass over its matrices. Whatever else happens to one
/// settles it first; so does an error, whose words and places are those of the plain operator.
enum Deferrable {
  case value(Value)
  case deferred(DeferredMatrix)

  /// The value itself.
  @inline(__always)
  func settled() throws -> Value {
    switch self {
    case .value(let value): return value
    case .deferred(let deferred): return try Self.computed(deferred)
    }
  }

  private static func computed(_ deferred: DeferredMatrix) throws -> Value {
    let matrix = deferred.matrix
    if Interrupt.isRequested { throw Interrupted() }
    return .matrix(matrix)
  }

  /// An operand of an elementwise operation.
  private enum Operand {
    case number(Double)
    case matrix(DeferredMatrix)

    init?(_ part: Deferrable) {
      switch part {
      case .deferred(let matrix): self = .matrix(matrix)
      case .value(.number(let number)): self = .number(number)
      case .value(.boolean(let truth)): self = .number(truth ? 1 : 0)
      case .value(.matrix(let matrix)): self = .matrix(DeferredMatrix(matrix))
      case .value(.range(let range)):
        self = .matrix(DeferredMatrix(from: range.start, by: range.step, count: range.count))
      case .value: return nil
      }
    }
  }

  /// `a ∘ b`, to be computed later; `nil` for what is not elementwise, does not fit together or
  /// does not fit into memory.
  static func joined(_ operation: Operator, _ a: Deferrable, _ b: Deferrable) -> DeferredMatrix? {
    guard let x = Operand(a), let y = Operand(b) else { return nil }
    switch (operation, x, y) {
    case (.solve, _, _), (.power, _, _), (_, .number, .number): return nil
    // Products and quotients of two matrices mean something else.
    case (.multiply, .matrix, .matrix), (.divide, _, .matrix): return nil
    default: break
    }
    let elementwise = operation.elementwise
    switch (x, y) {
    case (.number, .number): return nil
    case (.matrix(let matrix), .number(let number)):
      return Matrix.canAllocate(matrix.shape, matrix.precision)
        ? matrix.combined(elementwise, number) : nil
    case (.number(let number), .matrix(let matrix)):
      return Matrix.canAllocate(matrix.shape, matrix.precision)
        ? matrix.combined(number, elementwise) : nil
    case (.matrix(let first), .matrix(let second)):
      let shape =
        operation.isDotted
        ? try? Shape.broadcast(first.shape, second.shape)
        : try? Shape.equal(first.shape, second.shape)
      guard let shape, Matrix.canAllocate(shape) else { return nil }
      return first.combined(elementwise, second)
    }
  }

  /// The function of every element, to be computed later; `nil` where there is nothing to put off.
  func mapped(_ function: ElementwiseFunction) -> DeferredMatrix? {
    if case .value(let value) = self, !value.isWorthDeferring { return nil }
    guard case .matrix(let matrix)? = Operand(self),
      Matrix.canAllocate(matrix.shape, matrix.precision)
    else { return nil }
    return matrix.mapped(function)
  }
}

extension Value {
  /// Whether operations on it are put off.
  @inline(__always)
  var isWorthDeferring: Bool {
    switch self {
    case .matrix(let matrix): matrix.count >= DeferredMatrix.worthDeferring
    case .range(let range): range.count >= DeferredMatrix.worthDeferring
    default: false
    }
  }
}

/// Arithmetic on small matrices.
extension Arithmetic {
  /// `a ∘ b` where that is one of the basic operations on small matrices and cannot fail.
  static func small(_ operation: Operator, _ a: SmallMatrix, _ b: SmallMatrix) -> Matrix? {
    switch operation {
    case .multiply: SmallMatrix.product(a, b)
    case .add, .subtract, .dotPlus, .dotMinus, .dotTimes, .dotOver:
      SmallMatrix.combine(operation.elementwise, a, b)
    default: nil
    }
  }

  /// The same with a value on the right.
  static func small(_ operation: Operator, _ a: SmallMatrix, _ b: Value) -> Matrix? {
    switch b {
    case .matrix(let matrix):
      guard let y = SmallMatrix.seeing(matrix) else { return nil }
      return withExtendedLifetime(matrix) { small(operation, a, y) }
    case .number(let number):
      switch operation {
      case .add, .subtract, .multiply, .divide, .dotPlus, .dotMinus, .dotTimes, .dotOver:
        return SmallMatrix.combine(operation.elementwise, a, number)
      default: return nil
      }
    default: return nil
    }
  }

  /// The same with a value on the left.
  static func small(_ operation: Operator, _ a: Value, _ b: SmallMatrix) -> Matrix? {
    switch a {
    case .matrix(let matrix):
      guard let x = SmallMatrix.seeing(matrix) else { return nil }
      return withExtendedLifetime(matrix) { small(operation, x, b) }
    case .number(let number):
      switch operation {
      case .add, .subtract, .multiply, .dotPlus, .dotMinus, .dotTimes, .dotOver:
        return SmallMatrix.combine(operation.elementwise, number, b)
      default: return nil
      }
    default: return nil
    }
  }

  /// The same with two values.
  static func small(_ operation: Operator, _ a: Value, _ b: Value) -> Matrix? {
    switch a {
    case .matrix(let matrix):
      guard let x = SmallMatrix.seeing(matrix) else { return nil }
      return withExtendedLifetime(matrix) { small(operation, x, b) }
    case .number:
      guard case .matrix(let matrix) = b, let y = SmallMatrix.seeing(matrix) else { return nil }
      return withExtendedLifetime(matrix) { small(operation, a, y) }
    default: return nil
    }
  }
}
