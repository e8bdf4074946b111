/// The rows of a table of numbers, read a block at a time where they are needed. Opening reads the
/// file once, to find where rows begin; memory for that is 16 bytes for up to 256 rows.
package final class CSVRows: StreamedRows {
  package let shape: Shape
  private let file: OpenFile
  private let delimiter: UInt8
  private let index: RowIndex

  package var precision: Precision { .double }
  package var byteCount: Int { file.size }

  package init(path: String) throws {
    let file = try OpenFile(uncompressed: path, .csv)
    let head = try file.bytes(0..<min(file.size, 1 << 20))
    let (dialect, start, firstLine) = try withExtendedLifetime(head) {
      let bytes = head.bytes
      if bytes.prefix(4096).contains(0) { throw FileError.notText }
      var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      var line = 1
      CSVDialect.skipComments(bytes, &start, &line)
      guard let dialect = CSVDialect(bytes, from: start, CSV.Options()) else {
        throw FileError.empty
      }
      if dialect.hasHeader {
        start = (bytes[start...].firstIndex(of: 10) ?? bytes.count - 1) + 1
        line += 1
      }
      return (dialect, start, line)
    }
    var index: RowIndex?
    var (rows, columns, line) = (0, 0, firstLine)
    try file.forEachLine(from: start) { bytes, place in
      defer { line += 1 }
      if bytes.contains(UInt8(ascii: "\"")) {
        throw FileError.unsupported(.csv, "cells in quotes in line \(line)")
      }
      if CSVDialect.isBlank(bytes, 0..<bytes.count) { return }
      if index == nil {
        columns = try Self.matrix(Array(bytes), delimiter: dialect.delimiter, line: line).columns
        let stripe = max(1, min(256, Matrix.blockElements / columns))
        index = RowIndex(stripe: stripe, end: file.size)
      }
      if rows % (index?.stripe ?? 1) == 0 { index?.append(place: place, line: line) }
      rows += 1
    }
    guard let index else { throw FileError.empty }
    self.file = file
    self.index = index
    delimiter = dialect.delimiter
    shape = Shape(rows, columns)
  }

  package func rows(in range: Range<Int>) throws -> Matrix {
    if range.isEmpty { return .zeros(0, shape.columns) }
    let part = index.part(range)
    let bytes = try file.bytes(part.bytes)
    let text = withExtendedLifetime(bytes) { Array(bytes.bytes) }
    let found = try Self.matrix(text, delimiter: delimiter, line: part.line)
    guard found.columns == shape.columns, found.rows >= range.upperBound - part.first else {
      throw FileError.badLine(part.line, "rows that were not there when the file was opened")
    }
    return found.rows(in: range.lowerBound - part.first..<range.upperBound - part.first)
  }

  /// Lines of numbers, of which the first has a number in the file.
  private static func matrix(_ text: [UInt8], delimiter: UInt8, line: Int) throws -> Matrix {
    let options = CSV.Options(delimiter: delimiter, hasHeader: false, text: .refused)
    do {
      guard case .matrix(let matrix) = try CSV.parse(text, options) else {
        throw FileError.unsupported(.csv, "columns of text")
      }
      return matrix
    } catch FileError.ragged(let own, let found, let expected) {
      throw FileError.ragged(line: own + line - 1, found: found, expected: expected)
    } catch FileError.unreadableNumber(let cell, let own, let column) {
      throw FileError.unreadableNumber(cell, line: own + line - 1, column: column)
    }
  }
}
