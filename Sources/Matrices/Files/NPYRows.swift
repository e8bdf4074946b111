import Glibc

/// The rows of an NPY file, read a block at a time where they are needed: a matrix that may be
/// larger than the memory.
///
/// Blocks are read, not mapped: the system's cache serves repeated passes all the same, what is
/// needed at once is known, and a file that somebody cuts short is an error and not the end of the
/// process. The file stays open, so that another one of its name changes nothing.
package final class NPYRows: RowBlocks {
  package let path: String
  package let shape: Shape
  private let type: ElementType
  private let bigEndian: Bool
  private let descriptor: Int32
  /// Where the first element lies.
  private let start: Int

  package var precision: Precision { type.precision }
  /// The bytes of all elements.
  package var byteCount: Int { shape.count * type.bytes }

  /// Opens a file whose rows lie one after the other; further dimensions lie along the columns.
  package init(path: String) throws {
    let reader = try FileReader(path: path)
    guard !reader.isCompressed else {
      throw FileError.unsupported(.npy, "compressed bytes")
    }
    let header = try NPY.header(reader)
    let shape = try IDX.shape(header.dimensions, .npy)
    guard !header.isFortran || shape.columns == 1 || shape.rows == 1 else {
      throw FileError.unsupported(
        .npy, "columns one after the other")
    }
    let (count, overflow) = shape.rows.multipliedReportingOverflow(by: shape.columns)
    guard !overflow, count <= Int.max / 16, shape.rows <= Matrix.largestDimension,
      shape.columns <= Matrix.largestDimension
    else { throw FileError.tooLarge(rows: shape.rows, columns: shape.columns) }
    try reader.expect(count * header.type.bytes)
    self.path = path
    self.shape = shape
    type = header.type
    bigEndian = header.bigEndian
    start = reader.position
    descriptor = try Waiting.open(path)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  deinit { close(descriptor) }

  package func forEachBlock(of count: Int, _ body: (Range<Int>, Matrix) throws -> Void) throws {
    for first in stride(from: 0, to: shape.rows, by: max(count, 1)) {
      let range = first..<min(shape.rows, first + max(count, 1))
      try body(range, rows(in: range))
    }
  }

  /// The rows of a range.
  package func rows(in range: Range<Int>) throws -> Matrix {
    var block = Matrix(uninitialized: Shape(range.count, shape.columns), precision)
    let width = shape.columns * type.bytes
    let place = start + range.lowerBound * width
    let isNative = type == .f32 || type == .f64
    if isNative && !bigEndian {
      try withExtendedLifetime(block.storage) {
        try read(place, range.count * width, block.storage.address)
      }
      return block
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(range.count * width, 1), alignment: 64)
    defer { bytes.deallocate() }
    guard let base = bytes.baseAddress else { return block }
    try read(place, range.count * width, base)
    switch precision {
    case .single: convert(base, &block, Float.self)
    case .double: convert(base, &block, Double.self)
    }
    return block
  }

  private func convert<S: Scalar>(
    _ bytes: UnsafeMutableRawPointer, _ block: inout Matrix, _: S.Type
  ) {
    let count = block.count
    block.write(S.self) {
      type.convert(UnsafeRawPointer(bytes), count, bigEndian: bigEndian, into: $0)
    }
  }

  /// Fills memory with the bytes from a place on.
  private func read(_ place: Int, _ count: Int, _ target: UnsafeMutableRawPointer) throws {
    var done = 0
    while done < count {
      let got = pread(descriptor, target + done, min(count - done, 1 << 26), place + done)
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw FileError.from(errno) }
      if got == 0 { throw FileError.truncated(expected: start + byteCount, found: place + done) }
      done += got
    }
  }
}
