/// What people write inside statements who come from another language: understood, and answered
/// with what is written here.
extension Parser {
  /// Words that stand for operators elsewhere.
  static let wordOperators = ["and": "&&", "or": "||", "is": "==", "mod": "%", "not": "!"]

  /// What is meant where these stand right before `=`: `x **= 2`.
  private static let foreignUpdates: [Symbol: String] = [.starStar: "^", .slashSlash: "//"]

  /// Throws where an operand is a word of another language.
  func refuseForeignWord(_ name: String) throws {
    let next = token(after: 1)
    switch (name, next.kind) {
    case ("lambda", .name), ("lambda", .symbol(.colon)):
      throw SyntaxError(.habit(.lambda), at: token.range)
    case ("not", .name), ("not", .number), ("not", .keyword(.true)), ("not", .keyword(.false)):
      throw SyntaxError(.habit(.wordOperator("not", ours: "!")), at: token.range)
    default: return
    }
  }

  /// Throws for expressions that are read differently elsewhere: `x <- 5`.
  func refuseForeignExpression(_ expression: Expression, _ start: Int) throws {
    if case .calculation(.less, let sign, let left, _) = expression.kind,
      case .name(let name) = left.kind, start + 2 < tokens.count, tokens[start + 2].is(.minus),
      tokens[start + 1].range == sign, tokens[start + 2].range.lower == sign.upper,
      start + 3 < tokens.count, tokens[start + 3].spaceBefore
    {
      throw SyntaxError(
        .habit(.arrowAssign(name: name)), at: sign.joined(tokens[start + 2].range))
    }
  }

  /// The error at a token that cannot go on after a whole statement.
  mutating func afterOperand(_ start: Int) -> SyntaxError {
    let left = tokens[start]
    if case .name(let name) = left.kind, place == start + 1, startsOperand, token.spaceBefore {
      if let error = wordOperator { return error }
      return SyntaxError(
        .habit(.commandCall(name: name, argument: lineRest())), at: left.range.joined(token.range))
    }
    if token.is(.comma), case .name = left.kind {
      return SyntaxError(.habit(.tuple), at: token.range)
    }
    if case .symbol(let symbol) = token.kind, let sign = Self.foreignUpdates[symbol],
      let habit = updateHabit(of: range(from: start).text, sign)
    {
      return SyntaxError(.habit(habit), at: token.range.joined(token(after: 1).range))
    }
    if let symbol = [Symbol.plusPlus, .minusMinus].first(where: { token.is($0) }) {
      return SyntaxError(
        .habit(.increment(name: range(from: start).text, sign: String(symbol.rawValue.prefix(1)))),
        at: token.range)
    }
    if token.is(.arrow), case .name(let name) = token(after: 1).kind, endsLine(after: 2) {
      return SyntaxError(
        .habit(.rightAssign(name: name)), at: token.range.joined(token(after: 1).range))
    }
    if place > 0, tokens[place - 1].is(.end), case .keyword(let word) = token.kind,
      [.if, .for, .while, .function, .try].contains(word), endsLine(after: 1)
    {
      return SyntaxError(
        .habit(.endWord("end \(word.rawValue)")), at: tokens[place - 1].range.joined(token.range))
    }
    // x = 3 % the rank
    if case .name = token.kind, place > start,
      let sign = tokens[start..<place].last(where: { $0.is(.remainder) && $0.spaceBefore })
    {
      return SyntaxError(.habit(.percentComment), at: sign.range)
    }
    return expected(.lineEnd)
  }

  /// The error at a token that cannot go on after an element of a matrix.
  mutating func afterElement(_ row: [Expression]) -> SyntaxError {
    if startsOperand, let left = row.last, foreignSign == nil {
      return SyntaxError(
        .habit(.spaceSeparated(left: left.range.text, right: token.range.text)),
        at: left.range.joined(token.range))
    }
    return expected(.closing("]"))
  }

  /// Whether the innermost open round bracket stands behind a name, as that of a call does.
  var partnerIsCall: Bool {
    var open = place - 1
    while open > 0 {
      if tokens[open].is(.openRound), partners[open] > place {
        if case .name = tokens[open - 1].kind { return true }
        return false
      }
      if tokens[open].kind == .newline { return false }
      open -= 1
    }
    return false
  }

  /// What stands here in the place of an operator: `and`, `is not`.
  var wordOperator: SyntaxError? {
    guard case .name(let word) = token.kind, var ours = Self.wordOperators[word] else { return nil }
    // Between masks the operators go element by element.
    if indexDepth > 0, word == "and" || word == "or" { ours.removeLast() }
    let next = token(after: 1)
    switch (word, next.kind) {
    case ("is", .name("not")):
      return SyntaxError(
        .habit(.wordOperator("is not", ours: "!=")), at: token.range.joined(next.range))
    case ("not", .keyword(.in)):
      return SyntaxError(.habit(.membership), at: token.range.joined(next.range))
    default: return SyntaxError(.habit(.wordOperator(word, ours: ours)), at: token.range)
    }
  }

  /// Whether the `for` here stands behind the only element between brackets: `[x^2 for x in xs]`.
  var isComprehension: Bool {
    guard case .name = token(after: 1).kind, token(after: 2).is(.in) else { return false }
    var open = place - 1
    while open >= 0 {
      if partners[open] > place { return open < place - 1 }
      if tokens[open].is(.comma) || tokens[open].is(.semicolon) { return false }
      open = partners[open] >= 0 ? partners[open] - 1 : open - 1
    }
    return false
  }

