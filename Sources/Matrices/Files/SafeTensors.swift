/// The format of Hugging Face for arrays under names (github.com/huggingface/safetensors): the
/// length of a header as a little-endian number of 8 bytes, the header in JSON (of every array its
/// kind of number, its shape, and where its bytes begin and end), then the bytes, without gaps.
/// Texts under names stand beside the arrays in `__metadata__`.
package struct SafeTensors: Sendable {
  /// The arrays in the order of the header.
  package var tensors: [(name: String, matrix: Matrix)]
  package var metadata: [(name: String, text: String)]

  package init(
    tensors: [(name: String, matrix: Matrix)], metadata: [(name: String, text: String)] = []
  ) {
    self.tensors = tensors
    self.metadata = metadata
  }

  private static let metadataName = "__metadata__"
  /// The limit of the Python package.
  private static let longestHeader = 100_000_000

  private static let types: [String: ElementType] = [
    "F64": .f64, "F32": .f32, "F16": .f16, "BF16": .bf16, "I64": .i64, "I32": .i32, "I16": .i16,
    "I8": .i8, "U64": .u64, "U32": .u32, "U16": .u16, "U8": .u8, "BOOL": .bool,
  ]

  // MARK: Reading

  /// What the header says of one array.
  private struct Entry {
    var name: String
    var type: ElementType
    var shape: Shape
    var range: Range<Int>
  }

  /// Reads a file. One dimension becomes a column; with three and more, the first counts the rows
  /// and the others lie along the columns. Numbers of up to 16 bits become f32.
  package static func read(_ path: String) throws -> SafeTensors {
    let reader = try FileReader(path: path)
    guard let start = try? reader.take(8) else { throw FileError.notOfFormat(.safetensors) }
    let length = start.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length >= 2, length <= longestHeader else {
      throw FileError.notOfFormat(.safetensors)
    }
    try reader.expect(Int(length))
    let header: JSON
    do { header = try JSON.parse(try reader.take(Int(length))) } catch let damage as JSON.Damage {
      throw bad(damage.reason)
    }
    let (entries, metadata) = try contents(header)
    var matrices: [String: Matrix] = [:]
    for entry in entries.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      matrices[entry.name] = try reader.readElements(entry.type, entry.shape, bigEndian: false)
    }
    guard try reader.isFinished() else { throw FileError.excess(expected: reader.position - 1) }
    let tensors = entries.compactMap { entry in
      matrices[entry.name].map { (name: entry.name, matrix: $0) }
    }
    return SafeTensors(tensors: tensors, metadata: metadata)
  }

  private static func bad(_ reason: String) -> FileError { .badHeader(.safetensors, reason) }

  private static func contents(_ header: JSON) throws
    -> ([Entry], [(name: String, text: String)])
  {
    guard case .object(let fields) = header else { throw bad("no names") }
    var entries: [Entry] = []
    var metadata: [(name: String, text: String)] = []
    for field in fields {
      if field.name == metadataName {
        metadata = try texts(field.value)
      } else {
        entries.append(try entry(field))
      }
    }
    if Set(entries.map(\.name)).count < entries.count { throw bad("a name twice") }
    var end = 0
    for entry in entries.sorted(by: {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
      guard entry.range.lowerBound == end else {
        let what = entry.range.lowerBound < end ? "bytes that belong to two arrays" : "a gap"
        throw bad("\(what) before '\(entry.name.prefix(40))'")
      }
      end = entry.range.upperBound
    }
    return (entries, metadata)
  }

  private static func texts(_ value: JSON) throws -> [(name: String, text: String)] {
    guard case .object(let fields) = value else { throw bad("metadata without names") }
    return try fields.map { field in
      guard case .text(let text) = field.value else {
        throw bad("metadata '\(field.name.prefix(40))' that is no text")
      }
      return (field.name, text)
    }
  }

  private static func entry(_ field: JSON.Field) throws -> Entry {
    let name = field.name.prefix(40)
    guard case .text(let kind)? = field.value["dtype"],
      let dimensions = field.value["shape"].flatMap(counts),
      let offsets = field.value["data_offsets"].flatMap(counts), offsets.count == 2,
      offsets[0] <= offsets[1]
    else { throw bad("no type, shape or place of '\(name)'") }
    guard let type = types[kind] else {
      throw FileError.unsupported(.safetensors, "numbers of type '\(kind.prefix(40))' in '\(name)'")
    }
    let shape = try IDX.shape(dimensions, .safetensors)
    let (count, overflow) = shape.rows.multipliedReportingOverflow(by: shape.columns)
    guard !overflow, count <= Int.max / 16, count * type.bytes == offsets[1] - offsets[0] else {
      throw bad("a place of '\(name)' that does not fit its shape")
    }
    return Entry(name: field.name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// Whole numbers of at least 0.
  private static func counts(_ value: JSON) -> [Int]? {
    guard case .list(let list) = value, list.count <= 32 else { return nil }
    let numbers = list.compactMap { element -> Int? in
      guard case .number(let number) = element, number >= 0 else { return nil }
      return Int(exactly: number)
    }
    return numbers.count == list.count ? numbers : nil
  }

  // MARK: Writing

  /// Writes a file as a whole or not at all. The widest numbers come first, so that all of them are
  /// aligned.
  package func write(to path: String) throws {
    let ordered = tensors.enumerated().sorted {
      ($1.element.matrix.widthInFile, $0.offset) < ($0.element.matrix.widthInFile, $1.offset)
    }.map(\.element)
    var fields: [JSON.Field] = []
    if !metadata.isEmpty {
      fields.append(
        JSON.Field(
          Self.metadataName, .object(metadata.map { JSON.Field($0.name, .text($0.text)) })))
    }
    var end = 0
    for (name, matrix) in ordered {
      let start = end
      end += matrix.count * matrix.widthInFile
      func list(_ numbers: [Int]) -> JSON { .list(numbers.map { .number(Double($0)) }) }
      fields.append(
        JSON.Field(
          name,
          .object([
            JSON.Field("dtype", .text(matrix.typeInFile)),
            JSON.Field("shape", list([matrix.rows, matrix.columns])),
            JSON.Field("data_offsets", list([start, end])),
          ])))
    }
    var header = Array(JSON.object(fields).text.utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    let length = UInt64(header.count)
    try FileWriter.write(to: path) { file in
      try file.write((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header)
      for (_, matrix) in ordered { try file.write(elementsOf: matrix) }
    }
  }
}

extension Matrix {
  fileprivate var typeInFile: String {
    isLogical ? "BOOL" : precision == .single ? "F32" : "F64"
  }

  fileprivate var widthInFile: Int { isLogical ? 1 : precision.bytes }
}

extension FileWriter {
  /// Appends the elements of a matrix row after row, truth values as bytes.
  func write(elementsOf matrix: Matrix) throws {
    let source = matrix.rowMajor()
    if matrix.isLogical {
      try write(source.elements.map { $0 == 0 ? 0 : 1 })
    } else {
      let start = source.storage.address + source.offset * source.precision.bytes
      try withExtendedLifetime(source) {
        try write(UnsafeRawBufferPointer(start: start, count: source.byteCount))
      }
    }
  }
}
