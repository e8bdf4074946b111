import Matrices
import Vocabulary

/// Writes a program the way all programs are written: two spaces for a block, one space around
/// operators, at most one empty line. Line ends stay where the author put them, comments stay as
/// they are, and the meaning stays: the result is read again and compared before it is given away.
///
/// What a line begins with follows from what is open before it (`Opening`); what stands between two
/// tokens follows from the two and from what is open around them (`Formatter+Spacing.swift`).
package struct Formatter {
  let source: SourceText
  var openings: [Opening] = []
  /// Signs of calculations inside a range, which stand close: `1:n-1`.
  var closeSigns: Set<Int> = []
  /// Whether the token written last is a sign before its operand.
  var lastIsPrefix = false
  /// Whether an operand can end with the token written last, so that a sign behind it is infix.
  var lastEndsOperand = false
  private var lines: [Line] = []

  /// A bracket or a block that is not closed yet.
  struct Opening {
    var symbol: Symbol?
    /// The indentation of the line it stands in.
    var indent: Int
    /// The column of what follows the bracket in its line; `nil` when nothing does.
    var content: Int?
    var isBlock: Bool { symbol == nil }
  }

  /// A line of the result.
  private struct Line {
    var code: String
    var comment: String?
    /// The column at which the comment stood in the source.
    var commentColumn = 0

    var isBlank: Bool { code.isEmpty && comment == nil }
  }

  /// A token or a comment of a line.
  enum Piece {
    case token(Token)
    case comment(SourceRange)

    var range: SourceRange {
      switch self {
      case .token(let token): token.range
      case .comment(let range): range
      }
    }
  }

  private init(_ source: SourceText) { self.source = source }

  /// The program in its canonical form. Throws what is wrong with it when it cannot be read.
  package static func format(_ source: SourceText) throws(Failure) -> String {
    let parsed = Parser.parse(source)
    guard parsed.errors.isEmpty else {
      throw Failure(
        diagnostics: parsed.errors.map { Diagnostic($0) }, exitCode: Failure.check)
    }
    // A formatter that changes a program is worse than none.
    return rewritten(source, parsed) ?? source.text
  }

  /// Whether the canonical form of a program means the same; always, unless something is wrong
  /// here. Programs that cannot be read have none.
  package static func keepsMeaning(_ source: SourceText) -> Bool {
    let parsed = Parser.parse(source)
    return !parsed.errors.isEmpty || rewritten(source, parsed) != nil
  }

  private static func rewritten(_ source: SourceText, _ parsed: Parser.Result) -> String? {
    var formatter = Formatter(source)
    formatter.findCloseSigns(parsed.block)
    let text = formatter.text()
    let again = Parser.parse(SourceText(name: source.name, text: text))
    guard again.errors.isEmpty, again.block.outline == parsed.block.outline else { return nil }
    return text
  }

  // MARK: Lines

  private mutating func text() -> String {
    var lexer = Lexer(source)
    lexer.scanAll()
    var pieces: [Piece] = lexer.comments.map { .comment($0) }
    for token in lexer.tokens where token.kind != .newline && token.kind != .end {
      pieces.append(.token(token))
    }
    pieces.sort { $0.range.lower < $1.range.lower }
    var start = 0
    var last: Token?
    var lastLine = -1
    while start < pieces.count {
      let number = source.line(at: pieces[start].range.lower)
      var end = start
      while end < pieces.count, source.line(at: pieces[end].range.lower) == number { end += 1 }
      if lastLine >= 0, number > lastLine + 1 { lines.append(Line(code: "")) }
      lastLine = number
      var next: Token?
      for case .token(let token) in pieces[start...] {
        next = token
        break
      }
      add(pieces[start..<end], after: &last, before: next)
      start = end
    }
    alignComments()
    let text = lines.map { line in
      line.comment.map { line.code + $0 } ?? line.code
    }.joined(separator: "\n")
    return text.isEmpty ? "" : text + "\n"
  }

  /// Adds one line; `last` is the token before it, `next` the first at or behind its start.
  private mutating func add(
    _ pieces: ArraySlice<Piece>, after last: inout Token?, before next: Token?
  ) {
    let indent = indentation(pieces, after: last, next)
    // Where a line end separates, a sign at the start of a line stands before its operand.
    if openings.last?.symbol != .openRound, openings.last?.symbol != .openCurly {
      lastEndsOperand = false
    }
    var code = ""
    var isFirst = true
    for (offset, piece) in zip(pieces.indices, pieces) {
      switch piece {
      case .comment(let range):
        let comment = range.text.trimmingEnd
        if isFirst {
          lines.append(Line(code: String(repeating: " ", count: indent) + comment))
        } else {
          let before = source.text(
            in: source.lineStarts[source.line(at: range.lower)]..<range.lower)
          lines.append(Line(code: code, comment: comment, commentColumn: before.displayWidth))
        }
        return
      case .token(let token):
        if isFirst {
          code = String(repeating: " ", count: indent)
        } else if let last, hasSpace(between: last, token) {
          code += " "
        }
        let before = last
        code += token.range.text
        var isLast = true
        if offset + 1 < pieces.endIndex, case .token = pieces[offset + 1] { isLast = false }
        note(token, after: before, indent: indent, column: isLast ? nil : code.displayWidth)
        isFirst = false
        last = token
      }
    }
    lines.append(Line(code: code))
  }

  /// How far a line is indented.
  private func indentation(_ pieces: ArraySlice<Piece>, after last: Token?, _ next: Token?) -> Int {
    guard let first = pieces.first else { return 0 }
    var begin: Token?
    if case .token(let token) = first { begin = token }
    guard let opening = openings.last else { return continues(last, next) ? Self.step : 0 }
    if opening.isBlock {
      if let begin, case .keyword(let keyword) = begin.kind,
        [.end, .else, .elseif, .catch].contains(keyword)
      {
        return opening.indent
      }
      return opening.indent + Self.step * (continues(last, next) ? 2 : 1)
    }
    if let begin, case .symbol(let symbol) = begin.kind, symbol.isClosing {
      return opening.content.map { max($0 - 1, 0) } ?? opening.indent
    }
    return opening.content ?? opening.indent + Self.step
  }

  private static let step = 2

  /// Whether a line goes on with the statement of the line before it.
  private func continues(_ last: Token?, _ next: Token?) -> Bool {
    if let next, next.is(.pipe) { return true }
    guard case .symbol(let symbol)? = last?.kind else { return false }
    return Infix[symbol] != nil || symbol.isAssignment || symbol == .arrow || symbol == .not
  }

  // MARK: Comments

  /// Comments behind code stand two spaces away; those that stood below each other still do.
  private mutating func alignComments() {
    var group: [Int] = []
    func finish(_ lines: inout [Line]) {
      let width = group.map { lines[$0].code.displayWidth }.max() ?? 0
      for index in group {
        let gap = width - lines[index].code.displayWidth + 2
        lines[index].code += String(repeating: " ", count: gap)
      }
      group = []
    }
    for index in lines.indices {
      if lines[index].isBlank { finish(&lines) }
      guard lines[index].comment != nil else { continue }
      if let before = group.last, lines[before].commentColumn != lines[index].commentColumn {
        finish(&lines)
      }
      group.append(index)
    }
    finish(&lines)
  }
}

extension String {
  /// Without white space at its end.
  fileprivate var trimmingEnd: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
