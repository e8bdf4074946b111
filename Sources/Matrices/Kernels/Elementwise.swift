import Glibc

/// One operation on two elements: on vectors where the processor has it, on single elements else.
private protocol Combination {
  static func apply<S: Scalar>(_ a: S, _ b: S) -> S
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector
}

private enum Add: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a + b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector { a + b }
}

private enum Subtract: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a - b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector { a - b }
}

private enum Multiply: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a * b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector { a * b }
}

private enum Divide: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a / b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector { a / b }
}

/// An operation that only the C library has: one element after the other.
private protocol ScalarCombination: Combination {}

extension ScalarCombination {
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    var result = a
    for i in 0..<S.Vector.scalarCount { result[i] = apply(a[i], b[i]) }
    return result
  }
}

/// An operation whose result is 1 where it holds, else 0.
private protocol Comparison: Combination {
  static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
}

extension Comparison {
  @inline(__always)
  static func apply<S: Scalar>(_ a: S, _ b: S) -> S { holds(a, b) ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.Vector(repeating: 0).replacing(with: 1, where: holds(a, b, S.self))
  }
}

private enum Power: ScalarCombination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    if b == 2 { return a * a }
    return S(Glibc.pow(Double(a), Double(b)))
  }
}

/// The remainder with the sign of the divisor: `-1 % 3` is 2.
private enum Remainder: ScalarCombination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    let rest = a.truncatingRemainder(dividingBy: b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }
}

/// The smaller one; NaN wins, so that it is never lost.
private enum Minimum: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    a.isNaN || a < b ? a : b
  }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    b.replacing(with: a, where: a .< b .| a .!= a)
  }
}

private enum Maximum: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    a.isNaN || a > b ? a : b
  }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    b.replacing(with: a, where: a .> b .| a .!= a)
  }
}

private enum Equal: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a == b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .== b }
}

private enum Unequal: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a != b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .!= b }
}

private enum Less: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a < b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .< b }
}

private enum LessOrEqual: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a <= b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .<= b }
}

private enum Greater: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a > b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .> b }
}

private enum GreaterOrEqual: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a >= b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .>= b }
}

private enum And: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a != 0 && b != 0 }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .!= 0 .& b .!= 0 }
}

private enum Or: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a != 0 || b != 0 }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .!= 0 .| b .!= 0 }
}

/// What is done with an operation once its type is known.
private protocol Task {
  func run<C: Combination>(_: C.Type) -> Matrix
}

extension Task {
  /// Chooses the operation: the only place that knows all of them.
  @inline(__always)
  func run(_ operation: ElementwiseOperation) -> Matrix {
    var result =
      switch operation {
      case .add: run(Add.self)
      case .subtract: run(Subtract.self)
      case .multiply: run(Multiply.self)
      case .divide: run(Divide.self)
      case .power: run(Power.self)
      case .remainder: run(Remainder.self)
      case .minimum: run(Minimum.self)
      case .maximum: run(Maximum.self)
      case .equal: run(Equal.self)
      case .unequal: run(Unequal.self)
      case .less: run(Less.self)
      case .lessOrEqual: run(LessOrEqual.self)
      case .greater: run(Greater.self)
      case .greaterOrEqual: run(GreaterOrEqual.self)
      case .and: run(And.self)
      case .or: run(Or.self)
      }
    result.isLogical = operation.isLogical
    return result
  }
}

private struct TwoMatrices<S: Scalar>: Task {
  let a: Matrix
  let b: Matrix
  @inline(__always)
  func run<C: Combination>(_: C.Type) -> Matrix { Kernels.combine(C.self, a, b, S.self) }
}

private struct MatrixAndNumber<S: Scalar>: Task {
  let a: Matrix
  let b: S
  @inline(__always)
  func run<C: Combination>(_: C.Type) -> Matrix {
    var result = Matrix(uninitialized: a.shape, S.precision, transposed: a.isTransposed)
    let count = a.count
    result.write(S.self) { target in
      a.read(S.self) { x in
        Kernels.inChunks(count) { Kernels.spanRight(C.self, x, b, target, $0) }
      }
    }
    return result
  }
}

private struct NumberAndMatrix<S: Scalar>: Task {
  let a: S
  let b: Matrix
  @inline(__always)
  func run<C: Combination>(_: C.Type) -> Matrix {
    var result = Matrix(uninitialized: b.shape, S.precision, transposed: b.isTransposed)
    let count = b.count
    result.write(S.self) { target in
      b.read(S.self) { y in
        Kernels.inChunks(count) { Kernels.spanLeft(C.self, a, y, target, $0) }
      }
    }
    return result
  }
}

extension Kernels {
  static func combine<S: Scalar>(
    _ operation: ElementwiseOperation, _ a: Matrix, _ b: Matrix, _: S.Type
  ) -> Matrix {
    if b.count == 1 {
      return MatrixAndNumber(a: a, b: b.read(S.self) { $0[0] }).run(operation)
    }
    if a.count == 1 { return NumberAndMatrix(a: a.read(S.self) { $0[0] }, b: b).run(operation) }
    return TwoMatrices<S>(a: a, b: b).run(operation)
  }

