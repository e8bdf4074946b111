/// NumPy's format for one array, versions 1 to 3 (numpy.lib.format).
package enum NPY {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Headers are some hundred bytes; a longer one is damaged.
  private static let longestHeader = 1 << 16

  private static let types: [String: ElementType] = [
    "f2": .f16, "f4": .f32, "f8": .f64, "i1": .i8, "i2": .i16, "i4": .i32, "i8": .i64,
    "u1": .u8, "u2": .u16, "u4": .u32, "u8": .u64, "b1": .bool,
  ]

  /// Reads a file. One dimension becomes a column; with three and more, the first counts the rows
  /// and the others lie along the columns. Numbers of up to 16 bits become f32.
  package static func read(_ path: String) throws -> Matrix {
    try read(try FileReader(path: path))
  }

  /// What a file says of its array.
  struct Header {
    var type: ElementType
    var bigEndian: Bool
    var isFortran: Bool
    var dimensions: [Int]
  }

  /// Reads up to the first element.
  static func header(_ reader: FileReader) throws -> Header {
    let start = try reader.take(8)
    guard Array(start.prefix(6)) == magic else { throw FileError.notOfFormat(.npy) }
    guard (1...3).contains(start[6]) else {
      throw FileError.unsupported(.npy, "version \(start[6]).\(start[7])")
    }
    let lengthBytes = try reader.take(start[6] == 1 ? 2 : 4)
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= longestHeader else {
      throw FileError.badHeader(.npy, "a description of \(length) bytes")
    }
    var header = NPYHeader(try reader.take(length))
    let (descriptor, isFortran, dimensions) = try header.fields()
    let kind = descriptor.drop { "<>|=".contains($0) }
    guard let type = types[String(kind)] else {
      throw FileError.unsupported(.npy, "elements of type '\(descriptor.prefix(40))'")
    }
    return Header(
      type: type, bigEndian: descriptor.hasPrefix(">"), isFortran: isFortran,
      dimensions: dimensions)
  }

  static func read(_ reader: FileReader) throws -> Matrix {
    let header = try header(reader)
    let (type, bigEndian) = (header.type, header.bigEndian)
    let (isFortran, dimensions) = (header.isFortran, header.dimensions)
    let shape = try IDX.shape(dimensions, .npy)
    let matrix: Matrix
    if isFortran && dimensions.count > 1 {
      // Read with all dimensions reversed, the last one first.
      let reversed = try reader.readElements(
        type, try IDX.shape(dimensions.reversed(), .npy), bigEndian: bigEndian)
      matrix = Self.reordered(reversed, dimensions)
    } else {
      matrix = try reader.readElements(type, shape, bigEndian: bigEndian)
    }
    // A second array may follow; a checksum must fit.
    _ = try reader.isFinished()
    return matrix
  }

  /// The matrix whose elements lie with the first dimension changing fastest.
  private static func reordered(_ flat: Matrix, _ dimensions: [Int]) -> Matrix {
    if flat.isEmpty {
      return .zeros(dimensions[0], dimensions.dropFirst().reduce(1, *), flat.precision)
    }
    if dimensions.count == 2 {
      return flat.reshaped(dimensions[1], dimensions[0]).transposed
    }
    // Element (i, j, k, …) lies at i + j·d₀ + k·d₀·d₁ + …; its column is (j·d₂ + k)·… as in C.
    let inner = Array(dimensions.dropFirst())
    let columns = inner.reduce(1, *)
    var source: [Int] = []
    source.reserveCapacity(columns)
    for column in 0..<columns {
      var (rest, place, index) = (column, columns, 0)
      var stride = 1
      for dimension in inner {
        place /= dimension
        index += rest / place * stride
        rest %= place
        stride *= dimension
      }
      source.append(index)
    }
    return flat.reshaped(columns, dimensions[0]).selecting(rows: source).transposed
  }

  /// Writes a matrix, truth values as such, row after row.
  package static func write(_ matrix: Matrix, to path: String) throws {
    let kind = matrix.isLogical ? "|b1" : matrix.precision == .single ? "<f4" : "<f8"
    var header =
      "{'descr': '\(kind)', 'fortran_order': False, 'shape': (\(matrix.rows), \(matrix.columns)), }"
    // Magic, version and length take ten bytes; the elements begin at a multiple of 64.
    let padding = 63 - (10 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    let length = header.utf8.count
    try FileWriter.write(to: path) { file in
      try file.write(magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8))
      try file.write(elementsOf: matrix)
    }
  }
}

/// The description of an array: a dictionary as Python writes it.
private struct NPYHeader {
  private let text: [UInt8]
  private var place = 0

  init(_ text: [UInt8]) { self.text = text }

  mutating func fields() throws(FileError) -> (String, isFortran: Bool, [Int]) {
    var (descriptor, isFortran, dimensions): (String?, Bool?, [Int]?) = (nil, nil, nil)
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr":
        if peek() == UInt8(ascii: "[") { throw .unsupported(.npy, "records of several fields") }
        descriptor = try string()
      case "fortran_order": isFortran = try boolean()
      case "shape": dimensions = try tuple()
      default: throw .badHeader(.npy, "the unknown key '\(key.prefix(40))'")
      }
      if !take(",") && peek() != UInt8(ascii: "}") { throw .badHeader(.npy, "a comma is missing") }
    }
    guard let descriptor, let isFortran, let dimensions else {
      throw .badHeader(.npy, "type, order or shape is missing")
    }
    return (descriptor, isFortran, dimensions)
  }

  private mutating func peek() -> UInt8? {
    while place < text.count, text[place] == 0x20 || text[place] == 0x0A { place += 1 }
    return place < text.count ? text[place] : nil
  }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: sign) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ sign: Unicode.Scalar) throws(FileError) {
    guard take(sign) else { throw .badHeader(.npy, "'\(sign)' is missing") }
  }

  private mutating func string() throws(FileError) -> String {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw .badHeader(.npy, "a name is missing")
    }
    place += 1
    let rest = text[place...]
    guard let end = rest.firstIndex(of: quote) else { throw .badHeader(.npy, "a quote is missing") }
    place = end + 1
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(FileError) -> Bool {
    _ = peek()
    for (word, truth) in [("True", true), ("False", false)]
    where text[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return truth
    }
    throw .badHeader(.npy, "True or False is missing")
  }

  private mutating func tuple() throws(FileError) -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !take(")") {
      _ = peek()
      let digits = text[place...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let number = Int(String(decoding: digits, as: UTF8.self)), numbers.count < 32 else {
        throw .badHeader(.npy, "a dimension that is no whole number")
      }
      place += digits.count
      // Python 2 wrote long whole numbers as `3L`.
      _ = take("L")
      numbers.append(number)
      if !take(",") && peek() != UInt8(ascii: ")") { throw .badHeader(.npy, "')' is missing") }
    }
    return numbers
  }
}
