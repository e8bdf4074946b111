import Vocabulary

extension Parser {
  /// An expression over its parts: checks that it does not become too high.
  mutating func make(_ kind: Expression.Kind, _ range: SourceRange, over parts: Expression...)
    throws
    -> Expression
  { try make(kind, range, over: parts) }

  mutating func make(_ kind: Expression.Kind, _ range: SourceRange, over parts: [Expression])
    throws -> Expression
  {
    let height = 1 + (parts.map(\.height).max() ?? 0)
    blockHeight = max(blockHeight, height)
    guard height <= Self.greatestHeight else { throw SyntaxError(.tooLong, at: range) }
    return Expression(kind, range, height: height)
  }

  /// An expression whose operators bind at least as tight as `least`.
  mutating func expression(_ least: Int = 0) throws -> Expression {
    try nested { try $0.climb(least) }
  }

  mutating func climb(_ least: Int) throws -> Expression {
    var left = try operand()
    while let infix = nextInfix(least) {
      let sign = token
      if inMatrix, sign.is(.minus) || sign.is(.plus), sign.spaceBefore,
        !token(after: 1).spaceBefore
      {
        throw SyntaxError(
          .habit(
            .ambiguousSign(
              left: left.range.text, right: sign.range.text + token(after: 1).range.text)),
          at: left.range.joined(token(after: 1).range))
      }
      if case .range = infix.meaning, let habit = rangeHabit() {
        throw SyntaxError(.habit(habit), at: token.range)
      }
      if case .calculation = infix.meaning,
        let habit = updateHabit(of: left.range.text, sign.range.text)
      {
        throw SyntaxError(.habit(habit), at: sign.range.joined(token(after: 1).range))
      }
      advance()
      skipLineEnds()
      left = try combine(left, infix, sign.range)
      if case .comparison = infix.meaning, let next = nextInfix(least),
        case .comparison = next.meaning
      {
        throw SyntaxError(.chainedComparison, at: left.range.joined(token.range))
      }
    }
    return left
  }

  /// The infix operator here, if it binds tight enough. A line that starts with `|>` goes on with
  /// the one before.
  mutating func nextInfix(_ least: Int) -> Infix? {
    if token.kind == .newline, least <= 1 {
      var next = place
      while tokens[next].kind == .newline { next += 1 }
      if tokens[next].is(.pipe) { place = next }
    }
    guard case .symbol(let symbol) = token.kind, let infix = Infix[symbol],
      infix.strength >= least
    else { return nil }
    return infix
  }

  /// A colon where no range can go on: `if x:` and `A[2:]`.
  func rangeHabit() -> Habit? {
    switch token(after: 1).kind {
    case .newline where !skipsNewlines && !inMatrix && !openBlocks.isEmpty: .colonBlock
    case .keyword(.break), .keyword(.continue), .keyword(.return):
      skipsNewlines || inMatrix || openBlocks.isEmpty ? nil : .colonBlock
    case .symbol(.closeSquare), .symbol(.comma): indexDepth > 0 ? .openRange : nil
    default: nil
    }
  }

  mutating func combine(_ left: Expression, _ infix: Infix, _ sign: SourceRange) throws
    -> Expression
  {
    switch infix.meaning {
    case .pipe:
      let stage = try expression(infix.strength + 1)
      let range = left.range.joined(stage.range)
      if case .call(let callee, let arguments) = stage.kind {
        return try make(.pipe(left, into: callee, arguments), range, over: left, stage)
      }
      return try make(.pipe(left, into: stage, []), range, over: left, stage)
    case .orElse:
      let right = try expression(infix.strength + 1)
      return try make(
        .orElse(left, right), left.range.joined(right.range), over: left, right)
    case .andThen:
      let right = try expression(infix.strength + 1)
      return try make(
        .andThen(left, right), left.range.joined(right.range), over: left, right)
    case .range:
      let second = try expression(infix.strength + 1)
      guard token.is(.colon) else {
        return try make(
          .range(start: left, step: nil, end: second), left.range.joined(second.range),
          over: left, second)
      }
      if let habit = rangeHabit() { throw SyntaxError(.habit(habit), at: token.range) }
      advance()
      skipLineEnds()
      let end = try expression(infix.strength + 1)
      return try make(
        .range(start: left, step: second, end: end), left.range.joined(end.range),
        over: left, second, end)
    case .calculation(let operation), .comparison(let operation):
      let tighter = infix.grouping == .left ? infix.strength + 1 : infix.strength
      // After a power a sign may stand: `2^-1`.
      let right = try expression(infix.grouping == .left ? tighter : Infix.prefixStrength)
      return try make(
        .calculation(operation, sign, left, right), left.range.joined(right.range),
        over: left, right)
    }
  }

  mutating func operand() throws -> Expression {
    let start = place
    switch token.kind {
    case .symbol(.minus):
      advance()
      let inside = try expression(Infix.prefixStrength)
      let range = tokens[start].range.joined(inside.range)
      if case .number(let number) = inside.kind, tokens[start + 1].kind == .number(number) {
        return Expression(.number(-number), range)
      }
      return try make(.negate(inside), range, over: inside)
    case .symbol(.plus):
      advance()
      return try expression(Infix.prefixStrength)
    case .symbol(.not):
      advance()
      let inside = try expression(Infix.prefixStrength)
      return try make(.not(inside), tokens[start].range.joined(inside.range), over: inside)
    default:
      return try postfix(try primary())
    }
  }

