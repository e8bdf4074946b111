extension Parser {
  mutating func program() -> Block {
    var statements: [Statement] = []
    while token.kind != .end {
      statements += self.statements()
      if token.kind == .end { break }
      // A word that only a block can have, at the top.
      if token.is(.end) {
        if forgivenEnds > 0 {
          forgivenEnds -= 1
          place += 1
          continue
        }
        note(SyntaxError(.extraEnd, at: token.range))
      } else if case .keyword(let keyword) = token.kind {
        note(SyntaxError(.dangling(keyword), at: token.range))
      } else {
        note(expected(.expression))
      }
      place += 1
    }
    return Block(statements: statements, range: SourceRange(source, 0, source.bytes.count))
  }

  /// Statements up to a word that ends a block, or the end.
  mutating func statements() -> [Statement] {
    var statements: [Statement] = []
    while true {
      while token.kind == .newline || token.is(.semicolon) { place += 1 }
      if isBlockEnd { return statements }
      let start = place
      do {
        var statement = try nested { try $0.statement() }
        if token.is(.semicolon) {
          statement.isSilenced = true
        } else if token.kind != .newline && !isBlockEnd {
          throw afterOperand(start)
        }
        statements.append(statement)
      } catch {
        note(error)
        recover(from: start)
        if place == start { place += 1 }
      }
    }
  }

  var isBlockEnd: Bool {
    switch token.kind {
    case .end, .keyword(.end), .keyword(.else), .keyword(.elseif), .keyword(.catch): true
    default: false
    }
  }

  /// The statements between a keyword and its `end` (or `else` …). What depends on the place
  /// starts afresh: a block inside brackets is a block.
  mutating func block() -> Block {
    let before = (skipsNewlines, inMatrix, indexDepth, usedEnd)
    (skipsNewlines, inMatrix, indexDepth, usedEnd) = (false, false, 0, false)
    defer { (skipsNewlines, inMatrix, indexDepth, usedEnd) = before }
    let start = place
    let statements = self.statements()
    return Block(statements: statements, range: range(from: start))
  }

  /// Takes the `end` of the innermost block.
  mutating func closeBlock(_ opener: Int, _ keyword: Keyword) throws {
    guard token.is(.end) else {
      ranOut = ranOut || token.kind == .end
      if token.kind != .end {
        if case .keyword(let word) = token.kind {
          throw SyntaxError(.dangling(word), at: token.range, with: tokens[opener].range)
        }
      }
      let blamed = suspect ?? opener
      suspect = nil
      if case .keyword(let word) = tokens[blamed].kind {
        throw SyntaxError(.openBlock(word), at: tokens[blamed].range)
      }
      throw SyntaxError(.openBlock(keyword), at: tokens[opener].range)
    }
    if suspect == nil, let indent = indentation(of: opener), let mine = indentation(of: place),
      mine < indent
    {
      suspect = opener
    }
    advance()
  }

  /// The column of a token that is the first of its line.
  func indentation(of index: Int) -> Int? {
    guard index == 0 || tokens[index - 1].kind == .newline else { return nil }
    let start = tokens[index].range.lower
    return start - source.lineStarts[source.line(at: start)]
  }

  // MARK: Statements

  mutating func statement() throws -> Statement {
    let start = place
    func done(_ kind: Statement.Kind) -> Statement {
      Statement(kind: kind, range: range(from: start))
    }
    switch token.kind {
    case .keyword(.break):
      advance()
      return done(.breakLoop)
    case .keyword(.continue):
      advance()
      return done(.continueLoop)
    case .keyword(.return):
      advance()
      if token.kind == .newline || token.is(.semicolon) || isBlockEnd {
        return done(.returnValue(nil))
      }
      let value = try expression()
      if token.is(.comma) { throw SyntaxError(.habit(.returnSeveral), at: token.range) }
      return done(.returnValue(value))
    case .keyword(.include): return try include()
    case .keyword(.import): return try importFile()
    case .keyword(.function):
      if case .name = token(after: 1).kind { return try namedFunction() }
      return try expressionStatement()
    case .symbol(.openRound):
      if let close = Optional(partners[place]), close > place, tokens[close + 1].is(.assign) {
        return try destructuring()
      }
      return try expressionStatement()
    case .symbol(.plus), .symbol(.minus):
      try refuseIncrement()
      return try expressionStatement()
    case .name("unless") where startsOperand(token(after: 1)) && token(after: 1).spaceBefore:
      // Read as the 'if' that it is without its 'not', so that its 'end' belongs to it.
      note(SyntaxError(.habit(.unlessWord), at: token.range))
      return Statement(
        kind: .expression(try construct { try $0.conditional() }), range: range(from: start))
    case .name(let name):
      try refuseForeignStatement(name)
      return try expressionStatement()
    case .symbol(.question): throw SyntaxError(.habit(.helpSign), at: token.range)
    case .symbol(.slashSlash): throw SyntaxError(.habit(.slashComment), at: token.range)
    case .symbol(.remainder), .symbol(.percentTimes):
      throw SyntaxError(.habit(.percentComment), at: token.range)
    default: return try expressionStatement()
    }
  }

  mutating func expressionStatement() throws -> Statement {
    let start = place
    let left = try expression()
    let operators: [Symbol: (Operator, Symbol)] = [
      .plusEqual: (.add, .plus), .minusEqual: (.subtract, .minus),
      .timesEqual: (.multiply, .times), .overEqual: (.divide, .over),
    ]
    if token.is(.assign) {
      let sign = token.range
      advance()
      skipLineEnds()
      if case .call(let callee, let arguments) = left.kind, case .name(let name) = callee.kind {
        let parameters = try parameters(from: arguments, sign)
        let body = try expression()
        let function = FunctionSyntax(
          name: name, parameters: parameters, body: single(body), range: range(from: start))
        return Statement(
          kind: .define(name, callee.range, function), range: range(from: start))
      }
      guard let (root, rootRange, steps) = place(of: left) else {
        // x: float = 1
        if case .range(let name, nil, let type) = left.kind, case .name = name.kind,
          case .name = type.kind
        {
          throw SyntaxError(
            .habit(.typedName), at: SourceRange(source, name.range.upper, type.range.upper))
        }
        throw SyntaxError(.notAssignable, at: left.range)
      }
      let value = try expression()
      if token.is(.assign), case .name = value.kind {
        throw SyntaxError(.notAssignable, at: value.range)
      }
      let kind: Statement.Kind =
        steps.isEmpty
        ? .assign(.name(root, rootRange), value) : .place(root: root, rootRange, steps, value)
      return Statement(kind: kind, range: range(from: start))
    }
    if case .symbol(let symbol) = token.kind, let (operation, _) = operators[symbol] {
      let sign = token.range
      guard let (root, rootRange, steps) = place(of: left) else {
        throw SyntaxError(.notAssignable, at: left.range)
      }
      advance()
      skipLineEnds()
      let value = try expression()
      return Statement(
        kind: .update(root: root, rootRange, steps, operation, sign, value),
        range: range(from: start))
    }
    try refuseForeignExpression(left, start)
    return Statement(kind: .expression(left), range: range(from: start))
  }

  /// A body that is one expression.
  func single(_ body: Expression) -> Block {
    Block(
      statements: [Statement(kind: .expression(body), range: body.range)], range: body.range)
  }

  /// Line ends after a sign that needs something on its right.
  mutating func skipLineEnds() { while token.kind == .newline { place += 1 } }

  /// An expression as something that can be assigned to.
  func place(of expression: Expression) -> (String, SourceRange, [Statement.Step])? {
    var steps: [Statement.Step] = []
    var current = expression
    while true {
      switch current.kind {
      case .name(let name): return (name, current.range, steps.reversed())
      case .index(let base, let indices, let usesEnd):
        steps.append(.index(indices, usesEnd: usesEnd, current.range))
        current = base
      case .field(let base, let name, let range):
        steps.append(.field(name, range))
        current = base
      default: return nil
      }
    }
  }

  mutating func destructuring() throws -> Statement {
    let start = place
    let pattern = try namesInBrackets()
    advance()
    skipLineEnds()
    let value = try expression()
    return Statement(kind: .assign(pattern, value), range: range(from: start))
  }

  /// `(a, b)`; `token` is at the bracket.
  mutating func namesInBrackets() throws -> Pattern {
    let start = place
    advance()
    let names = try bracketed(skipsNewlines: true) { parser in
      var names: [(name: String, range: SourceRange)] = []
      repeat {
        guard case .name(let name) = parser.token.kind else { throw parser.expected(.name) }
        if name != "_", names.contains(where: { $0.name == name }) {
          throw SyntaxError(.duplicateName(name), at: parser.token.range)
        }
        names.append((name, parser.token.range))
        parser.advance()
      } while parser.accept(.comma)
      guard parser.token.is(.closeRound) else { throw parser.expected(.closing(")")) }
      return names
    }
    advance()
    return .several(names, range(from: start))
  }

  mutating func include() throws -> Statement {
    let start = place
    advance()
    guard accept(.openRound) else { throw expected(.importFile) }
    let (path, pathRange) = try plainText()
    guard accept(.closeRound) else { throw expected(.closing(")")) }
    return Statement(kind: .include(path, pathRange), range: range(from: start))
  }

  mutating func importFile() throws -> Statement {
    let start = place
    advance()
    if case .name(let word) = token.kind {
      throw SyntaxError(.habit(.foreignImport(word)), at: token.range)
    }
    let (path, pathRange) = try plainText()
    guard accept(.as) else { throw expected(.importName) }
    guard case .name(let name) = token.kind else { throw expected(.name) }
    let nameRange = token.range
    advance()
    return Statement(
      kind: .importFile(path, pathRange, as: name, nameRange), range: range(from: start))
  }

  /// A text without holes: file names are known before the program runs.
  mutating func plainText() throws -> (String, SourceRange) {
    guard case .text(let parts) = token.kind else { throw expected(.importFile) }
    var path = ""
    for part in parts {
      guard case .letters(let letters) = part else { throw expected(.importFile) }
      path += letters
    }
    let range = token.range
    advance()
    return (path, range)
  }

}
