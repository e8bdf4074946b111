import Matrices
import Vocabulary

/// A number or a matrix of numbers: functions of elements take either and give back the same kind.
enum Numbers: Argument, Returnable {
  case single(Double)
  case matrix(Matrix)

  static var takes: String { "number or matrix" }

  static func from(_ value: Value) -> Numbers? {
    switch value {
    case .number(let number): .single(number)
    case .boolean(let truth): .single(truth ? 1 : 0)
    case .matrix(let matrix): .matrix(matrix)
    case .range(let range): range.fitsInMemory ? .matrix(range.matrix) : nil
    case .nothing, .text, .list, .record, .function, .object: nil
    }
  }

  var value: Value {
    switch self {
    case .single(let number): .number(number)
    case .matrix(let matrix): .matrix(matrix)
    }
  }

  /// The elements as a matrix: a number is 1×1.
  var matrix: Matrix {
    switch self {
    case .single(let number): Matrix(number)
    case .matrix(let matrix): matrix
    }
  }

  /// The function of the number or of every element; truth values where the function is one.
  func mapped(_ function: ElementwiseFunction) -> Value {
    switch self {
    case .single(let number):
      function.isLogical ? .boolean(function(number) != 0) : .number(function(number))
    case .matrix(let matrix): .matrix(matrix.mapped(function))
    }
  }

  /// The operation on both, element by element: a number where both are numbers. A matrix keeps
  /// its precision beside a number.
  static func combined(_ operation: ElementwiseOperation, _ a: Numbers, _ b: Numbers) throws
    -> Value
  {
    switch (a, b) {
    case (.single(let x), .single(let y)):
      return .number(operation.ofNumbers(x, y))
    case (.matrix(let x), .single(let y)): return .matrix(.combine(operation, x, y))
    case (.single(let x), .matrix(let y)): return .matrix(.combine(operation, x, y))
    case (.matrix(let x), .matrix(let y)):
      _ = try Shape.broadcast(x.shape, y.shape)
      return .matrix(.combine(operation, x, y))
    }
  }
}

extension Matrix {
  /// What a result of one element is to a user: a number, or a truth value.
  var asValue: Value {
    if count != 1 { return .matrix(self) }
    return isLogical ? .boolean(self[0, 0] != 0) : .number(self[0, 0])
  }
}
