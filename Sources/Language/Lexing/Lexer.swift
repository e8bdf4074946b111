import Vocabulary

/// Turns a source into tokens. It never fails: what it cannot read becomes a token that the parser
/// refuses, or an error beside the tokens.
struct Lexer {
  let source: SourceText
  private let bytes: [UInt8]
  private var place: Int
  private let limit: Int
  private(set) var tokens: [Token] = []
  private(set) var errors: [SyntaxError] = []
  /// How many texts with holes are around: `"{"{"…"}"}"`.
  private var depth = 0

  /// Texts inside holes of texts inside holes: more than anybody writes, less than the stack holds.
  private static let deepestHoles = 20

  private init(_ source: SourceText, from start: Int = 0, to limit: Int? = nil) {
    self.source = source
    bytes = source.bytes
    place = start
    self.limit = limit ?? source.bytes.count
  }

  /// The tokens of a whole source, `end` last.
  static func scan(_ source: SourceText) -> (tokens: [Token], errors: [SyntaxError]) {
    var lexer = Lexer(source)
    lexer.scanAll()
    return (lexer.tokens, lexer.errors)
  }

  private mutating func scanAll() {
    while true {
      let before = place
      skipBlanks()
      guard place < limit else { break }
      scanToken(spaceBefore: place > before || place == 0)
    }
    tokens.append(Token(kind: .end, range: range(limit, limit), spaceBefore: true))
  }

  private func range(_ lower: Int, _ upper: Int) -> SourceRange {
    SourceRange(source, lower, upper)
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    place + offset < limit ? bytes[place + offset] : 0
  }

