import Vocabulary

/// The edits that make a program readable that is written as in another language.
extension Diagnostic {
  static func fix(_ error: SyntaxError) -> [Edit] {
    let range = error.range
    let source = range.source
    func replace(_ text: String) -> [Edit] { [Edit(range, text)] }
    func place(_ lower: Int, _ upper: Int) -> SourceRange { SourceRange(source, lower, upper) }
    switch error.kind {
    case .strangeLetter(let letter): return signs[letter].map { replace($0) } ?? []
    case .unknownEscape: return [Edit(place(range.lower, range.lower), "\\")]
    case .extraEnd: return replace("")
    case .openBlock(.function) where shortFunction(range) != nil: return shortFunction(range) ?? []
    case .openBlock:
      return [SourceTokens(source).closing(blockAt: range.line - 1)].compactMap { $0 }
    case .chainedComparison: return chained(range)
    case .emptyHole: return formatted(range) ?? replace("\\{\\}")
    case .notAssignable: return assignments(range)
    case .openText: return closingQuote(range)
    case .expected(.conditionEnd(let keyword), _)
    where SourceTokens(source).startsOperand(at: range) || range.text == "end":
      let all = SourceTokens(source)
      let behind = all.tokens[max(all.index(at: range.lower) - 1, 0)].range.upper
      return [Edit(place(behind, behind), keyword == .if ? " then" : ";")]
    case .habit(let habit): return fix(habit, range)
    default: return []
    }
  }

  /// Letters that stand for a sign.
  private static let signs: [String: String] = [
    "“": "\"", "”": "\"", "„": "\"", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-",
    "≤": "<=", "≥": ">=", "≠": "!=", "←": "=", "→": "->", "²": "^2", "³": "^3",
  ]

  private static func chained(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let inside = all.tokens.filter {
      $0.range.lower >= range.lower && $0.range.upper <= range.upper
    }
    let signs = inside.filter { token in
      guard case .symbol(let symbol) = token.kind, let infix = Infix[symbol],
        case .comparison = infix.meaning
      else { return false }
      return true
    }
    guard let first = signs.first, let last = signs.last, signs.count >= 2 else { return [] }
    let middle = range.source.text(in: first.range.upper..<last.range.lower).trimmedSpaces
    return [Edit(SourceRange(range.source, last.range.lower, last.range.lower), "&& \(middle) ")]
  }

  /// `a = b = 3`: the last first; `[a, b] = f(x)`: round brackets.
  private static func assignments(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let line = all.line(at: range.lower)
    let (first, last) = (all.index(at: range.lower), all.index(at: range.upper) - 1)
    if all.tokens[first].is(.openSquare), all.partner(of: first) == last {
      return [Edit(all.tokens[first].range, "("), Edit(all.tokens[last].range, ")")]
    }
    guard let sign = line.firstIndex(where: { $0.is(.assign) }), sign == 1, line.count > 4,
      case .name(let first) = line[0].kind, case .name(let second) = line[2].kind,
      line[3].is(.assign)
    else { return [] }
    let end =
      line.dropFirst(4).first { $0.is(.semicolon) }?.range.lower ?? line[line.count - 1].range.upper
    return [
      Edit(SourceRange(range.source, line[0].range.lower, line[2].range.lower), ""),
      Edit(SourceRange(range.source, end, end), "; \(first) = \(second)"),
    ]
  }

  /// The quote that is missing: before the brackets that close those around the text.
  private static func closingQuote(_ range: SourceRange) -> [Edit] {
    let source = range.source
    let line = source.lineRange(source.line(at: range.lower))
    let before = source.text(in: line.lowerBound..<range.lower)
    var open = before.reduce(0) { $0 + ("([{".contains($1) ? 1 : ")]}".contains($1) ? -1 : 0) }
    var end = line.upperBound
    while end > range.lower + 1, source.bytes[end - 1] == 32 { end -= 1 }
    while open > 0, end > range.lower + 1, [41, 93, 125].contains(source.bytes[end - 1]) {
      end -= 1
      open -= 1
    }
    return [Edit(SourceRange(source, end, end), "\"")]
  }

