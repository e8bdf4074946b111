/// The rows of a sparse matrix in a MatrixMarket file whose elements lie row by row, as `write` puts
/// them: a block at a time, with its zeros. Opening reads the file once, to find where rows begin;
/// memory for that is 16 bytes for up to 256 rows.
package final class MatrixMarketRows: StreamedRows {
  package let shape: Shape
  private let file: OpenFile
  private let index: RowIndex
  private let isPattern: Bool

  package var precision: Precision { .double }
  package var byteCount: Int { file.size }

  package init(path: String) throws {
    let file = try OpenFile(uncompressed: path, .mtx)
    var header: Header?
    var index: RowIndex?
    var (line, row, count) = (0, 0, 0)
    try file.forEachLine(from: 0) { bytes, place in
      line += 1
      guard var known = header else {
        header = try Header(bytes)
        return
      }
      if CSVDialect.isBlank(bytes, 0..<bytes.count) || bytes.first == UInt8(ascii: "%") { return }
      guard let shape = known.shape else {
        try known.take(bytes, line)
        header = known
        index = RowIndex(
          stripe: max(1, min(256, Matrix.blockElements / max(known.shape?.columns ?? 1, 1))),
          end: file.size)
        return
      }
      let (next, _, _) = try Self.element(bytes, shape, isPattern: known.isPattern, line)
      guard next >= row else {
        throw FileError.unsupported(
          .mtx, "elements of row \(next + 1) after those of row \(row + 1)")
      }
      row = next
      count += 1
      // Stripes without elements begin where the next one does.
      while let stripes = index?.places.count, stripes * (index?.stripe ?? 1) <= row {
        index?.append(place: place, line: line)
      }
    }
    guard let header, let shape = header.shape, var index else { throw FileError.empty }
    guard count == header.count else {
      throw FileError.badLine(line, "\(count) elements and not \(header.count)")
    }
    while index.places.count * index.stripe < shape.rows {
      index.append(place: file.size, line: line + 1)
    }
    self.file = file
    self.index = index
    self.shape = shape
    isPattern = header.isPattern
  }

  package func rows(in range: Range<Int>) throws -> Matrix {
    var result = Matrix.zeros(range.count, shape.columns)
    if range.isEmpty { return result }
    let part = index.part(range)
    let bytes = try file.bytes(part.bytes)
    try result.write(Double.self) { target in
      Result {
        try withExtendedLifetime(bytes) {
          var line = part.line
          for text in bytes.bytes.split(separator: 10, omittingEmptySubsequences: false) {
            defer { line += 1 }
            let text = UnsafeBufferPointer(rebasing: text)
            if CSVDialect.isBlank(text, 0..<text.count) || text.first == UInt8(ascii: "%") {
              continue
            }
            let (row, column, value) = try Self.element(text, shape, isPattern: isPattern, line)
            if range.contains(row) {
              target[(row - range.lowerBound) * shape.columns + column] += value
            }
          }
        }
      }
    }.get()
    return result
  }

  /// The place of an element, from 0, and its value.
  private static func element(
    _ line: UnsafeBufferPointer<UInt8>, _ shape: Shape, isPattern: Bool, _ number: Int
  ) throws -> (row: Int, column: Int, value: Double) {
    var place = 0
    func bad() -> FileError {
      let text = String(decoding: line.prefix(40), as: UTF8.self)
      return .badLine(number, "'\(text)'")
    }
    func next() throws -> Double {
      while place < line.count, line[place] == 32 || line[place] == 9 { place += 1 }
      guard let base = line.baseAddress,
        let (value, end) = NumberScanner.withPowers({
          NumberScanner.scan(base, place, line.count, $0)
        })
      else { throw bad() }
      place = end
      return value
    }
    guard let row = Int(exactly: try next()), let column = Int(exactly: try next()),
      row >= 1, row <= shape.rows, column >= 1, column <= shape.columns
    else { throw bad() }
    let value = isPattern ? 1 : try next()
    guard CSVDialect.isBlank(line, place..<line.count) else { throw bad() }
    return (row - 1, column - 1, value)
  }

  /// The first lines.
  private struct Header {
    var isPattern: Bool
    var shape: Shape?
    var count = 0

    init(_ line: UnsafeBufferPointer<UInt8>) throws {
      let words = String(decoding: line.prefix(200), as: UTF8.self).lowercased()
        .split(whereSeparator: \.isWhitespace).map(String.init)
      guard words.first == "%%matrixmarket" else { throw FileError.notOfFormat(.mtx) }
      guard words.count >= 5, words[1] == "matrix" else {
        throw FileError.badHeader(.mtx, "a first line that says nothing of a matrix")
      }
      guard words[2] == "coordinate" else {
        throw FileError.unsupported(.mtx, "columns one after the other")
      }
      guard ["real", "integer", "double", "pattern"].contains(words[3]) else {
        throw FileError.unsupported(.mtx, "numbers called '\(words[3].prefix(40))'")
      }
      guard words[4] == "general" else {
        throw FileError.unsupported(.mtx, "only one half of its elements")
      }
      isPattern = words[3] == "pattern"
    }

    /// The line with the sizes.
    mutating func take(_ line: UnsafeBufferPointer<UInt8>, _ number: Int) throws {
      let sizes = String(decoding: line.prefix(200), as: UTF8.self)
        .split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
      guard sizes.count == 3, sizes.allSatisfy({ $0 >= 0 }) else {
        throw FileError.badLine(number, "rows, columns and the number of elements are needed")
      }
      guard sizes[0] <= Matrix.largestDimension, sizes[1] <= Matrix.largestDimension else {
        throw FileError.tooLarge(rows: sizes[0], columns: sizes[1])
      }
      shape = Shape(sizes[0], sizes[1])
      count = sizes[2]
    }
  }
}
