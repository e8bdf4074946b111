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

extension SparseMatrix {
  /// The first stored elements, row after row.
  package func firstElements(_ most: Int) -> [(row: Int, column: Int, value: Double)] {
    var found: [(row: Int, column: Int, value: Double)] = []
    let lines = byRows
    for row in 0..<lines.count where found.count < most {
      for i in lines.elements(of: row).prefix(most - found.count) {
        found.append((row, Int(lines.places[i]), lines.values[i]))
      }
    }
    return found
  }
}

extension SparseMatrix {
  /// How many stored elements lie in each tile of a grid laid over the matrix.
  package func tileCounts(_ grid: Shape) -> Matrix {
    var counts = [Double](repeating: 0, count: grid.count)
    let lines = byRows
    for row in 0..<lines.count {
      if Interrupt.abandonsKernels { break }
      let first = row * grid.rows / max(rows, 1) * grid.columns
      for i in lines.elements(of: row) {
        counts[first + Int(lines.places[i]) * grid.columns / max(columns, 1)] += 1
      }
    }
    return Matrix(grid.rows, grid.columns, counts)
  }
}
