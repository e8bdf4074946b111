import Vocabulary

/// Brackets that make values: matrices, lists, records.
extension Parser {
  mutating func matrix() throws -> Expression {
    let start = place
    advance()
    let before = indexDepth
    indexDepth = 0
    defer { indexDepth = before }
    var rows: [[Expression]] = []
    try bracketed(skipsNewlines: false, inMatrix: true) { parser in
      var row: [Expression] = []
      func endRow() {
        if !row.isEmpty { rows.append(row) }
        row = []
      }
      parser.skipLineEnds()
      while !parser.token.is(.closeSquare) {
        row.append(try parser.expression())
        switch parser.token.kind {
        case .symbol(.comma):
          parser.advance()
          parser.skipLineEnds()
        case .newline, .symbol(.semicolon):
          endRow()
          while parser.token.kind == .newline || parser.token.is(.semicolon) { parser.advance() }
        case .symbol(.closeSquare): break
        default: throw parser.afterElement(row)
        }
      }
      endRow()
    }
    let close = token.range
    advance()
    return try make(
      .matrix(rows: rows), tokens[start].range.joined(close),
      over: rows.flatMap { $0 })
  }

  mutating func listOrRecord() throws -> Expression {
    let start = place
    advance()
    let before = indexDepth
    indexDepth = 0
    defer { indexDepth = before }
    var parts: [SpreadPart] = []
    var keys: Set<String> = []
    var kinds: (spreads: Bool, fields: Bool, elements: Bool) = (false, false, false)
    try bracketed(skipsNewlines: true) { parser in
      while !parser.token.is(.closeCurly) {
        let range = parser.token.range
        if let key = parser.recordKey() {
          if !keys.insert(key).inserted { throw SyntaxError(.duplicateName(key), at: range) }
          parser.advance()
          parser.advance()
          parts.append(.field(key: key, range, try parser.expression()))
          kinds.fields = true
        } else {
          if case .text = parser.token.kind, let key = parser.keyText {
            let sign = parser.token(after: 1)
            if sign.is(.colon) || sign.is(.fatArrow) {
              throw SyntaxError(.habit(.recordSign(key: key)), at: sign.range)
            }
          }
          let value = try parser.expression()
          if parser.accept(.ellipsis) {
            parts.append(.all(value))
            kinds.spreads = true
          } else {
            parts.append(.element(value))
            kinds.elements = true
          }
        }
        if kinds.fields && kinds.elements { throw SyntaxError(.mixedRecord, at: range) }
        if !parser.accept(.comma) { break }
      }
      guard parser.token.is(.closeCurly) else { throw parser.expected(.closing("}")) }
    }
    let close = token.range
    advance()
    let range = tokens[start].range.joined(close)
    let values = parts.map(\.value)
    if kinds.spreads { return try make(.spread(parts), range, over: values) }
    guard kinds.fields else { return try make(.list(values), range, over: values) }
    let fields = parts.compactMap { part -> (key: String, range: SourceRange, value: Expression)? in
      guard case .field(let key, let range, let value) = part else { return nil }
      return (key, range, value)
    }
    return try make(.record(fields), range, over: values)
  }

  /// The key of a field in a record, when a field starts here.
  func recordKey() -> String? { token(after: 1).is(.assign) ? keyText : nil }

  /// The token here as the key of a field.
  private var keyText: String? {
    switch token.kind {
    case .name(let name): return name
    case .text(let parts):
      if parts.isEmpty { return "" }
      if parts.count == 1, case .letters(let letters) = parts[0] { return letters }
      return nil
    default: return nil
    }
  }
}