  private static func fix(_ habit: Habit, _ range: SourceRange) -> [Edit] {
    let source = range.source
    func replace(_ text: String) -> [Edit] { [Edit(range, text)] }
    func place(_ lower: Int, _ upper: Int) -> SourceRange { SourceRange(source, lower, upper) }
    func insert(_ text: String, at byte: Int) -> Edit { Edit(place(byte, byte), text) }
    switch habit {
    case .matrixProduct: return replace("*")
    case .doubleStar: return replace("^")
    case .tildeUnequal: return replace("!=")
    case .tildeNot: return replace("!")
    case .tripleEqual, .assignInCondition: return replace("==")
    case .slashComment, .percentComment: return replace("#")
    case .arrowAssign: return replace("=")
    case .endWord: return replace("end")
    case .dotTranspose, .dottedCall: return replace("")
    case .dottedSign(let sign): return replace(sign)
    case .singleQuotes(let content): return replace(quoted(content))
    case .missingOperator: return [insert(" * ", at: range.lower)]
    case .increment(let name, let sign):
      return replace((range.text.hasSuffix(name) ? name : "") + " \(sign)= 1")
    case .updateSign(let place, let sign): return updated(place, sign, range)
    case .forEquals:
      let before = range.lower > 0 && source.bytes[range.lower - 1] == 32 ? "" : " "
      let after = range.upper < source.bytes.count && source.bytes[range.upper] == 32 ? "" : " "
      return replace("\(before)in\(after)")
    case .wordOperator(let word, let ours):
      guard word == "not" else { return replace(ours) }
      var end = range.upper
      while end < source.bytes.count, source.bytes[end] == 32 { end += 1 }
      return [Edit(place(range.lower, end), ours)]
    case .declaration:
      var end = range.upper
      while end < source.bytes.count, source.bytes[end] == 32 { end += 1 }
      return [Edit(place(range.lower, end), "")]
    case .functionHandle: return handle(range)
    case .lambda: return lambda(range)
    case .commandCall(let name, _) where command(name) != nil: return []
    case .commandCall(let name, let argument):
      let start = source.text(in: range.lower..<source.bytes.count)
      let gap = start.dropFirst(name.count).prefix { $0 == " " || $0 == "\t" }
      let upper = range.lower + name.utf8.count + gap.utf8.count
      return [
        Edit(place(range.lower, upper), callee(name) + "("),
        insert(")", at: upper + argument.utf8.count),
      ]
    case .elseIf: return replace("elseif") + colon(range)
    case .define:
      var edits = replace("function") + colon(range)
      if !colon(range).isEmpty,
        let end = SourceTokens(source).closing(blockAt: range.line - 1)
      {
        edits.append(end)
      }
      return edits
    case .colonBlock: return block(colon: range)
    case .braceBlock: return block(brace: range)
    case .spaceSeparated, .ambiguousSign: return commas(range)
    case .tuple: return braces(range)
    case .returnSeveral:
      let tokens = SourceTokens(source).line(at: range.lower)
      guard let word = tokens.last(where: { $0.is(.return) && $0.range.lower < range.lower }),
        let first = tokens.first(where: { $0.range.lower > word.range.lower }),
        let last = tokens.last
      else { return [] }
      return [insert("{", at: first.range.lower), insert("}", at: last.range.upper)]
    case .octaveFunction(let name): return namedResult(name, range)
    case .openRange: return openRange(range)
    case .ternary: return ternary(range)
    case .textPrefix(let prefix):
      return [Edit(place(range.lower - prefix.utf8.count, range.lower), "")]
    case .foreignImport:
      let line = source.lineRange(source.line(at: range.lower))
      return [Edit(place(line.lowerBound, line.upperBound), "")]
    case .comprehension: return comprehension(range)
    case .membership: return membership(range)
    case .semicolonArguments: return replace(",")
    case .roundIndex: return squareBrackets(.openRound, range)
    case .curlyIndex: return squareBrackets(.openCurly, range)
    case .fatArrow: return replace("->")
    case .recordSign: return recordFields(range)
    case .loopBrackets: return loopHead(range)
    case .pipeSign: return replace("|>")
    case .choiceBlock: return choice(range)
    case .endlessLoop:
      return SourceTokens(source).line(at: range.lower).count == 1 ? replace("while true") : []
    case .untilWord: return until(range)
    case .unlessWord: return unless(range)
    case .doWord:
      let start = SourceTokens(source).line(at: range.lower).last { $0.range.upper <= range.lower }
      return [Edit(place(start?.range.upper ?? range.lower, range.upper), "")]
    case .catchWord(let word): return word == "finally" ? [] : catchLine(range)
    case .wholeQuotient: return wholeQuotient(range)
    case .imaginary: return []
    case .fieldSign: return replace(".")
    case .emptyIndex: return [insert(":", at: range.lower)]
    case .inlineIf:
      return inlineChoice(range).map { [Edit($0.range, $0.code)] } ?? []
    case .bangCall: return assigned(range).map { [Edit($0.range, $0.code)] } ?? []
    case .tripleQuotes: return tripleQuotes(range)
    case .dotRange: return replace(joinsTexts(range) ? "+" : ":")
    case .spreadOutside: return spread(range).map { [Edit($0.place, $0.code)] } ?? []
    case .typedName: return replace("")
    case .rightAssign(let name): return leftAssign(name, range)
    case .angleUnequal: return replace("!=")
    case .helpSign: return []
    }
  }

