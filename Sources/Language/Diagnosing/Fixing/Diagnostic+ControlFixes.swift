import Vocabulary

/// The edits of loops and choices that are written as in another language.
extension Diagnostic {
  /// What stands in the brackets of a loop as it is written here: `i in 0:2`.
  static func loopHeader(_ range: SourceRange) -> String? {
    let all = SourceTokens(range.source)
    let open = all.index(at: range.lower)
    guard let close = all.partner(of: open), close > open + 1 else { return nil }
    var inside = Array(all.tokens[(open + 1)..<close])
    // int i = 0, const x of xs
    if inside.count > 2, case .name = inside[0].kind, case .name = inside[1].kind,
      inside[1].kind != .name("of")
    {
      inside.removeFirst()
    }
    guard inside.count > 2, case .name(let name) = inside[0].kind else { return nil }
    let clauses = inside.split(omittingEmptySubsequences: false) { $0.is(.semicolon) }
    if clauses.count == 3 { return counted(name, clauses.map(Array.init)) }
    let isSeparator = [.symbol(.assign), .symbol(.colon), .keyword(.in), .name("of")].contains(
      inside[1].kind)
    guard clauses.count == 1, isSeparator, let last = inside.last else { return nil }
    return "\(name) in \(inside[2].range.joined(last.range).text)"
  }

  /// `i = 0; i < n; i++`: `i in 0:n - 1`.
  private static func counted(_ name: String, _ clauses: [[Token]]) -> String? {
    let (start, test, step) = (clauses[0], clauses[1], clauses[2])
    guard start.count > 2, start[1].is(.assign), test.count > 2, test[0].kind == .name(name),
      let first = start.last, let last = test.last
    else { return nil }
    let from = start[2].range.joined(first.range).text
    let bound = test[2].range.joined(last.range).text
    func moved(_ by: Int) -> String {
      Int(bound).map { String($0 + by) } ?? "\(bound) \(by < 0 ? "-" : "+") 1"
    }
    let end: String
    switch test[1].kind {
    case .symbol(.less): end = moved(-1)
    case .symbol(.lessOrEqual), .symbol(.greaterOrEqual): end = bound
    case .symbol(.greater): end = moved(1)
    default: return nil
    }
    let signs = step.filter { $0.kind != .name(name) }
    guard signs.count < step.count, let sign = signs.first else { return nil }
    switch (sign.kind, signs.count) {
    case (.symbol(.plusPlus), 1), (.symbol(.plus), 2): return "\(name) in \(from):\(end)"
    case (.symbol(.minusMinus), 1), (.symbol(.minus), 2): return "\(name) in \(from):-1:\(end)"
    case (.symbol(.plusEqual), 2): return "\(name) in \(from):\(signs[1].range.text):\(end)"
    case (.symbol(.minusEqual), 2): return "\(name) in \(from):-\(signs[1].range.text):\(end)"
    default: return nil
    }
  }

  /// The head of a loop without its brackets, and its block without braces.
  static func loopHead(_ range: SourceRange) -> [Edit] {
    guard let header = loopHeader(range) else { return [] }
    let all = SourceTokens(range.source)
    let next = all.index(at: range.upper)
    var edits = [Edit(range, header)]
    if all.tokens[next].is(.openCurly) { edits += block(brace: all.tokens[next].range) }
    if all.tokens[next].is(.colon) {
      edits.append(Edit(all.tokens[next].range, ""))
      if let end = all.closing(blockAt: range.line - 1) { edits.append(end) }
    }
    return edits
  }

