import Vocabulary

/// Functions and their parameters.
extension Parser {
  mutating func namedFunction() throws -> Statement {
    let start = place
    guard case .name(let name) = token(after: 1).kind else { throw expected(.name) }
    let nameRange = token(after: 1).range
    let function = try functionBody(named: name)
    return Statement(
      kind: .define(name, nameRange, function), range: range(from: start))
  }

  /// From `function` to `end`.
  mutating func functionBody(named name: String?) throws -> FunctionSyntax {
    let opener = place
    openBlocks.append(opener)
    defer { openBlocks.removeLast() }
    var parameters: [FunctionSyntax.Parameter] = []
    header {
      $0.advance()
      if let name {
        $0.advance()
        if $0.token.is(.assign) {
          throw SyntaxError(.habit(.octaveFunction(name)), at: $0.token.range)
        }
      }
      if name == nil, $0.token.is(.openSquare) {
        throw SyntaxError(.habit(.octaveFunction("f")), at: $0.token.range)
      }
      guard $0.token.is(.openRound) else { throw $0.expected(.closing("(")) }
      parameters = try $0.parameterList()
      if $0.token.is(.colon) { throw SyntaxError(.habit(.colonBlock), at: $0.token.range) }
      if $0.token.is(.openCurly) { throw SyntaxError(.habit(.braceBlock), at: $0.token.range) }
    }
    let body = block()
    try closeBlock(opener, .function)
    return FunctionSyntax(
      name: name, parameters: parameters, body: body, range: range(from: opener))
  }

  /// Runs the first line of a block; when it is wrong, goes on with the body all the same.
  mutating func header(_ body: (inout Parser) throws -> Void) {
    let start = place
    let before = (skipsNewlines, inMatrix, indexDepth, usedEnd)
    (skipsNewlines, inMatrix, indexDepth, usedEnd) = (false, false, 0, false)
    defer { (skipsNewlines, inMatrix, indexDepth, usedEnd) = before }
    do {
      try body(&self)
    } catch {
      note(error)
      recover(from: start)
    }
  }

  /// `(x, k=3)`; `token` is at the bracket.
  mutating func parameterList() throws -> [FunctionSyntax.Parameter] {
    advance()
    let parameters = try bracketed(skipsNewlines: true) { parser in
      var parameters: [FunctionSyntax.Parameter] = []
      while !parser.token.is(.closeRound) {
        guard case .name(let name) = parser.token.kind else { throw parser.expected(.parameter) }
        let range = parser.token.range
        parser.advance()
        let standard = parser.accept(.assign) ? try parser.expression() : nil
        try parser.append(
          FunctionSyntax.Parameter(name: name, range: range, standard: standard), to: &parameters)
        if !parser.accept(.comma) { break }
      }
      guard parser.token.is(.closeRound) else { throw parser.expected(.closing(")")) }
      return parameters
    }
    advance()
    return parameters
  }

  /// The arguments of `f(x, k=3) = …` as parameters.
  func parameters(from arguments: [CallArgument], _ sign: SourceRange) throws
    -> [FunctionSyntax.Parameter]
  {
    var parameters: [FunctionSyntax.Parameter] = []
    for argument in arguments {
      if let name = argument.name, let range = argument.nameRange {
        try append(
          FunctionSyntax.Parameter(name: name, range: range, standard: argument.value),
          to: &parameters)
      } else if case .name(let name) = argument.value.kind {
        try append(
          FunctionSyntax.Parameter(name: name, range: argument.value.range, standard: nil),
          to: &parameters)
      } else if arguments.allSatisfy({ $0.name == nil }) {
        // x(2) = 5
        throw SyntaxError(.habit(.roundIndex), at: argument.value.range)
      } else {
        throw SyntaxError(
          .expected(.parameter, found: "'\(argument.value.range.text)'"),
          at: argument.value.range)
      }
    }
    return parameters
  }

  func append(
    _ parameter: FunctionSyntax.Parameter, to parameters: inout [FunctionSyntax.Parameter]
  ) throws {
    if parameters.contains(where: { $0.name == parameter.name }) {
      throw SyntaxError(.duplicateName(parameter.name), at: parameter.range)
    }
    if parameter.standard == nil, parameters.last?.standard != nil {
      throw SyntaxError(.defaultBeforeRequired(parameter.name), at: parameter.range)
    }
    parameters.append(parameter)
  }

  /// Whether a name after `catch` is that of the error, and not the start of a statement.
  func endsCatchName(_ next: Token) -> Bool {
    switch next.kind {
    case .newline, .end, .name, .number, .text, .keyword, .symbol(.semicolon): true
    case .symbol, .quoted: false
    }
  }
}
