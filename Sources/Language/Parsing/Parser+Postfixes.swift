import Vocabulary

/// What stands behind an operand: calls, indices, fields, transposes.
extension Parser {
  /// What can stand behind an operand, in a row.
  mutating func postfix(_ first: Expression) throws -> Expression {
    var left = first
    while case .symbol(let symbol) = token.kind {
      switch symbol {
      case .transpose:
        let range = left.range.joined(token.range)
        advance()
        left = try make(.transpose(left), range, over: left)
      case .openRound:
        let arguments = try self.arguments()
        left = try make(
          .call(left, arguments), left.range.joined(tokens[place - 1].range).trimmed,
          over: [left] + arguments.map(\.value))
      case .openSquare:
        let (indices, usesEnd) = try self.indices()
        left = try make(
          .index(left, indices, usesEnd: usesEnd),
          left.range.joined(tokens[place - 1].range).trimmed, over: [left] + indices)
      case .dot:
        let dot = token
        advance()
        if case .quoted = token.kind { throw SyntaxError(.habit(.dotTranspose), at: dot.range) }
        if let dots = self.dots(from: dot) { throw SyntaxError(.habit(.dotRange), at: dots) }
        if let habit = dotHabit() {
          let range = habit == .dottedCall ? dot.range : dot.range.joined(token.range)
          throw SyntaxError(.habit(habit), at: range)
        }
        if case .text = token.kind, dot.spaceBefore {
          throw SyntaxError(.habit(.dotRange), at: dot.range)
        }
        guard case .name(let name) = token.kind else { throw expected(.fieldName) }
        let field = token.range
        advance()
        left = try make(.field(left, name, field), left.range.joined(field), over: left)
      default: return left
      }
    }
    return left
  }

  /// The dots of `1..3`, of which one is behind us and the other here or in the number here.
  private func dots(from dot: Token) -> SourceRange? {
    let range = token.range
    guard dot.range.upper == range.lower, range.text.hasPrefix(".") else { return nil }
    return SourceRange(source, dot.range.lower, range.lower + 1)
  }

  /// The name before `=`. Words of the language are names here: `gru(64, return="sequence")`.
  func argumentName() -> String? {
    guard token(after: 1).is(.assign) else { return nil }
    switch token.kind {
    case .name(let name): return name
    case .keyword(let keyword): return keyword.rawValue
    default: return nil
    }
  }

  /// `(x, k=3)` of a call; `token` is at the bracket.
  mutating func arguments() throws -> [CallArgument] {
    advance()
    let before = indexDepth
    defer { indexDepth = before }
    let arguments = try bracketed(skipsNewlines: true) { parser in
      var arguments: [CallArgument] = []
      while !parser.token.is(.closeRound) {
        if let name = parser.argumentName() {
          let range = parser.token.range
          parser.advance()
          parser.advance()
          arguments.append(
            CallArgument(name: name, nameRange: range, value: try parser.expression()))
        } else {
          let value = try parser.expression()
          if arguments.last?.name != nil {
            throw SyntaxError(.positionalAfterNamed, at: value.range)
          }
          arguments.append(CallArgument(name: nil, nameRange: nil, value: value))
        }
        if !parser.accept(.comma) { break }
      }
      guard parser.token.is(.closeRound) else { throw parser.expected(.closing(")")) }
      return arguments
    }
    advance()
    return arguments
  }

  /// `[i, :]` of an index; `token` is at the bracket.
  mutating func indices() throws -> ([Expression], usesEnd: Bool) {
    let before = usedEnd
    usedEnd = false
    indexDepth += 1
    defer {
      usedEnd = before
      indexDepth -= 1
    }
    advance()
    let indices = try bracketed(skipsNewlines: true) { parser in
      var indices: [Expression] = []
      while !parser.token.is(.closeSquare) {
        let next = parser.token(after: 1)
        if parser.token.is(.colon), next.is(.comma) || next.is(.closeSquare) {
          indices.append(Expression(.everything, parser.token.range))
          parser.advance()
        } else if parser.token.is(.colon) {
          throw SyntaxError(.habit(.openRange), at: parser.token.range)
        } else if parser.token.is(.comma) {
          throw SyntaxError(.habit(.emptyIndex), at: parser.token.range)
        } else {
          indices.append(try parser.expression())
        }
        if !parser.accept(.comma) { break }
      }
      guard parser.token.is(.closeSquare), !indices.isEmpty else {
        throw parser.expected(indices.isEmpty ? .expression : .closing("]"))
      }
      return indices
    }
    let usesEnd = usedEnd
    advance()
    return (indices, usesEnd)
  }

}
