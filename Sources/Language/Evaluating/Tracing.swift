import Autodiff
import Matrices
import Vocabulary

/// The operators on traced values: calculated as always, then recorded with their rule. Everything
/// else of the language asks only here.
extension Arithmetic {
  /// `a ∘ b` when one of them is traced; `nil` when neither is.
  static func traced(_ operation: Operator, _ a: Value, _ b: Value) throws(OperationError) -> Value?
  {
    guard a.traced != nil || b.traced != nil else { return nil }
    if let matrix = a.sparse ?? b.sparse { throw .problem(refusal(matrix)) }
    if let x = Trace(a), let y = Trace(b), let quick = quick(operation, x, y) {
      return Value(quick)
    }
    let result = try apply(operation, a.plain, b.plain)
    guard !operation.isComparison, operation != .and, operation != .or,
      let value = Quantity(result), let x = Trace(a), let y = Trace(b)
    else { return result }
    return Value(try record(operation, value, x, y))
  }

  private static func refusal(_ matrix: SparseMatrix) -> Problem {
    Problem(
      .computation, "a gradient does not go through sparse matrices",
      help: Problem.full(of: matrix, "S"))
  }

  /// What matrices that fit and numbers need no words for.
  private static func quick(_ operation: Operator, _ x: Trace, _ y: Trace) -> Trace? {
    switch (operation, x.value, y.value) {
    case (.multiply, .matrix(let a), .matrix(let b)):
      guard a.columns == b.rows, a.count > 1, b.count > 1, a.rows * b.columns < fewElements else {
        return nil
      }
      let product = a * b
      return .record(
        product.count == 1 && product.precision == .double
          ? .number(product[0, 0]) : .matrix(product), x, y, by: .product)
    case (.add, .matrix(let a), .matrix(let b)), (.subtract, .matrix(let a), .matrix(let b)),
      (.dotTimes, .matrix(let a), .matrix(let b)):
      guard a.shape == b.shape, a.count < fewElements else { return nil }
      return .combine(operation.elementwise, x, y)
    case (.dotPower, .matrix(let a), .number), (.multiply, .matrix(let a), .number),
      (.multiply, .number, .matrix(let a)):
      guard a.count < fewElements else { return nil }
      return .combine(operation.elementwise, x, y)
    case (.add, .number, .number), (.subtract, .number, .number), (.multiply, .number, .number):
      return .combine(operation.elementwise, x, y)
    default: return nil
    }
  }

  /// Results of fewer elements always fit into memory.
  private static let fewElements = 1 << 20

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
  static func tracedNegative(_ a: Value) -> Value? { a.traced.map { Value(-$0) } }

  /// `a'` when a is traced.
  static func tracedTranspose(_ a: Value) -> Value? { a.traced.map { Value($0.transposed) } }
}

extension Indexing {
  /// `container[indices]` of a traced matrix.
  static func read(_ trace: Trace, _ indices: [Index]) throws(IndexError) -> Value? {
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
      return Value(trace.element(row, column))
    }
    return Value(trace.picked(rows: rows.positions, columns: columns.positions))
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

  /// Puts a value into a part of a matrix when one of them is traced; says whether it did.
  static func writeTraced(_ value: Value, into container: inout Value, _ indices: [Index]) throws
    -> Bool
  {
    guard value.traced != nil || container.traced != nil, let whole = Trace(container),
      case .matrix(let matrix) = whole.value
    else { return false }
    // What does not fit says so as always.
    var plain = container.plain
    try write(value.plain, into: &plain, indices)
    guard let part = Trace(value) else { return false }
    let rows: [Int]
    let columns: [Int]
    var whole2 = whole
    if indices.count == 1, case .value(let index) = indices[0],
      case .matrix(let mask) = index.plain,
      mask.isLogical, !isVector(matrix)
    {
      (rows, columns) = (mask.nonZeroPositions, [0])
      whole2 = whole.reshaped(matrix.count, 1)
    } else {
      let places = try places(in: matrix, indices)
      (rows, columns) = (places.rows.positions, places.columns.positions)
    }
    let fitting =
      part.shape.count == 1 ? part : part.reshaped(rows.count, columns.count)
    container = Value(
      whole2.replaced(rows: rows, columns: columns, with: fitting)
        .reshaped(matrix.rows, matrix.columns))
    return true
  }
}
