import Vocabulary

/// The edits of brackets, calls and texts that are written as in another language.
extension Diagnostic {
  /// Brackets of another kind around a place, as those of an index.
  static func squareBrackets(_ opener: Symbol, _ range: SourceRange) -> [Edit] {
    guard let (open, close) = SourceTokens(range.source).brackets(opener, around: range.lower)
    else { return [] }
    return [Edit(open.range, "["), Edit(close.range, "]")]
  }

  /// `A(:, 1)` as the index that it is: `A[:, 1]`.
  static func indexed(_ opener: Symbol, _ range: SourceRange) -> String? {
    let all = SourceTokens(range.source)
    guard let (open, close) = all.brackets(opener, around: range.lower),
      let name = all.tokens.last(where: { $0.range.upper <= open.range.lower })
    else { return nil }
    let inside = range.source.text(in: open.range.upper..<close.range.lower)
    return "\(name.range.text)[\(inside)]"
  }

  /// `f((1, 2))` with one pair of brackets.
  static func singleBrackets(_ range: SourceRange) -> String? {
    let all = SourceTokens(range.source)
    guard let (open, close) = all.brackets(.openRound, around: range.lower) else { return nil }
    let (before, after) = (all.index(at: open.range.lower) - 1, all.index(at: close.range.upper))
    guard before > 0, all.tokens[before].is(.openRound), all.tokens[after].is(.closeRound),
      case .name(let name) = all.tokens[before - 1].kind
    else { return nil }
    return "\(name)(\(range.source.text(in: open.range.upper..<close.range.lower)))"
  }

  /// The fields of the record around a place, whose signs are `:` or `=>`, with `=`.
  static func recordFields(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    guard let (open, close) = all.brackets(.openCurly, around: range.lower) else { return [] }
    let first = all.index(at: open.range.lower)
    let last = all.index(at: close.range.lower)
    var edits: [Edit] = []
    var depth = 0
    for place in first + 1..<last {
      let (before, token, next) = (
        all.tokens[place - 1], all.tokens[place], all.tokens[place + 1]
      )
      if case .symbol(let symbol) = token.kind {
        if symbol.closing != nil { depth += 1 }
        if symbol.isClosing { depth -= 1 }
      }
      guard depth == 0, place == first + 1 || before.is(.comma) || before.kind == .newline,
        next.is(.colon) || next.is(.fatArrow)
      else { continue }
      switch token.kind {
      case .name, .text: break
      case .keyword, .number, .symbol, .quoted, .newline, .end: continue
      }
      let isTight = place + 2 < last && !all.tokens[place + 2].spaceBefore
      edits.append(
        Edit(next.range, (next.spaceBefore ? "" : " ") + "=" + (isTight ? " " : "")))
    }
    return edits
  }

  /// Whether a name is the key of a field that is written with a colon: `{a: 1}`.
  static func isRecordKey(_ range: SourceRange) -> Bool {
    let all = SourceTokens(range.source)
    let place = all.index(at: range.lower)
    guard place > 0, place + 1 < all.tokens.count, all.tokens[place].range == range,
      all.tokens[place + 1].is(.colon) || all.tokens[place + 1].is(.fatArrow),
      all.tokens[place - 1].is(.openCurly) || all.tokens[place - 1].is(.comma),
      let (open, close) = all.brackets(.openCurly, around: range.lower)
    else { return false }
    // No other bracket stands in between.
    return [Symbol.openRound, .openSquare].allSatisfy { opener in
      all.brackets(opener, around: range.lower).map {
        $0.open.range.lower < open.range.lower || $0.close.range.lower > close.range.lower
      } ?? true
    }
  }

