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

/// The places of a factor cut into blocks whose rows stay in the second-level cache, and what every
/// line has in every block.
///
/// With many short lines a cut costs more than it brings: a line has at least 16 elements a block on
/// average.
struct SparseBlocks {
  let count: Int
  private let lines: Int
  /// Where line `l` enters block `b`: `cuts[b · lines + l]`; empty when there is one block.
  private let cuts: [Int]

  /// Bytes of a factor that stay in the second-level cache beside what streams by.
  private static let bytes = 1 << 19
  private static let leastElements = 16

  /// The blocks for a factor of `rows` rows of `rowBytes` bytes.
  init(_ lines: SparseLines, rows: Int, rowBytes: Int) {
    self.lines = lines.count
    let perLine = lines.places.count / max(lines.count, 1)
    let size = max(256, Self.bytes / max(rowBytes, 1))
    count = max(1, min((rows + size - 1) / size, perLine / Self.leastElements))
    guard count > 1 else {
      cuts = []
      return
    }
    let (blocks, width, all) = (count, (rows + count - 1) / count, lines.count)
    cuts = [Int](unsafeUninitializedCapacity: (blocks + 1) * all) { cuts, initialized in
      let cuts = cuts
      initialized = (blocks + 1) * all
      lines.starts.withUnsafeBufferPointer { starts in
        lines.places.withUnsafeBufferPointer { places in
          ThreadPool.shared.run(all, by: max(1, (all + 15) / 16)) { range in
            for line in range {
              var from = starts[line]
              let end = starts[line + 1]
              cuts[line] = from
              cuts[blocks * all + line] = end
              for block in 1..<blocks {
                let limit = block * width
                var to = end
                while from < to {
                  let middle = (from + to) / 2
                  if Int(places[middle]) < limit { from = middle + 1 } else { to = middle }
                }
                cuts[block * all + line] = from
              }
            }
          }
        }
      }
    }
  }

  /// Calls `body` for every block with where the elements of every line begin and end in it.
  @inline(__always)
  func forEach(
    _ starts: UnsafePointer<Int>,
    _ body: (_ begins: UnsafePointer<Int>, _ ends: UnsafePointer<Int>) -> Void
  ) {
    guard count > 1 else { return body(starts, starts + 1) }
    cuts.withUnsafeBufferPointer { cuts in
      guard let cuts = cuts.baseAddress else { return }
      for block in 0..<count { body(cuts + block * lines, cuts + (block + 1) * lines) }
    }
  }
}

extension Kernels {
  /// The elements from one row of a padded factor to the next.
  static func paddedStride(_ columns: Int, _ precision: Precision) -> Int {
    let width = 64 / precision.bytes
    return (max(columns, 1) + width - 1) / width * width
  }

  /// A factor with rows padded with zeros to whole vectors.
  static func padded<S: Scalar>(_ factor: Matrix, _: S.Type) -> UnsafeMutablePointer<S> {
    let factor = factor.rowMajor()
    let (rows, k) = (factor.rows, factor.columns)
    let stride = paddedStride(k, S.precision)
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
    _ lines: SparseLines, _ factor: Matrix, into result: inout Matrix, _: S.Type
  ) {
    let k = factor.columns
    let gathered = GatheredRows<S>(lines, factor)
    defer { gathered.deallocate() }
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
  /// F; its rows, padded, unless they fill vectors anyhow.
  private let factor: Matrix
  private let padded: UnsafeMutablePointer<S>?

  init(_ lines: SparseLines, _ factor: Matrix) {
    self.lines = lines
    self.factor = factor.rowMajor()
    stride = Kernels.paddedStride(factor.columns, S.precision)
    blocks = SparseBlocks(lines, rows: factor.rows, rowBytes: stride * S.precision.bytes)
    padded = stride == factor.columns ? nil : Kernels.padded(factor, S.self)
  }

  func deallocate() { padded?.deallocate() }

  /// The rows of a range in memory that belongs to the caller.
  func rows(_ range: Range<Int>) -> UnsafeMutablePointer<S> {
    let sums = UnsafeMutablePointer<S>.allocate(capacity: max(range.count * stride, 1))
    sums.initialize(repeating: 0, count: range.count * stride)
    factor.read(S.self) { factor in
      let packed = padded.map { UnsafePointer($0) } ?? factor
      lines.read(S.self) { starts, places, values in
        blocks.forEach(starts) { begins, ends in
          for line in range where begins[line] < ends[line] {
            let sum = sums + (line - range.lowerBound) * stride
            Kernels.gather(begins[line]..<ends[line], places, values, packed, stride, sum)
          }
        }
      }
    }
    return sums
  }
}
