import Matrices

/// What a traced operation works on: a number or a matrix. They differ as in the language: a number
/// fits every shape, and leaves the precision of a matrix as it is.
package enum Quantity: Sendable {
  case number(Double)
  case matrix(Matrix)

  package var shape: Shape {
    switch self {
    case .number: Shape(1, 1)
    case .matrix(let matrix): matrix.shape
    }
  }

  package var count: Int { shape.count }

  /// The elements as a matrix: a number is 1×1.
  package var matrix: Matrix {
    switch self {
    case .number(let number): Matrix(number)
    case .matrix(let matrix): matrix
    }
  }

  /// The precision of a matrix; numbers have 64 bits.
  package var precision: Precision {
    switch self {
    case .number: .double
    case .matrix(let matrix): matrix.precision
    }
  }

  /// `a ∘ b` element by element, rows and columns of length 1 repeated. Shapes must fit.
  static func combine(_ operation: ElementwiseOperation, _ a: Quantity, _ b: Quantity) -> Quantity {
    switch (a, b) {
    case (.number(let x), .number(let y)):
      switch operation {
      case .add: .number(x + y)
      case .subtract: .number(x - y)
      case .multiply: .number(x * y)
      case .divide: .number(x / y)
      default: .number(Matrix.combine(operation, Matrix(x), y)[0, 0])
      }
    case (.matrix(let x), .number(let y)): .matrix(.combine(operation, x, y))
    case (.number(let x), .matrix(let y)): .matrix(.combine(operation, x, y))
    case (.matrix(let x), .matrix(let y)): .matrix(.combine(operation, x, y))
    }
  }

  /// The function of every element.
  func mapped(_ function: ElementwiseFunction) -> Quantity {
    switch self {
    case .number(let x): .number(function(x))
    case .matrix(let x): .matrix(x.mapped(function))
    }
  }

  /// The same numbers in another precision; a number stays a number.
  func converted(to precision: Precision) -> Quantity {
    if case .matrix(let matrix) = self { .matrix(matrix.converted(to: precision)) } else { self }
  }
}