  /// What `x ^= 2` means: the operator here, right before `=`, on a place that could be assigned.
  func updateHabit(of place: String, _ sign: String) -> Habit? {
    let next = token(after: 1)
    guard next.is(.assign), !next.spaceBefore else { return nil }
    return .updateSign(place: place, sign: sign)
  }

  /// What a dot right before a comparison, a sign between masks or the brackets of a call means: go
  /// element by element.
  func dotHabit() -> Habit? {
    guard !token.spaceBefore, case .symbol(let symbol) = token.kind else { return nil }
    switch symbol {
    case .less, .greater, .lessOrEqual, .greaterOrEqual, .equalEqual, .unequal, .and, .or:
      return .dottedSign(symbol.rawValue)
    case .andAnd: return .dottedSign("&")
    case .orOr: return .dottedSign("|")
    case .openRound: return .dottedCall
    default: return nil
    }
  }

  /// What is left of this line.
  private func lineRest() -> String {
    let line = source.lineRange(source.line(at: token.range.lower))
    let comment = source.bytes[token.range.lower..<line.upperBound].firstIndex(
      of: UInt8(ascii: "#"))
    let isText = if case .text = token.kind { true } else { false }
    let rest = source.text(
      in: token.range.lower..<(isText ? line.upperBound : comment ?? line.upperBound))
    var end = rest.endIndex
    while end > rest.startIndex, rest[rest.index(before: end)].isWhitespace {
      end = rest.index(before: end)
    }
    return String(rest[..<end])
  }

  /// Whether an operand can start here.
  private var startsOperand: Bool { startsOperand(token) }

  /// Whether an operand can start with a token.
  func startsOperand(_ token: Token) -> Bool {
    switch token.kind {
    case .name, .number, .text, .quoted: true
    case .keyword(let keyword): [.true, .false, .nothing].contains(keyword)
    case .symbol(let symbol): symbol.closing != nil
    case .newline, .end: false
    }
  }

  /// Whether the line ends so many tokens after this one.
  func endsLine(after count: Int) -> Bool {
    let next = token(after: count)
    return next.kind == .newline || next.kind == .end || next.is(.semicolon)
  }

  /// What stands here, right behind an operand, and belongs to it elsewhere: `sort!(x)`, `r$a`,
  /// `x{1}`, `0...3`, `a if c else b`.
  var foreignEnding: SyntaxError? {
    guard place > 0 else { return nil }
    let left = tokens[place - 1]
    if token.is(.if) {
      let hasElse = restOfLine.contains { $0.is(.else) }
      let isAlone = !skipsNewlines && !inMatrix && !restOfLine.contains { $0.is(.then) }
      return hasElse || isAlone ? SyntaxError(.habit(.inlineIf), at: token.range) : nil
    }
    let ends: [Symbol] = [.closeSquare, .closeRound, .comma, .semicolon]
    if token.is(.ellipsis), ends.contains(where: token(after: 1).is) {
      return SyntaxError(.habit(.spreadOutside), at: token.range)
    }
    if token.is(.ellipsis), token(after: 1).kind != .newline, !token(after: 1).is(.closeCurly) {
      return SyntaxError(.habit(.dotRange), at: token.range)
    }
    guard case .name(let name) = left.kind, !token.spaceBefore else { return nil }
    let next = token(after: 1)
    if token.is(.not), next.is(.openRound), !next.spaceBefore {
      return SyntaxError(.habit(.bangCall(name)), at: left.range.joined(token.range))
    }
    if token.is(.dollar), case .name = next.kind {
      return SyntaxError(.habit(.fieldSign), at: token.range)
    }
    if token.is(.openCurly), partners[place] > place {
      return SyntaxError(.habit(.curlyIndex), at: token.range)
    }
    return nil
  }

  /// The tokens from here to the end of the line.
  private var restOfLine: ArraySlice<Token> {
    let end = tokens[place...].firstIndex { $0.kind == .newline || $0.kind == .end }
    return tokens[place..<(end ?? tokens.count)]
  }

  /// What the sign here means in another language.
  var foreignSign: Habit? {
    switch token.kind {
    case .quoted(let content): return .singleQuotes(content)
    case .text:
      guard place > 0, case .name(let prefix) = tokens[place - 1].kind, !token.spaceBefore,
        ["f", "r", "b", "u", "raw"].contains(prefix)
      else { return nil }
      return .textPrefix(prefix)
    case .symbol(.at): return .matrixProduct("@")
    case .symbol(.percentTimes): return .matrixProduct("%*%")
    case .symbol(.starStar): return .doubleStar
    case .symbol(.tildeEqual): return .tildeUnequal
    case .symbol(.tilde): return .tildeNot
    case .symbol(.tripleEqual): return .tripleEqual
    case .symbol(.slashSlash):
      if case .number = token(after: 1).kind, place > 0 {
        switch token(after: 2).kind {
        case .newline, .end, .symbol: return .wholeQuotient
        case .name, .number, .text, .quoted, .keyword: break
        }
      }
      return .slashComment
    case .symbol(.fatArrow): return .fatArrow
    case .symbol(.lessGreater): return .angleUnequal
    case .symbol(.percentPipe): return .pipeSign("%>%")
    case .symbol(.question): return .ternary
    case .name(let word):
      if word == "not" { return nil }
      if case .habit(let habit)? = wordOperator?.kind { return habit }
      if place > 0, case .number = tokens[place - 1].kind, !token.spaceBefore {
        if word == "i" || word == "j" { return .imaginary(word) }
        return .missingOperator(tokens[place - 1].range.text + " * " + word)
      }
      return nil
    default: return nil
    }
  }
}
