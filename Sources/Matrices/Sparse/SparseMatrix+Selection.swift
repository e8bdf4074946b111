extension SparseMatrix {
  /// The given rows, in the given order; a row may come several times.
  package func selecting(rows wanted: [Int]) -> SparseMatrix {
    var part = SparseMatrix(Shape(wanted.count, columns), byRows.selecting(wanted))
    part.isLogical = isLogical
    return part
  }

  /// The given columns, in the given order.
  package func selecting(columns wanted: [Int]) -> SparseMatrix {
    transposed.selecting(rows: wanted).transposed
  }

  /// Some neighbouring rows, stored as they are.
  package func slice(rows range: Range<Int>) -> SparseMatrix { selecting(rows: Array(range)) }

  /// Every stored element row by row: where it is, counted from 0, and what it is.
  package var triplets: (rows: [Int32], columns: [Int32], values: [Double]) {
    let lines = byRows
    var rows = [Int32](repeating: 0, count: lines.places.count)
    for line in 0..<lines.count {
      for i in lines.elements(of: line) { rows[i] = Int32(truncatingIfNeeded: line) }
    }
    return (rows, lines.places, Array(lines.values.elements.prefix(lines.places.count)))
  }
}
