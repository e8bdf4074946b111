import Autodiff
import Matrices
import Vocabulary

/// The operators on traced values: calculated as always, then recorded with their rule. Everything
/// else of the language asks only here.
extension Arithmetic {
  /// `a ∘ b` when one of them is traced; `nil` when neither is.
  static func traced(_ operation: Operator, _ a: Value, _ b: Value) throws(OperationError) -> Value?
  {
    guard a.isTraced || b.isTraced else { return nil }
    if let result = recorded(operation, a, b) { return result }
    if let matrix = a.sparse ?? b.sparse {
      return try traced(operation, a, b, beside: matrix)
    }
    let result = try apply(operation, a.plain, b.plain)
    guard !operation.isComparison, operation != .and, operation != .or,
      let value = Quantity(result), let x = Trace(a), let y = Trace(b)
    else { return result }
    return Value(try record(operation, value, x, y))
  }

  /// The same where the other operand is sparse, and therefore constant. A product goes back by
  /// products; with a matrix of its shape the sparse one has all its elements, which are no more.
  private static func traced(
    _ operation: Operator, _ a: Value, _ b: Value, beside matrix: SparseMatrix
  ) throws(OperationError) -> Value {
    let isLeft = a.sparse != nil
    guard let other = Trace(isLeft ? b : a), case .matrix(let factor) = other.value else {
      throw .problem(refusal(matrix))
    }
    let result = try apply(operation, a.plain, b.plain)
    if operation == .multiply, factor.count > 1 || (isLeft ? matrix.columns : matrix.rows) == 1,
      let value = Quantity(result)
    {
      return Value(
        .record(value, other, by: isLeft ? .product(after: matrix) : .product(before: matrix)))
    }
    if operation.isComparison || operation == .and || operation == .or { return result }
    guard operation != .multiply, factor.shape == matrix.shape,
      let value = result.sparse.map({ Quantity.matrix($0.full) }) ?? Quantity(result)
    else { throw .problem(refusal(matrix)) }
    let full = Trace(matrix.full)
    return Value(
      try record(operation, value, isLeft ? full : other, isLeft ? other : full))
  }

  private static func refusal(_ matrix: SparseMatrix) -> Problem {
    Problem(
      .computation, "a gradient does not go through sparse matrices",
      help: Problem.full(of: matrix, "S"))
  }

  /// Arithmetic on small matrices and numbers, recorded as a code; `nil` for everything else.
  private static func recorded(_ operation: Operator, _ a: Value, _ b: Value) -> Value? {
    guard let tape = (a.handle ?? b.handle)?.tape, tape.isOpen, let kind = operation.smallStep,
      let x = a.place(on: tape), let y = b.place(on: tape)
    else { return nil }
    let place: Int32?
    switch operation {
    case .multiply where tape.isMatrix(at: x) && tape.isMatrix(at: y): place = tape.product(x, y)
    case .divide where tape.isMatrix(at: y),
      .power where tape.isMatrix(at: x) || tape.isMatrix(at: y):
      place = nil
    default: place = tape.combine(kind, x, y, broadcasting: operation.isDotted)
    }
    return place.map { .object(Traced(tape, $0)) }
  }

  /// A function of elements, or a sum, of a small traced value; `nil` for everything else.
  static func called(_ call: SmallCall, _ a: Value) -> Value? {
    guard let tape = a.handle?.tape, let x = a.place(on: tape) else { return nil }
    switch call {
    case .function(let function): return .object(Traced(tape, tape.map(function, x)))
    case .total(let kind): return tape.total(kind, x).map { .object(Traced(tape, $0)) }
    }
  }

  private static func record(
    _ operation: Operator, _ value: Quantity, _ x: Trace, _ y: Trace
  ) throws(OperationError) -> Trace {
    switch operation {
    case .multiply where isProduct(x, y): return .record(value, x, y, by: .product)
    case .solve:
      guard case .matrix(let a) = x.value, !(a.count == 1 && y.shape.rows != 1) else {
        return .record(value, y, x, by: .combination(.divide))
      }
      if a.count == 1, case .number = y.value {
        return .record(value, y, x, by: .combination(.divide))
      }
      return .record(value, x, y.asMatrix, by: .solution(of: a.shape))
    case .power:
      guard case .matrix(let a) = x.value, a.count != 1 else { break }
      guard !y.isTraced else {
        throw .problem(
          Problem(
            .computation, "a matrix power has no derivative in the power",
            help: "write .^ for powers element by element"))
      }
      guard let exponent = Int(exactly: y.value.matrix[0, 0]) else { return Trace(value) }
      do { return try x.power(exponent) } catch { throw .decomposition(error, of: a) }
    default: break
    }
    return .record(value, x, y, by: .combination(operation.elementwise))
  }

  /// Whether `*` multiplies matrices rather than scales one.
  private static func isProduct(_ x: Trace, _ y: Trace) -> Bool {
    guard case .matrix(let a) = x.value, case .matrix(let b) = y.value else { return false }
    return a.columns == b.rows || (a.count != 1 && b.count != 1)
  }

  /// `-a` when a is traced.
  static func tracedNegative(_ a: Value) -> Value? {
    called(.function(.negate), a) ?? a.traced.map { Value(-$0) }
  }

  /// `a'` when a is traced.
  static func tracedTranspose(_ a: Value) -> Value? {
    guard let handle = a.handle else { return nil }
    let tape = handle.tape
    if let place = a.place(on: tape) { return .object(Traced(tape, tape.transpose(place))) }
    return Value(handle.variable.transposed)
  }
}

