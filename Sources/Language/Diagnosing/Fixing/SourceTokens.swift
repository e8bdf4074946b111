import Vocabulary

/// The tokens of a source, for fixes that look at what stands around a mistake.
struct SourceTokens {
  let source: SourceText
  let tokens: [Token]

  init(_ source: SourceText) {
    self.source = source
    tokens = Lexer.scan(source).0
  }

  /// The first token that starts at or behind a byte.
  func index(at byte: Int) -> Int {
    tokens.firstIndex { $0.range.lower >= byte } ?? tokens.count - 1
  }

  /// The bracket of this kind that is open around a byte, and its partner.
  func brackets(_ opener: Symbol, around byte: Int) -> (open: Token, close: Token)? {
    var open: [Int] = []
    for (index, token) in tokens.enumerated() {
      guard case .symbol(let symbol) = token.kind else { continue }
      if symbol.closing != nil {
        open.append(index)
      } else if symbol.isClosing, let start = open.popLast() {
        let first = tokens[start]
        if first.is(opener), first.range.lower <= byte, token.range.lower >= byte {
          return (first, token)
        }
      }
    }
    return nil
  }

  /// The partner of the bracket at a token.
  func partner(of index: Int) -> Int? {
    var depth = 0
    for place in index..<tokens.count {
      guard case .symbol(let symbol) = tokens[place].kind else { continue }
      if symbol.closing != nil { depth += 1 }
      if symbol.isClosing {
        depth -= 1
        if depth == 0 { return place }
      }
    }
    return nil
  }

  /// The tokens of the line of a byte.
  func line(at byte: Int) -> [Token] {
    let range = source.lineRange(source.line(at: byte))
    return tokens.filter {
      $0.kind != .newline && $0.kind != .end && $0.range.lower >= range.lowerBound
        && $0.range.lower < range.upperBound
    }
  }

  /// An empty place right behind the last token of the line of a byte.
  func lineEnd(at byte: Int) -> SourceRange {
    let last = line(at: byte).last?.range.upper ?? byte
    return SourceRange(source, last, last)
  }

  /// Whether an operand ends with a token.
  func endsOperand(_ token: Token) -> Bool {
    switch token.kind {
    case .name, .number, .text, .quoted: true
    case .symbol(let symbol): symbol.isClosing || symbol == .transpose
    case .keyword(let word): [.true, .false, .nothing, .end].contains(word)
    case .newline, .end: false
    }
  }

  /// Whether an operand starts with a token.
  func startsOperand(_ token: Token) -> Bool {
    switch token.kind {
    case .name, .number, .text, .quoted: true
    case .symbol(let symbol): symbol.closing != nil
    case .keyword(let word): [.true, .false, .nothing].contains(word)
    case .newline, .end: false
    }
  }

  /// Whether an operand starts with the token at a place.
  func startsOperand(at range: SourceRange) -> Bool {
    tokens.contains { $0.range.lower == range.lower && startsOperand($0) }
  }

  // MARK: Indentation

  /// The line after the block that starts in a line and whose lines are indented more, and whether
  /// an `end` closes it there already.
  func blockEnd(from line: Int) -> (lastLine: Int, isClosed: Bool) {
    let indent = indentation(line) ?? 0
    var last = line
    var number = line + 1
    while number < source.lineStarts.count {
      guard let mine = indentation(number) else {
        number += 1
        continue
      }
      let words = source.text(in: source.lineRange(number)).split {
        !$0.isLetter && !$0.isNumber && $0 != "_"
      }
      let word = words.first.map(String.init) ?? ""
      if mine <= indent {
        let parts = ["else", "elseif", "elif", "elsif", "catch", "except", "rescue", "finally"]
        guard mine == indent, parts.contains(word) else {
          return (last, mine == indent && word == "end")
        }
      }
      last = number
      number += 1
    }
    return (last, false)
  }

  /// The column in which a line begins; `nil` for an empty one or one of comments.
  func indentation(_ line: Int) -> Int? {
    let range = source.lineRange(line)
    var place = range.lowerBound
    while place < range.upperBound, source.bytes[place] == 32 || source.bytes[place] == 9 {
      place += 1
    }
    guard place < range.upperBound, source.bytes[place] != UInt8(ascii: "#") else { return nil }
    return place - range.lowerBound
  }

  /// An edit that closes the block that starts in a line with an `end` of its own.
  func closing(blockAt line: Int) -> Diagnostic.Edit? {
    let (last, isClosed) = blockEnd(from: line)
    if isClosed { return nil }
    let range = source.lineRange(last)
    let spaces = String(repeating: " ", count: indentation(line) ?? 0)
    return Diagnostic.Edit(
      SourceRange(source, range.upperBound, range.upperBound), "\n\(spaces)end")
  }
}
