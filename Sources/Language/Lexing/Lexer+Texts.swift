import Vocabulary

/// Texts with escapes and holes.
extension Lexer {
  mutating func scanText(_ spaceBefore: Bool) {
    if opensTripleQuotes { return scanTripleQuotes(spaceBefore) }
    let start = place
    place += 1
    var parts: [TextPart] = []
    var letters: [UInt8] = []
    func flush(_ letters: inout [UInt8], _ parts: inout [TextPart]) {
      if !letters.isEmpty { parts.append(.letters(String(decoding: letters, as: UTF8.self))) }
      letters = []
    }
    while true {
      guard place < limit, bytes[place] != UInt8(ascii: "\n") else {
        errors.append(SyntaxError(.openText, at: range(start, place)))
        break
      }
      let byte = bytes[place]
      if byte == UInt8(ascii: "\"") {
        place += 1
        break
      } else if byte == UInt8(ascii: "\\") {
        scanEscape(&letters)
      } else if byte == UInt8(ascii: "{") {
        flush(&letters, &parts)
        scanHole().map { parts.append(.hole($0)) }
      } else {
        letters.append(byte)
        place += 1
      }
    }
    flush(&letters, &parts)
    add(.text(parts), from: start, spaceBefore)
  }

  /// Whether a text in triple quotes starts here, as elsewhere.
  private var opensTripleQuotes: Bool {
    let quote = UInt8(ascii: "\"")
    return depth == 0 && byte(1) == quote && byte(2) == quote
  }

  /// A text in triple quotes, to their end, or to that of the line where they have none.
  private mutating func scanTripleQuotes(_ spaceBefore: Bool) {
    let start = place
    let end = source.endOfTripleQuotes(from: start)
    errors.append(SyntaxError(.habit(.tripleQuotes), at: range(start, start + 3)))
    place = end?.upperBound ?? limit
    if end == nil {
      place = start + 3
      while place < limit, bytes[place] != UInt8(ascii: "\n") { place += 1 }
    }
    let letters = source.text(in: start + 3..<(end?.lowerBound ?? place))
    add(.text([.letters(letters)]), from: start, spaceBefore)
  }

  static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "0"): 0,
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "{"): UInt8(ascii: "{"), UInt8(ascii: "}"): UInt8(ascii: "}"),
    UInt8(ascii: "'"): UInt8(ascii: "'"),
  ]

  mutating func scanEscape(_ letters: inout [UInt8]) {
    let start = place
    let code = byte(1)
    if let letter = Self.escapes[code] {
      letters.append(letter)
      place += 2
    } else if code == UInt8(ascii: "u"), byte(2) == UInt8(ascii: "{") {
      var value: UInt32 = 0
      place += 3
      while let digit = Self.hexadecimal(byte()), value < 0x110000 {
        value = value * 16 + UInt32(digit)
        place += 1
      }
      if byte() == UInt8(ascii: "}"), let scalar = Unicode.Scalar(value) {
        place += 1
        letters.append(contentsOf: Array(String(scalar).utf8))
      } else {
        errors.append(SyntaxError(.unknownEscape("\\u"), at: range(start, place)))
      }
    } else {
      place += 1
      let letter = place < limit ? scalar() : nil
      if let letter, letter != "\n" { place += UTF8.width(letter) }
      let shown = letter.map { $0 == "\n" ? "" : String($0) } ?? ""
      errors.append(
        SyntaxError(.unknownEscape("\\\(shown)"), at: range(start, min(place, limit))))
    }
  }

  /// `{expression}` or `{expression:format}` inside a text; `place` is at the brace.
  mutating func scanHole() -> TextPart.Hole? {
    let start = place
    guard depth < Self.deepestHoles else {
      errors.append(SyntaxError(.tooDeep, at: range(start, start + 1)))
      place = limit
      return nil
    }
    var inner = Lexer(source, from: place + 1, to: limit)
    inner.depth = depth + 1
    var open: [Symbol] = []
    var formatStart: Int?
    scanning: while true {
      let before = inner.place
      inner.skipSpaces()
      guard inner.place < limit, bytes[inner.place] != UInt8(ascii: "\n") else {
        errors.append(SyntaxError(.openHole, at: range(start, inner.place)))
        place = inner.place
        return nil
      }
      if open.isEmpty {
        if bytes[inner.place] == UInt8(ascii: "}") { break }
        if bytes[inner.place] == UInt8(ascii: ":"), let end = inner.formatEnd() {
          formatStart = inner.place + 1
          inner.place = end
          break
        }
        if bytes[inner.place] == UInt8(ascii: "\"") && !inner.closesBeforeLineEnd() {
          errors.append(SyntaxError(.openHole, at: range(start, inner.place)))
          place = inner.place
          return nil
        }
      }
      inner.scanToken(spaceBefore: inner.place > before)
      if case .symbol(let symbol)? = inner.tokens.last?.kind {
        if let closing = symbol.closing { open.append(closing) }
        if symbol.isClosing, open.last == symbol { open.removeLast() }
      }
    }
    errors += inner.errors
    let end = inner.place
    let format = formatStart.map { source.text(in: $0..<end) }
    place = end + 1
    let hole = range(start, place)
    if inner.tokens.isEmpty {
      errors.append(SyntaxError(.emptyHole, at: hole))
      return nil
    }
    inner.tokens.append(Token(kind: .end, range: range(end, end), spaceBefore: false))
    return TextPart.Hole(tokens: inner.tokens, format: format, range: hole)
  }

  mutating func skipSpaces() {
    while byte() == UInt8(ascii: " ") || byte() == UInt8(ascii: "\t") { place += 1 }
  }

  /// Whether another quote follows in this line, so that one here opens a text.
  func closesBeforeLineEnd() -> Bool {
    var next = place + 1
    while next < limit, bytes[next] != UInt8(ascii: "\n") {
      if bytes[next] == UInt8(ascii: "\"") { return true }
      next += 1
    }
    return false
  }

  /// If what stands from the colon here to the closing brace is a format, where the brace is.
  func formatEnd() -> Int? {
    var next = place + 1
    while next < limit, next < place + 24, bytes[next] != UInt8(ascii: "}") { next += 1 }
    guard next < limit, bytes[next] == UInt8(ascii: "}") else { return nil }
    return (try? FormatSpecification(source.text(in: place + 1..<next))) == nil ? nil : next
  }
}

extension SourceText {
  /// Where the triple quotes are that close those at a byte.
  func endOfTripleQuotes(from start: Int) -> Range<Int>? {
    let quotes = [UInt8](repeating: UInt8(ascii: "\""), count: 3)
    var place = start + 3
    while place + 3 <= bytes.count {
      if bytes[place..<place + 3].elementsEqual(quotes) { return place..<place + 3 }
      place += 1
    }
    return nil
  }
}
