import KernelTables

/// A full matrix with a map of where it is not 0, for products that skip its zeros: a bit an element,
/// where a sparse copy takes two numbers for every one that is not 0.
///
/// O(1): a copy, `transposed`.
package struct MappedMatrix: Sendable {
  /// X row after row, whatever `isTransposed` says.
  private let matrix: Matrix
  /// Of every column the words of 64 rows each: those of the first 64 rows for all columns, then of
  /// the next.
  private let words: [UInt64]
  private var isTransposed = false
  /// How many elements are not 0.
  package let count: Int

  /// One pass over X.
  package init(_ matrix: Matrix) {
    self.matrix = matrix.rowMajor()
    words =
      switch matrix.precision {
      case .double: Kernels.map(self.matrix, Double.self)
      case .single: Kernels.map(self.matrix, Float.self)
      }
    count = words.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  package var shape: Shape { isTransposed ? matrix.shape.transposed : matrix.shape }
  package var precision: Precision { matrix.precision }

  package var transposed: MappedMatrix {
    var copy = self
    copy.isTransposed.toggle()
    return copy
  }

  /// `X F` for a dense F with one row a column of X. Cost 2·count·k flops.
  package func times(_ factor: Matrix) -> Matrix {
    let factor = ReachingFactor(factor.converted(to: precision))
    var result = Matrix(uninitialized: Shape(shape.rows, factor.shape.columns), precision)
    switch precision {
    case .double: write(factor, into: &result, Double.self)
    case .single: write(factor, into: &result, Float.self)
    }
    return result
  }

  private func write<S: Scalar>(_ factor: ReachingFactor, into result: inout Matrix, _: S.Type) {
    let k = result.columns
    let pieces = Kernels.evenPieces(shape.rows)
    result.write(S.self) { target in
      readRows(of: factor, S.self) { rows in
        ThreadPool.shared.run(pieces.count) { piece in
          if Interrupt.abandonsKernels { return }
          let sums = rows.make(pieces[piece])
          defer { sums.deallocate() }
          for (place, row) in pieces[piece].enumerated() {
            (target + row * k).update(from: sums + place * rows.stride, count: k)
          }
        }
      }
    }
  }

  /// Calls `body` with what makes rows of `X Y`.
  func readRows<S: Scalar, R>(
    of factor: ReachingFactor, _: S.Type, _ body: (MappedRows<S>) -> R
  ) -> R {
    precondition(factor.shape.rows == shape.columns && factor.now.precision == S.precision)
    return matrix.read(S.self) { x in
      words.withUnsafeBufferPointer { words in
        factor.read(S.self) { rows in
          body(
            MappedRows(
              x: x, words: words, width: matrix.columns, isTransposed: isTransposed,
              inner: shape.columns, factor: rows,
              stride: Kernels.paddedStride(factor.shape.columns, S.precision)))
        }
      }
    }
  }
}

extension Kernels {
  /// The words of a matrix.
  fileprivate static func map<S: Scalar>(_ matrix: Matrix, _: S.Type) -> [UInt64] {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let blocks = (rows + 63) / 64
    return [UInt64](unsafeUninitializedCapacity: blocks * columns) { words, count in
      count = blocks * columns
      guard let words = words.baseAddress else { return }
      words.initialize(repeating: 0, count: count)
      matrix.read(S.self) { x in
        ThreadPool.shared.run(blocks) { block in
          if Interrupt.abandonsKernels { return }
          let line = words + block * columns
          for row in block * 64..<min(rows, block * 64 + 64) {
            let (source, bit) = (x + row * columns, UInt64(1) << UInt64(row & 63))
            for column in 0..<columns { line[column] |= source[column] == 0 ? 0 : bit }
          }
        }
      }
    }
  }
}

/// The rows of a product `X Y` of a mapped matrix, made a run at a time.
struct MappedRows<S: Scalar>: @unchecked Sendable {
  private let x: UnsafePointer<S>
  private let words: UnsafeBufferPointer<UInt64>
  private let width: Int
  private let isTransposed: Bool
  private let inner: Int
  private let factor: ReachedRows<S>
  /// The numbers from one row to the next: those of Y and zeros up to a whole vector.
  let stride: Int

  fileprivate init(
    x: UnsafePointer<S>, words: UnsafeBufferPointer<UInt64>, width: Int, isTransposed: Bool,
    inner: Int, factor: ReachedRows<S>, stride: Int
  ) {
    (self.x, self.words, self.width, self.isTransposed) = (x, words, width, isTransposed)
    (self.inner, self.factor, self.stride) = (inner, factor, stride)
  }

  /// The rows of a range, which begins at a multiple of 64, in memory that belongs to the caller.
  func make(_ range: Range<Int>) -> UnsafeMutablePointer<S> {
    let sums = UnsafeMutablePointer<S>.allocate(capacity: max(range.count * stride, 1))
    sums.initialize(repeating: 0, count: range.count * stride)
    let part = UnsafeMutablePointer<S>.allocate(capacity: 64 * stride)
    defer { part.deallocate() }
    for first in Swift.stride(from: 0, to: inner, by: 64) {
      let places = first..<min(inner, first + 64)
      factor.write(places, to: part, stride: stride)
      if isTransposed {
        addColumns(range, places, UnsafePointer(part), sums)
      } else {
        addRows(range, places, UnsafePointer(part), sums)
      }
    }
    return sums
  }

  /// Lines that are columns of X: their words are there.
  private func addColumns(
    _ range: Range<Int>, _ places: Range<Int>, _ part: UnsafePointer<S>,
    _ sums: UnsafeMutablePointer<S>
  ) {
    guard let words = words.baseAddress else { return }
    S.chosenKernels.addMapped(
      MappedLines(
        words: words + places.lowerBound / 64 * width + range.lowerBound, count: range.count,
        numbers: x + places.lowerBound * width + range.lowerBound, line: 1, step: width,
        factor: part, stride: stride, sums: sums))
  }

  /// Lines that are rows of X, 64 at a time: their words are made of those of 64 columns.
  private func addRows(
    _ range: Range<Int>, _ places: Range<Int>, _ part: UnsafePointer<S>,
    _ sums: UnsafeMutablePointer<S>
  ) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { bits in
      guard let bits = bits.baseAddress, let words = words.baseAddress else { return }
      for first in Swift.stride(from: range.lowerBound, to: range.upperBound, by: 64) {
        bits.initialize(from: words + first / 64 * width + places.lowerBound, count: places.count)
        (bits + places.count).initialize(repeating: 0, count: 64 - places.count)
        transposeBits(bits)
        S.chosenKernels.addMapped(
          MappedLines(
            words: bits, count: min(64, range.upperBound - first),
            numbers: x + first * width + places.lowerBound, line: width, step: 1,
            factor: part, stride: stride, sums: sums + (first - range.lowerBound) * stride))
      }
    }
  }

  /// Bit j of word i becomes bit i of word j: blocks of half the size change places, six times
  /// (Warren, Hacker's Delight, 7–3).
  private func transposeBits(_ words: UnsafeMutablePointer<UInt64>) {
    var (half, mask) = (32, UInt64(0x0000_0000_ffff_ffff))
    while half > 0 {
      var word = 0
      while word < 64 {
        let moved = ((words[word] >> UInt64(half)) ^ words[word + half]) & mask
        words[word] ^= moved << UInt64(half)
        words[word + half] ^= moved
        word = (word + half + 1) & ~half
      }
      half >>= 1
      mask ^= mask << UInt64(half)
    }
  }
}
