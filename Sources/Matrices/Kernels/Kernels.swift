import CProcessor

extension Kernels {
  /// Elements a thread handles at once in elementwise work: large enough to hide the hand-over,
  /// small enough to stay in the second-level cache.
  static let chunk = 1 << 15

  /// Calls `body` for chunks of `0..<count`, in parallel when there are several.
  static func inChunks(_ count: Int, _ body: (Range<Int>) -> Void) {
    if count <= chunk { return body(0..<count) }
    ThreadPool.shared.run(count, by: chunk) { range in
      if !Interrupt.abandonsKernels { body(range) }
    }
  }

  /// Results of so many bytes do not stay in a cache until somebody reads them.
  static let streamed = 16 << 20

  /// Copies memory past the caches, which would first read what is then overwritten. Both begin at
  /// a multiple of 64 bytes; `mfs_finish_lines` comes after the last copy.
  @inline(__always)
  static func stream(_ bytes: Int, from: UnsafeRawPointer, to: UnsafeMutableRawPointer) {
    let whole = bytes & ~63
    for start in stride(from: 0, to: whole, by: 64) { mfs_write_line(to + start, from + start) }
    (to + whole).copyMemory(from: from + whole, byteCount: bytes - whole)
  }

  /// A copy in memory of its own, same layout.
  static func copied(_ matrix: Matrix) -> Matrix {
    var result = Matrix(
      uninitialized: matrix.shape, matrix.precision, transposed: matrix.isTransposed)
    result.isLogical = matrix.isLogical
    result.storage.columnNames = matrix.columnNames
    let bytes = matrix.byteCount
    let from = matrix.storage.address + matrix.offset * matrix.precision.bytes
    withExtendedLifetime(matrix.storage) {
      copy(bytes, from: from, to: result.storage.address)
    }
    return result
  }

  /// Copies memory in pieces of some milliseconds, so that a stop does not wait for all of it.
  static func copy(_ bytes: Int, from: UnsafeRawPointer, to: UnsafeMutableRawPointer) {
    let piece = 16 << 20
    for start in stride(from: 0, to: bytes, by: piece) {
      if Interrupt.abandonsKernels { return }
      (to + start).copyMemory(from: from + start, byteCount: min(piece, bytes - start))
    }
  }

  /// The same matrix with elements row after row, by tiles that stay in the first-level cache.
  static func untransposed(_ matrix: Matrix) -> Matrix {
    var result = Matrix(uninitialized: matrix.shape, matrix.precision)
    result.isLogical = matrix.isLogical
    switch matrix.precision {
    case .double: transpose(matrix, into: &result, Double.self)
    case .single: transpose(matrix, into: &result, Float.self)
    }
    return result
  }

  private static func transpose<S: Scalar>(_ matrix: Matrix, into result: inout Matrix, _: S.Type) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let tile = 32
    result.write(S.self) { target in
      matrix.read(S.self) { source in
        ThreadPool.shared.run(rows, by: max(tile, chunk / max(columns, 1) / tile * tile)) { range in
          if Interrupt.abandonsKernels { return }
          for firstRow in stride(from: range.lowerBound, to: range.upperBound, by: tile) {
            for firstColumn in stride(from: 0, to: columns, by: tile) {
              for row in firstRow..<min(firstRow + tile, range.upperBound) {
                for column in firstColumn..<min(firstColumn + tile, columns) {
                  target[row * columns + column] = source[column * rows + row]
                }
              }
            }
          }
        }
      }
    }
  }
}