extension Value {
  /// Its place as an operand of small arithmetic, if it is a small number or matrix.
  @inline(__always)
  fileprivate func place(on tape: Tape) -> Int32? {
    switch self {
    case .object: handle?.place(on: tape)
    case .number(let number): tape.given(number)
    case .matrix(let matrix): tape.given(matrix)
    case .nothing, .boolean, .text, .range, .list, .record, .function: nil
    }
  }
}

extension Operator {
  /// What it is on small matrices, or between a number and a small matrix.
  fileprivate var smallStep: SmallStep? {
    switch self {
    case .add, .dotPlus: .add
    case .subtract, .dotMinus: .subtract
    case .multiply, .dotTimes: .multiply
    case .divide, .dotOver: .divide
    case .power, .dotPower: .power
    case .solve, .remainder, .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual,
      .and, .or:
      nil
    }
  }
}

extension Indexing {
  /// `container[indices]` of a traced matrix.
  static func read(_ traced: Traced, _ indices: [Index]) throws(IndexError) -> Value? {
    if let part = try readAssembly(traced, indices) { return part }
    let trace = traced.variable
    guard case .matrix(let matrix) = trace.value else { return nil }
    if indices.count == 1, case .value(let index) = indices[0],
      case .matrix(let mask) = index.plain,
      mask.isLogical, !isVector(matrix)
    {
      guard mask.shape == matrix.shape else {
        throw .maskShape(given: mask.shape, wanted: matrix.shape)
      }
      return Value(trace.picked(positions: mask.nonZeroPositions))
    }
    let (rows, columns) = try places(in: matrix, indices)
    if case .one(let row) = rows, case .one(let column) = columns {
      if let place = traced.place(on: traced.tape) {
        return .object(
          Traced(traced.tape, traced.tape.element(place, row * matrix.columns + column)))
      }
      return Value(trace.element(row, column))
    }
    return Value(trace.picked(rows: rows.positions, columns: columns.positions))
  }

  /// A part that was written as one into a matrix that is being put together.
  private static func readAssembly(_ traced: Traced, _ indices: [Index]) throws(IndexError)
    -> Value?
  {
    guard let assembly = traced.assembly, case .matrix(let matrix) = traced.value,
      indices.count == 2 || isVector(matrix)
    else { return nil }
    let (positions, shape, isElement) = try positions(in: matrix, indices)
    guard let part = assembly.part(at: positions, shape) else { return nil }
    return Value(isElement ? part : part.asMatrix)
  }

  /// The rows and columns that one or two indices name.
  static func places(in matrix: Matrix, _ indices: [Index]) throws(IndexError)
    -> (rows: Selection, columns: Selection)
  {
    switch indices.count {
    case 1:
      guard isVector(matrix) else { throw .oneOfMatrix(matrix.shape) }
      let selected = try selection(indices[0], matrix.count, dimension: 0)
      return matrix.rows == 1 ? (.one(0), selected) : (selected, .one(0))
    case 2:
      return (
        try selection(indices[0], matrix.rows, dimension: 1),
        try selection(indices[1], matrix.columns, dimension: 2)
      )
    default: throw .dimensions(given: indices.count, allowed: 2)
    }
  }

  /// Puts a value into a part of a matrix when one of them is traced; says whether it did. In a
  /// loop that fills a matrix nothing but the part is looked at: `Assembly` tells how.
  static func writeTraced(_ value: Value, into container: inout Value, _ indices: [Index]) throws
    -> Bool
  {
    guard let tape = (container.handle ?? value.handle)?.tape,
      Quantity(container)?.isMatrix ?? false
    else { return false }
    // Settled before the matrix changes: it may be written into itself.
    let (part, plain) = (Trace(value) ?? Trace(0), value.plain)
    var traced = container.handle
    let base = traced == nil ? Trace(container) : nil
    let given = traced == nil ? container : .nothing
    container = .nothing
    let assembly: Assembly
    if isKnownUniquelyReferenced(&traced), let open = traced?.assembly {
      assembly = open
    } else {
      assembly = Assembly(base ?? traced?.variable ?? Trace(0))
    }
    do {
      try assembly.write(part) { matrix in
        try write(plain, into: &matrix, indices)
        return try positions(in: matrix, indices).positions
      }
    } catch {
      container = traced.map { .object($0) } ?? given
      throw error
    }
    if !tape.isOpen {
      container = Value(assembly.value)
    } else if let traced, traced.assembly === assembly {
      container = .object(traced)
    } else {
      container = .object(Traced(tape, assembly))
    }
    return true
  }

  /// The row-major positions that indices name, and the shape of the part.
  private static func positions(in matrix: Matrix, _ indices: [Index]) throws(IndexError)
    -> (positions: [Int], shape: Shape, isElement: Bool)
  {
    if indices.count == 1, case .value(let index) = indices[0],
      case .matrix(let mask) = index.plain, mask.isLogical, !isVector(matrix)
    {
      let positions = mask.nonZeroPositions
      return (positions, Shape(positions.count, 1), false)
    }
    let (rows, columns) = try places(in: matrix, indices)
    if case .one(let row) = rows, case .one(let column) = columns {
      return ([row * matrix.columns + column], Shape(1, 1), true)
    }
    let across = columns.positions
    let positions = rows.positions.flatMap { row in across.map { row * matrix.columns + $0 } }
    return (positions, Shape(rows.count, across.count), false)
  }
}
