/// Tables as text: numbers and names between commas (or semicolons, tabs, bars, spaces).
package enum CSV {
  /// What is known about a table before it is read; `nil` is found out.
  package struct Options: Sendable {
    /// The sign between two cells.
    package var delimiter: UInt8?
    /// Whether the first row holds the names of the columns.
    package var hasHeader: Bool?
    /// A cell that stands for a number that is not there, besides an empty one, `NA` and `NaN`.
    package var missing: String?
    /// What a cell that is not a number means.
    package var text: TextRule

    package init(
      delimiter: UInt8? = nil, hasHeader: Bool? = nil, missing: String? = nil,
      text: TextRule = .whereTextPrevails
    ) {
      self.delimiter = delimiter
      self.hasHeader = hasHeader
      self.missing = missing
      self.text = text
    }
  }

  /// What a cell that is not a number means.
  package enum TextRule: Sendable {
    /// A column of which most cells are not numbers holds text, and then so does every other
    /// column with such a cell. In a table of numbers a single such cell is an error.
    case whereTextPrevails
    /// It makes its column one of text.
    case allowed
    /// It is an error.
    case refused
  }

  /// What a table holds.
  package enum Contents: Sendable {
    /// Numbers alone, with the names of the columns where the file has them.
    case matrix(Matrix)
    /// Columns by name, at least one of them text.
    case columns([(name: String, column: Column)])
  }

  package enum Column: Sendable {
    /// An n×1 matrix.
    case numbers(Matrix)
    case texts([String])
  }

  /// Reads a table. Cost: two passes over the bytes, on all threads.
  package static func read(_ path: String, _ options: Options = Options()) throws -> Contents {
    try read(try FileReader(path: path).readAll(), options)
  }

  /// Reads a table that lies in memory.
  package static func parse(_ text: [UInt8], _ options: Options = Options()) throws -> Contents {
    let bytes = FileBytes(capacity: text.count)
    bytes.room.copyBytes(from: text)
    bytes.count = text.count
    return try read(bytes, options)
  }

  static func read(_ file: FileBytes, _ options: Options) throws -> Contents {
    let bytes = file.bytes
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    // UTF-16 has zeros in every second place, and pictures and archives have some early on.
    if bytes.prefix(4096).contains(0) { throw FileError.notText }
    var line = 1
    CSVDialect.skipComments(bytes, &start, &line)
    guard let dialect = CSVDialect(bytes, from: start, options), start < bytes.count else {
      throw FileError.empty
    }
    return try withExtendedLifetime(file) {
      try CSVTable(bytes, start: start, line: line, dialect, options).contents()
    }
  }

  /// Writes a matrix, below the names of its columns where it has them, so that the same numbers
  /// are read back.
  package static func write(_ matrix: Matrix, to path: String) throws {
    let delimiter = self.delimiter(for: path)
    try FileWriter.write(to: path) { file in
      if let names = matrix.columnNames {
        try file.write(names.map { quoted($0, delimiter) }.joined(separator: delimiter) + "\n")
      }
      let source = matrix.rowMajor()
      switch matrix.precision {
      case .double: try writeRows(source, delimiter, file, Double.self)
      case .single: try writeRows(source, delimiter, file, Float.self)
      }
    }
  }

  /// Writes columns of equal length below their names.
  package static func write(_ columns: [(name: String, column: Column)], to path: String) throws {
    let delimiter = self.delimiter(for: path)
    let rows = columns.first?.column.count ?? 0
    precondition(columns.allSatisfy { $0.column.count == rows })
    try FileWriter.write(to: path) { file in
      try file.write(columns.map { quoted($0.name, delimiter) }.joined(separator: delimiter) + "\n")
      for row in 0..<rows {
        let cells = columns.map { column in
          switch column.column {
          case .numbers(let numbers): NumberFormat.exact(numbers[row, 0])
          case .texts(let texts): quoted(texts[row], delimiter)
          }
        }
        try file.write(cells.joined(separator: delimiter) + "\n")
      }
    }
  }

  private static func delimiter(for path: String) -> String {
    let name = path.lowercased()
    return [".tsv", ".tab", ".tsv.gz", ".tab.gz"].contains { name.hasSuffix($0) } ? "\t" : ","
  }

  private static func writeRows<S: Scalar & LosslessStringConvertible>(
    _ matrix: Matrix, _ delimiter: String, _ file: FileWriter, _: S.Type
  ) throws {
    let separator = Array(delimiter.utf8)[0]
    var line: [UInt8] = []
    for row in 0..<matrix.rows {
      line.removeAll(keepingCapacity: true)
      matrix.rows(in: row..<row + 1).read(S.self) { numbers in
        for column in 0..<matrix.columns {
          if column > 0 { line.append(separator) }
          let number = numbers[column]
          if number == number.rounded(), number.magnitude < 1e15 {
            line += (number == 0 ? "0" : String(Int64(number))).utf8
          } else if number.isFinite {
            line += String(number).utf8
          } else {
            line += NumberFormat.short(Double(number)).utf8
          }
        }
      }
      line.append(UInt8(ascii: "\n"))
      try file.write(line)
    }
  }

  /// A cell as it must be written to be read back as the same text.
  private static func quoted(_ text: String, _ delimiter: String) -> String {
    let needsQuotes =
      text.contains(delimiter) || text.contains("\"") || text.contains(where: \.isNewline)
      || text.first == " " || text.last == " " || text.first == "#"
    if !needsQuotes { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}

extension CSV.Column {
  package var count: Int {
    switch self {
    case .numbers(let matrix): matrix.rows
    case .texts(let texts): texts.count
    }
  }
}
