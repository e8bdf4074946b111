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

/// A comparison or another operation that is written for single elements.
private protocol Elementwise: Combination {}

extension Elementwise {
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    var result = a
    for i in 0..<S.Vector.scalarCount { result[i] = apply(a[i], b[i]) }
    return result
  }
}

private enum Power: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    if b == 2 { return a * a }
    return S(Glibc.pow(Double(a), Double(b)))
  }
}

/// The remainder with the sign of the divisor: `-1 % 3` is 2.
private enum Remainder: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    let rest = a.truncatingRemainder(dividingBy: b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }
}

/// The smaller one; NaN wins, so that it is never lost.
private enum Minimum: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    a.isNaN || a < b ? a : b
  }
}

private enum Maximum: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    a.isNaN || a > b ? a : b
  }
}

private enum Equal: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a == b ? 1 : 0 }
}

private enum Unequal: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a != b ? 1 : 0 }
}

private enum Less: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a < b ? 1 : 0 }
}

private enum LessOrEqual: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a <= b ? 1 : 0 }
}

private enum Greater: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a > b ? 1 : 0 }
}

private enum GreaterOrEqual: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a >= b ? 1 : 0 }
}

private enum And: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    a != 0 && b != 0 ? 1 : 0
  }
}

private enum Or: Elementwise {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    a != 0 || b != 0 ? 1 : 0
  }
}

extension Kernels {
  static func combine<S: Scalar>(
    _ operation: ElementwiseOperation, _ a: Matrix, _ b: Matrix, _: S.Type
  ) -> Matrix {
    switch operation {
    case .add: combine(Add.self, a, b, S.self)
    case .subtract: combine(Subtract.self, a, b, S.self)
    case .multiply: combine(Multiply.self, a, b, S.self)
    case .divide: combine(Divide.self, a, b, S.self)
    case .power: combine(Power.self, a, b, S.self)
    case .remainder: combine(Remainder.self, a, b, S.self)
    case .minimum: combine(Minimum.self, a, b, S.self)
    case .maximum: combine(Maximum.self, a, b, S.self)
    case .equal: combine(Equal.self, a, b, S.self, isLogical: true)
    case .unequal: combine(Unequal.self, a, b, S.self, isLogical: true)
    case .less: combine(Less.self, a, b, S.self, isLogical: true)
    case .lessOrEqual: combine(LessOrEqual.self, a, b, S.self, isLogical: true)
    case .greater: combine(Greater.self, a, b, S.self, isLogical: true)
    case .greaterOrEqual: combine(GreaterOrEqual.self, a, b, S.self, isLogical: true)
    case .and: combine(And.self, a, b, S.self, isLogical: true)
    case .or: combine(Or.self, a, b, S.self, isLogical: true)
    }
  }

  /// How the elements of an operand are found for one row of the result.
  private enum Reach { case whole, row, column, single }

  private static func reach(_ operand: Shape, in result: Shape) -> Reach {
    operand == result ? .whole : operand.count == 1 ? .single : operand.rows == 1 ? .row : .column
  }

  private static func combine<C: Combination, S: Scalar>(
    _: C.Type, _ first: Matrix, _ second: Matrix, _: S.Type, isLogical: Bool = false
  ) -> Matrix {
    guard let shape = try? Shape.broadcast(first.shape, second.shape) else {
      preconditionFailure("shapes \(first.shape) and \(second.shape) do not fit")
    }
    // Two transposes (or a transpose and a single value) are combined as they lie.
    if first.isTransposed && second.isTransposed || first.isTransposed && second.count == 1
      || first.count == 1 && second.isTransposed
    {
      return combine(C.self, first.transposed, second.transposed, S.self, isLogical: isLogical)
        .transposed
    }
    let (a, b) = (first.rowMajor(), second.rowMajor())
    var result = Matrix(uninitialized: shape, S.precision)
    result.isLogical = isLogical
    let (reachA, reachB) = (reach(a.shape, in: shape), reach(b.shape, in: shape))
    let columns = shape.columns
    result.write(S.self) { target in
      a.read(S.self) { x in
        b.read(S.self) { y in
          if reachA == .whole && reachB == .whole {
            inChunks(shape.count) { span(C.self, x, y, target, $0) }
          } else if (reachA == .single || reachA == .whole)
            && (reachB == .single || reachB == .whole)
          {
            inChunks(shape.count) { range in
              if reachB == .single {
                spanRight(C.self, x, y[0], target, range)
              } else {
                spanLeft(C.self, x[0], y, target, range)
              }
            }
          } else {
            ThreadPool.shared.run(shape.rows, by: max(1, chunk / max(columns, 1))) { rows in
              if Interrupt.abandonsKernels { return }
              for row in rows {
                let out = target + row * columns
                let left = reachA == .whole ? x + row * columns : reachA == .row ? x : x + row
                let right = reachB == .whole ? y + row * columns : reachB == .row ? y : y + row
                let (wideA, wideB) = (
                  reachA == .whole || reachA == .row, reachB == .whole || reachB == .row
                )
                let l = reachA == .single ? x : left
                let r = reachB == .single ? y : right
                switch (wideA, wideB) {
                case (true, true): span(C.self, l, r, out, 0..<columns)
                case (true, false): spanRight(C.self, l, r[0], out, 0..<columns)
                case (false, true): spanLeft(C.self, l[0], r, out, 0..<columns)
                case (false, false): spanLeftRight(C.self, l[0], r[0], out, columns)
                }
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

  private static func spanRight<C: Combination, S: Scalar>(
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

  private static func spanLeft<C: Combination, S: Scalar>(
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

  private static func spanLeftRight<C: Combination, S: Scalar>(
    _: C.Type, _ x: S, _ y: S, _ out: UnsafeMutablePointer<S>, _ count: Int
  ) {
    out.update(repeating: C.apply(x, y), count: count)
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