  /// `switch x` with its cases, as `if` and `elseif`.
  static func choice(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let source = range.source
    let head = all.line(at: range.lower)
    guard head.count > 1, let last = head.last, !last.is(.openCurly) else { return [] }
    let isPython = last.is(.colon)
    let end = isPython ? head[head.count - 2] : last
    let value = head[1].range.joined(end.range).text
    let line = source.lineRange(range.line - 1)
    guard line.upperBound < source.bytes.count else { return [] }
    var edits = [Edit(SourceRange(source, range.lower, line.upperBound + 1), "")]
    let (cases, others): (Set, Set) = (["case", "when"], ["otherwise", "default"])
    var isFirst = true
    var depth = 0
    for number in range.line..<source.lineStarts.count {
      let tokens = all.line(at: source.lineStarts[number])
      guard let first = tokens.first, let end = tokens.last else { continue }
      if isPython, (all.indentation(number) ?? 0) <= (all.indentation(range.line - 1) ?? 0) {
        break
      }
      for case .keyword(let word) in tokens.map(\.kind) {
        if [.if, .for, .while, .function, .try].contains(word) { depth += 1 }
        if word == .end { depth -= 1 }
      }
      if depth < 0 { break }
      guard depth == 0, case .name(let word) = first.kind else { continue }
      let whole = first.range.joined(end.range)
      let values = tokens.dropFirst().filter { !$0.is(.colon) }
      if others.contains(word) || cases.contains(word) && values.first?.kind == .name("_") {
        edits.append(Edit(whole, "else"))
      } else if cases.contains(word), let from = values.first, let to = values.last {
        let text = from.range.joined(to.range).text
        edits.append(Edit(whole, "\(isFirst ? "if" : "elseif") \(value) == \(text)"))
        isFirst = false
      }
    }
    if isPython, let end = all.closing(blockAt: range.line - 1) { edits.append(end) }
    // The first line begins where the choice began.
    return isFirst ? [] : edits
  }

  /// `until x > 3`: `if x > 3 then break end`, and the end of the loop.
  static func until(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let spaces = String(repeating: " ", count: all.indentation(range.line - 1) ?? 0)
    return [
      Edit(range, "  if"), Edit(all.lineEnd(at: range.lower), " then break end\n\(spaces)end"),
    ]
  }

  /// `unless x > 1`: `if !(x > 1)`.
  static func unless(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let line = all.line(at: range.lower)
    guard let next = line.first(where: { $0.range.lower >= range.upper }) else { return [] }
    let end = line.first { $0.range.lower >= range.upper && $0.is(.then) }?.range
    let last = line.last { end == nil || $0.range.upper <= end?.lower ?? 0 }
    return [
      Edit(SourceRange(range.source, range.lower, next.range.lower), "if !("),
      Edit(last?.range.end ?? all.lineEnd(at: range.lower), ")"),
    ]
  }

  /// `except ValueError as e:`: `catch e`.
  static func catchLine(_ range: SourceRange) -> [Edit] {
    let line = SourceTokens(range.source).line(at: range.lower)
    guard let last = line.last else { return [] }
    let behind = line.filter { $0.range.lower >= range.upper && !$0.is(.colon) }
    var name = ""
    if let word = behind.last, case .name(let text) = word.kind,
      behind.count > 1 || text.first?.isLowercase ?? false
    {
      name = " \(text)"
    }
    return [Edit(SourceRange(range.source, range.lower, last.range.upper), "catch\(name)")]
  }

  /// `a if c else b` and `a if c`, as the choice that it is.
  static func inlineChoice(_ range: SourceRange) -> (range: SourceRange, code: String)? {
    let all = SourceTokens(range.source)
    let line = all.line(at: range.lower)
    guard let mark = line.firstIndex(where: { $0.range == range }), mark > 0 else { return nil }
    func depths(_ token: Token, _ depth: inout Int) {
      guard case .symbol(let symbol) = token.kind else { return }
      if symbol.closing != nil { depth += 1 }
      if symbol.isClosing { depth -= 1 }
    }
    // The end: a bracket that was open before, a comma, or that of the line.
    var (end, depth) = (mark, 0)
    var other: Int?
    while end + 1 < line.count {
      let next = line[end + 1]
      if depth == 0, next.is(.comma) || next.is(.semicolon) { break }
      depths(next, &depth)
      if depth < 0 { break }
      if depth == 0, next.is(.else), other == nil { other = end + 1 }
      end += 1
    }
    // The start: behind an open bracket, a comma or an equals sign.
    var start = mark
    depth = 0
    while start > 0 {
      let before = line[start - 1]
      if depth == 0,
        before.is(.comma) || before.is(.assign) && other != nil || before.is(.semicolon)
      {
        break
      }
      depths(before, &depth)
      if depth > 0 { break }
      start -= 1
    }
    func text(_ first: Int, _ last: Int) -> String? {
      first <= last ? line[first].range.joined(line[last].range).text : nil
    }
    let whole = line[start].range.joined(line[end].range)
    guard let value = text(start, mark - 1) else { return nil }
    if let other, let condition = text(mark + 1, other - 1), let second = text(other + 1, end) {
      return (whole, "if \(condition) then \(value) else \(second) end")
    }
    guard other == nil, let condition = text(mark + 1, end) else { return nil }
    return (whole, "if \(condition) then \(value) end")
  }
}
