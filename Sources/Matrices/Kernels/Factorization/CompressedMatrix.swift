/// A matrix of which only the elements that are not 0 are kept, once by rows and once by columns,
/// so that products with it and with its transpose both read memory in order and write every
/// result once: the same bits on any number of threads.
///
/// It is made for products with thin factors: the inner dimension is cut into blocks whose rows of
/// the factor stay in the second-level cache.
package struct CompressedMatrix: Sendable {
  package let shape: Shape
  package let precision: Precision
  let byRows: CompressedLines
  let byColumns: CompressedLines

  /// How many elements are kept.
  package var count: Int { byRows.places.count }

  /// The elements of `matrix` that are not 0, for products with factors of `rank` columns.
  package init(_ matrix: Matrix, rank: Int) {
    let matrix = matrix.rowMajor()
    shape = matrix.shape
    precision = matrix.precision
    let stride = CompressedLines.stride(rank, matrix.precision) * matrix.precision.bytes
    let block = max(256, (1 << 19) / stride)
    switch matrix.precision {
    case .double:
      byRows = Kernels.compressedRows(matrix, block: block, Double.self)
      byColumns = Kernels.compressedColumns(byRows, matrix.shape, block: block, Double.self)
    case .single:
      byRows = Kernels.compressedRows(matrix, block: block, Float.self)
      byColumns = Kernels.compressedColumns(byRows, matrix.shape, block: block, Float.self)
    }
  }

  /// `result ← X F` for a factor F with one row a column of X.
  package func times(_ factor: Matrix, into result: inout Matrix) {
    precondition(factor.rows == shape.columns && result.rows == shape.rows)
    Self.multiply(byRows, factor, into: &result)
  }

  /// `result ← Xᵀ F` for a factor F with one row a row of X.
  package func transposedTimes(_ factor: Matrix, into result: inout Matrix) {
    precondition(factor.rows == shape.rows && result.rows == shape.columns)
    Self.multiply(byColumns, factor, into: &result)
  }

  private static func multiply(
    _ lines: CompressedLines, _ factor: Matrix, into result: inout Matrix
  ) {
    precondition(result.columns == factor.columns && result.precision == factor.precision)
    if result.isTransposed || lines.places.isEmpty {
      result = .zeros(result.rows, result.columns, result.precision)
    }
    switch factor.precision {
    case .double: Kernels.multiply(lines, factor, into: &result, Double.self)
    case .single: Kernels.multiply(lines, factor, into: &result, Float.self)
    }
  }
}

/// The kept elements line by line (a line is a row or a column), block of places by block: those
/// of line `l` in block `b` stand at `starts[b · lines + l] ..< starts[b · lines + l + 1]`.
struct CompressedLines: Sendable {
  var lines: Int
  var blocks: Int
  var starts: [Int]
  /// Where in its line an element stands.
  var places: [Int32]
  /// 1×count.
  var values: Matrix

  /// The elements from one row of a padded factor to the next.
  static func stride(_ rank: Int, _ precision: Precision) -> Int {
    let width = 64 / precision.bytes
    return (max(rank, 1) + width - 1) / width * width
  }
}

extension Kernels {
  fileprivate static func compressedRows<S: Scalar>(_ matrix: Matrix, block: Int, _: S.Type)
    -> CompressedLines
  {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let blocks = max(1, (columns + block - 1) / block)
    let piece = max(1, chunk / max(columns, 1))
    var starts = [Int](repeating: 0, count: blocks * rows + 1)
    return matrix.read(S.self) { x in
      starts.withUnsafeMutableBufferPointer { counts in
        let counts = counts
        ThreadPool.shared.run(rows, by: piece) { range in
          for row in range {
            for b in 0..<blocks {
              let first = b * block
              let count = min(columns, first + block) - first
              counts[b * rows + row + 1] = countNonZero(x + row * columns + first, count)
            }
          }
        }
        for i in 1..<counts.count { counts[i] += counts[i - 1] }
      }
      let total = starts[blocks * rows]
      var values = Matrix(uninitialized: Shape(1, total), S.precision)
      let places = [Int32](unsafeUninitializedCapacity: total) { places, initialized in
        let places = places
        values.write(S.self) { v in
          ThreadPool.shared.run(rows, by: piece) { range in
            // A line is gathered without a branch an element, which writes one place too far.
            let length = min(block, columns) + 1
            let ownPlaces = UnsafeMutablePointer<Int32>.allocate(capacity: length)
            let ownValues = UnsafeMutablePointer<S>.allocate(capacity: length)
            defer {
              ownPlaces.deallocate()
              ownValues.deallocate()
            }
            for row in range {
              for b in 0..<blocks {
                let line = x + row * columns
                var kept = 0
                for column in b * block..<min(columns, (b + 1) * block) {
                  ownPlaces[kept] = Int32(truncatingIfNeeded: column)
                  ownValues[kept] = line[column]
                  kept &+= line[column] != 0 ? 1 : 0
                }
                let start = starts[b * rows + row]
                guard kept > 0, let target = places.baseAddress else { continue }
                (target + start).update(from: ownPlaces, count: kept)
                (v + start).update(from: ownValues, count: kept)
              }
            }
          }
        }
        initialized = total
      }
      return CompressedLines(
        lines: rows, blocks: blocks, starts: starts, places: places, values: values)
    }
  }

