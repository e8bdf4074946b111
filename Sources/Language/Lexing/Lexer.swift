import Vocabulary

/// Turns a source into tokens. It never fails: what it cannot read becomes a token that the parser
/// refuses, or an error beside the tokens.
struct Lexer {
  let source: SourceText
  let bytes: [UInt8]
  var place: Int
  let limit: Int
  var tokens: [Token] = []
  var errors: [SyntaxError] = []
  /// The comments, which are no tokens: with them nothing of a source is lost but white space.
  var comments: [SourceRange] = []
  /// How many texts with holes are around: `"{"{"…"}"}"`.
  var depth = 0

  /// Texts inside holes of texts inside holes: more than anybody writes, less than the stack holds.
  static let deepestHoles = 20

  init(_ source: SourceText, from start: Int = 0, to limit: Int? = nil) {
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

  mutating func scanAll() {
    while true {
      let before = place
      skipBlanks()
      guard place < limit else { break }
      scanToken(spaceBefore: place > before || place == 0)
    }
    tokens.append(Token(kind: .end, range: range(limit, limit), spaceBefore: true))
  }

  func range(_ lower: Int, _ upper: Int) -> SourceRange {
    SourceRange(source, lower, upper)
  }

  func byte(_ offset: Int = 0) -> UInt8 {
    place + offset < limit ? bytes[place + offset] : 0
  }

  /// White space and comments, but not line ends.
  mutating func skipBlanks() {
    while place < limit {
      switch bytes[place] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): place += 1
      case UInt8(ascii: "#"):
        let start = place
        while place < limit && bytes[place] != UInt8(ascii: "\n") { place += 1 }
        comments.append(range(start, place))
      case 0xC2 where byte(1) == 0xA0: place += 2  // a no-break space, from a web page
      case 0xEF where byte(1) == 0xBB && byte(2) == 0xBF: place += 3  // a byte order mark
      default: return
      }
    }
  }

  mutating func add(_ kind: Token.Kind, from start: Int, _ spaceBefore: Bool) {
    tokens.append(Token(kind: kind, range: range(start, place), spaceBefore: spaceBefore))
  }

  mutating func scanToken(spaceBefore: Bool) {
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

  static func startsName(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") || byte == UInt8(ascii: "_")
  }

  static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  mutating func scanName(_ spaceBefore: Bool) {
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
  mutating func takeLetters() {
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

  func scalar() -> Unicode.Scalar? {
    let end = min(place + 4, limit)
    return String(decoding: bytes[place..<end], as: UTF8.self).unicodeScalars.first
  }

  func symbol() -> Symbol? {
    guard byte() < 128 else { return nil }
    return Symbol.byFirstByte[Int(byte())].first { candidate in
      place + candidate.bytes.count <= limit
        && candidate.bytes.elementsEqual(bytes[place..<place + candidate.bytes.count])
        && makesSense(candidate.symbol)
    }?.symbol
  }

  /// `x ++ y` and `x -- y` are `x + +y` and `x - -y`; only where nothing follows they are signs of
  /// another language.
  func makesSense(_ symbol: Symbol) -> Bool {
    guard symbol == .plusPlus || symbol == .minusMinus else { return true }
    var next = place + 2
    while next < limit && (bytes[next] == UInt8(ascii: " ") || bytes[next] == UInt8(ascii: "\t")) {
      next += 1
    }
    return next >= limit || "\n;#)".utf8.contains(bytes[next])
  }

  /// Whether the token before can end an operand, so that `'` transposes it.
  var followsOperand: Bool {
    switch tokens.last?.kind {
    case .name, .number, .text, .quoted: true
    case .keyword(let keyword): [.end, .true, .false, .nothing].contains(keyword)
    case .symbol(let symbol): symbol.isClosing || symbol == .transpose
    case .newline, .end, nil: false
    }
  }

  /// Whether a `'` opens a text in single quotes: where no operand stands before, or where a space
  /// does and a word follows that is closed in the same line.
  func opensQuote(_ spaceBefore: Bool) -> Bool {
    if !followsOperand { return true }
    guard spaceBefore, Self.startsName(byte(1)) else { return false }
    var next = place + 1
    while next < limit, bytes[next] != UInt8(ascii: "\n") {
      if bytes[next] == UInt8(ascii: "'") { return true }
      next += 1
    }
    return false
  }

  mutating func scanQuoted(_ spaceBefore: Bool) {
    let start = place
    place += 1
    while place < limit, bytes[place] != UInt8(ascii: "'"), bytes[place] != UInt8(ascii: "\n") {
      place += 1
    }
    let content = source.text(in: start + 1..<place)
    if byte() == UInt8(ascii: "'") { place += 1 }
    add(.quoted(content), from: start, spaceBefore)
  }

  mutating func scanUnknown(_ spaceBefore: Bool) {
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

}
