import Matrices
import Vocabulary

/// Identifiers made unreadable: hidden for good, or replaced by pseudonyms.
let masking: [Builtin] = [
  Builtin(
    "mask", in: .data, "Hides what identifies: letters become *, numbers NaN.",
    Parameter<Value>("x", "a text, number, list, matrix or table"),
    Parameter<Value?>(
      positional: "columns", "of a table or matrix: which, by name or number, one or a list"),
    Parameter<Int>(
      "keep", "how many letters at the end of a text remain", default: 0, in: .atLeast(0)),
    shapes: "value → value",
    math: """
      What remains can still identify together with other columns (a birthday and a postcode \
      often suffice): masking is not anonymity.
      """,
    seeAlso: ["pseudonymize", "dp"],
    examples: [
      Example("mask(\"DE89 3704 0044\", keep=4)", prints: "\"**********0044\""),
      Example("mask([17, 5; 23, 4], 1)", prints: "NaN  5\nNaN  4"),
    ]
  ) { (x: Value, columns: Value?, keep: Int) -> Value in
    try Replacement(
      text: { text in
        let hidden = max(0, text.count - keep)
        return String(repeating: "*", count: hidden) + text.dropFirst(hidden)
      }, number: { _ in .nan }
    ).applied(to: x, columns)
  },
  Builtin(
    "pseudonymize", in: .data,
    "Replaces identifiers by pseudonyms: the same one every time, unreadable without the key.",
    Parameter<Value>("x", "a text, number, list, matrix or table"),
    Parameter<Value?>(
      positional: "columns", "of a table or matrix: which, by name or number, one or a list"),
    Parameter<String>("key", "a secret of at least 16 letters; keep it apart from the data"),
    shapes: "value → value",
    math: """
      HMAC-SHA-256 (FIPS 198-1) under the key: the first 64 bits in hexadecimal for a text, 49 as a \
      whole number for a number. Whoever has the key can find the pseudonym of a name that they \
      guess, and what else a row says may still identify: pseudonymous is not anonymous (GDPR, \
      article 4(5)). Forgetting the key makes it harder, not impossible.
      """,
    seeAlso: ["mask", "dp"],
    examples: [
      Example(
        "pseudonymize(\"Ada\", key=\"correct horse battery\") == pseudonymize(\"Ada\", key=\"correct horse battery\")",
        prints: "true"),
      Example(
        "R = pseudonymize([17, 5; 23, 4; 17, 3], 1, key=\"correct horse battery\")\nR[1, 1] == R[3, 1] && R[1, 1] != R[2, 1]",
        prints: "true"),
    ]
  ) { (x: Value, columns: Value?, key: String) -> Value in
    guard key.count >= 16 else {
      throw Problem(
        .value, "a key has at least 16 letters: shorter ones can be guessed", at: "key",
        label: "a text of \(key.count)", help: "keep one outside the program: key=env(\"KEY\")")
    }
    let hash = KeyedHash(key: Array(key.utf8))
    return try Replacement(
      text: { hash.code(of: $0.utf8).prefix(8).map(hexadecimal).joined() },
      number: { number in
        if number.isNaN { return number }
        let code = hash.code(of: NumberFormat.short(number).utf8)
        return Double(code.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) } >> 15)
      }
    ).applied(to: x, columns)
  },
]

private func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0" : "") + String(byte, radix: 16)
}

/// What takes the place of texts and of numbers, in values of every form.
private struct Replacement {
  var text: (String) -> String
  var number: (Double) -> Double

  func applied(to value: Value, _ columns: Value?) throws -> Value {
    switch value {
    case .record(let table): return .record(try applied(to: table, columns))
    case .matrix(let matrix):
      let names = matrix.columnNames
      let wanted = try columns.map { try places($0, of: names, count: matrix.columns) }
      var result = try replaced(matrix, in: wanted ?? Array(0..<matrix.columns))
      result.columnNames = names
      return .matrix(result)
    default:
      if columns != nil {
        throw Problem(
          .type, "only a table or a matrix has columns", at: "columns", label: value.label)
      }
      return try cell(value)
    }
  }

  /// A cell, or a list of them.
  private func cell(_ value: Value) throws -> Value {
    switch value {
    case .text(let old): return .text(text(old))
    case .number(let old): return .number(number(old))
    case .list(let values):
      return .list(
        try values.enumerated().map { place, value in
          if place % 1024 == 0 { try Interrupt.check() }
          return try cell(value)
        })
    case .matrix(let matrix): return .matrix(try replaced(matrix, in: Array(0..<matrix.columns)))
    case .nothing: return .nothing
    case .range, .boolean, .record, .function, .object:
      throw Problem(
        .type, "'x' needs a text, number, list, matrix or table", at: "x", label: value.label)
    }
  }

  private func replaced(_ matrix: Matrix, in columns: [Int]) throws -> Matrix {
    // 49 bits need numbers of 64.
    var result = matrix.converted(to: .double)
    for row in 0..<result.rows {
      if row % 1024 == 0 { try Interrupt.check() }
      for column in columns { result[row, column] = number(matrix[row, column]) }
    }
    return result
  }

  private func applied(to table: Record, _ columns: Value?) throws -> Record {
    guard let columns else {
      throw Problem(
        .type, "'columns' says which columns of the table: their names", at: "columns",
        help: table.keys.first.map { "such as \"\($0)\"" })
    }
    var result = table
    for place in try places(columns, of: table.keys, count: table.count) {
      result[table.keys[place]] = try cell(table.values[place])
    }
    return result
  }

  /// The columns that are meant, counted from 0.
  private func places(_ columns: Value, of names: [String]?, count: Int) throws -> [Int] {
    let wanted: [Value]
    switch columns {
    case .list(let list): wanted = list
    case .range(let range) where range.count <= count:
      wanted = (0..<range.count).map { .number(range[$0]) }
    case .matrix(let matrix) where matrix.shape.isVector:
      wanted = matrix.elements.map { .number($0) }
    default: wanted = [columns]
    }
    return try wanted.map { column in
      if case .text(let name) = column {
        if let place = names?.firstIndex(of: name) { return place }
        let nearest = Spelling.nearest(name, among: names ?? [])
        throw Problem(
          .value, "there is no column \"\(name)\"", at: "columns",
          label: (names ?? []).isEmpty
            ? "columns without names" : "columns \((names ?? []).joined(separator: ", "))",
          help: nearest.map { "did you mean \"\($0)\"?" })
      }
      if let number = Int.from(column), number >= 1 && number <= count { return number - 1 }
      throw Problem(
        .value, "a column is a name or a number from 1 to \(count)", at: "columns",
        label: column.label)
    }
  }
}
