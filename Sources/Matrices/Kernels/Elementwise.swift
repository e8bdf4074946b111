/// The loops of one operation over contiguous elements: both operands vary, only the left one does,
/// only the right one does. A table of them is chosen once a call, so that the code that walks
/// through shapes exists once a precision and not once an operation.
struct Spans<S: Scalar> {
  typealias Loop = (UnsafePointer<S>, UnsafePointer<S>, UnsafeMutablePointer<S>, Range<Int>) -> Void

  let both: Loop
  /// The right operand is the single element at its address.
  let left: Loop
  /// The left operand is the single element at its address.
  let right: Loop
  /// Both are single numbers.
  let single: (S, S) -> S

  init<C: Combination>(_: C.Type) {
    both = { x, y, out, range in
      var i = range.lowerBound
      while i + S.Vector.scalarCount <= range.upperBound {
        store(C.apply(load(x, i), load(y, i), S.self), out, i)
        i += S.Vector.scalarCount
      }
      while i < range.upperBound {
        out[i] = C.apply(x[i], y[i])
        i += 1
      }
    }
    left = { x, y, out, range in
      let single = y[0]
      let repeated = S.Vector(repeating: single)
      var i = range.lowerBound
      while i + S.Vector.scalarCount <= range.upperBound {
        store(C.apply(load(x, i), repeated, S.self), out, i)
        i += S.Vector.scalarCount
      }
      while i < range.upperBound {
        out[i] = C.apply(x[i], single)
        i += 1
      }
    }
    right = { x, y, out, range in
      let single = x[0]
      let repeated = S.Vector(repeating: single)
      var i = range.lowerBound
      while i + S.Vector.scalarCount <= range.upperBound {
        store(C.apply(repeated, load(y, i), S.self), out, i)
        i += S.Vector.scalarCount
      }
      while i < range.upperBound {
        out[i] = C.apply(single, y[i])
        i += 1
      }
    }
    single = { C.apply($0, $1) }
  }

  init(_ operation: ElementwiseOperation) {
    self =
      switch operation {
      case .add: Spans(Add.self)
      case .subtract: Spans(Subtract.self)
      case .multiply: Spans(Multiply.self)
      case .divide: Spans(Divide.self)
      case .power: Spans(Power.self)
      case .remainder: Spans(Remainder.self)
      case .minimum: Spans(Minimum.self)
      case .maximum: Spans(Maximum.self)
      case .equal: Spans(Equal.self)
      case .unequal: Spans(Unequal.self)
      case .less: Spans(Less.self)
      case .lessOrEqual: Spans(LessOrEqual.self)
      case .greater: Spans(Greater.self)
      case .greaterOrEqual: Spans(GreaterOrEqual.self)
      case .and: Spans(And.self)
      case .or: Spans(Or.self)
      }
  }
}

extension Kernels {
  /// A matrix and a number, as the matrix lies.
  static func combine<S: Scalar>(_ operation: ElementwiseOperation, _ a: Matrix, _ b: S) -> Matrix {
    fill(like: a, operation) { (spans: Spans<S>, x, target, range) in
      withUnsafePointer(to: b) { spans.left(x, $0, target, range) }
    }
  }

  /// A number and a matrix, as the matrix lies.
  static func combine<S: Scalar>(_ operation: ElementwiseOperation, _ a: S, _ b: Matrix) -> Matrix {
    fill(like: b, operation) { (spans: Spans<S>, y, target, range) in
      withUnsafePointer(to: a) { spans.right($0, y, target, range) }
    }
  }

  private static func fill<S: Scalar>(
    like matrix: Matrix, _ operation: ElementwiseOperation,
    _ loop: (Spans<S>, UnsafePointer<S>, UnsafeMutablePointer<S>, Range<Int>) -> Void
  ) -> Matrix {
    let spans = Spans<S>(operation)
    var result = Matrix(
      uninitialized: matrix.shape, S.precision, transposed: matrix.isTransposed)
    result.isLogical = operation.isLogical
    result.write(S.self) { target in
      matrix.read(S.self) { source in
        inChunks(matrix.count) { loop(spans, source, target, $0) }
      }
    }
    return result
  }

  /// Two matrices, element by element, with rows and columns of length 1 repeated.
  static func combine<S: Scalar>(
    _ operation: ElementwiseOperation, _ first: Matrix, _ second: Matrix, _: S.Type
  ) -> Matrix {
    if second.count == 1 { return combine(operation, first, second.read(S.self) { $0[0] }) }
    if first.count == 1 { return combine(operation, first.read(S.self) { $0[0] }, second) }
    guard let shape = try? Shape.broadcast(first.shape, second.shape) else {
      preconditionFailure("shapes \(first.shape) and \(second.shape) do not fit")
    }
    // Two transposes are combined as they lie.
    if first.isTransposed && second.isTransposed {
      return combine(operation, first.transposed, second.transposed, S.self).transposed
    }
    let (a, b) = (first.rowMajor(), second.rowMajor())
    let spans = Spans<S>(operation)
    var result = Matrix(uninitialized: shape, S.precision)
    result.isLogical = operation.isLogical
    result.write(S.self) { target in
      a.read(S.self) { x in
        b.read(S.self) { y in
          if a.shape == shape && b.shape == shape {
            inChunks(shape.count) { spans.both(x, y, target, $0) }
          } else {
            byRows(spans, a.shape, x, b.shape, y, shape, target)
          }
        }
      }
    }
    return result
  }

  /// Broadcasting row by row: an operand of one row starts over at each, one of one column gives a
  /// single element to each.
  private static func byRows<S: Scalar>(
    _ spans: Spans<S>, _ a: Shape, _ x: UnsafePointer<S>, _ b: Shape, _ y: UnsafePointer<S>,
    _ shape: Shape, _ target: UnsafeMutablePointer<S>
  ) {
    let columns = shape.columns
    let (stepA, stepB) = (a.rows == 1 ? 0 : a.columns, b.rows == 1 ? 0 : b.columns)
    let loop = b.columns == columns ? (a.columns == columns ? spans.both : spans.right) : spans.left
    ThreadPool.shared.run(shape.rows, by: max(1, chunk / max(columns, 1))) { rows in
      if Interrupt.abandonsKernels { return }
      for row in rows {
        loop(x + row * stepA, y + row * stepB, target + row * columns, 0..<columns)
      }
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
    let spans = Spans<S>(Multiply.self)
    a.write(S.self) { target in
      inChunks(count) { range in
        withUnsafePointer(to: factor) { spans.left(UnsafePointer(target), $0, target, range) }
      }
    }
  }
}