  mutating func primary() throws -> Expression {
    let start = place
    let range = token.range
    switch token.kind {
    case .number(let number):
      advance()
      return Expression(.number(number), range)
    case .text(let parts):
      advance()
      return try text(parts, range)
    case .name(let name):
      if token(after: 1).is(.arrow) {
        advance()
        return try lambda(
          [FunctionSyntax.Parameter(name: name, range: range, standard: nil)], start)
      }
      if token(after: 1).is(.fatArrow) {
        throw SyntaxError(.habit(.fatArrow), at: token(after: 1).range)
      }
      try refuseForeignWord(name)
      advance()
      return Expression(.name(name), range)
    case .keyword(let keyword): return try primary(keyword)
    case .symbol(.openRound):
      if partners[place] > place, tokens[partners[place] + 1].is(.arrow) {
        return try lambda(try parameterList(), start)
      }
      if partners[place] > place, tokens[partners[place] + 1].is(.fatArrow) {
        throw SyntaxError(.habit(.fatArrow), at: tokens[partners[place] + 1].range)
      }
      return try parenthesized()
    case .symbol(.openSquare): return try matrix()
    case .symbol(.openCurly): return try listOrRecord()
    case .symbol(.pipe) where start == 0 || tokens[..<start].allSatisfy { $0.kind == .newline }:
      // At the prompt a line that starts with a pipe takes the last answer.
      guard isPrompt else { throw SyntaxError(.pipeAtStart, at: range) }
      return Expression(.name("ans"), SourceRange(source, range.lower, range.lower))
    default: throw expected(.expression)
    }
  }

  mutating func primary(_ keyword: Keyword) throws -> Expression {
    let range = token.range
    switch keyword {
    case .true, .false:
      advance()
      return Expression(.boolean(keyword == .true), range)
    case .nothing:
      advance()
      return Expression(.nothing, range)
    case .end where indexDepth > 0:
      advance()
      usedEnd = true
      return Expression(.end, range)
    case .end where skipsNewlines && !inMatrix && place > 0 && partnerIsCall:
      throw SyntaxError(.habit(.roundIndex), at: range)
    case .if: return try construct { try $0.conditional() }
    case .for: return try construct { try $0.loop() }
    case .while: return try construct { try $0.whileLoop() }
    case .try: return try construct { try $0.attempt() }
    case .function:
      return try construct {
        let function = try $0.functionBody(named: nil)
        return Expression(.function(function), function.range)
      }
    default: throw expected(.expression)
    }
  }

  /// A block as an expression: as high as its nesting, with room for what is inside.
  mutating func construct(_ body: (inout Parser) throws -> Expression) throws -> Expression {
    let before = blockHeight
    blockHeight = 0
    var result = try body(&self)
    result.height = blockHeight + 1
    guard result.height <= Self.greatestHeight else {
      throw SyntaxError(.tooLong, at: result.range)
    }
    blockHeight = max(before, result.height)
    return result
  }

  mutating func parenthesized() throws -> Expression {
    let start = place
    advance()
    if token.is(.closeRound) { throw expected(.expression) }
    let inside = try bracketed(skipsNewlines: true) { parser in
      let inside = try parser.expression()
      if parser.token.is(.comma) { throw SyntaxError(.habit(.tuple), at: parser.token.range) }
      guard parser.token.is(.closeRound) else { throw parser.expected(.closing(")")) }
      return inside
    }
    let close = token.range
    advance()
    return try make(
      .parenthesized(inside), tokens[start].range.joined(close),
      over: inside)
  }

  mutating func lambda(_ parameters: [FunctionSyntax.Parameter], _ start: Int) throws
    -> Expression
  {
    advance()
    skipLineEnds()
    let before = indexDepth
    indexDepth = 0
    defer { indexDepth = before }
    let body = try expression()
    let range = tokens[start].range.joined(body.range)
    let function = FunctionSyntax(
      name: nil, parameters: parameters, body: single(body), range: range)
    return try make(
      .function(function), range, over: [body] + parameters.compactMap(\.standard))
  }

  mutating func text(_ parts: [TextPart], _ range: SourceRange) throws -> Expression {
    var pieces: [Expression.Piece] = []
    var holes: [Expression] = []
    for part in parts {
      switch part {
      case .letters(let letters): pieces.append(.letters(letters))
      case .hole(let hole):
        let inside = try nested { parser in
          var inner = Parser(parser.source, tokens: hole.tokens, isPrompt: parser.isPrompt)
          inner.nesting = parser.nesting
          let brackets = inner.matchBrackets()
          if let error = brackets.first { throw error }
          let expression = try inner.expression()
          guard inner.token.kind == .end else { throw inner.expected(.closing("}")) }
          if let error = inner.errors.first { throw error }
          return expression
        }
        holes.append(inside)
        pieces.append(.hole(inside, hole.format.flatMap { try? FormatSpecification($0) }))
      }
    }
    return try make(.text(pieces), range, over: holes)
  }
}

extension SourceRange {
  /// Without white space at its end.
  var trimmed: SourceRange {
    var end = upper
    while end > lower,
      [UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"), 13].contains(
        source.bytes[end - 1])
    { end -= 1 }
    return SourceRange(source, lower, end)
  }
}