  /// How many elements are not 0.
  private static func countNonZero<S: Scalar>(_ x: UnsafePointer<S>, _ count: Int) -> Int {
    let width = S.Vector.scalarCount
    var marks = S.Vector(repeating: 0)
    var i = 0
    while i + width <= count {
      marks += S.marks(load(x, i))
      i += width
    }
    var kept = Int(marks.sum())
    while i < count {
      kept += x[i] != 0 ? 1 : 0
      i += 1
    }
    return kept
  }

  /// The same elements by columns, blocks of rows after each other.
  fileprivate static func compressedColumns<S: Scalar>(
    _ rows: CompressedLines, _ shape: Shape, block: Int, _: S.Type
  ) -> CompressedLines {
    let columns = shape.columns
    let blocks = max(1, (shape.rows + block - 1) / block)
    var starts = [Int](repeating: 0, count: blocks * columns + 1)
    return rows.values.read(S.self) { x in
      // Calls `body` for every element of a block of rows, row by row.
      func visit(_ b: Int, _ body: (_ row: Int, _ column: Int, _ element: Int) -> Void) {
        for row in b * block..<min(shape.rows, (b + 1) * block) {
          for part in 0..<rows.blocks {
            let line = part * rows.lines + row
            for i in rows.starts[line]..<rows.starts[line + 1] {
              body(row, Int(rows.places[i]), i)
            }
          }
        }
      }
      starts.withUnsafeMutableBufferPointer { counts in
        let counts = counts
        ThreadPool.shared.run(blocks) { b in
          visit(b) { _, column, _ in counts[b * columns + column + 1] += 1 }
        }
        for i in 1..<counts.count { counts[i] += counts[i - 1] }
      }
      let total = starts[blocks * columns]
      var values = Matrix(uninitialized: Shape(1, total), S.precision)
      let places = [Int32](unsafeUninitializedCapacity: total) { places, initialized in
        let places = places
        values.write(S.self) { v in
          ThreadPool.shared.run(blocks) { b in
            var next = Array(starts[b * columns..<(b + 1) * columns])
            next.withUnsafeMutableBufferPointer { next in
              visit(b) { row, column, element in
                places[next[column]] = Int32(row)
                v[next[column]] = x[element]
                next[column] += 1
              }
            }
          }
        }
        initialized = total
      }
      return CompressedLines(
        lines: columns, blocks: blocks, starts: starts, places: places, values: values)
    }
  }

