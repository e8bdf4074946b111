/// How one table is written: the sign between cells, and whether names stand on top.
struct CSVDialect {
  var delimiter: UInt8
  /// Whether several delimiters in a row are one: true for spaces.
  var collapses: Bool { delimiter == UInt8(ascii: " ") }
  /// Whether cells may stand in quotes.
  var hasQuotes: Bool
  var hasHeader: Bool
  /// How quotes are followed, where there are any.
  var quotes: QuoteTracker? { hasQuotes ? QuoteTracker(delimiter: delimiter) : nil }
  private let missing: [[UInt8]]

  private static let usualMissing = ["NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"]
  private static let candidates: [UInt8] = Array("\t;,|".utf8)

  /// Finds out what the options leave open from the first lines; `nil` when there is none.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ options: CSV.Options) {
    hasQuotes = bytes.contains(UInt8(ascii: "\""))
    delimiter = options.delimiter ?? 0
    hasHeader = false
    missing = (Self.usualMissing + (options.missing.map { [$0] } ?? [])).map { Array($0.utf8) }
    if options.delimiter == nil {
      guard let found = Self.delimiter(of: bytes, from: start, hasQuotes) else { return nil }
      delimiter = found
    }
    hasHeader = options.hasHeader ?? startsWithNames(bytes, from: start)
  }

  /// Moves past lines that begin with `#` before the first row.
  static func skipComments(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: inout Int, _ line: inout Int
  ) {
    while start < bytes.count, bytes[start] == UInt8(ascii: "#") {
      start = (bytes[start...].firstIndex(of: 10) ?? bytes.count - 1) + 1
      line += 1
    }
  }

  /// The sign that parts the first lines into equally many cells, tabs first, spaces last.
  private static func delimiter(
    of bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ hasQuotes: Bool
  ) -> UInt8? {
    var counts: [[Int]] = []
    var hasSpaces = true
    var place = start
    while counts.count < 20, place < bytes.count {
      let range = lineRange(bytes, place, hasQuotes ? QuoteTracker(delimiter: 0) : nil)
      if !isBlank(bytes, range) {
        counts.append(candidates.map { count($0, in: bytes, range) })
        let inside = trimmed(bytes, range)
        hasSpaces = hasSpaces && bytes[inside].contains(UInt8(ascii: " "))
      }
      place = range.upperBound + 1
    }
    guard let first = counts.first else { return nil }
    let places = candidates.indices.filter { first[$0] > 0 }
    let even = places.first { place in counts.allSatisfy { $0[place] == first[place] } }
    // Ragged rows are found, and named, later.
    let some = places.first { place in counts.allSatisfy { $0[place] > 0 } }
    if let chosen = even ?? some { return candidates[chosen] }
    // "Alan Turing, 1912" has both; a comma in the first line is more than the spaces around it.
    if hasSpaces { return UInt8(ascii: " ") }
    return places.first.map { candidates[$0] } ?? UInt8(ascii: ",")
  }

  /// How often a sign stands in a line outside quotes.
  private static func count(
    _ sign: UInt8, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Int {
    var (count, quotes) = (0, QuoteTracker(delimiter: sign))
    for place in range {
      quotes.step(bytes[place])
      if bytes[place] == sign && !quotes.isInside { count += 1 }
    }
    return count
  }

  /// Whether the first row is one of names: none of its cells is a number or missing.
  private func startsWithNames(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
    var place = start
    var rows: [[Bool]] = []
    while rows.count < 20, place < bytes.count {
      let range = Self.lineRange(bytes, place, quotes)
      if !Self.isBlank(bytes, range) { rows.append(cells(bytes, range).map { isNumber($0) }) }
      place = range.upperBound + 1
    }
    guard let first = rows.first, !first.contains(true) else { return false }
    // Names over a column of numbers, or over several columns of text.
    return rows.dropFirst().contains { $0.contains(true) } || first.count > 1 && rows.count > 1
  }

  private func isNumber(_ cell: String) -> Bool {
    let text = Array(cell.utf8)
    return text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return false }
      return NumberScanner.withPowers { powers in
        NumberScanner.scan(base, 0, buffer.count, powers).map { $0.end == buffer.count } ?? false
      }
    }
  }

  /// Whether a trimmed cell stands for a number that is not there.
  func isMissing(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    if range.isEmpty { return true }
    return missing.contains { $0.count == range.count && bytes[range].elementsEqual($0) }
  }

  // MARK: Lines and cells

  /// The bytes of the line that begins at `start`, up to its `\n` or the end of the file. With
  /// quotes, a line end inside them belongs to the cell.
  @inline(__always)
  static func lineRange(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ quotes: QuoteTracker?
  ) -> Range<Int> {
    var place = start
    guard var quotes else {
      while place < bytes.count, bytes[place] != 10 { place += 1 }
      return start..<place
    }
    while place < bytes.count {
      quotes.step(bytes[place])
      if bytes[place] == 10 && !quotes.isInside { break }
      place += 1
    }
    return start..<place
  }

  static func isBlank(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    bytes[range].allSatisfy { $0 == 32 || $0 == 9 || $0 == 13 }
  }

  /// Without spaces and carriage returns at both ends.
  static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, bytes[start] == 32 || bytes[start] == 9 || bytes[start] == 13 { start += 1 }
    while end > start, bytes[end - 1] == 32 || bytes[end - 1] == 9 || bytes[end - 1] == 13 {
      end -= 1
    }
    return start..<end
  }

  /// The ranges of the cells of a line, quotes included, spaces around them not.
  func cellRanges(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    let line = collapses ? Self.trimmed(bytes, line) : line
    var start = line.lowerBound
    var (place, quotes) = (start, QuoteTracker(delimiter: delimiter))
    while place < line.upperBound {
      if hasQuotes { quotes.step(bytes[place]) }
      if bytes[place] == delimiter && !quotes.isInside {
        ranges.append(Self.trimmed(bytes, start..<place))
        if collapses {
          while place + 1 < line.upperBound, bytes[place + 1] == delimiter { place += 1 }
        }
        start = place + 1
      }
      place += 1
    }
    ranges.append(Self.trimmed(bytes, start..<line.upperBound))
    return ranges
  }

  /// The cells of a line as text.
  func cells(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> [String] {
    cellRanges(bytes, line).map { Self.text(bytes, $0) }
  }

  /// A cell as text: without its quotes, doubled ones inside single. Bytes that are not UTF-8 are
  /// taken for Latin-1, in which older files are written.
  static func text(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
    var cell = Array(bytes[range])
    if cell.count >= 2, cell.first == UInt8(ascii: "\""), cell.last == UInt8(ascii: "\"") {
      let inside = cell.dropFirst().dropLast()
      cell = []
      var wasQuote = false
      for byte in inside {
        if byte == UInt8(ascii: "\""), wasQuote {
          wasQuote = false
          continue
        }
        wasQuote = byte == UInt8(ascii: "\"")
        cell.append(byte)
      }
    }
    if let text = String(validating: cell, as: UTF8.self) { return text }
    return String(String.UnicodeScalarView(cell.map { Unicode.Scalar($0) }))
  }
}

/// Follows quotes from byte to byte: one opens only at the start of a cell, and a doubled one inside
/// stands for itself.
struct QuoteTracker {
  /// The sign between cells; 0 where it is not known yet, and any usual one starts a cell.
  let delimiter: UInt8
  private(set) var isInside = false
  private var isAtStart = true
  private var justClosed = false

  init(delimiter: UInt8) { self.delimiter = delimiter }

  @inline(__always)
  mutating func step(_ byte: UInt8) {
    if byte == UInt8(ascii: "\"") {
      if isInside {
        isInside = false
        justClosed = true
      } else if isAtStart || justClosed {
        isInside = true
        justClosed = false
      }
      isAtStart = false
    } else {
      justClosed = false
      if !isInside {
        isAtStart =
          byte == delimiter || byte == 10 || isAtStart && byte == 32
          || delimiter == 0 && (byte == 9 || byte == 59 || byte == 44 || byte == 124)
      }
    }
  }
}