  /// A text in double quotes.
  static func quoted(_ content: String) -> String {
    var text = ""
    for letter in content {
      if "\"{}".contains(letter) { text += "\\" }
      text.append(letter)
    }
    return "\"\(text)\""
  }

  /// `A[1:]` and `A[:3]`, which elsewhere count from 0 and leave out the last.
  private static func openRange(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let place = all.index(at: range.lower)
    guard place > 0, place + 1 < all.tokens.count else { return [] }
    let (before, after) = (all.tokens[place - 1], all.tokens[place + 1])
    func insert(_ text: String, at byte: Int) -> Edit {
      Edit(SourceRange(range.source, byte, byte), text)
    }
    if before.is(.openSquare) || before.is(.comma) {
      if after.is(.colon), place + 2 < all.tokens.count {
        // A[::2]
        let step = all.tokens[place + 2].range.text
        return [Edit(range.joined(all.tokens[place + 2].range), "1:\(step):end")]
      }
      if after.is(.minus) {
        return [insert("1", at: range.lower), insert("end ", at: after.range.lower)]
      }
      return [insert("1", at: range.lower)]
    }
    if case .number(let number) = before.kind, number >= 0, number < 1e9,
      number.rounded() == number
    {
      return [Edit(before.range.joined(range), "\(Int(number) + 1):end")]
    }
    return [insert("end", at: range.upper)]
  }

  /// `c ? a : b`.
  private static func ternary(_ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let line = all.line(at: range.lower)
    guard let mark = line.firstIndex(where: { $0.range == range }), mark > 0 else { return [] }
    guard let colon = line[mark...].first(where: { $0.is(.colon) }), let last = line.last else {
      return []
    }
    var start = mark - 1
    var depth = 0
    while start > 0 {
      let before = line[start - 1]
      if case .symbol(let symbol) = line[start].kind, symbol.isClosing { depth += 1 }
      if case .symbol(let symbol) = line[start].kind, symbol.closing != nil { depth -= 1 }
      if depth <= 0, before.is(.assign) || before.is(.comma) || before.is(.openRound) { break }
      start -= 1
    }
    let first = line[start].range.lower
    var end = last.range.upper
    if last.is(.semicolon) { end = last.range.lower }
    return [
      Edit(SourceRange(range.source, first, first), "if "), Edit(range, "then"),
      Edit(colon.range, "else"), Edit(SourceRange(range.source, end, end), " end"),
    ]
  }
}

extension StringProtocol {
  /// Without spaces at its ends.
  var trimmedSpaces: String {
    let start = drop { $0 == " " || $0 == "\t" }
    var end = start.endIndex
    while end > start.startIndex, start[start.index(before: end)].isWhitespace {
      end = start.index(before: end)
    }
    return String(start[..<end])
  }
}
