extension SparseMatrix {
  /// From triplets (row, column, number) in any order. Numbers at one place are added in the order
  /// in which they come; sums of 0 are not stored. The places must lie within the shape. Linear in
  /// triplets, rows and columns.
  package init(
    _ shape: Shape, rows: [Int32], columns: [Int32], values: [Double],
    _ precision: Precision = .double
  ) {
    precondition(rows.count == values.count && columns.count == values.count)
    let byColumn = Self.order(columns, count: shape.columns, given: nil)
    let order = Self.order(rows, count: shape.rows, given: byColumn)
    let lines: SparseLines
    switch precision {
    case .double: lines = Self.joined(shape, order, rows, columns, values, Double.self)
    case .single: lines = Self.joined(shape, order, rows, columns, values, Float.self)
    }
    self.init(shape, lines)
  }

  /// The positions of keys below `count` by rising key, equal ones as they were: one pass of
  /// counting and one of writing.
  private static func order(_ keys: [Int32], count: Int, given: [Int]?) -> [Int] {
    precondition(keys.allSatisfy { $0 >= 0 && $0 < count })
    var next = [Int](repeating: 0, count: count + 1)
    for key in keys { next[Int(key) + 1] += 1 }
    for key in 0..<count { next[key + 1] += next[key] }
    return [Int](unsafeUninitializedCapacity: keys.count) { target, initialized in
      initialized = keys.count
      for i in keys.indices {
        let position = given?[i] ?? i
        let key = Int(keys[position])
        target[next[key]] = position
        next[key] += 1
      }
    }
  }

  private static func joined<S: Scalar>(
    _ shape: Shape, _ order: [Int], _ rows: [Int32], _ columns: [Int32], _ values: [Double],
    _: S.Type
  ) -> SparseLines {
    var builder = SparseBuilder<S>(lines: shape.rows, room: order.count)
    var line = 0
    var i = 0
    while i < order.count {
      let (row, column) = (Int(rows[order[i]]), columns[order[i]])
      while line < row {
        builder.endLine()
        line += 1
      }
      var sum = values[order[i]]
      i += 1
      while i < order.count, Int(rows[order[i]]) == row, columns[order[i]] == column {
        sum += values[order[i]]
        i += 1
      }
      let stored = S(sum)
      if stored != 0 { builder.add(column, stored) }
    }
    return builder.lines
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
