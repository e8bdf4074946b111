/// What people who come from another language write where a statement starts.
extension Parser {
  /// Words that start a statement elsewhere.
  private static let definers: Set = ["def", "fn", "func", "fun", "proc", "sub"]
  private static let declarers: Set = ["let", "var", "const", "local", "global"]
  private static let elseIfs: Set = ["elif", "elsif", "elseIf", "elsif"]
  private static let enders: Set = [
    "endif", "endfor", "endwhile", "endfunction", "end_try_catch", "fi", "done",
  ]
  private static let catchers: Set = ["except", "rescue", "finally"]
  private static let choices: Set = ["switch", "match", "select"]
  private static let cases: Set = ["case", "when", "otherwise", "default"]

  /// Throws where a statement starts with a word of another language.
  mutating func refuseForeignStatement(_ name: String) throws {
    let next = token(after: 1)
    if Self.catchers.contains(name), openBlocks.contains(where: { tokens[$0].is(.try) }),
      !next.is(.assign), !next.is(.openRound)
    {
      throw SyntaxError(.habit(.catchWord(name)), at: token.range)
    }
    if name == "do" || name == "repeat", next.kind == .newline || next.is(.openCurly) {
      throw SyntaxError(.habit(.endlessLoop(name)), at: token.range)
    }
    if name == "until", startsOperand(next), next.spaceBefore {
      throw SyntaxError(.habit(.untilWord), at: token.range)
    }
    if name == "library", next.is(.openRound), partners[place + 1] > place {
      let inside = token(after: 2).range
      throw SyntaxError(
        .habit(.foreignImport(inside.text)),
        at: token.range.joined(tokens[partners[place + 1]].range))
    }
    if Self.choices.contains(name), startsOperand(next) { try refuseChoice(name) }
    if Self.elseIfs.contains(name), !openBlocks.isEmpty, !next.is(.assign) {
      throw SyntaxError(.habit(.elseIf(name)), at: token.range)
    }
    if Self.enders.contains(name), next.kind == .newline || next.kind == .end || next.is(.semicolon)
    {
      throw SyntaxError(.habit(.endWord(name)), at: token.range)
    }
    guard case .name(let word) = next.kind else { return }
    if token(after: 2).is(.assign), Self.wordOperators[word] == nil {
      throw SyntaxError(.habit(.declaration(name)), at: token.range)
    }
    if name == "pkg", case .name(let package) = token(after: 2).kind {
      throw SyntaxError(.habit(.foreignImport(package)), at: token.range.joined(next.range))
    }
    if name == "from" || name == "using" {
      throw SyntaxError(.habit(.foreignImport(word)), at: token.range.joined(next.range))
    }
    if Self.definers.contains(name) {
      throw SyntaxError(.habit(.define(name)), at: token.range)
    }
    if Self.declarers.contains(name), Self.wordOperators[word] == nil {
      throw SyntaxError(.habit(.declaration(name)), at: token.range)
    }
  }

  /// Throws at `switch` and its like where a case follows, and goes behind the whole of it.
  private mutating func refuseChoice(_ word: String) throws {
    let start = place
    guard let lineEnd = tokens[place...].firstIndex(where: { $0.kind == .newline }),
      lineEnd + 1 < tokens.count, case .name(let first) = tokens[lineEnd + 1].kind,
      Self.cases.contains(first)
    else { return }
    if tokens[lineEnd - 1].is(.openCurly), partners[lineEnd - 1] > 0 {
      place = partners[lineEnd - 1]
    } else if tokens[lineEnd - 1].is(.colon) {
      place = lineEnd
      while let indent = indentation(of: place + 1), indent > (indentation(of: start) ?? 0),
        let next = tokens[(place + 1)...].firstIndex(where: { $0.kind == .newline })
      {
        place = next
      }
    } else {
      var depth = 1
      while place + 1 < tokens.count, depth > 0 {
        place += 1
        guard case .keyword(let keyword) = tokens[place].kind else { continue }
        if [.if, .for, .while, .function, .try].contains(keyword) { depth += 1 }
        if keyword == .end { depth -= 1 }
      }
      place = min(place + 1, tokens.count - 1)
    }
    throw SyntaxError(.habit(.choiceBlock(word)), at: tokens[start].range)
  }

  /// Throws for `++x` alone, which would be `+(+x)` and change nothing.
  func refuseIncrement() throws {
    let (sign, name) = (token(after: 1), token(after: 2))
    guard token.kind == sign.kind, !sign.spaceBefore, !name.spaceBefore,
      case .name(let word) = name.kind, endsLine(after: 3)
    else { return }
    throw SyntaxError(
      .habit(.increment(name: word, sign: token.range.text)), at: token.range.joined(name.range))
  }

  /// Throws where a colon that makes no range stands in the head of a block: `if x > 3: print(x)`.
  func refuseColon(from opener: Int) throws {
    var index = opener
    while index < place {
      let token = tokens[index]
      if token.is(.colon) { throw SyntaxError(.habit(.colonBlock), at: token.range) }
      index = max(index, partners[index]) + 1
    }
  }

  /// Whether an expression calls what loops go through elsewhere, and no range begins with.
  func isIterator(_ expression: Expression) -> Bool {
    guard case .call(let callee, _) = expression.kind, case .name(let name) = callee.kind else {
      return false
    }
    return ["range", "enumerate", "zip", "keys"].contains(name)
  }

  /// Throws for a loop whose head stands in brackets: `for (i in 1:3)`, `for (i = 0; i < 3; i++)`.
  func refuseBracketedLoop() throws {
    let close = partners[place]
    guard close > place, !tokens[close + 1].is(.in) else { return }
    throw SyntaxError(.habit(.loopBrackets), at: token.range.joined(tokens[close].range))
  }
}
