extension Matrix {
  /// The given rows, in the given order; one new matrix.
  package func selecting(rows wanted: [Int]) -> Matrix {
    let source = rowMajor()
    var result = Matrix(uninitialized: Shape(wanted.count, columns), precision)
    result.isLogical = isLogical
    let bytes = columns * precision.bytes
    let from = source.storage.address + source.offset * precision.bytes
    let into = result.storage.address
    withExtendedLifetime((source.storage, result.storage)) {
      ThreadPool.shared.run(wanted.count, by: max(1, Kernels.chunk / max(columns, 1))) { range in
        if Interrupt.abandonsKernels { return }
        for place in range {
          let row = wanted[place]
          precondition(row >= 0 && row < rows)
          (into + place * bytes).copyMemory(from: from + row * bytes, byteCount: bytes)
        }
      }
    }
    if !isTransposed { result.storage.columnNames = columnNames }
    return result
  }

  /// The given columns, in the given order; one new matrix.
  package func selecting(columns wanted: [Int]) -> Matrix {
    var result = Matrix(uninitialized: Shape(rows, wanted.count), precision)
    result.isLogical = isLogical
    precondition(wanted.allSatisfy { $0 >= 0 && $0 < columns })
    switch precision {
    case .double: Kernels.gather(self, columns: wanted, into: &result, Double.self)
    case .single: Kernels.gather(self, columns: wanted, into: &result, Float.self)
    }
    if let names = columnNames { result.storage.columnNames = wanted.map { names[$0] } }
    return result
  }

  /// The elements at row-major positions, as an n×1 matrix.
  package func selecting(positions: [Int]) -> Matrix {
    var result = Matrix(uninitialized: Shape(positions.count, 1), precision)
    result.isLogical = isLogical
    switch precision {
    case .double: Kernels.gather(rowMajor(), positions, into: &result, Double.self)
    case .single: Kernels.gather(rowMajor(), positions, into: &result, Float.self)
    }
    return result
  }

  /// Replaces the block at the crossings of rows and columns; `values` has one row a row and one
  /// column a column, or is 1×1.
  package mutating func replace(rows: [Int], columns: [Int], with values: Matrix) {
    let values = values.converted(to: precision).rowMajor()
    precondition(
      values.count == 1 || values.rows == rows.count && values.columns == columns.count)
    switch precision {
    case .double: Kernels.scatter(values, into: &self, rows, columns, Double.self)
    case .single: Kernels.scatter(values, into: &self, rows, columns, Float.self)
    }
    if !values.isLogical { isLogical = false }
  }

  /// Adds to the block at the crossings of rows and columns, which may name a row or a column twice;
  /// `values` has one row a row and one column a column, or is 1×1.
  package mutating func add(_ values: Matrix, rows: [Int], columns: [Int]) {
    let values = values.converted(to: precision).rowMajor()
    precondition(
      values.count == 1 || values.rows == rows.count && values.columns == columns.count)
    switch precision {
    case .double: Kernels.gatherSums(values, into: &self, rows, columns, Double.self)
    case .single: Kernels.gatherSums(values, into: &self, rows, columns, Float.self)
    }
    isLogical = false
  }

  /// The elements on and below a diagonal (`isLower`), or on and above it, with zeros elsewhere.
  /// Diagonals count from the main one, 0, to the right.
  package func triangle(isLower: Bool, from diagonal: Int) -> Matrix {
    var result = Matrix.zeros(rows, columns, precision)
    // Far diagonals must not overflow.
    let near = min(max(diagonal, -rows - 1), columns + 1)
    switch precision {
    case .double: Kernels.triangle(self, isLower, near, into: &result, Double.self)
    case .single: Kernels.triangle(self, isLower, near, into: &result, Float.self)
    }
    return result
  }

  /// Ones below the diagonal and ½ on it, zeros above.
  package static func lowerHalf(_ n: Int, _ precision: Precision) -> Matrix {
    var result = Matrix.zeros(n, n, precision)
    for row in 0..<n {
      for column in 0...row { result[row, column] = row == column ? 0.5 : 1 }
    }
    return result
  }

  /// Replaces elements at row-major positions; `values` has as many elements, or one.
  package mutating func replace(positions: [Int], with values: Matrix) {
    precondition(values.count == 1 || values.count == positions.count)
    var flat = rowMajor().reshaped(count, 1)
    let shape = shape
    self = Matrix.zeros(0, 0)
    flat.replace(
      rows: positions, columns: [0],
      with: values.count == 1 ? values : values.reshaped(values.count, 1))
    self = flat.reshaped(shape.rows, shape.columns)
  }

  /// Writes `block`, which has as many columns, over the rows from `start` on.
  package mutating func put(_ block: Matrix, at start: Int) {
    precondition(block.columns == columns && start >= 0 && start + block.rows <= rows)
    if isTransposed { self = rowMajor() }
    makeUnique()
    let source = block.converted(to: precision).rowMajor()
    let bytes = precision.bytes
    withExtendedLifetime((source.storage, storage)) {
      Kernels.copy(
        source.byteCount, from: source.storage.address + source.offset * bytes,
        to: storage.address + (offset + start * columns) * bytes)
    }
  }

