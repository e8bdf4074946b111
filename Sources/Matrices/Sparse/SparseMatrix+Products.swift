import KernelTables

extension SparseMatrix {
  /// `X F` for a dense F with one row a column of X. Cost 2·count·k flops.
  package func times(_ factor: Matrix) -> Matrix {
    var result = Matrix.zeros(rows, factor.columns, Precision.joined(precision, factor.precision))
    converted(to: result.precision).times(factor.converted(to: result.precision), into: &result)
    return result
  }

  /// `Xᵀ F` for a dense F with one row a row of X.
  package func transposedTimes(_ factor: Matrix) -> Matrix { transposed.times(factor) }

  /// `result ← X F`, all in one precision.
  package func times(_ factor: Matrix, into result: inout Matrix) {
    precondition(factor.rows == columns && result.rows == rows)
    Self.multiply(byRows, factor, into: &result)
  }

  /// `result ← Xᵀ F`, all in one precision.
  package func transposedTimes(_ factor: Matrix, into result: inout Matrix) {
    precondition(factor.rows == rows && result.rows == columns)
    Self.multiply(byColumns, factor, into: &result)
  }

  private static func multiply(_ lines: SparseLines, _ factor: Matrix, into result: inout Matrix) {
    precondition(result.columns == factor.columns && result.precision == factor.precision)
    precondition(lines.values.precision == factor.precision)
    if result.isTransposed || lines.places.isEmpty {
      result = .zeros(result.rows, result.columns, result.precision)
    }
    switch factor.precision {
    case .double: Kernels.multiply(lines, factor, into: &result, Double.self)
    case .single: Kernels.multiply(lines, factor, into: &result, Float.self)
    }
  }
}

extension Kernels {
  /// The elements from one row of a padded factor to the next.
  static func paddedStride(_ columns: Int, _ precision: Precision) -> Int {
    let width = 64 / precision.bytes
    return (max(columns, 1) + width - 1) / width * width
  }

  /// A factor with rows padded with zeros to whole vectors: itself where they are whole.
  static func padded<S: Scalar>(_ factor: Matrix, _: S.Type) -> Matrix {
    let factor = factor.rowMajor()
    let (rows, k) = (factor.rows, factor.columns)
    let stride = paddedStride(k, S.precision)
    if stride == k { return factor }
    // A matrix, whose memory is kept for the next product.
    var result = Matrix(uninitialized: Shape(rows, stride), S.precision)
    result.write(S.self) { target in
      factor.read(S.self) { source in
        ThreadPool.shared.run(rows, by: max(1, chunk / stride)) { range in
          for row in range {
            let line = target + row * stride
            line.update(from: source + row * k, count: k)
            (line + k).update(repeating: 0, count: stride - k)
          }
        }
      }
    }
    return result
  }

  fileprivate static func multiply<S: Scalar>(
    _ lines: SparseLines, _ factor: Matrix, into result: inout Matrix, _: S.Type
  ) {
    let k = factor.columns
    let gathered = GatheredRows<S>(lines, factor)
    let runs = lines.runs(32)
    result.write(S.self) { target in
      ThreadPool.shared.run(runs.count) { run in
        if Interrupt.abandonsKernels { return }
        let range = runs[run]
        let sums = gathered.rows(range)
        defer { sums.deallocate() }
        for line in range {
          let sum = sums + (line - range.lowerBound) * gathered.stride
          (target + line * k).update(from: sum, count: k)
        }
      }
    }
  }
}

/// The rows of a product `X F`, made a run at a time.
struct GatheredRows<S: Scalar> {
  /// The elements from one row to the next: those of F and zeros up to a whole vector.
  let stride: Int
  private let lines: SparseLines
  private let blocks: SparseBlocks
  /// F with padded rows.
  private let factor: Matrix

  init(_ lines: SparseLines, _ factor: Matrix) {
    self.init(lines, padded: Kernels.padded(factor, S.self))
  }

  /// The same of a factor whose rows are padded; `cuts` are those of the same lines, where they are kept.
  init(_ lines: SparseLines, padded factor: Matrix, cuts: SparseCuts? = nil) {
    self.lines = lines
    self.factor = factor
    stride = factor.columns
    let rowBytes = stride * S.precision.bytes
    blocks =
      cuts?.blocks(lines, rows: factor.rows, rowBytes: rowBytes)
      ?? SparseBlocks(lines, rows: factor.rows, rowBytes: rowBytes)
  }

  /// The rows of a range in memory that belongs to the caller.
  func rows(_ range: Range<Int>) -> UnsafeMutablePointer<S> {
    let sums = UnsafeMutablePointer<S>.allocate(capacity: max(range.count * stride, 1))
    sums.initialize(repeating: 0, count: range.count * stride)
    factor.read(S.self) { packed in
      lines.read(S.self) { starts, places, values in
        blocks.forEach(starts) { begins, ends in
          S.chosenKernels.gather(
            GatheredLines(
              lines: range, begins: begins, ends: ends, places: places, values: values,
              factor: packed, stride: stride, sums: sums))
        }
      }
    }
    return sums
  }
}