  static func combine<S: Scalar>(_ operation: ElementwiseOperation, _ a: Matrix, _ b: S) -> Matrix {
    MatrixAndNumber(a: a, b: b).run(operation)
  }

  static func combine<S: Scalar>(_ operation: ElementwiseOperation, _ a: S, _ b: Matrix) -> Matrix {
    NumberAndMatrix(a: a, b: b).run(operation)
  }

  /// How the elements of an operand are found for one row of the result.
  private enum Reach { case whole, row, column }

  private static func reach(_ operand: Shape, in result: Shape) -> Reach {
    operand == result
      ? .whole
      : operand.rows == 1 && operand.columns == result.columns
        ? .row : .column
  }

  /// Two matrices of which neither is a single element.
  fileprivate static func combine<C: Combination, S: Scalar>(
    _: C.Type, _ first: Matrix, _ second: Matrix, _: S.Type
  ) -> Matrix {
    guard let shape = try? Shape.broadcast(first.shape, second.shape) else {
      preconditionFailure("shapes \(first.shape) and \(second.shape) do not fit")
    }
    // Two transposes are combined as they lie.
    if first.isTransposed && second.isTransposed {
      return combine(C.self, first.transposed, second.transposed, S.self).transposed
    }
    let (a, b) = (first.rowMajor(), second.rowMajor())
    var result = Matrix(uninitialized: shape, S.precision)
    let (reachA, reachB) = (reach(a.shape, in: shape), reach(b.shape, in: shape))
    let columns = shape.columns
    result.write(S.self) { target in
      a.read(S.self) { x in
        b.read(S.self) { y in
          if reachA == .whole && reachB == .whole {
            return inChunks(shape.count) { span(C.self, x, y, target, $0) }
          }
          ThreadPool.shared.run(shape.rows, by: max(1, chunk / max(columns, 1))) { rows in
            if Interrupt.abandonsKernels { return }
            for row in rows {
              let out = target + row * columns
              let left = reachA == .whole ? x + row * columns : reachA == .row ? x : x + row
              let right = reachB == .whole ? y + row * columns : reachB == .row ? y : y + row
              switch (reachA, reachB) {
              case (.column, .column):
                out.update(repeating: C.apply(left[0], right[0]), count: columns)
              case (.column, _): spanLeft(C.self, left[0], right, out, 0..<columns)
              case (_, .column): spanRight(C.self, left, right[0], out, 0..<columns)
              default: span(C.self, left, right, out, 0..<columns)
              }
            }
          }
        }
      }
    }
    return result
  }

  private static func span<C: Combination, S: Scalar>(
    _: C.Type, _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, _ out: UnsafeMutablePointer<S>,
    _ range: Range<Int>
  ) {
    let width = S.Vector.scalarCount
    var i = range.lowerBound
    while i + width <= range.upperBound {
      store(C.apply(load(x, i), load(y, i), S.self), out, i)
      i += width
    }
    while i < range.upperBound {
      out[i] = C.apply(x[i], y[i])
      i += 1
    }
  }

  fileprivate static func spanRight<C: Combination, S: Scalar>(
    _: C.Type, _ x: UnsafePointer<S>, _ y: S, _ out: UnsafeMutablePointer<S>, _ range: Range<Int>
  ) {
    let width = S.Vector.scalarCount
    let repeated = S.Vector(repeating: y)
    var i = range.lowerBound
    while i + width <= range.upperBound {
      store(C.apply(load(x, i), repeated, S.self), out, i)
      i += width
    }
    while i < range.upperBound {
      out[i] = C.apply(x[i], y)
      i += 1
    }
  }

  fileprivate static func spanLeft<C: Combination, S: Scalar>(
    _: C.Type, _ x: S, _ y: UnsafePointer<S>, _ out: UnsafeMutablePointer<S>, _ range: Range<Int>
  ) {
    let width = S.Vector.scalarCount
    let repeated = S.Vector(repeating: x)
    var i = range.lowerBound
    while i + width <= range.upperBound {
      store(C.apply(repeated, load(y, i), S.self), out, i)
      i += width
    }
    while i < range.upperBound {
      out[i] = C.apply(x, y[i])
      i += 1
    }
  }

  static func add<S: Scalar>(_ a: inout Matrix, _ b: Matrix, _ scale: S) {
    let count = a.count
    a.write(S.self) { target in
      b.read(S.self) { source in
        inChunks(count) { range in
          let width = S.Vector.scalarCount
          let factor = S.Vector(repeating: scale)
          var i = range.lowerBound
          while i + width <= range.upperBound {
            store(load(UnsafePointer(target), i).addingProduct(factor, load(source, i)), target, i)
            i += width
          }
          while i < range.upperBound {
            target[i].addProduct(scale, source[i])
            i += 1
          }
        }
      }
    }
  }

  static func scale<S: Scalar>(_ a: inout Matrix, _ factor: S) {
    let count = a.count
    a.write(S.self) { target in
      inChunks(count) { spanRight(Multiply.self, UnsafePointer(target), factor, target, $0) }
    }
  }
}
