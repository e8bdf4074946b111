/// An operation on two elements.
package enum ElementwiseOperation: Sendable, CaseIterable {
  case add, subtract, multiply, divide, power, remainder, minimum, maximum
  case equal, unequal, less, lessOrEqual, greater, greaterOrEqual, and, or

  /// Whether the result is a truth value.
  package var isLogical: Bool {
    switch self {
    case .add, .subtract, .multiply, .divide, .power, .remainder, .minimum, .maximum: false
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or: true
    }
  }

  /// The operation on two numbers: the same bits as for elements of matrices.
  package var ofNumbers: (Double, Double) -> Double { Spans<Double>(self).single }
}

extension Matrix {
  /// `a ∘ b` element by element; a 1×n or m×1 operand is repeated. One pass, one new matrix.
  /// Shapes must fit (`Shape.broadcast`).
  package static func combine(_ operation: ElementwiseOperation, _ a: Matrix, _ b: Matrix)
    -> Matrix
  {
    let precision = Precision.joined(a.precision, b.precision)
    let (a, b) = (a.converted(to: precision), b.converted(to: precision))
    switch precision {
    case .double: return Kernels.combine(operation, a, b, Double.self)
    case .single: return Kernels.combine(operation, a, b, Float.self)
    }
  }

  /// `a ∘ b` with a number on the right; the precision stays that of the matrix.
  package static func combine(_ operation: ElementwiseOperation, _ a: Matrix, _ b: Double)
    -> Matrix
  {
    switch a.precision {
    case .double: Kernels.combine(operation, a, b)
    case .single: Kernels.combine(operation, a, Float(b))
    }
  }

  /// `a ∘ b` with a number on the left; the precision stays that of the matrix.
  package static func combine(_ operation: ElementwiseOperation, _ a: Double, _ b: Matrix)
    -> Matrix
  {
    switch b.precision {
    case .double: Kernels.combine(operation, a, b)
    case .single: Kernels.combine(operation, Float(a), b)
    }
  }

  package static func + (a: Matrix, b: Matrix) -> Matrix { combine(.add, a, b) }
  package static func - (a: Matrix, b: Matrix) -> Matrix { combine(.subtract, a, b) }
  package static func + (a: Matrix, b: Double) -> Matrix { combine(.add, a, b) }
  package static func - (a: Matrix, b: Double) -> Matrix { combine(.subtract, a, b) }
  package static func * (a: Double, b: Matrix) -> Matrix { combine(.multiply, a, b) }
  package static func * (a: Matrix, b: Double) -> Matrix { combine(.multiply, a, b) }
  package static func / (a: Matrix, b: Double) -> Matrix { combine(.divide, a, b) }
  package static prefix func - (a: Matrix) -> Matrix { combine(.multiply, a, -1) }

  /// The elementwise product.
  package func times(_ other: Matrix) -> Matrix { Self.combine(.multiply, self, other) }

  /// The elementwise quotient.
  package func over(_ other: Matrix) -> Matrix { Self.combine(.divide, self, other) }

  /// `self ← self + scale · other`, in place: shapes and precisions must be equal.
  package mutating func add(_ other: Matrix, scale: Double = 1) {
    precondition(shape == other.shape && precision == other.precision)
    let other = isTransposed == other.isTransposed ? other : other.relaid(like: self)
    switch precision {
    case .double: Kernels.add(&self, other, Double(scale))
    case .single: Kernels.add(&self, other, Float(scale))
    }
  }

  /// `self ← factor · self`, in place.
  package mutating func scale(by factor: Double) {
    switch precision {
    case .double: Kernels.scale(&self, Double(factor))
    case .single: Kernels.scale(&self, Float(factor))
    }
  }

  /// Sets every element, in place.
  package mutating func fill(with value: Double) {
    let count = count
    switch precision {
    case .double:
      write(Double.self) { target in
        Kernels.inChunks(count) {
          (target + $0.lowerBound).update(repeating: value, count: $0.count)
        }
      }
    case .single:
      write(Float.self) { target in
        let value = Float(value)
        Kernels.inChunks(count) {
          (target + $0.lowerBound).update(repeating: value, count: $0.count)
        }
      }
    }
  }

  /// The same elements in the memory order of another matrix.
  func relaid(like other: Matrix) -> Matrix {
    other.isTransposed ? transposed.rowMajor().transposed : rowMajor()
  }
}
