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
    var elements: [Expression] = []
    var fields: [(key: String, range: SourceRange, value: Expression)] = []
    try bracketed(skipsNewlines: true) { parser in
      while !parser.token.is(.closeCurly) {
        let range = parser.token.range
        if let key = parser.recordKey() {
          if fields.contains(where: { $0.key == key }) {
            throw SyntaxError(.duplicateName(key), at: range)
          }
          parser.advance()
          parser.advance()
          fields.append((key, range, try parser.expression()))
        } else {
          elements.append(try parser.expression())
        }
        if !fields.isEmpty && !elements.isEmpty { throw SyntaxError(.mixedRecord, at: range) }
        if !parser.accept(.comma) { break }
      }
      guard parser.token.is(.closeCurly) else { throw parser.expected(.closing("}")) }
    }
    let close = token.range
    advance()
    let range = tokens[start].range.joined(close)
    if fields.isEmpty { return try make(.list(elements), range, over: elements) }
    return try make(.record(fields), range, over: fields.map(\.value))
  }

  /// The key of a field in a record, when a field starts here.
  func recordKey() -> String? {
    guard token(after: 1).is(.assign) else { return nil }
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
