/// The edits for blocks and matrices with the signs of other languages around and between their parts.
extension Diagnostic {
  /// Takes away a colon at the end of a line.
  static func colon(_ range: SourceRange) -> [Edit] {
    let tokens = SourceTokens(range.source).line(at: range.lower)
    guard let last = tokens.last, last.is(.colon) else { return [] }
    return [Edit(last.range, "")]
  }

  static func block(colon range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let line = all.line(at: range.lower)
    if let last = line.last, last.range.lower > range.lower {
      // What is in the block stands in the same line.
      return [
        Edit(range, line.first?.is(.if) ?? false ? " then" : ";"),
        Edit(all.lineEnd(at: range.lower), " end"),
      ]
    }
    var edits = [Edit(range, "")]
    let opens = line.first.map { token in
      [.if, .for, .while, .function, .try].contains { token.is($0) }
    }
    if opens ?? false, let end = all.closing(blockAt: range.line - 1) { edits.append(end) }
    return edits
  }

  static func block(brace range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    if let short = shortFunction(brace: all.index(at: range.lower), all) { return short }
    var edits: [Edit] = []
    var open = all.index(at: range.lower)
    while let close = all.partner(of: open) {
      let isFollowed = all.line(at: all.tokens[open].range.lower).contains {
        $0.range.lower > all.tokens[open].range.lower
      }
      edits.append(Edit(all.tokens[open].range, isFollowed ? ";" : ""))
      guard close + 1 < all.tokens.count,
        all.tokens[close + 1].is(.else) || all.tokens[close + 1].is(.catch)
      else {
        edits.append(Edit(all.tokens[close].range, "end"))
        break
      }
      edits.append(Edit(all.tokens[close].range, ""))
      var next = close + 2
      if next < all.tokens.count, all.tokens[next].is(.openRound),
        let end = all.partner(of: next)
      {
        // catch (e) {
        edits += [Edit(all.tokens[next].range, ""), Edit(all.tokens[end].range, "")]
        next = end + 1
      }
      guard next < all.tokens.count, all.tokens[next].is(.openCurly) else { break }
      open = next
    }
    return edits
  }

  /// Commas between all columns of the matrix around a place.
  static func commas(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    guard let (open, close) = all.brackets(.openSquare, around: range.lower) else { return [] }
    var edits: [Edit] = []
    var depth = 0
    let inside = all.tokens.filter {
      $0.range.lower > open.range.lower && $0.range.lower < close.range.lower
    }
    for (token, next) in zip(inside, inside.dropFirst()) {
      if case .symbol(let symbol) = token.kind {
        if symbol.closing != nil { depth += 1 }
        if symbol.isClosing { depth -= 1 }
      }
      guard depth == 0, all.endsOperand(token), next.spaceBefore else { continue }
      let place = inside.firstIndex { $0.range == next.range } ?? 0
      let isSign =
        (next.is(.minus) || next.is(.plus)) && place + 1 < inside.count
        && !inside[place + 1].spaceBefore
      if all.startsOperand(next) || isSign {
        edits.append(
          Edit(SourceRange(range.source, token.range.upper, token.range.upper), ","))
      }
    }
    return edits
  }

  static func braces(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    if let (open, close) = all.brackets(.openRound, around: range.lower) {
      let (before, after) = (all.index(at: open.range.lower) - 1, all.index(at: close.range.upper))
      if before >= 0, all.tokens[before].is(.openRound), all.tokens[after].is(.closeRound) {
        // f((1, 2)): one pair is enough.
        return [Edit(open.range, ""), Edit(close.range, "")]
      }
      return [Edit(open.range, "{"), Edit(close.range, "}")]
    }
    let line = all.line(at: range.lower)
    // for a, b in xs
    if let loop = line.lastIndex(where: { $0.is(.for) && $0.range.lower < range.lower }),
      let end = line[loop...].firstIndex(where: { $0.is(.in) })
    {
      let start = line[loop + 1].range.lower
      return [
        Edit(SourceRange(range.source, start, start), "("), Edit(line[end - 1].range.end, ")"),
      ]
    }
    // a, b = f(x)
    guard let sign = line.firstIndex(where: { $0.is(.assign) }), sign > 0,
      let first = line.first, let last = line.last, sign + 1 < line.count
    else { return [] }
    var edits = [
      Edit(SourceRange(range.source, first.range.lower, first.range.lower), "("),
      Edit(SourceRange(range.source, line[sign - 1].range.upper, line[sign - 1].range.upper), ")"),
    ]
    var depth = 0
    let hasComma = line[(sign + 1)...].contains { token in
      if case .symbol(let symbol) = token.kind {
        if symbol.closing != nil { depth += 1 }
        if symbol.isClosing { depth -= 1 }
      }
      return depth == 0 && token.is(.comma)
    }
    if hasComma {
      let start = line[sign + 1].range.lower
      edits.append(Edit(SourceRange(range.source, start, start), "{"))
      edits.append(Edit(SourceRange(range.source, last.range.upper, last.range.upper), "}"))
    }
    return edits
  }

}