  /// A factor with rows padded with zeros to whole vectors.
  static func padded<S: Scalar>(_ factor: Matrix, _: S.Type) -> UnsafeMutablePointer<S> {
    let factor = factor.rowMajor()
    let (rows, k) = (factor.rows, factor.columns)
    let stride = CompressedLines.stride(k, S.precision)
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(rows, 1) * stride * MemoryLayout<S>.stride, alignment: 64)
    let result = raw.bindMemory(to: S.self, capacity: max(rows, 1) * stride)
    factor.read(S.self) { source in
      ThreadPool.shared.run(rows, by: max(1, chunk / stride)) { range in
        for row in range {
          let line = result + row * stride
          line.update(from: source + row * k, count: k)
          (line + k).update(repeating: 0, count: stride - k)
        }
      }
    }
    return result
  }

  fileprivate static func multiply<S: Scalar>(
    _ lines: CompressedLines, _ factor: Matrix, into result: inout Matrix, _: S.Type
  ) {
    let k = factor.columns
    let stride = CompressedLines.stride(k, S.precision)
    let packed = padded(factor, S.self)
    defer { packed.deallocate() }
    result.write(S.self) { target in
      lines.values.read(S.self) { values in
        lines.places.withUnsafeBufferPointer { places in
          lines.starts.withUnsafeBufferPointer { starts in
            guard let places = places.baseAddress, let starts = starts.baseAddress else { return }
            // About 16 pieces for balance.
            ThreadPool.shared.run(lines.lines, by: max(1, (lines.lines + 15) / 16)) { range in
              if Interrupt.abandonsKernels { return }
              let sums = UnsafeMutablePointer<S>.allocate(capacity: range.count * stride)
              defer { sums.deallocate() }
              sums.initialize(repeating: 0, count: range.count * stride)
              for block in 0..<lines.blocks {
                let first = starts + block * lines.lines
                for line in range {
                  let kept = first[line]..<first[line + 1]
                  if kept.isEmpty { continue }
                  let sum = sums + (line - range.lowerBound) * stride
                  gather(kept, places, values, UnsafePointer(packed), stride, sum)
                }
              }
              for line in range {
                let sum = sums + (line - range.lowerBound) * stride
                (target + line * k).update(from: sum, count: k)
              }
            }
          }
        }
      }
    }
  }

  /// `sum += Σ x · (row of the factor)` over the kept elements of a line.
  @inline(__always)
  static func gather<S: Scalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var column = 0
    while column < stride {
      switch (stride - column) / width {
      case 1: gather1(kept, places, values, factor + column, stride, sum + column)
      case 2: gather2(kept, places, values, factor + column, stride, sum + column)
      case 3: gather3(kept, places, values, factor + column, stride, sum + column)
      default: gather4(kept, places, values, factor + column, stride, sum + column)
      }
      column += 4 * width
    }
  }

  /// The same, one vector of columns wide.
  @inline(__always)
  private static func gather1<S: Scalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    var a0 = load(sum, 0)
    for i in kept {
      let x = S.Vector(repeating: values[i])
      let row = factor + Int(places[i]) &* stride
      a0.addProduct(x, load(row, 0))
    }
    store(a0, sum, 0)
  }

  /// The same, two vectors wide.
  @inline(__always)
  private static func gather2<S: Scalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var (a0, a1) = (load(sum, 0), load(sum, width))
    for i in kept {
      let x = S.Vector(repeating: values[i])
      let row = factor + Int(places[i]) &* stride
      a0.addProduct(x, load(row, 0))
      a1.addProduct(x, load(row, width))
    }
    store(a0, sum, 0)
    store(a1, sum, width)
  }

  /// The same, three vectors wide.
  @inline(__always)
  private static func gather3<S: Scalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var (a0, a1, a2) = (load(sum, 0), load(sum, width), load(sum, 2 * width))
    for i in kept {
      let x = S.Vector(repeating: values[i])
      let row = factor + Int(places[i]) &* stride
      a0.addProduct(x, load(row, 0))
      a1.addProduct(x, load(row, width))
      a2.addProduct(x, load(row, 2 * width))
    }
    store(a0, sum, 0)
    store(a1, sum, width)
    store(a2, sum, 2 * width)
  }

  /// The same, four vectors wide.
  @inline(__always)
  private static func gather4<S: Scalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var (a0, a1) = (load(sum, 0), load(sum, width))
    var (a2, a3) = (load(sum, 2 * width), load(sum, 3 * width))
    for i in kept {
      let x = S.Vector(repeating: values[i])
      let row = factor + Int(places[i]) &* stride
      a0.addProduct(x, load(row, 0))
      a1.addProduct(x, load(row, width))
      a2.addProduct(x, load(row, 2 * width))
      a3.addProduct(x, load(row, 3 * width))
    }
    store(a0, sum, 0)
    store(a1, sum, width)
    store(a2, sum, 2 * width)
    store(a3, sum, 3 * width)
  }
}
