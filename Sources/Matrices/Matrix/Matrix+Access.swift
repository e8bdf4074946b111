extension Matrix {
  /// The position of an element in memory, counted from `offset`.
  @inline(__always)
  func position(_ row: Int, _ column: Int) -> Int {
    precondition(row >= 0 && row < rows && column >= 0 && column < columns)
    return isTransposed ? column * rows + row : row * columns + column
  }

  /// One element. For single reads and writes; loops over elements belong in a kernel.
  package subscript(row: Int, column: Int) -> Double {
    get {
      let place = position(row, column)
      switch precision {
      case .double: return read(Double.self) { $0[place] }
      case .single: return read(Float.self) { Double($0[place]) }
      }
    }
    set {
      let place = position(row, column)
      switch precision {
      case .double: write(Double.self) { $0[place] = newValue }
      case .single: write(Float.self) { $0[place] = Float(newValue) }
      }
    }
  }

  /// One element, counted row after row.
  package subscript(index: Int) -> Double {
    get { self[index / columns, index % columns] }
    set { self[index / columns, index % columns] = newValue }
  }

  /// The number at a row and a column that count from 1; `nil` where there is none, or a truth value.
  package func number(_ row: Int, _ column: Int) -> Double? {
    guard row >= 1, row <= rows, column >= 1, column <= columns, !isLogical else { return nil }
    return self[row - 1, column - 1]
  }

  /// The row and the column of a position in a vector, all counting from 1; `nil` in matrices of several
  /// rows and columns.
  package func place(ofPosition position: Int) -> (row: Int, column: Int)? {
    if rows == 1 { return (1, position) }
    return columns == 1 ? (position, 1) : nil
  }

  /// The elements row after row, as 64-bit numbers: one copy.
  package var elements: [Double] {
    let source = converted(to: .double).rowMajor()
    return source.read(Double.self) { Array(UnsafeBufferPointer(start: $0, count: source.count)) }
  }

  /// The elements of one row, as 64-bit numbers.
  package func row(_ index: Int) -> [Double] { rows(in: index..<index + 1).elements }

  /// The elements of one column, as 64-bit numbers.
  package func column(_ index: Int) -> [Double] { selecting(columns: [index]).elements }
}

extension Matrix: Equatable {
  /// Equal shapes and equal elements, whatever the precision and layout; NaN differs from itself.
  package static func == (a: Matrix, b: Matrix) -> Bool {
    a.shape == b.shape && a.elements == b.elements
  }

  /// Whether both have the same shape, precision and bits: how reproducibility is tested.
  package func isIdentical(to other: Matrix) -> Bool {
    guard shape == other.shape, precision == other.precision else { return false }
    let (a, b) = (rowMajor(), other.rowMajor())
    switch precision {
    case .double:
      return a.read(Double.self) { x in
        b.read(Double.self) { y in (0..<count).allSatisfy { x[$0].bitPattern == y[$0].bitPattern } }
      }
    case .single:
      return a.read(Float.self) { x in
        b.read(Float.self) { y in (0..<count).allSatisfy { x[$0].bitPattern == y[$0].bitPattern } }
      }
    }
  }

  /// Whether every element is within `absolute + relative · |other|` of the other's: the one
  /// definition of "close enough" for code and tests.
  package func isClose(to other: Matrix, relative: Double = 1e-10, absolute: Double = 1e-12)
    -> Bool
  {
    shape == other.shape
      && zip(elements, other.elements).allSatisfy { a, b in
        a == b || abs(a - b) <= absolute + relative * abs(b)
      }
  }
}
