/// The edits for functions that are written as in another language.
extension Diagnostic {
  /// `@(x) x^2` and `@f`.
  static func handle(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let next = all.index(at: range.upper)
    var edits = [Edit(range, "")]
    if all.tokens[next].is(.openRound), let close = all.partner(of: next) {
      let end = all.tokens[close].range.upper
      edits.append(Edit(SourceRange(range.source, end, end), " ->"))
    }
    return edits
  }

  /// `lambda x, y: x + y`.
  static func lambda(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let line = all.line(at: range.lower)
    guard let colon = line.first(where: { $0.is(.colon) && $0.range.lower > range.lower }) else {
      return []
    }
    let names = range.source.text(in: range.lower + 6..<colon.range.lower).trimmedSpaces
    let isOne = !names.contains(",") && !names.isEmpty
    return [
      Edit(
        SourceRange(range.source, range.lower, colon.range.upper),
        isOne ? "\(names) ->" : "(\(names)) ->")
    ]
  }

  /// `f = function(x) x^2` without an `end`: `f = x -> x^2`.
  static func shortFunction(_ range: SourceRange) -> [Edit]? {
    let all = SourceTokens(range.source)
    let open = all.index(at: range.lower) + 1
    guard open < all.tokens.count, all.tokens[open].is(.openRound),
      let close = all.partner(of: open), let last = all.line(at: range.lower).last,
      last.range.lower > all.tokens[close].range.lower
    else { return nil }
    let names = parts(all, open, close)
    let list = names.count == 1 ? names[0] : "(\(names.joined(separator: ", ")))"
    return [Edit(range.joined(all.tokens[close].range), "\(list) ->")]
  }

  /// `f = function(x) { x^2 }` in one line: `f = x -> x^2`.
  static func shortFunction(brace open: Int, _ all: SourceTokens) -> [Edit]? {
    guard open > 2, all.tokens[open - 1].is(.closeRound),
      let first = all.tokens[..<open].lastIndex(where: { $0.is(.function) }),
      all.tokens[first + 1].is(.openRound), all.partner(of: first + 1) == open - 1,
      let close = all.partner(of: open), close > open + 1,
      !all.tokens[open..<close].contains(where: { $0.kind == .newline || $0.is(.semicolon) })
    else { return nil }
    let names = parts(all, first + 1, open - 1)
    let list = names.count == 1 ? names[0] : "(\(names.joined(separator: ", ")))"
    return [
      Edit(all.tokens[first].range.joined(all.tokens[open].range), "\(list) ->"),
      Edit(all.tokens[close].range, ""),
    ]
  }

  /// `"{:.2f}".format(x)`: `"{x:.2f}"`.
  static func formatted(_ hole: SourceRange) -> [Edit]? {
    let all = SourceTokens(hole.source)
    guard
      let text = all.tokens.firstIndex(where: {
        $0.range.lower <= hole.lower && $0.range.upper >= hole.upper
      }), text + 3 < all.tokens.count, all.tokens[text + 1].is(.dot),
      all.tokens[text + 2].kind == .name("format"), all.tokens[text + 3].is(.openRound),
      let close = all.partner(of: text + 3)
    else { return nil }
    var values = parts(all, text + 3, close)[...]
    guard !values.contains(where: { $0.contains("\"") }) else { return nil }
    var code = ""
    for letter in all.tokens[text].range.text {
      if code.hasSuffix("{"), ":}".contains(letter) {
        guard let value = values.popFirst() else { return nil }
        code += value
      }
      code.append(letter)
    }
    return [Edit(all.tokens[text].range.joined(all.tokens[close].range), code)]
  }

  /// `"%.2f" % x`: `"{x:.2f}"`.
  static func percentHole(_ text: Fault.Operand, _ value: Fault.Operand) -> Edit? {
    let written = text.range.text
    guard text.range.source === value.range.source,
      let sign = written.firstIndex(of: "%"), written.lastIndex(of: "%") == sign,
      let letter = written.indices.first(where: { $0 > sign && "dfegs".contains(written[$0]) }),
      !value.range.text.contains("\"")
    else { return nil }
    let (spec, kind) = (written[sign...].dropFirst().prefix(upTo: letter), written[letter])
    let format = spec.isEmpty ? "" : ":\(spec)\(kind == "d" || kind == "s" ? "" : String(kind))"
    let hole = "{\(value.range.text)\(format)}"
    return Edit(
      text.range.joined(value.range),
      written[..<sign] + hole + written[written.index(after: letter)...])
  }

  /// `function y = f(x)`: the result becomes the last value.
  static func namedResult(_ name: String, _ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    var sign = all.index(at: range.lower)
    var first = sign - 1
    var name = name
    if all.tokens[sign].is(.openSquare), let close = all.partner(of: sign) {
      // [a, b] = f(x)
      name =
        "{"
        + range.source.text(in: all.tokens[sign].range.upper..<all.tokens[close].range.lower) + "}"
      (first, sign) = (sign, close + 1)
    }
    guard first >= 0, sign + 1 < all.tokens.count, all.tokens[sign].is(.assign) else { return [] }
    var edits = [
      Edit(
        SourceRange(
          range.source, all.tokens[first].range.lower, all.tokens[sign + 1].range.lower), "")
    ]
    var depth = 1
    var brackets = 0
    for token in all.tokens[(sign + 1)...] {
      switch token.kind {
      case .symbol(let symbol):
        if symbol.closing != nil { brackets += 1 }
        if symbol.isClosing { brackets -= 1 }
      case .keyword(.function), .keyword(.if), .keyword(.for), .keyword(.while), .keyword(.try):
        depth += 1
      case .keyword(.end) where brackets == 0: depth -= 1
      default: break
      }
      if depth == 0 {
        let lower = token.range.lower
        edits.append(Edit(SourceRange(range.source, lower, lower), "  \(name)\n"))
        break
      }
    }
    return edits
  }

}