  /// White space and comments, but not line ends.
  private mutating func skipBlanks() {
    while place < limit {
      switch bytes[place] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): place += 1
      case UInt8(ascii: "#"):
        while place < limit && bytes[place] != UInt8(ascii: "\n") { place += 1 }
      case 0xC2 where byte(1) == 0xA0: place += 2  // a no-break space, from a web page
      case 0xEF where byte(1) == 0xBB && byte(2) == 0xBF: place += 3  // a byte order mark
      default: return
      }
    }
  }

  private mutating func add(_ kind: Token.Kind, from start: Int, _ spaceBefore: Bool) {
    tokens.append(Token(kind: kind, range: range(start, place), spaceBefore: spaceBefore))
  }

  private mutating func scanToken(spaceBefore: Bool) {
    let start = place
    let first = bytes[place]
    if first == UInt8(ascii: "\n") {
      place += 1
      add(.newline, from: start, spaceBefore)
    } else if Self.startsName(first) {
      scanName(spaceBefore)
    } else if Self.isDigit(first)
      || first == UInt8(ascii: ".") && Self.isDigit(byte(1)) && !followsOperand
    {
      scanNumber(spaceBefore)
    } else if first == UInt8(ascii: "\"") {
      scanText(spaceBefore)
    } else if first == UInt8(ascii: "'") && opensQuote(spaceBefore) {
      scanQuoted(spaceBefore)
    } else if let symbol = symbol() {
      place += symbol.rawValue.utf8.count
      add(.symbol(symbol), from: start, spaceBefore)
    } else {
      scanUnknown(spaceBefore)
    }
  }

  // MARK: Names and signs

  private static func startsName(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") || byte == UInt8(ascii: "_")
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private mutating func scanName(_ spaceBefore: Bool) {
    let start = place
    takeLetters()
    let name = source.text(in: start..<place)
    // After a dot a keyword is a field: `r.end`.
    let isField = tokens.last?.is(.dot) ?? false
    if !isField, let keyword = Keyword(rawValue: name) {
      add(.keyword(keyword), from: start, spaceBefore)
    } else {
      add(.name(name), from: start, spaceBefore)
    }
  }

  /// Letters and digits of any script: what a name goes on with.
  private mutating func takeLetters() {
    while place < limit {
      let byte = bytes[place]
      if Self.startsName(byte) || Self.isDigit(byte) {
        place += 1
      } else if let scalar = scalar(), scalar.value >= 0x80, scalar.properties.isXIDContinue {
        place += UTF8.width(scalar)
      } else {
        return
      }
    }
  }

  private func scalar() -> Unicode.Scalar? {
    let end = min(place + 4, limit)
    return String(decoding: bytes[place..<end], as: UTF8.self).unicodeScalars.first
  }

  private func symbol() -> Symbol? {
    guard byte() < 128 else { return nil }
    return Symbol.byFirstByte[Int(byte())].first { candidate in
      place + candidate.bytes.count <= limit
        && candidate.bytes.elementsEqual(bytes[place..<place + candidate.bytes.count])
        && makesSense(candidate.symbol)
    }?.symbol
  }

  /// `x ++ y` and `x -- y` are `x + +y` and `x - -y`; only where nothing follows they are signs of
  /// another language.
  private func makesSense(_ symbol: Symbol) -> Bool {
    guard symbol == .plusPlus || symbol == .minusMinus else { return true }
    var next = place + 2
    while next < limit && (bytes[next] == UInt8(ascii: " ") || bytes[next] == UInt8(ascii: "\t")) {
      next += 1
    }
    return next >= limit || "\n;#)".utf8.contains(bytes[next])
  }

  /// Whether the token before can end an operand, so that `'` transposes it.
  private var followsOperand: Bool {
    switch tokens.last?.kind {
    case .name, .number, .text, .quoted: true
    case .keyword(let keyword): [.end, .true, .false, .nothing].contains(keyword)
    case .symbol(let symbol): symbol.isClosing || symbol == .transpose
    case .newline, .end, nil: false
    }
  }

  /// Whether a `'` opens a text in single quotes: where no operand stands before, or where a space
  /// does and a word follows that is closed in the same line.
  private func opensQuote(_ spaceBefore: Bool) -> Bool {
    if !followsOperand { return true }
    guard spaceBefore, Self.startsName(byte(1)) else { return false }
    var next = place + 1
    while next < limit, bytes[next] != UInt8(ascii: "\n") {
      if bytes[next] == UInt8(ascii: "'") { return true }
      next += 1
    }
    return false
  }

  private mutating func scanQuoted(_ spaceBefore: Bool) {
    let start = place
    place += 1
    while place < limit, bytes[place] != UInt8(ascii: "'"), bytes[place] != UInt8(ascii: "\n") {
      place += 1
    }
    let content = source.text(in: start + 1..<place)
    if byte() == UInt8(ascii: "'") { place += 1 }
    add(.quoted(content), from: start, spaceBefore)
  }

  private mutating func scanUnknown(_ spaceBefore: Bool) {
    let start = place
    if let scalar = scalar(), scalar.properties.isXIDStart {
      takeLetters()
      if place == start { place += 1 }
      add(.name(source.text(in: start..<place)), from: start, spaceBefore)
      return
    }
    let scalar = scalar()
    place = min(limit, place + (scalar.map { UTF8.width($0) } ?? 1))
    errors.append(
      SyntaxError(.strangeLetter(scalar.map(String.init) ?? "?"), at: range(start, place)))
  }

  // MARK: Numbers

  private mutating func scanNumber(_ spaceBefore: Bool) {
    let start = place
    if byte() == UInt8(ascii: "0"), byte(1) | 0x20 == UInt8(ascii: "x") {
      return scanHexadecimal(spaceBefore)
    }
    takeDigits()
    if byte() == UInt8(ascii: "."), takesPoint() {
      place += 1
      takeDigits()
    }
    if byte() | 0x20 == UInt8(ascii: "e") {
      let sign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
      if Self.isDigit(byte(1 + sign)) {
        place += 1 + sign
        takeDigits()
      }
    }
    let digits = source.text(in: start..<place).filter { $0 != "_" }
    add(.number(Double(digits) ?? Double(digits + "0") ?? .nan), from: start, spaceBefore)
  }

  private mutating func takeDigits() {
    while Self.isDigit(byte()) || byte() == UInt8(ascii: "_") && Self.isDigit(byte(1)) {
      place += 1
    }
  }

  /// Whether a point after digits belongs to the number: not in `2.*x`, `1..2` or `3.field`.
  private func takesPoint() -> Bool {
    let next = byte(1)
    if Self.isDigit(next) { return true }
    if next | 0x20 == UInt8(ascii: "e") {
      return Self.isDigit(byte(2))
        || (byte(2) == UInt8(ascii: "-") || byte(2) == UInt8(ascii: "+"))
          && Self.isDigit(byte(3))
    }
    return !Self.startsName(next) && !"*/^+-.".utf8.contains(next)
  }

  private mutating func scanHexadecimal(_ spaceBefore: Bool) {
    let start = place
    place += 2
    var number = 0.0
    var digits = 0
    while let digit = Self.hexadecimal(byte()) ?? (byte() == UInt8(ascii: "_") ? -1 : nil) {
      if digit >= 0 {
        number = number * 16 + Double(digit)
        digits += 1
      }
      place += 1
    }
    if digits == 0 { errors.append(SyntaxError(.emptyHexadecimal, at: range(start, place))) }
    add(.number(number), from: start, spaceBefore)
  }

  private static func hexadecimal(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  // MARK: Texts

  private mutating func scanText(_ spaceBefore: Bool) {
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

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "0"): 0,
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "{"): UInt8(ascii: "{"), UInt8(ascii: "}"): UInt8(ascii: "}"),
    UInt8(ascii: "'"): UInt8(ascii: "'"),
  ]

  private mutating func scanEscape(_ letters: inout [UInt8]) {
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
  private mutating func scanHole() -> TextPart.Hole? {
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

  private mutating func skipSpaces() {
    while byte() == UInt8(ascii: " ") || byte() == UInt8(ascii: "\t") { place += 1 }
  }

  /// Whether another quote follows in this line, so that one here opens a text.
  private func closesBeforeLineEnd() -> Bool {
    var next = place + 1
    while next < limit, bytes[next] != UInt8(ascii: "\n") {
      if bytes[next] == UInt8(ascii: "\"") { return true }
      next += 1
    }
    return false
  }

  /// If what stands from the colon here to the closing brace is a format, where the brace is.
  private func formatEnd() -> Int? {
    var next = place + 1
    while next < limit, next < place + 24, bytes[next] != UInt8(ascii: "}") { next += 1 }
    guard next < limit, bytes[next] == UInt8(ascii: "}") else { return nil }
    return (try? FormatSpecification(source.text(in: place + 1..<next))) == nil ? nil : next
  }
}