  /// `sort!(x)` as a new value of its first argument: `x = sort(x)`.
  static func assigned(_ range: SourceRange) -> (range: SourceRange, code: String)? {
    let all = SourceTokens(range.source)
    let name = all.index(at: range.lower)
    guard name + 2 < all.tokens.count, all.tokens[name + 2].is(.openRound),
      let close = all.partner(of: name + 2)
    else { return nil }
    let written = all.tokens[name].range.text
    let function = renamed[written] ?? written
    let arguments = parts(all, name + 2, close)
    let call = "\(function)(\(arguments.joined(separator: ", ")))"
    let whole = all.tokens[name].range.joined(all.tokens[close].range)
    let isStatement = all.line(at: range.lower).first?.range.lower == range.lower
    guard isStatement, let changed = arguments.first,
      changed.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
    else { return (whole, call) }
    switch (function, arguments.count) {
    case ("push", 2): return (whole, "\(changed) += {\(arguments[1])}")
    case ("append", 2): return (whole, "\(changed) += \(arguments[1])")
    default: return (whole, written != function ? call : "\(changed) = \(call)")
    }
  }

  /// A text in triple quotes with one quote at its ends.
  static func tripleQuotes(_ range: SourceRange) -> [Edit] {
    let source = range.source
    guard let end = source.endOfTripleQuotes(from: range.lower) else { return [] }
    let content = source.text(in: range.upper..<end.lowerBound)
    let lines = content.split(separator: "\n", omittingEmptySubsequences: false)
    return [
      Edit(
        SourceRange(source, range.lower, end.upperBound),
        quoted(lines.joined(separator: "\\n")))
    ]
  }

  /// Whether dots stand between texts, which are joined so elsewhere.
  static func joinsTexts(_ range: SourceRange) -> Bool {
    let all = SourceTokens(range.source)
    guard let before = all.tokens.last(where: { $0.range.upper <= range.lower }) else {
      return false
    }
    if case .text = before.kind { return true }
    return false
  }

  /// `7 // 2`: `floor(7 / 2)`.
  static func wholeQuotient(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let sign = all.index(at: range.lower)
    guard sign > 0, sign + 1 < all.tokens.count else { return [] }
    var first = sign - 1
    if case .symbol(let symbol) = all.tokens[first].kind, symbol.isClosing {
      first = all.tokens.indices.last { $0 < sign && all.partner(of: $0) == sign - 1 } ?? first
      if first > 0, case .name = all.tokens[first - 1].kind, !all.tokens[first].spaceBefore {
        first -= 1
      }
    }
    return [
      Edit(
        SourceRange(range.source, all.tokens[first].range.lower, all.tokens[first].range.lower),
        "floor("),
      Edit(range, "/"), Edit(all.tokens[sign + 1].range.end, ")"),
    ]
  }

  /// `x ^= a + b`: `x = x ^ (a + b)`.
  static func updated(_ place: String, _ sign: String, _ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let end = all.tokens.last { $0.range.upper <= range.lower }?.range.upper ?? 0
    let before = all.tokens.last { $0.range.upper <= end - place.utf8.count }
    let isStatement =
      switch before?.kind {
      case nil, .newline, .symbol(.semicolon), .keyword: true
      default: false
      }
    var change: [Token] = []
    var depth = 0
    for token in all.line(at: range.lower) where token.range.lower >= range.upper {
      if depth == 0, token.is(.semicolon) { break }
      if case .symbol(let symbol) = token.kind {
        depth += symbol.closing != nil ? 1 : symbol.isClosing ? -1 : 0
      }
      change.append(token)
    }
    guard isStatement, let first = change.first, let last = change.last else { return [] }
    let text = range.source.text(in: first.range.lower..<last.range.upper)
    let operand = change.count == 1 ? text : "(\(text))"
    let result =
      sign == "//" ? "floor(\(place) / \(operand))" : "\(place) \(sign) \(operand)"
    return [Edit(SourceRange(range.source, range.lower, last.range.upper), "= \(result)")]
  }

  /// `3 -> x`: `x = 3`.
  static func leftAssign(_ name: String, _ range: SourceRange) -> [Edit] {
    let line = SourceTokens(range.source).line(at: range.lower)
    guard let first = line.first, let before = line.last(where: { $0.range.upper <= range.lower })
    else { return [] }
    return [
      Edit(SourceRange(range.source, first.range.lower, first.range.lower), "\(name) = "),
      Edit(SourceRange(range.source, before.range.upper, range.upper), ""),
    ]
  }
}
