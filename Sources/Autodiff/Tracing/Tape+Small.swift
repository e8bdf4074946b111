import Matrices

/// Recording arithmetic on small matrices: operands and results are places, and everything that is
/// not small, does not fit or has no code is left to the operations of `Trace`.
extension Tape {
  /// Whether the result of a step is small.
  @inline(__always)
  package func isSmall(at place: Int32) -> Bool { steps[Int(place)].numbers >= 0 }

  /// Whether the result of a step is a matrix rather than a number.
  @inline(__always)
  package func isMatrix(at place: Int32) -> Bool { !steps[Int(place)].isNumber }

  /// A number as it is.
  @inline(__always)
  package func given(_ number: Double, level: Int32 = 0) -> Int32 {
    let place = take(1)
    numbers[place] = number
    return append(
      Step(kind: .given, isNumber: true, level: level, rows: 1, columns: 1, numbers: place))
  }

  /// A matrix as it is, if it is small.
  @inline(__always)
  package func given(_ matrix: Matrix, level: Int32 = 0) -> Int32? {
    guard !matrix.isLogical, let small = SmallMatrix.seeing(matrix) else { return nil }
    return withExtendedLifetime(matrix) {
      let place = take(matrix.count)
      small.copy(to: numbers + place)
      return append(
        Step(
          kind: .given, isNumber: false, level: level, rows: Int32(matrix.rows),
          columns: Int32(matrix.columns), numbers: place))
    }
  }

  func given(_ value: Quantity, level: Int32) -> Int32? {
    switch value {
    case .number(let number): given(number, level: level)
    case .matrix(let matrix): given(matrix, level: level)
    }
  }

  /// `a ∘ b` of elements. Without `broadcasting` matrices need one shape.
  package func combine(
    _ kind: SmallStep, _ left: Int32, _ right: Int32, broadcasting: Bool
  ) -> Int32? {
    let (a, b) = (steps[Int(left)], steps[Int(right)])
    let (rows, columns): (Int32, Int32)
    if a.isNumber || (a.rows == b.rows && a.columns == b.columns && !b.isNumber) {
      (rows, columns) = (b.rows, b.columns)
    } else if b.isNumber {
      (rows, columns) = (a.rows, a.columns)
    } else {
      guard broadcasting, a.rows == b.rows || a.rows == 1 || b.rows == 1,
        a.columns == b.columns || a.columns == 1 || b.columns == 1
      else { return nil }
      rows = a.rows == 1 ? b.rows : a.rows
      columns = a.columns == 1 ? b.columns : a.columns
      guard rows * columns <= SmallMatrix.most else { return nil }
    }
    let place = take(Int(rows * columns))
    let step = Step(
      kind: kind, isNumber: a.isNumber && b.isNumber, level: max(a.level, b.level), left: left,
      right: right, rows: rows, columns: columns, numbers: place)
    block(step).fill(kind, block(a), block(b))
    return append(step)
  }

  /// The matrix product; one element is a number, as in the language.
  package func product(_ left: Int32, _ right: Int32) -> Int32? {
    let (a, b) = (steps[Int(left)], steps[Int(right)])
    guard a.columns == b.rows, !a.isNumber, !b.isNumber, a.rows * a.columns > 1,
      b.rows * b.columns > 1
    else { return nil }
    let (rows, columns) = (a.rows, b.columns)
    guard rows * columns <= SmallMatrix.most else { return nil }
    let place = take(Int(rows * columns))
    let step = Step(
      kind: .product, isNumber: rows * columns == 1, level: max(a.level, b.level), left: left,
      right: right, rows: rows, columns: columns, numbers: place)
    block(step).fill(product: block(a), block(b))
    return append(step)
  }

  /// The transpose; a number stays.
  package func transpose(_ operand: Int32) -> Int32 {
    let a = steps[Int(operand)]
    if a.isNumber { return operand }
    let place = take(Int(a.rows * a.columns))
    let step = Step(
      kind: .transposition, isNumber: false, level: a.level, left: operand, rows: a.columns,
      columns: a.rows, numbers: place)
    block(step).fill(transposing: block(a))
    return append(step)
  }

  /// The sum of all elements, or their mean.
  package func total(_ kind: SmallStep, _ operand: Int32) -> Int32? {
    let a = steps[Int(operand)]
    guard kind == .total || a.rows * a.columns > 0 else { return nil }
    let place = take(1)
    let sum = block(a).total
    numbers[place] = kind == .mean ? sum / Double(a.rows * a.columns) : sum
    return append(
      Step(
        kind: kind, isNumber: true, level: a.level, left: operand, rows: 1, columns: 1,
        numbers: place))
  }

  /// One element of a matrix, by its row-major position.
  package func element(_ operand: Int32, _ position: Int) -> Int32 {
    let a = steps[Int(operand)]
    let place = take(1)
    numbers[place] = numbers[a.numbers + position]
    return append(
      Step(
        kind: .element, isNumber: true, level: a.level, left: operand, rows: 1, columns: 1,
        numbers: place, element: Int32(truncatingIfNeeded: position)))
  }

  /// A function of every element.
  package func map(_ function: ElementwiseFunction, _ operand: Int32) -> Int32 {
    let a = steps[Int(operand)]
    let place = take(Int(a.rows * a.columns))
    let step = Step(
      kind: .function, function: function, isNumber: a.isNumber, level: a.level, left: operand,
      rows: a.rows, columns: a.columns, numbers: place)
    block(step).fill(function, of: block(a))
    return append(step)
  }
}
