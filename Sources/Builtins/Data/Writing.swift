import Matrices
import Vocabulary

extension StandardLibrary {
  static let writing = Builtin(
    "write", in: .data, "Writes a matrix, a record of columns or a text to a file.",
    Parameter<Value>("x", "what to write"),
    Parameter<Value>("path", "the file: .csv, .tsv, .npy or .mtx, a text to any; .gz compresses"),
    shapes: "value, value → value",
    math:
      "The file is written beside its place and then renamed: it is there as a whole or not at all. Numbers are written so that the same ones are read back.",
    seeAlso: ["read"],
    examples: [
      Example(
        "path = \"/tmp/mfs-example-write.npy\"; [1, 2; 3, 4] |> write(path)\nread(path)",
        prints: "1  2\n3  4"),
      Example(
        "path = \"/tmp/mfs-example-write.csv\"; write({name = {\"a\", \"b\"}, n = [1; 2]}, path)\nread(path).name",
        prints: "{\"a\", \"b\"}"),
    ],
    using: { context, x, path -> Value in
      let full = try target(path, context, "write(x, \"f.csv\")", x)
      try writeFile(x, to: full)
      return .nothing
    })

  /// The file that the second argument of `write` or `save` names.
  static func target(_ path: Value, _ context: Context, _ call: String, _ x: Value) throws
    -> String
  {
    guard case .text(let path) = path else {
      let isSwapped = if case .text = x { true } else { false }
      throw Problem(
        .type, "'path' needs a text", at: "path", label: path.label,
        help: isSwapped ? "the file comes second: \(call)" : nil)
    }
    return try Paths.resolve(path, context)
  }

  /// Writes a value into the kind of file that the name says.
  static func writeFile(_ x: Value, to path: String) throws {
    do { try write(x, to: path) } catch let error as FileError { throw Problem(error, path: path) }
  }

  private static func write(_ value: Value, to path: String) throws {
    if FileFormat(path: path) == .safetensors {
      return try Archive.file(of: value, at: "x").write(to: path)
    }
    if case .text(let text) = value { return try TextFile.write(text, to: path) }
    if case .record(let record) = value { return try write(record, to: path) }
    if let matrix = value.sparse { return try write(matrix, to: path) }
    if case .object(let object) = value, object is any Storable {
      throw Problem(
        .file, "a \(object.kind) is kept in a .safetensors file", at: "path",
        label: "the text \"\(path)\"")
    }
    guard let matrix = Matrix.from(value) else {
      throw Problem(
        .type, "'x' needs a matrix, a record of columns or a text", at: "x", label: value.label)
    }
    switch FileFormat(path: path) {
    case .npy: try NPY.write(matrix, to: path)
    case .mtx: try MatrixMarket.write(matrix, to: path)
    case .csv: try CSV.write(matrix, to: path)
    case .idx, .text, .safetensors, nil:
      // `/dev/stdout` has no ending.
      guard path.hasPrefix("/dev/") else {
        throw Problem(
          .file, "a matrix is written to a .csv, .tsv, .npy or .mtx file", at: "path",
          label: "the text \"\(path)\"")
      }
      try CSV.write(matrix, to: path)
    }
  }

  /// Stored elements: as MatrixMarket, or as a table of triplets that `sparse` takes.
  private static func write(_ matrix: SparseMatrix, to path: String) throws {
    switch FileFormat(path: path) {
    case .mtx: try MatrixMarket.write(matrix, to: path)
    case .csv:
      let (rows, columns, values) = matrix.triplets
      let column = { (numbers: [Double]) in CSV.Column.numbers(Matrix(column: numbers)) }
      try CSV.write(
        [
          ("row", column(rows.map { Double($0) + 1 })),
          ("column", column(columns.map { Double($0) + 1 })), ("value", column(values)),
        ], to: path)
    case .npy, .idx, .text, .safetensors, nil:
      throw Problem(
        .file, "a sparse matrix is written to a .mtx file, or as triplets to a .csv or .tsv file",
        at: "path", label: "the text \"\(path)\"", help: Problem.full(of: matrix))
    }
  }

  private static func write(_ record: Record, to path: String) throws {
    guard FileFormat(path: path) == .csv else {
      throw Problem(
        .file, "a record of columns is written to a .csv or .tsv file", at: "path",
        label: "the text \"\(path)\"")
    }
    var columns: [(name: String, column: CSV.Column)] = []
    for (name, value) in zip(record.keys, record.values) {
      guard let column = column(value) else {
        throw Problem(
          .type, "the field '\(name)' needs a vector of numbers or a list of texts", at: "x",
          label: value.label)
      }
      if let first = columns.first, first.column.count != column.count {
        throw Problem(
          .shape,
          "all columns need the same length: '\(first.name)' has \(first.column.count), '\(name)' has \(column.count)",
          at: "x", label: Value.record(record).label)
      }
      columns.append((name, column))
    }
    guard !columns.isEmpty else {
      throw Problem(.value, "the record has no columns", at: "x", label: "empty record")
    }
    try CSV.write(columns, to: path)
  }

  private static func column(_ value: Value) -> CSV.Column? {
    switch value {
    case .list(let list):
      if list.contains(where: { if case .text = $0 { true } else { false } }) {
        return .texts(list.map(\.printed))
      }
      let numbers = list.compactMap { Double.from($0) }
      return numbers.count == list.count ? .numbers(Matrix(column: numbers)) : nil
    case .text(let text): return .texts([text])
    case .matrix, .number, .boolean, .range:
      guard let matrix = Matrix.from(value), matrix.shape.isVector else { return nil }
      return .numbers(matrix.reshaped(matrix.count, 1))
    case .nothing, .record, .function, .object: return nil
    }
  }
}
