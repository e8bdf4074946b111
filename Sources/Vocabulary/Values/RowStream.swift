import Matrices

/// The rows of a file that stay there: what `stream` returns, for builtins that need a block of rows
/// at a time.
package final class RowStream: Object, RowBlocks {
  private let source: any StreamedRows
  /// The name by which the user knows the file.
  package let path: String

  package init(_ source: any StreamedRows, path: String) {
    self.source = source
    self.path = path
  }

  package var shape: Shape { source.shape }
  package var precision: Precision { source.precision }

  package func forEachBlock(of count: Int, _ body: (Range<Int>, Matrix) throws -> Void) throws {
    do { try source.forEachBlock(of: count, body) } catch let error as FileError {
      throw problem(error)
    }
  }

  /// The first rows, to look at.
  private func head() throws -> Matrix { try source.rows(in: 0..<min(6, shape.rows)) }

  private func problem(_ error: FileError) -> Problem {
    if case .truncated(let expected, let found) = error {
      return Problem(
        .file,
        "\"\(path)\" was cut short while it was read: it ends after \(found) bytes of \(expected)")
    }
    switch error {
    case .ragged, .unreadableNumber, .badLine:
      return Problem(.file, Problem(error, path: path).message)
    default: return Problem(.file, "\"\(path)\" can no longer be read")
    }
  }

  package var kind: String { "stream" }
  package var fieldNames: [String] { ["rows", "columns", "head", "path"] }

  package func field(_ name: String) -> Value? {
    switch name {
    case "rows": .number(Double(shape.rows))
    case "columns": .number(Double(shape.columns))
    case "head": (try? head()).map { .matrix($0) }
    case "path": .text(path)
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let size = Double(source.byteCount) / Double(1 << 20)
    return [
      "stream of \(shape.rows) rows of \(shape.columns) numbers, \(precision)",
      "  \"\(path)\", \(NumberFormat.short(size, digits: 3)) MiB, read "
        + "\(min(blockRows, shape.rows)) rows at a time",
    ].map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }

  package var label: String { "\(shape) stream" }
}

extension RowStream: Returnable {
  package var value: Value { .object(self) }
}
