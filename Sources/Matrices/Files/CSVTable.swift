import Glibc

/// One table in memory, and how it becomes numbers: the bytes are cut into pieces at line ends, a
/// first pass counts rows, a second one reads every cell as a number into its place. Columns in
/// which that fails are gone through again as text.
struct CSVTable {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let dialect: CSVDialect
  private let options: CSV.Options
  private var names: [String]?
  private var columns = 0
  private var rows = 0
  private var pieces: [Piece] = []

  /// Some whole lines.
  private struct Piece {
    var range: Range<Int>
    var lines = 0
    var rows = 0
    var firstLine = 0
    var firstRow = 0
  }

  /// What a piece found that is no number, or not where it should be.
  private struct Findings {
    var ragged: (line: Int, found: Int)?
    /// For every column: how many cells are missing, how many are text, and the first of those.
    var missing: [Int]
    var texts: [Int]
    var firstText: [(line: Int, cell: Range<Int>)?]
    var openQuote: Int?

    init(columns: Int) {
      missing = [Int](repeating: 0, count: columns)
      texts = missing
      firstText = [(line: Int, cell: Range<Int>)?](repeating: nil, count: columns)
    }
  }

  /// Finds names, columns and rows.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, start: Int, line: Int, _ dialect: CSVDialect,
    _ options: CSV.Options
  ) throws {
    self.bytes = bytes
    self.dialect = dialect
    self.options = options
    var (start, line) = (start, line)
    skipBlankLines(&start, &line)
    let (firstStart, firstLine) = (start, line)
    guard let first = nextRow(&start, &line) else { throw FileError.empty }
    columns = dialect.cellRanges(bytes, first).count
    if dialect.hasHeader {
      var names = dialect.cells(bytes, first)
      var (probe, probeLine) = (start, line)
      if let second = nextRow(&probe, &probeLine) {
        // R leaves the column of row names without one.
        if dialect.cellRanges(bytes, second).count == names.count + 1 { names.insert("row", at: 0) }
      }
      columns = names.count
      self.names = names
    } else {
      (start, line) = (firstStart, firstLine)
    }
    try cut(from: start, line: line)
  }

  private func skipBlankLines(_ start: inout Int, _ line: inout Int) {
    while start < bytes.count {
      let range = CSVDialect.lineRange(bytes, start, nil)
      if !CSVDialect.isBlank(bytes, range) { return }
      start = range.upperBound + 1
      line += 1
    }
  }

  /// The next line with something in it; moves behind it.
  private func nextRow(_ start: inout Int, _ line: inout Int) -> Range<Int>? {
    while start < bytes.count {
      let range = CSVDialect.lineRange(bytes, start, dialect.quotes)
      start = range.upperBound + 1
      line += 1 + (dialect.hasQuotes ? bytes[range].count(where: { $0 == 10 }) : 0)
      if !CSVDialect.isBlank(bytes, range) { return range }
    }
    return nil
  }

  /// Cuts the rest of the bytes into pieces of about 1 MiB and counts their lines and rows.
  private mutating func cut(from start: Int, line: Int) throws {
    let size = 1 << 20
    var place = start
    while place < bytes.count {
      var end = min(place + size, bytes.count)
      if dialect.hasQuotes {
        end = wholeLines(from: place, atLeast: end)
      } else if end < bytes.count {
        end = (bytes[end...].firstIndex(of: 10) ?? bytes.count - 1) + 1
      }
      pieces.append(Piece(range: place..<end))
      place = end
    }
    var counted = pieces
    let count = pieces.count
    counted.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let pieces = buffer
      ThreadPool.shared.run(count) { index in
        if Interrupt.isRequested { return }
        var place = pieces[index].range.lowerBound
        while place < pieces[index].range.upperBound {
          let range = lineRange(from: place, before: pieces[index].range.upperBound)
          pieces[index].lines += 1
          if dialect.hasQuotes { pieces[index].lines += bytes[range].count(where: { $0 == 10 }) }
          if !CSVDialect.isBlank(bytes, range) { pieces[index].rows += 1 }
          place = range.upperBound + 1
        }
      }
    }
    try Interrupt.check()
    pieces = counted
    var nextLine = line
    for index in pieces.indices {
      pieces[index].firstLine = nextLine
      pieces[index].firstRow = rows
      nextLine += pieces[index].lines
      rows += pieces[index].rows
    }
  }

  /// Where the line that holds `atLeast - 1` ends, quotes followed from `place`.
  private func wholeLines(from place: Int, atLeast: Int) -> Int {
    var quotes = QuoteTracker(delimiter: dialect.delimiter)
    var end = place
    while end < bytes.count {
      quotes.step(bytes[end])
      end += 1
      if end >= atLeast && bytes[end - 1] == 10 && !quotes.isInside { break }
    }
    return end
  }

  /// The line that begins at `start`.
  @inline(__always)
  private func lineRange(from start: Int, before end: Int) -> Range<Int> {
    if dialect.hasQuotes { return CSVDialect.lineRange(bytes, start, dialect.quotes) }
    guard let base = bytes.baseAddress, let found = memchr(base + start, 10, end - start) else {
      return start..<end
    }
    return start..<UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  // MARK: Numbers

  /// The table as numbers where it can be, else as columns.
  func contents() throws -> CSV.Contents {
    let shape = Shape(rows, columns)
    guard Matrix.canAllocate(shape) else {
      throw FileError.tooLarge(rows: rows, columns: columns)
    }
    var matrix = Matrix(uninitialized: shape, .double)
    var findings = [Findings](repeating: Findings(columns: columns), count: pieces.count)
    matrix.write(Double.self) { target in
      findings.withUnsafeMutableBufferPointer { findings in
        nonisolated(unsafe) let (findings, target) = (findings, target)
        ThreadPool.shared.run(pieces.count) { index in
          if Interrupt.isRequested { return }
          read(pieces[index], into: target, &findings[index])
        }
      }
    }
    try Interrupt.check()
    for finding in findings {
      if let line = finding.openQuote { throw FileError.openQuote(line: line) }
      if let ragged = finding.ragged {
        throw FileError.ragged(line: ragged.line, found: ragged.found, expected: columns)
      }
    }
    let texts = (0..<columns).map { column in findings.reduce(0) { $0 + $1.texts[column] } }
    let missing = (0..<columns).map { column in findings.reduce(0) { $0 + $1.missing[column] } }
    if texts.allSatisfy({ $0 == 0 }) { return .matrix(named(withoutEmptyEnd(matrix, missing))) }
    let prevails = (0..<columns).contains { 2 * texts[$0] >= max(rows - missing[$0], 1) }
    if options.text == .refused || options.text == .whereTextPrevails && !prevails {
      throw firstText(findings)
    }
    return .columns(asColumns(matrix, texts, missing))
  }

  private func firstText(_ findings: [Findings]) -> FileError {
    for finding in findings {
      let first = finding.firstText.enumerated().compactMap { column, found in
        found.map { (line: $0.line, column: column, cell: $0.cell) }
      }.min { ($0.line, $0.column) < ($1.line, $1.column) }
      if let first {
        let text = CSVDialect.text(bytes, first.cell).truncated(toWidth: 40)
        return .unreadableNumber(text, line: first.line, column: first.column + 1)
      }
    }
    return .notText
  }

  /// Lines that end in a delimiter have an empty cell behind it, which is no column.
  private func withoutEmptyEnd(_ matrix: Matrix, _ missing: [Int]) -> Matrix {
    guard columns > 1, rows > 0, missing[columns - 1] == rows, names?.last ?? "" == "" else {
      return matrix
    }
    return matrix.selecting(columns: Array(0..<columns - 1))
  }

  private func named(_ matrix: Matrix) -> Matrix {
    guard let names else { return matrix }
    var named = matrix
    named.columnNames = Array(names.prefix(matrix.columns))
    return named
  }

  private func read(
    _ piece: Piece, into target: UnsafeMutablePointer<Double>, _ findings: inout Findings
  ) {
    guard let base = bytes.baseAddress else { return }
    NumberScanner.withPowers { powers in
      var (place, line, row) = (piece.range.lowerBound, piece.firstLine, piece.firstRow)
      while place < piece.range.upperBound {
        let range = lineRange(from: place, before: piece.range.upperBound)
        if !CSVDialect.isBlank(bytes, range) {
          let out = target + row * columns
          let count = readRow(base, range, into: out, powers, line, &findings)
          if count != columns {
            if findings.ragged == nil { findings.ragged = (line, count) }
            return
          }
          row += 1
        }
        line += 1 + (dialect.hasQuotes ? bytes[range].count(where: { $0 == 10 }) : 0)
        place = range.upperBound + 1
      }
    }
  }

  /// Reads the cells of a line; returns how many there are. Cells that are no numbers become NaN.
  @inline(__always)
  private func readRow(
    _ base: UnsafePointer<UInt8>, _ line: Range<Int>, into target: UnsafeMutablePointer<Double>,
    _ powers: UnsafePointer<Double>, _ number: Int, _ findings: inout Findings
  ) -> Int {
    let delimiter = dialect.delimiter
    var end = line.upperBound
    while end > line.lowerBound, base[end - 1] == 13 || base[end - 1] == 32 { end -= 1 }
    var place = line.lowerBound
    var column = 0
    while true {
      while place < end, base[place] == 32 || base[place] == 9 && delimiter != 9 { place += 1 }
      let start = place
      if let (value, next) = NumberScanner.scan(base, place, end, powers) {
        place = next
        while place < end, base[place] == 32 && delimiter != 32 { place += 1 }
        if place == end || base[place] == delimiter {
          if column < columns {
            target[column] = value
            // `nan` is read as a number; it is none.
            if value.isNaN { findings.missing[column] += 1 }
          }
          column += 1
          if place == end { return column }
          place += 1
          continue
        }
      }
      // Not a bare number: find the end of the cell, then see what it is.
      place = start
      var quotes = QuoteTracker(delimiter: delimiter)
      while place < end {
        if dialect.hasQuotes { quotes.step(base[place]) }
        if base[place] == delimiter && !quotes.isInside { break }
        place += 1
      }
      if quotes.isInside && findings.openQuote == nil { findings.openQuote = number }
      if column < columns {
        readOddCell(base, start..<place, column, into: target, powers, number, &findings)
      }
      column += 1
      if place == end { return column }
      place += 1
    }
  }

  /// A cell that is empty, missing, a quoted number or text.
  private func readOddCell(
    _ base: UnsafePointer<UInt8>, _ range: Range<Int>, _ column: Int,
    into target: UnsafeMutablePointer<Double>, _ powers: UnsafePointer<Double>, _ line: Int,
    _ findings: inout Findings
  ) {
    let cell = CSVDialect.trimmed(bytes, range)
    var inside = cell
    if inside.count >= 2, base[inside.lowerBound] == 34, base[inside.upperBound - 1] == 34 {
      inside = CSVDialect.trimmed(bytes, inside.lowerBound + 1..<inside.upperBound - 1)
    }
    target[column] = .nan
    if dialect.isMissing(bytes, inside) {
      findings.missing[column] += 1
      return
    }
    if let (value, end) = NumberScanner.scan(base, inside.lowerBound, inside.upperBound, powers),
      end == inside.upperBound
    {
      target[column] = value
      return
    }
    findings.texts[column] += 1
    if findings.firstText[column] == nil { findings.firstText[column] = (line, cell) }
  }

  // MARK: Text

  /// Columns by name; those with text are read again.
  private func asColumns(_ matrix: Matrix, _ texts: [Int], _ missing: [Int])
    -> [(name: String, column: CSV.Column)]
  {
    let wanted = (0..<columns).filter { texts[$0] > 0 }
    var found = wanted.map { _ in [String]() }
    for place in found.indices { found[place].reserveCapacity(rows) }
    for piece in pieces {
      var place = piece.range.lowerBound
      while place < piece.range.upperBound {
        let range = lineRange(from: place, before: piece.range.upperBound)
        place = range.upperBound + 1
        if CSVDialect.isBlank(bytes, range) { continue }
        let cells = dialect.cellRanges(bytes, range)
        for (index, column) in wanted.enumerated() {
          found[index].append(column < cells.count ? CSVDialect.text(bytes, cells[column]) : "")
        }
      }
    }
    let isEmptyEnd =
      columns > 1 && rows > 0 && missing[columns - 1] == rows && names?.last ?? "" == ""
    let names = uniqueNames()
    return (0..<(isEmptyEnd ? columns - 1 : columns)).map { column in
      if let index = wanted.firstIndex(of: column) { return (names[column], .texts(found[index])) }
      return (names[column], .numbers(matrix.selecting(columns: [column])))
    }
  }

  /// The names of the columns, `c3` for one without, `x_2` for the second of one name.
  private func uniqueNames() -> [String] {
    var seen: Set<String> = []
    return (0..<columns).map { column in
      let given = names?[column] ?? ""
      let plain = given.isEmpty ? "c\(column + 1)" : given
      var name = plain
      var repetition = 2
      while !seen.insert(name).inserted {
        name = "\(plain)_\(repetition)"
        repetition += 1
      }
      return name
    }
  }
}