  /// Matrices side by side; their numbers of rows must be equal.
  package static func besides(_ parts: [Matrix]) -> Matrix {
    above(parts.map(\.transposed)).transposed
  }

  /// Matrices one above the other; their numbers of columns must be equal.
  package static func above(_ parts: [Matrix]) -> Matrix {
    guard let first = parts.first else { return .zeros(0, 0) }
    let precision = parts.reduce(first.precision) { Precision.joined($0, $1.precision) }
    let rows = parts.reduce(0) { $0 + $1.rows }
    var result = Matrix(uninitialized: Shape(rows, first.columns), precision)
    result.isLogical = parts.allSatisfy(\.isLogical)
    var place = 0
    for part in parts {
      if Interrupt.abandonsKernels { return result }
      precondition(part.columns == first.columns)
      let source = part.converted(to: precision).rowMajor()
      let from = source.storage.address + source.offset * precision.bytes
      withExtendedLifetime((source.storage, result.storage)) {
        Kernels.copy(source.byteCount, from: from, to: result.storage.address + place)
      }
      place += source.byteCount
    }
    return result
  }
}

extension Kernels {
  /// The elements of a row-major matrix at positions.
  static func gather<S: Scalar>(
    _ matrix: Matrix, _ positions: [Int], into result: inout Matrix, _: S.Type
  ) {
    let count = matrix.count
    result.write(S.self) { target in
      matrix.read(S.self) { source in
        inChunks(positions.count) { range in
          for place in range {
            let position = positions[place]
            precondition(position >= 0 && position < count)
            target[place] = source[position]
          }
        }
      }
    }
  }

  static func gather<S: Scalar>(
    _ matrix: Matrix, columns wanted: [Int], into result: inout Matrix, _: S.Type
  ) {
    let (rowStep, columnStep) =
      matrix.isTransposed ? (1, matrix.rows) : (matrix.columns, 1)
    let (rows, width) = (matrix.rows, wanted.count)
    result.write(S.self) { target in
      matrix.read(S.self) { source in
        // A long row is cut, too: a shuffled vector has but one.
        let part = max(1, chunk / max(rows, 1))
        let pieces = max(1, (width + part - 1) / part)
        let strip = max(1, chunk / max(min(width, part), 1))
        ThreadPool.shared.run((rows + strip - 1) / strip * pieces) { piece in
          if Interrupt.abandonsKernels { return }
          let first = piece / pieces * strip
          let places = piece % pieces * part..<min(width, (piece % pieces + 1) * part)
          for row in first..<min(rows, first + strip) {
            for place in places {
              target[row * width + place] = source[row * rowStep + wanted[place] * columnStep]
            }
          }
        }
      }
    }
  }

  static func scatter<S: Scalar>(
    _ values: Matrix, into matrix: inout Matrix, _ rows: [Int], _ columns: [Int], _: S.Type
  ) {
    let (rowStep, columnStep) = matrix.isTransposed ? (1, matrix.rows) : (matrix.columns, 1)
    precondition(rows.allSatisfy { $0 >= 0 && $0 < matrix.rows })
    precondition(columns.allSatisfy { $0 >= 0 && $0 < matrix.columns })
    let width = values.count == 1 ? 0 : columns.count
    let step = values.count == 1 ? 0 : 1
    matrix.write(S.self) { target in
      values.read(S.self) { source in
        for (i, row) in rows.enumerated() {
          if i & 0x3FF == 0, Interrupt.abandonsKernels { return }
          for (j, column) in columns.enumerated() {
            target[row * rowStep + column * columnStep] = source[i * width + j * step]
          }
        }
      }
    }
  }

  static func gatherSums<S: Scalar>(
    _ values: Matrix, into matrix: inout Matrix, _ rows: [Int], _ columns: [Int], _: S.Type
  ) {
    let (rowStep, columnStep) = matrix.isTransposed ? (1, matrix.rows) : (matrix.columns, 1)
    precondition(rows.allSatisfy { $0 >= 0 && $0 < matrix.rows })
    precondition(columns.allSatisfy { $0 >= 0 && $0 < matrix.columns })
    let width = values.count == 1 ? 0 : columns.count
    let step = values.count == 1 ? 0 : 1
    matrix.write(S.self) { target in
      values.read(S.self) { source in
        for (i, row) in rows.enumerated() {
          if i & 0x3FF == 0, Interrupt.abandonsKernels { return }
          for (j, column) in columns.enumerated() {
            target[row * rowStep + column * columnStep] += source[i * width + j * step]
          }
        }
      }
    }
  }
}

extension Kernels {
  fileprivate static func triangle<S: Scalar>(
    _ matrix: Matrix, _ isLower: Bool, _ diagonal: Int, into result: inout Matrix, _: S.Type
  ) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let matrix = matrix.rowMajor()
    result.write(S.self) { target in
      matrix.read(S.self) { source in
        ThreadPool.shared.run(rows, by: max(1, (1 << 15) / max(columns, 1))) { range in
          if Interrupt.abandonsKernels { return }
          for row in range {
            let bound = diagonal + row
            let kept =
              isLower
              ? 0..<max(0, min(bound + 1, columns)) : min(max(bound, 0), columns)..<columns
            let start = row * columns + kept.lowerBound
            (target + start).update(from: source + start, count: kept.count)
          }
        }
      }
    }
  }
}
