import Vocabulary

/// `if`, `for`, `while`, `try`.
extension Parser {
  /// The end of a condition, or of what a loop goes through: a new line, `;` or `then`.
  mutating func conditionEnd(_ keyword: Keyword = .if) throws {
    switch token.kind {
    case .newline, .symbol(.semicolon), .end: if token.kind == .end { ranOut = true }
    case .keyword(.then): advance()
    case .symbol(.assign): throw SyntaxError(.habit(.assignInCondition), at: token.range)
    case .symbol(.colon): throw SyntaxError(.habit(.colonBlock), at: token.range)
    case .symbol(.openCurly): throw SyntaxError(.habit(.braceBlock), at: token.range)
    case .name("do"): throw SyntaxError(.habit(.doWord), at: token.range)
    default: throw expected(.conditionEnd(keyword))
    }
  }

  mutating func conditional() throws -> Expression {
    let opener = place
    openBlocks.append(opener)
    defer { openBlocks.removeLast() }
    var branches: [(condition: Expression, body: Block)] = []
    var otherwise: Block?
    repeat {
      if token.is(.else) {
        note(
          SyntaxError(
            .habit(.elseIf("else if")), at: token.range.joined(self.token(after: 1).range)))
        forgivenEnds += 1
        place += 1
      }
      var condition = Expression(.wrong, token.range)
      header {
        $0.advance()
        condition = try $0.expression()
        try $0.refuseColon(from: opener)
        try $0.conditionEnd()
      }
      branches.append((condition, block()))
    } while token.is(.elseif) || startsElseIf
    if token.is(.else) {
      advance()
      if token.is(.colon) {
        note(SyntaxError(.habit(.colonBlock), at: token.range))
        place += 1
      }
      otherwise = block()
    }
    try closeBlock(opener, .if)
    return Expression(.conditional(branches, otherwise: otherwise), range(from: opener))
  }

  /// Whether `else if` stands here, in one line.
  var startsElseIf: Bool {
    token.is(.else) && token(after: 1).is(.if)
  }

  mutating func loop() throws -> Expression {
    let opener = place
    openBlocks.append(opener)
    defer { openBlocks.removeLast() }
    var pattern = Pattern.name("_", token.range)
    var over = Expression(.wrong, token.range)
    header {
      $0.advance()
      if $0.token.is(.openRound) {
        try $0.refuseBracketedLoop()
        pattern = try $0.namesInBrackets()
      } else if case .name(let name) = $0.token.kind {
        pattern = .name(name, $0.token.range)
        $0.advance()
        if $0.token.is(.comma) { throw SyntaxError(.habit(.tuple), at: $0.token.range) }
      } else {
        throw $0.expected(.name)
      }
      if $0.token.is(.assign) { throw SyntaxError(.habit(.forEquals), at: $0.token.range) }
      guard $0.accept(.in) else { throw $0.expected(.inKeyword) }
      over = try $0.expression()
      if case .range(let from, nil, _) = over.kind, $0.isIterator(from) {
        try $0.refuseColon(from: opener)
      }
      try $0.conditionEnd(.for)
    }
    let body = block()
    try closeBlock(opener, .for)
    return Expression(.loop(pattern: pattern, over: over, body: body), range(from: opener))
  }

  mutating func whileLoop() throws -> Expression {
    let opener = place
    openBlocks.append(opener)
    defer { openBlocks.removeLast() }
    var condition = Expression(.wrong, token.range)
    header {
      $0.advance()
      condition = try $0.expression()
      try $0.refuseColon(from: opener)
      try $0.conditionEnd(.while)
    }
    let body = block()
    try closeBlock(opener, .while)
    return Expression(.whileLoop(condition: condition, body: body), range(from: opener))
  }

  mutating func attempt() throws -> Expression {
    let opener = place
    openBlocks.append(opener)
    defer { openBlocks.removeLast() }
    if token(after: 1).is(.openCurly), token(after: 2).kind == .newline {
      throw SyntaxError(.habit(.braceBlock), at: token(after: 1).range)
    }
    place += 1
    if token.is(.colon) {
      note(SyntaxError(.habit(.colonBlock), at: token.range))
      place += 1
    }
    let known = errors.count
    let body = block()
    guard token.is(.catch) else {
      let hasForeignCatch = errors[known...].contains { $0.kind.isCatchWord }
      if token.is(.end), !hasForeignCatch { throw expected(.closing("catch")) }
      try closeBlock(opener, .try)
      return Expression(.wrong, range(from: opener))
    }
    place += 1
    var name: String?
    var nameRange: SourceRange?
    if case .name(let word) = token.kind, endsCatchName(token(after: 1)) {
      (name, nameRange) = (word, token.range)
      place += 1
    }
    let handler = block()
    try closeBlock(opener, .try)
    return Expression(
      .attempt(body: body, name: name, nameRange: nameRange, handler: handler),
      range(from: opener))
  }
}
