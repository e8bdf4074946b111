extension SparseMatrix {
  /// From triplets (row, column, number) in any order. Numbers at one place are added in the order
  /// in which they come; sums of 0 are not stored. The places must lie within the shape. Linear in
  /// triplets and rows, but for sorting rows that do not come in order.
  package init(
    _ shape: Shape, rows: [Int32], columns: [Int32], values: [Double],
    _ precision: Precision = .double
  ) {
    precondition(rows.count == values.count && columns.count == values.count)
    precondition(rows.allSatisfy { $0 >= 0 && $0 < shape.rows })
    precondition(columns.allSatisfy { $0 >= 0 && $0 < shape.columns })
    let lines: SparseLines
    switch precision {
    case .double: lines = Kernels.gathered(shape, rows, columns, values, Double.self)
    case .single: lines = Kernels.gathered(shape, rows, columns, values, Float.self)
    }
    self.init(shape, lines)
  }

  /// The elements of `matrix` that are not 0, NaN among them. Two passes.
  package init(_ matrix: Matrix) {
    // A transpose lies column after column, and so do its elements here.
    let source = matrix.isTransposed ? matrix.transposed.rowMajor() : matrix.rowMajor()
    let lines: SparseLines
    switch matrix.precision {
    case .double: lines = Kernels.stored(source, Double.self)
    case .single: lines = Kernels.stored(source, Float.self)
    }
    self.init(matrix.shape, lines, transposed: matrix.isTransposed)
    isLogical = matrix.isLogical
  }

  /// All elements, zeros too. Ask `Matrix.canAllocate` first.
  package var full: Matrix { rows(in: 0..<rows) }

  /// All elements of some rows.
  package func rows(in range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    var result = Matrix.zeros(range.count, columns, precision)
    result.isLogical = isLogical
    switch precision {
    case .double: Kernels.spread(byRows, range, into: &result, Double.self)
    case .single: Kernels.spread(byRows, range, into: &result, Float.self)
    }
    return result
  }

  /// The same numbers in another precision: itself, or one new matrix.
  package func converted(to wanted: Precision) -> SparseMatrix {
    if wanted == precision { return self }
    var copy = replacing(firstOrder.lines.values.converted(to: wanted))
    copy.isLogical = isLogical
    return copy
  }
}

