import Matrices
import Vocabulary

/// The operators on sparse matrices. A result stays sparse where zeros stay zeros; where they would
/// not, the error says how to go on with all elements. Only products with thin matrices and sums
/// with full ones give full results: those are no larger than what the user has already.
extension Arithmetic {
  /// `a ∘ b` when one of them is sparse; `nil` when neither is.
  static func sparse(_ operation: Operator, _ a: Value, _ b: Value) throws(OperationError) -> Value?
  {
    switch (a.sparse, b.sparse) {
    case (nil, nil): return nil
    case (let x?, let y?): return try combine(operation, x, y)
    case (let x?, nil):
      if let number = Double.from(b), isScalar(b, beside: x.columns, operation) {
        return try combine(operation, x, number)
      }
      guard let y = Matrix.from(b) else { throw .types }
      return try combine(operation, x, y)
    case (nil, let y?):
      if let number = Double.from(a), isScalar(a, beside: y.rows, operation) {
        return try combine(operation, number, y)
      }
      guard let x = Matrix.from(a) else { throw .types }
      return try combine(operation, x, y)
    }
  }

  /// Whether a 1×1 value scales rather than multiplies.
  private static func isScalar(_ value: Value, beside inner: Int, _ operation: Operator) -> Bool {
    if case .matrix = value, operation == .multiply, inner == 1 { return false }
    return true
  }

  private static func combine(_ operation: Operator, _ a: SparseMatrix, _ b: SparseMatrix)
    throws(OperationError) -> Value
  {
    switch operation {
    case .multiply:
      let shape = try fitting { try Shape.product(a.shape, b.shape) }
      guard SparseMatrix.canMultiply(a, b) else { throw .tooLarge(shape) }
      let product = SparseMatrix.product(a, b)
      if Interrupt.isRequested { throw .interrupted }
      return Value(product)
    case .solve, .power: throw .problem(refusal(operation, a))
    case .divide, .dotOver, .dotPower, .remainder:
      throw .problem(
        refusal(operation, b, because: "elements that are 0 on both sides have no result of 0"))
    default: break
    }
    _ = try fitting { try Shape.equal(a.shape, b.shape) }
    guard a.shape == b.shape else {
      if b.shape.count == 1 { return try combine(operation, a, b[0, 0]) }
      return try combine(operation, a[0, 0], b)
    }
    guard SparseMatrix.keepsZeros(operation.elementwise) else {
      throw .problem(refusal(operation, a, because: "it is true where both are 0"))
    }
    return Value(SparseMatrix.combine(operation.elementwise, a, b))
  }

  private static func combine(_ operation: Operator, _ a: SparseMatrix, _ b: Double)
    throws(OperationError) -> Value
  {
    switch operation {
    case .solve: throw .types
    case .power:
      guard a.shape.count == 1 else { throw .problem(refusal(operation, a)) }
    default: break
    }
    guard SparseMatrix.keepsZeros(operation.elementwise, b) else {
      throw .problem(refusal(operation, a, with: b))
    }
    return Value(SparseMatrix.combine(operation.elementwise, a, b))
  }

  private static func combine(_ operation: Operator, _ a: Double, _ b: SparseMatrix)
    throws(OperationError) -> Value
  {
    switch operation {
    case .multiply, .dotTimes, .add, .dotPlus, .equal, .unequal, .and, .or:
      return try combine(operation, b, a)
    case .less: return try combine(.greater, b, a)
    case .lessOrEqual: return try combine(.greaterOrEqual, b, a)
    case .greater: return try combine(.less, b, a)
    case .greaterOrEqual: return try combine(.lessOrEqual, b, a)
    case .subtract, .dotMinus:
      guard a == 0 else {
        throw .problem(refusal(operation, b, because: "\(NumberFormat.short(a)) - 0 is not 0"))
      }
      return Value(SparseMatrix.combine(.multiply, b, -1))
    case .solve:
      return try combine(.divide, b, a)
    case .divide, .power: throw .types
    case .dotOver, .dotPower, .remainder:
      throw .problem(refusal(operation, b, because: "elements of 0 stand behind the sign"))
    }
  }

  private static func combine(_ operation: Operator, _ a: SparseMatrix, _ b: Matrix)
    throws(OperationError) -> Value
  {
    switch operation {
    case .multiply: return try product(a, b)
    case .dotTimes, .dotOver:
      let shape = try fitting { try Shape.broadcast(a.shape, b.shape) }
      guard shape == a.shape else { throw .problem(refusal(operation, a)) }
      return Value(SparseMatrix.combine(operation.elementwise, a, b))
    case .add, .subtract, .dotPlus, .dotMinus:
      guard a.shape == b.shape else { throw .problem(try misfit(operation, a, b)) }
      return .matrix(SparseMatrix.combineFull(operation.elementwise, a, b))
    case .divide: throw .types
    default: throw .problem(refusal(operation, a))
    }
  }

