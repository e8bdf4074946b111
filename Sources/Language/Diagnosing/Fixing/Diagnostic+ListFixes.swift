import Vocabulary

/// The edits of what other languages write about lists.
extension Diagnostic {
  /// `[x^2 for x in xs if x > 0]`: `map(filter(xs, x -> x > 0), x -> x^2)`.
  static func comprehension(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let loop = all.index(at: range.lower)
    guard let open = all.opening(around: loop), let close = all.partner(of: open),
      case .name(let name) = all.tokens[loop + 1].kind, all.tokens[loop + 2].is(.in),
      all.index(of: .for, from: loop + 1, before: close) == nil
    else { return [] }
    let split = all.index(of: .if, from: loop, before: close) ?? close
    func text(_ first: Int, _ end: Int) -> String {
      range.source.text(in: all.tokens[first].range.lower..<all.tokens[end].range.lower)
        .trimmedSpaces
    }
    let body = text(open + 1, loop)
    var source = text(loop + 3, split)
    if split < close { source = "filter(\(source), \(name) -> \(text(split + 1, close)))" }
    let code = "map(\(source), \(name) -> \(body))"
    let isCall = all.tokens[open].is(.openRound)
    let whole = all.tokens[open].range.joined(all.tokens[close].range)
    return [Edit(whole, isCall ? "(\(code))" : code)]
  }

  /// `x in xs` and `x not in xs`: `contains(xs, x)`.
  static func membership(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let sign = all.index(at: range.lower)
    guard sign > 0 else { return [] }
    let isNegated = !all.tokens[sign].is(.in)
    let (first, last) = (
      all.operandStart(before: sign), all.operandEnd(from: sign + (isNegated ? 2 : 1))
    )
    guard first < sign, last >= sign + (isNegated ? 2 : 1) else { return [] }
    func text(_ first: Int, _ last: Int) -> String {
      range.source.text(in: all.tokens[first].range.lower..<all.tokens[last].range.upper)
    }
    let code = "contains(\(text(sign + (isNegated ? 2 : 1), last)), \(text(first, sign - 1)))"
    return [
      Edit(
        all.tokens[first].range.joined(all.tokens[last].range), (isNegated ? "!" : "") + code)
    ]
  }
}

extension SourceTokens {
  /// The bracket that is open at a token.
  fileprivate func opening(around index: Int) -> Int? {
    var depth = 0
    for place in (0..<index).reversed() {
      guard case .symbol(let symbol) = tokens[place].kind else { continue }
      if symbol.isClosing { depth += 1 }
      if symbol.closing != nil {
        if depth == 0 { return place }
        depth -= 1
      }
    }
    return nil
  }

  /// The first such word between two tokens, outside of brackets there.
  fileprivate func index(of keyword: Keyword, from start: Int, before end: Int) -> Int? {
    var depth = 0
    for place in (start + 1)..<max(end, start + 1) {
      if case .symbol(let symbol) = tokens[place].kind {
        if symbol.closing != nil { depth += 1 }
        if symbol.isClosing { depth -= 1 }
      }
      if depth == 0, tokens[place].is(keyword) { return place }
    }
    return nil
  }

  /// Where the operand begins that ends before a token: behind what binds less than a comparison.
  fileprivate func operandStart(before index: Int) -> Int {
    var (first, depth) = (index, 0)
    while first > 0 {
      let token = tokens[first - 1]
      if case .symbol(let symbol) = token.kind {
        if symbol.isClosing { depth += 1 }
        if symbol.closing != nil {
          if depth == 0 { return first }
          depth -= 1
        }
      }
      if depth == 0, endsOperands(token) { return first }
      first -= 1
    }
    return first
  }

  /// The last token of the operand that begins at a token.
  fileprivate func operandEnd(from index: Int) -> Int {
    var (last, depth) = (index - 1, 0)
    while last + 1 < tokens.count {
      let token = tokens[last + 1]
      if depth == 0, endsOperands(token) || token.is(.colon) { return last }
      if case .symbol(let symbol) = token.kind {
        if symbol.closing != nil { depth += 1 }
        if symbol.isClosing {
          if depth == 0 { return last }
          depth -= 1
        }
      }
      last += 1
    }
    return last
  }

  /// Whether an operand of a comparison cannot reach over a token.
  private func endsOperands(_ token: Token) -> Bool {
    switch token.kind {
    case .newline, .end: true
    case .keyword(let word): ![.true, .false, .nothing, .end].contains(word)
    case .symbol(let symbol):
      [.assign, .comma, .semicolon, .andAnd, .orOr, .not, .arrow].contains(symbol)
    case .name(let word): ["and", "or", "not"].contains(word)
    case .number, .text, .quoted: false
    }
  }
}