extension Kernels {
  /// Triplets row by row: first each into its row, as it comes; then the rows are sorted by columns,
  /// several at once, and what shares a place is added.
  fileprivate static func gathered<S: Scalar>(
    _ shape: Shape, _ rows: [Int32], _ columns: [Int32], _ values: [Double], _: S.Type
  ) -> SparseLines {
    let total = rows.count
    var starts = [Int](repeating: 0, count: shape.rows + 1)
    for row in rows { starts[Int(row) + 1] += 1 }
    for row in 0..<shape.rows { starts[row + 1] += starts[row] }
    // The column above the position in the row: unlike each other, and equal columns in their order.
    let keys = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: max(total, 1))
    let numbers = UnsafeMutableBufferPointer<Double>.allocate(capacity: max(total, 1))
    defer {
      keys.deallocate()
      numbers.deallocate()
    }
    var next = starts
    for i in 0..<total {
      if i & 0xFFFF == 0, Interrupt.abandonsKernels {
        return SparseBuilder<S>(lines: shape.rows, room: 0).lines
      }
      let row = Int(rows[i])
      let place = next[row]
      next[row] = place + 1
      keys[place] = UInt64(UInt32(bitPattern: columns[i])) << 32 | UInt64(place - starts[row])
      numbers[place] = values[i]
    }
    var counts = [Int](repeating: 0, count: shape.rows + 1)
    counts.withUnsafeMutableBufferPointer { counts in
      let counts = counts
      ThreadPool.shared.run(shape.rows, by: max(1, (shape.rows + 63) / 64)) { range in
        for row in range {
          if Interrupt.abandonsKernels { return }
          let own = starts[row]..<starts[row + 1]
          counts[row + 1] = join(keys.extracting(own), numbers.extracting(own), S.self)
        }
      }
      for row in 0..<shape.rows { counts[row + 1] += counts[row] }
    }
    let kept = counts[shape.rows]
    var result = Matrix(uninitialized: SparseLines.room(for: kept), S.precision)
    result.clearBehind(kept)
    let places = [Int32](unsafeUninitializedCapacity: kept) { target, initialized in
      let target = target
      initialized = kept
      result.write(S.self) { out in
        ThreadPool.shared.run(shape.rows, by: max(1, (shape.rows + 63) / 64)) { range in
          for row in range {
            let from = starts[row]
            for i in 0..<(counts[row + 1] - counts[row]) {
              target[counts[row] + i] = Int32(truncatingIfNeeded: keys[from + i] >> 32)
              out[counts[row] + i] = S(numbers[from + i])
            }
          }
        }
      }
    }
    return SparseLines(starts: counts, places: places, values: result)
  }

  /// Sorts a row by its keys and adds what shares a column, in the order in which it came; says how
  /// many elements are left at its beginning.
  private static func join<S: Scalar>(
    _ keys: UnsafeMutableBufferPointer<UInt64>, _ numbers: UnsafeMutableBufferPointer<Double>,
    _: S.Type
  ) -> Int {
    let count = keys.count
    if count == 0 { return 0 }
    let given = Array(numbers)
    // Often they come in order.
    if !(1..<count).allSatisfy({ keys[$0 - 1] < keys[$0] }) {
      var sorted = keys
      sorted.sort()
    }
    var kept = 0
    var i = 0
    while i < count {
      let column = keys[i] >> 32
      var sum = given[Int(keys[i] & 0xFFFF_FFFF)]
      i += 1
      while i < count, keys[i] >> 32 == column {
        sum += given[Int(keys[i] & 0xFFFF_FFFF)]
        i += 1
      }
      if S(sum) != 0 {
        keys[kept] = column << 32
        numbers[kept] = sum
        kept += 1
      }
    }
    return kept
  }

  fileprivate static func stored<S: Scalar>(_ matrix: Matrix, _: S.Type) -> SparseLines {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let piece = max(1, chunk / max(columns, 1))
    var starts = [Int](repeating: 0, count: rows + 1)
    return matrix.read(S.self) { x in
      starts.withUnsafeMutableBufferPointer { counts in
        let counts = counts
        ThreadPool.shared.run(rows, by: piece) { range in
          for row in range { counts[row + 1] = countNonZero(x + row * columns, columns) }
        }
        for row in 0..<rows { counts[row + 1] += counts[row] }
      }
      let total = starts[rows]
      var values = Matrix(uninitialized: SparseLines.room(for: total), S.precision)
      values.clearBehind(total)
      let places = [Int32](unsafeUninitializedCapacity: total) { places, initialized in
        let places = places
        values.write(S.self) { v in
          ThreadPool.shared.run(rows, by: piece) { range in
            // A line is gathered without a branch an element, which writes one place too far.
            let ownPlaces = UnsafeMutablePointer<Int32>.allocate(capacity: columns + 1)
            let ownValues = UnsafeMutablePointer<S>.allocate(capacity: columns + 1)
            defer {
              ownPlaces.deallocate()
              ownValues.deallocate()
            }
            for row in range {
              let line = x + row * columns
              var kept = 0
              for column in 0..<columns {
                ownPlaces[kept] = Int32(truncatingIfNeeded: column)
                ownValues[kept] = line[column]
                kept &+= line[column] != 0 ? 1 : 0
              }
              guard kept > 0, let target = places.baseAddress else { continue }
              (target + starts[row]).update(from: ownPlaces, count: kept)
              (v + starts[row]).update(from: ownValues, count: kept)
            }
          }
        }
        initialized = total
      }
      return SparseLines(starts: starts, places: places, values: values)
    }
  }

  /// How many elements are not 0.
  private static func countNonZero<S: Scalar>(_ x: UnsafePointer<S>, _ count: Int) -> Int {
    let width = S.Vector.scalarCount
    var kept = 0
    var i = 0
    while i + width <= count {
      // Short enough for whole numbers in the precision of the elements.
      let end = min(count - width, i + width << 16)
      var marks = S.Vector(repeating: 0)
      while i <= end {
        marks += S.marks(load(x, i))
        i += width
      }
      kept += Int(S.widened(marks).sum())
    }
    while i < count {
      kept += x[i] != 0 ? 1 : 0
      i += 1
    }
    return kept
  }

  fileprivate static func spread<S: Scalar>(
    _ lines: SparseLines, _ range: Range<Int>, into result: inout Matrix, _: S.Type
  ) {
    let columns = result.columns
    result.write(S.self) { target in
      lines.read(S.self) { starts, places, values in
        let piece = max(1, chunk / max(columns, 1))
        ThreadPool.shared.run(range.count, by: piece) { own in
          if Interrupt.abandonsKernels { return }
          for row in own {
            let line = target + row * columns
            for i in starts[range.lowerBound + row]..<starts[range.lowerBound + row + 1] {
              line[Int(places[i])] = values[i]
            }
          }
        }
      }
    }
  }
}
