/// The rows of an NPY file, read a block at a time where they are needed: a matrix that may be
/// larger than the memory.
package final class NPYRows: StreamedRows {
  package let path: String
  package let shape: Shape
  private let type: ElementType
  private let bigEndian: Bool
  private let file: OpenFile
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
    file = try OpenFile(path: path)
  }

  /// The rows of a range.
  package func rows(in range: Range<Int>) throws -> Matrix {
    var block = Matrix(uninitialized: Shape(range.count, shape.columns), precision)
    let width = shape.columns * type.bytes
    let place = start + range.lowerBound * width
    let isNative = type == .f32 || type == .f64
    if isNative && !bigEndian {
      try withExtendedLifetime(block.storage) {
        try file.read(place, range.count * width, into: block.storage.address)
      }
      return block
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(range.count * width, 1), alignment: 64)
    defer { bytes.deallocate() }
    guard let base = bytes.baseAddress else { return block }
    try file.read(place, range.count * width, into: base)
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
}
