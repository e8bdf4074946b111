import Vocabulary

/// What stands between two tokens of a line.
extension Formatter {
  /// Whether a space stands between a token and the one before it.
  func hasSpace(between last: Token, _ token: Token) -> Bool {
    if last.is(.comma) || last.is(.semicolon) { return true }
    if last.is(.assign), isNamedArgument { return false }
    if isPrefix(token) { return !opens(last) && !isClose(last) }
    if case .symbol(let symbol) = last.kind {
      if symbol.closing != nil || symbol == .dot || symbol == .colon { return false }
      if lastIsPrefix || isClose(last) || symbol == .power { return false }
      if symbol == .ellipsis { return false }
    }
    switch token.kind {
    case .symbol(let symbol):
      switch symbol {
      case .comma, .semicolon, .dot, .colon, .transpose, .ellipsis, .power: return false
      case .closeRound, .closeSquare, .closeCurly: return false
      case .openRound, .openSquare: return !(last.endsOperand || last.is(.include))
      case .assign: return !isNamedArgument
      default: return !isClose(token)
      }
    case .name, .keyword, .number, .text, .quoted, .newline, .end: return true
    }
  }

  private func opens(_ token: Token) -> Bool {
    guard case .symbol(let symbol) = token.kind else { return false }
    return symbol.closing != nil || symbol == .colon || symbol == .power || lastIsPrefix
  }

  /// Whether `=` here gives an argument its name or a parameter its default.
  private var isNamedArgument: Bool { openings.last?.symbol == .openRound }

  private func isClose(_ token: Token) -> Bool { closeSigns.contains(token.range.lower) }

  /// Whether a sign stands before its operand: `-x`.
  private func isPrefix(_ token: Token) -> Bool {
    if token.is(.not) { return true }
    return (token.is(.minus) || token.is(.plus)) && !lastEndsOperand
  }

  /// Notes a token that has been written: what it opens and closes, and what it is to the next.
  mutating func note(_ token: Token, after last: Token?, indent: Int, column: Int?) {
    lastIsPrefix = isPrefix(token)
    switch token.kind {
    case .symbol(let symbol):
      if symbol.closing != nil {
        openings.append(Opening(symbol: symbol, indent: indent, content: column))
      } else if symbol.isClosing {
        openings = openings.dropLast()
      }
    case .keyword(let keyword):
      switch keyword {
      case .function, .if, .for, .while, .try:
        openings.append(Opening(symbol: nil, indent: indent, content: nil))
      case .end where openings.last?.isBlock == true: openings = openings.dropLast()
      default: break
      }
    case .name, .number, .text, .quoted, .newline, .end: break
    }
    lastEndsOperand = token.endsOperand
  }

  // MARK: Ranges

  /// Finds the signs of calculations that are the ends of a range.
  mutating func findCloseSigns(_ block: Block) {
    var finder = RangeFinder()
    finder.visit(block)
    closeSigns = finder.signs
  }
}

extension Token {
  /// Whether an operand can end with the token.
  var endsOperand: Bool {
    switch kind {
    case .name, .number, .text, .quoted: true
    case .keyword(let keyword): [.end, .true, .false, .nothing].contains(keyword)
    case .symbol(let symbol): symbol.isClosing || symbol == .transpose
    case .newline, .end: false
    }
  }
}

extension Symbol {
  var isAssignment: Bool {
    [.assign, .plusEqual, .minusEqual, .timesEqual, .overEqual].contains(self)
  }
}

/// Collects the places of the signs that stand in the ends of ranges.
private struct RangeFinder: SyntaxVisitor {
  var signs: Set<Int> = []

  mutating func visit(_ expression: Expression) {
    if case .range(let start, let step, let end) = expression.kind {
      for part in [start, step, end] { part.map { collect($0) } }
    }
    visitParts(of: expression)
  }

  private mutating func collect(_ expression: Expression) {
    switch expression.kind {
    case .calculation(_, let sign, let a, let b):
      signs.insert(sign.lower)
      collect(a)
      collect(b)
    case .negate(let inside): collect(inside)
    default: break
    }
  }
}
