import Matrices

/// Any value as a safetensors file: its matrices are arrays of the file under names that say where
/// they belong, the rest lies as JSON in the metadata, under the name `mfs`.
///
///     {"version": 1, "value": value}
///     value = null | true | number | text | [value, …] | {"record": {name: value, …}}
///           | {"tensor": name, "names": [text, …]}    a matrix, and the names of its columns
///           | {"number": "NaN"} | {"range": [first, step, count]} | {"function": name}
///           | {"object": kind, "parts": {name: value, …}}
package enum Archive {
  static let version = 1
  static let metadataName = "mfs"

  /// The file of a value; throws for what cannot be kept.
  package static func file(of value: Value, at parameter: String) throws -> SafeTensors {
    var writer = ArchiveWriter(parameter: parameter)
    let body = try writer.written(value, at: "")
    let text = JSON.object([
      JSON.Field("version", .number(Double(version))), JSON.Field("value", body),
    ]).text
    return SafeTensors(tensors: writer.tensors, metadata: [(metadataName, text)])
  }

  /// The value of a file, whose objects are of these kinds. One that another program has written is a
  /// record of its matrices.
  package static func value(
    of file: SafeTensors, kinds: [any Storable.Type], library: Library, _ context: Context
  ) throws -> Value {
    guard let text = file.metadata.first(where: { $0.name == metadataName })?.text else {
      return .record(Record(file.tensors.map { ($0.name, .matrix($0.matrix)) }))
    }
    let whole: JSON
    do { whole = try JSON.parse(Array(text.utf8)) } catch {
      throw Parts.damage("its description has \(error.reason)")
    }
    guard case .number(let found)? = whole["version"], let body = whole["value"] else {
      throw Parts.damage("its description has no version")
    }
    guard found <= Double(version) else {
      throw Problem(
        .file,
        "a newer mfs wrote this file, in version \(NumberFormat.short(found)) of the format; this "
          + "one reads up to \(version)")
    }
    let matrices = Dictionary(file.tensors.map { ($0.name, $0.matrix) }) { first, _ in first }
    return try ArchiveReader(
      matrices: matrices, kinds: kinds, library: library, context: context
    ).value(body)
  }
}

/// Turns values into JSON, and puts their matrices aside.
private struct ArchiveWriter {
  let parameter: String
  private(set) var tensors: [(name: String, matrix: Matrix)] = []
  private var names: Set<String> = []

  init(parameter: String) { self.parameter = parameter }

  private static let deepest = 60

  mutating func written(_ value: Value, at path: String, depth: Int = 0) throws -> JSON {
    try Interrupt.check()
    guard depth < Self.deepest else {
      throw refusal("values within each other, more than \(Self.deepest) deep", value)
    }
    switch value {
    case .nothing: return .null
    case .boolean(let truth): return .boolean(truth)
    case .number(let number):
      return number.isFinite ? .number(number) : tagged("number", .text("\(number)"))
    case .text(let text): return .text(text)
    case .matrix(let matrix): return write(matrix, at: path)
    case .range(let range):
      return tagged(
        "range", .list([range.start, range.step, Double(range.count)].map(JSON.number)))
    case .list(let list):
      return .list(
        try list.enumerated().map {
          try written($1, at: within(path, "\($0 + 1)"), depth: depth + 1)
        })
    case .record(let record): return tagged("record", try fields(record, at: path, depth))
    case .function(let function):
      guard function is Builtin else {
        throw refusal("a function of a program", value)
      }
      return tagged("function", .text(function.signature.name))
    case .object(let object):
      guard let storable = object as? any Storable else {
        throw refusal("'\(object.kind)'", value)
      }
      return .object([
        JSON.Field("object", .text(type(of: storable).storedKind)),
        JSON.Field("parts", try fields(try storable.stored, at: path, depth)),
      ])
    }
  }

  private func within(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  private func tagged(_ name: String, _ value: JSON) -> JSON { .object([JSON.Field(name, value)]) }

  private mutating func fields(_ record: Record, at path: String, _ depth: Int) throws -> JSON {
    .object(
      try zip(record.keys, record.values).map { key, value in
        JSON.Field(key, try written(value, at: within(path, key), depth: depth + 1))
      })
  }

  private mutating func write(_ matrix: Matrix, at path: String) -> JSON {
    let wanted = path.isEmpty ? "X" : path
    var name = wanted
    var count = 1
    while name == "__metadata__" || !names.insert(name).inserted {
      count += 1
      name = "\(wanted)#\(count)"
    }
    tensors.append((name, matrix))
    var fields = [JSON.Field("tensor", .text(name))]
    if let names = matrix.columnNames {
      fields.append(JSON.Field("names", .list(names.map(JSON.text))))
    }
    return .object(fields)
  }

  private func refusal(_ what: String, _ value: Value) -> Problem {
    Problem(
      .type, "a file cannot keep \(what)", at: parameter, label: value.label,
      help: "it keeps networks, models, matrices, numbers, texts, lists and records")
  }
}

/// Turns JSON back into values.
private struct ArchiveReader {
  let matrices: [String: Matrix]
  let kinds: [any Storable.Type]
  let library: Library
  let context: Context

  func value(_ json: JSON) throws -> Value {
    switch json {
    case .null: return .nothing
    case .boolean(let truth): return .boolean(truth)
    case .number(let number): return .number(number)
    case .text(let text): return .text(text)
    case .list(let list): return .list(try list.map(value))
    case .object(let fields):
      guard let first = fields.first, let read = Self.tags[first.name] else {
        throw Parts.damage("a value of an unknown kind")
      }
      return try read(self, first.value, json)
    }
  }

  private func record(_ json: JSON?) throws -> Record {
    guard case .object(let fields)? = json else { throw Parts.damage("a record without fields") }
    return Record(try fields.map { ($0.name, try value($0.value)) })
  }

  private typealias Reading = @Sendable (ArchiveReader, JSON, JSON) throws -> Value

  /// How an object of JSON is read, by the name of its first field.
  private static let tags: [String: Reading] = [
    "record": { reader, content, _ in .record(try reader.record(content)) },
    "number": { _, content, _ in
      guard case .text(let word) = content, let number = Double(word) else {
        throw Parts.damage("a number that is none")
      }
      return .number(number)
    },
    "range": { _, content, _ in
      guard case .list(let list) = content, case .number(let start)? = list.first,
        list.count == 3, case .number(let step) = list[1], case .number(let count) = list[2],
        step != 0, count >= 0
      else { throw Parts.damage("a range that is none") }
      return .range(NumberRange(from: start, to: start + (count - 1) * step, by: step))
    },
    "tensor": { reader, content, whole in
      guard case .text(let name) = content, var matrix = reader.matrices[name] else {
        throw Parts.damage("an array that is described is missing")
      }
      if case .list(let names)? = whole["names"] {
        matrix.columnNames = names.compactMap { if case .text(let name) = $0 { name } else { nil } }
      }
      return .matrix(matrix)
    },
    "function": { reader, content, _ in
      guard case .text(let name) = content, let builtin = reader.library[name] else {
        throw Parts.damage("a function that is not known here")
      }
      return .function(builtin)
    },
    "object": { reader, content, whole in
      guard case .text(let name) = content else { throw Parts.damage("an object without kind") }
      guard let kind = reader.kinds.first(where: { $0.storedKind == name }) else {
        throw Parts.damage("an object of the unknown kind '\(name.prefix(40))'")
      }
      let parts = Parts(try reader.record(whole["parts"]), library: reader.library)
      return .object(try kind.restored(from: parts, reader.context))
    },
  ]
}