  private static func combine(_ operation: Operator, _ a: Matrix, _ b: SparseMatrix)
    throws(OperationError) -> Value
  {
    switch operation {
    case .multiply:
      let shape = try fitting { try Shape.product(a.shape, b.shape) }
      guard Matrix.canAllocate(shape) else { throw .tooLarge(shape) }
      return single(b.transposedTimes(a.transposed).transposed)
    case .dotTimes: return try combine(operation, b, a)
    case .add, .dotPlus: return try combine(operation, b, a)
    case .subtract, .dotMinus:
      guard a.shape == b.shape else { throw .problem(try misfit(operation, b, a)) }
      return .matrix(a - b.full)
    default: throw .problem(refusal(operation, b))
    }
  }

  private static func product(_ a: SparseMatrix, _ b: Matrix) throws(OperationError) -> Value {
    let shape = try fitting { try Shape.product(a.shape, b.shape) }
    guard Matrix.canAllocate(shape) else { throw .tooLarge(shape) }
    return single(a.times(b))
  }

  private static func single(_ product: Matrix) -> Value {
    product.count == 1 && product.precision == .double ? .number(product[0, 0]) : .matrix(product)
  }

  private static func fitting(_ body: () throws -> Shape) throws(OperationError) -> Shape {
    do { return try body() } catch {
      guard let error = error as? ShapeError else { throw .types }
      throw .shapes(error)
    }
  }

  /// A sum of unequal shapes: they do not fit, or a row would be added to every row.
  private static func misfit(_ operation: Operator, _ a: SparseMatrix, _ b: Matrix)
    throws(OperationError) -> Problem
  {
    _ = try fitting {
      operation.isDotted ? try Shape.broadcast(a.shape, b.shape) : try Shape.equal(a.shape, b.shape)
    }
    return refusal(operation, a, because: "no element would stay 0")
  }

  private static func refusal(_ operation: Operator, _ matrix: SparseMatrix, with number: Double)
    -> Problem
  {
    let shown = NumberFormat.short(number)
    let result =
      operation.isComparison
      ? "0 \(operation.rawValue) \(shown) is true" : "0 \(operation.rawValue) \(shown) is not 0"
    return refusal(operation, matrix, because: result)
  }

  /// What an operator that gives no sparse result says.
  private static func refusal(
    _ operation: Operator, _ matrix: SparseMatrix, because reason: String? = nil
  ) -> Problem {
    Problem(
      .computation,
      "'\(operation.rawValue)' has no sparse result" + (reason.map { ": \($0)" } ?? ""),
      help: Problem.full(of: matrix, "S"))
  }
}

extension Indexing {
  /// `S[i, j]`: a number, or a sparse part. A mask of the shape of S gives the numbers it chooses.
  static func read(_ matrix: SparseMatrix, _ indices: [Index]) throws(IndexError) -> Value {
    if indices.count == 1 {
      if case .value(let value) = indices[0] {
        if let mask = value.sparse, mask.isLogical {
          guard mask.shape == matrix.shape else {
            throw .maskShape(given: mask.shape, wanted: matrix.shape)
          }
          return .matrix(matrix.selecting(mask))
        }
        if case .matrix(let mask) = value, mask.isLogical, mask.shape == matrix.shape,
          !mask.shape.isVector
        {
          return .matrix(matrix.selecting(SparseMatrix(mask)))
        }
      }
      guard matrix.shape.isVector else { throw .oneOfMatrix(matrix.shape) }
      let isRow = matrix.rows == 1
      let selected = try selection(indices[0], matrix.shape.count, dimension: 0)
      return part(matrix, isRow ? .one(0) : selected, isRow ? selected : .one(0))
    }
    guard indices.count == 2 else { throw .dimensions(given: indices.count, allowed: 2) }
    return part(
      matrix, try selection(indices[0], matrix.rows, dimension: 1),
      try selection(indices[1], matrix.columns, dimension: 2))
  }

  private static func part(_ matrix: SparseMatrix, _ rows: Selection, _ columns: Selection)
    -> Value
  {
    if case .one(let row) = rows, case .one(let column) = columns {
      let element = matrix[row, column]
      return matrix.isLogical ? .boolean(element != 0) : .number(element)
    }
    var part = matrix
    if case .all = rows {} else { part = part.selecting(rows: rows.positions) }
    if case .all = columns {} else { part = part.selecting(columns: columns.positions) }
    return Value(part)
  }
}
