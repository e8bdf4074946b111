/// The format of the MNIST family: two zeros, the kind of number, the number of dimensions, the
/// dimensions, the numbers; everything with the highest byte first
/// (LeCun, Cortes & Burges, "The MNIST database of handwritten digits").
package enum IDX {
  private static let types: [UInt8: ElementType] = [
    0x08: .u8, 0x09: .i8, 0x0B: .i16, 0x0C: .i32, 0x0D: .f32, 0x0E: .f64,
  ]

  /// Reads a file: the first dimension counts the rows, the others lie along the columns, so that
  /// images are samples × pixels and labels a column. Numbers of up to 16 bits become f32.
  package static func read(_ path: String) throws -> Matrix {
    try read(try FileReader(path: path))
  }

  static func read(_ reader: FileReader) throws -> Matrix {
    let head = try reader.take(4)
    guard head[0] == 0, head[1] == 0 else { throw FileError.notOfFormat(.idx) }
    guard let type = types[head[2]] else {
      throw FileError.unsupported(.idx, "numbers of kind \(head[2])")
    }
    guard (1...8).contains(head[3]) else {
      throw FileError.badHeader(.idx, "\(head[3]) dimensions")
    }
    var dimensions: [Int] = []
    for _ in 0..<head[3] {
      dimensions.append(try reader.take(4).reduce(0) { $0 << 8 | Int($1) })
    }
    let matrix = try reader.readElements(type, try shape(dimensions, .idx), bigEndian: true)
    guard try reader.isFinished() else { throw FileError.excess(expected: reader.position - 1) }
    return matrix
  }

  /// Any number of dimensions as two: the first, and the product of the others.
  static func shape(_ dimensions: [Int], _ format: FileFormat) throws(FileError) -> Shape {
    var columns = 1
    for dimension in dimensions.dropFirst() {
      let (product, overflow) = columns.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw .badHeader(format, "more elements than can be counted") }
      columns = product
    }
    return Shape(dimensions.first ?? 1, columns)
  }
}
