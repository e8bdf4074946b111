extension Matrix {
  /// A matrix of zeros.
  package static func zeros(_ rows: Int, _ columns: Int, _ precision: Precision = .double)
    -> Matrix
  { filled(rows, columns, with: 0, precision) }

  /// A matrix of ones.
  package static func ones(_ rows: Int, _ columns: Int, _ precision: Precision = .double)
    -> Matrix
  { filled(rows, columns, with: 1, precision) }

  /// A matrix whose elements all have one value.
  package static func filled(
    _ rows: Int, _ columns: Int, with value: Double, _ precision: Precision = .double
  ) -> Matrix {
    var result = Matrix(uninitialized: Shape(rows, columns), precision)
    result.fill(with: value)
    return result
  }

  /// Ones on the diagonal, zeros elsewhere.
  package static func identity(_ n: Int, _ precision: Precision = .double) -> Matrix {
    var result = zeros(n, n, precision)
    for i in 0..<n {
      // Every row is memory that the system only now makes.
      if i & 0x3F == 0, Interrupt.abandonsKernels { break }
      result[i, i] = 1
    }
    return result
  }

  /// A 1×1 matrix.
  package init(_ value: Double) { self = .filled(1, 1, with: value) }

  /// A matrix from rows of numbers, which must be equally long.
  package init(_ rows: [[Double]]) {
    self.init(rows.count, rows.first?.count ?? 0, rows.flatMap { $0 })
  }

  /// An n×1 matrix.
  package init(column: [Double]) { self.init(column.count, 1, column) }

  /// A 1×n matrix.
  package init(row: [Double]) { self.init(1, row.count, row) }

  /// A matrix from its elements, row after row.
  package init(_ rows: Int, _ columns: Int, _ elements: [Double]) {
    precondition(elements.count == rows * columns)
    self.init(uninitialized: Shape(rows, columns), .double)
    write(Double.self) { target in
      elements.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { target.update(from: base, count: source.count) }
      }
    }
  }

  /// A matrix of floats from its elements, row after row.
  package init(_ rows: Int, _ columns: Int, floats elements: [Float]) {
    precondition(elements.count == rows * columns)
    self.init(uninitialized: Shape(rows, columns), .single)
    write(Float.self) { target in
      elements.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { target.update(from: base, count: source.count) }
      }
    }
  }
}

extension Matrix {
  /// Evenly spaced numbers as a row, both ends included exactly.
  package static func spaced(from first: Double, to last: Double, count: Int) -> Matrix {
    var result = Matrix(uninitialized: Shape(1, count), .double)
    result.write(Double.self) { target in
      Kernels.inChunks(count) { range in
        for i in range {
          // Weights of both ends instead of a step: no overflow, and no error that grows.
          let part = Double(i) / Double(max(count - 1, 1))
          target[i] = i == 0 ? first : i == count - 1 ? last : first * (1 - part) + last * part
        }
      }
    }
    return result
  }

  /// Evenly spaced numbers `first + i · step` as a row.
  package static func progression(from first: Double, by step: Double, count: Int) -> Matrix {
    var result = Matrix(uninitialized: Shape(1, count), .double)
    result.write(Double.self) { target in
      Kernels.inChunks(count) { for i in $0 { target[i] = first + Double(i) * step } }
    }
    return result
  }

  /// The matrix repeated down and along until it fills a shape, which must be a multiple of its own.
  package func tiled(to wanted: Shape) -> Matrix {
    let (down, along) = (wanted.rows / max(rows, 1), wanted.columns / max(columns, 1))
    if wanted.isEmpty { return .zeros(wanted.rows, wanted.columns, precision) }
    let line = along == 1 ? self : .besides([Matrix](repeating: self, count: along))
    return down == 1 ? line : .above([Matrix](repeating: line, count: down))
  }
}
