import Vocabulary

/// The edits that put right a name, a call, an operation or a part.
extension Diagnostic {
  /// Functions that are methods elsewhere.
  static let methods: Set<String> = [
    "sum", "mean", "std", "var", "min", "max", "argmin", "argmax", "prod", "cumsum", "sort", "abs",
    "round", "all", "any", "trace", "size", "length", "rows", "cols", "exp", "log", "sqrt",
    "det", "inv", "rank", "reshape", "repeat", "reverse", "dot", "map", "filter", "reduce",
    "upper", "lower", "trim", "replace", "norm", "diag", "find", "unique", "median",
  ]

  static func fix(_ error: NameError) -> [Edit] {
    let range = error.range
    switch error.kind {
    case .unknown(let name, let nearest):
      if isRecordKey(range) { return recordFields(range) }
      if let dotted = dotted(range) { return [Edit(dotted.whole, dotted.ours)] }
      if let call = unprefixed(range), !isProduct(call.name) {
        return [Edit(call.prefix, "")]
      }
      if let foreign = foreign(name, at: range) {
        return foreign.ours.map { [Edit(range, $0)] } ?? rewritten(name, range)
      }
      return nearest.map { [Edit(range, $0)] } ?? []
    case .protected(let name, let offer): return renaming(name, to: offer, from: range)
    case .call(.tooMany, let callee, let arguments)
    where callee.name == "size" && arguments.count == 2:
      return side(arguments.map(\.range))
    case .call(.tooMany, let callee, let arguments)
    where ["min", "max"].contains(callee.name) && arguments.allSatisfy { $0.name == nil }:
      guard let first = arguments.first?.range, let last = arguments.last?.range else { return [] }
      return [
        Edit(SourceRange(first.source, first.lower, first.lower), "["), Edit(last.end, "]"),
      ]
    case .call(.tooMany(_, _, .position(let index), "dim"), _, let arguments):
      let open = arguments.filter { $0.name == nil }
      return index < open.count ? dimension(open[index].range) : []
    case .call(let error, _, let arguments):
      guard case .unknownName(let name, _, let nearest, let known) = error,
        let place = arguments.last(where: { $0.name == name })?.range
      else { return [] }
      return unknownArgument(name, nearest, known, at: place).edits
    case .outside, .includeInFunction, .missingFile, .cycle, .duplicateArgument, .noAnswer,
      .assertArguments:
      return []
    }
  }

  /// `size(A, 1)`: `rows(A)`.
  private static func side(_ arguments: [SourceRange]) -> [Edit] {
    let all = SourceTokens(arguments[0].source)
    let first = all.index(at: arguments[0].lower)
    let names = ["1": "rows", "2": "cols"]
    guard first > 1, case .name("size") = all.tokens[first - 2].kind,
      let name = names[arguments[1].text]
    else { return [] }
    return [
      Edit(all.tokens[first - 2].range, name),
      Edit(SourceRange(all.source, arguments[0].upper, arguments[1].upper), ""),
    ]
  }

  /// `sum(A, 1)`: `sum(A, dim=1)`.
  static func dimension(_ argument: SourceRange) -> [Edit] {
    ["1", "2"].contains(argument.text) ? [Edit(argument, "dim=\(argument.text)")] : []
  }

  /// Calls that are written otherwise: `range(10)`, `str(x)`, `np.zeros(…)`.
  private static func rewritten(_ name: String, _ range: SourceRange) -> [Edit] {
    let all = SourceTokens(range.source)
    let index = all.index(at: range.lower)
    guard index + 1 < all.tokens.count else { return [] }
    let next = all.tokens[index + 1]
    if prefixes.contains(name), next.is(.dot) {
      guard index + 3 < all.tokens.count, all.tokens[index + 3].is(.openRound),
        let close = all.partner(of: index + 3)
      else { return [] }
      let factors = parts(all, index + 3, close)
      guard factors.count == 2 else { return [] }
      return [Edit(range.joined(all.tokens[close].range), "\(factors[0]) * \(factors[1])")]
    }
    if let form = formula(name, range) { return [Edit(form.whole, form.code)] }
    guard next.is(.openRound), let close = all.partner(of: index + 1) else { return [] }
    let whole = range.joined(all.tokens[close].range)
    let arguments = parts(all, index + 1, close)
    switch name {
    case "c" where !arguments.isEmpty:
      return [Edit(whole, "[\(arguments.joined(separator: ", "))]")]
    case "concatenate" where !arguments.isEmpty:
      let inside = arguments[0].hasPrefix("{") ? arguments[0].dropFirst().dropLast() : ""
      return inside.isEmpty ? [] : [Edit(whole, "vcat(\(inside))")]
    default: return []
    }
  }

  /// The formula that takes the place of a call of another language: `x .^ 2` for `square(x)`.
  static func formula(_ name: String, _ range: SourceRange) -> (whole: SourceRange, code: String)? {
    let all = SourceTokens(range.source)
    let open = all.index(at: range.lower) + 1
    guard open < all.tokens.count, all.tokens[open].is(.openRound),
      let close = all.partner(of: open)
    else { return nil }
    let arguments = parts(all, open, close)
    let form = ForeignForm.all(name).first { $0.parameters.count == arguments.count }
    // Arguments by name are another library's.
    let isNamed = all.tokens[open..<close].contains { $0.is(.assign) }
    guard let form, !isNamed else { return nil }
    let isOperand = isOperator(all, open - 2) || isOperator(all, close + 1)
    return (
      range.joined(all.tokens[close].range), form.filled(arguments, isOperand: isOperand)
    )
  }

  /// Whether the token at an index joins operands.
  private static func isOperator(_ all: SourceTokens, _ index: Int) -> Bool {
    guard all.tokens.indices.contains(index), case .symbol(let symbol) = all.tokens[index].kind
    else { return false }
    let others: [Symbol] = [
      .openRound, .openCurly, .closeRound, .closeSquare, .closeCurly, .comma, .semicolon, .assign,
      .plusEqual, .minusEqual, .timesEqual, .overEqual, .arrow, .colon, .ellipsis,
    ]
    return !others.contains(symbol)
  }

  /// The texts of the arguments between two brackets.
  static func parts(_ all: SourceTokens, _ open: Int, _ close: Int) -> [String] {
    var parts: [String] = []
    var depth = 0
    var start = all.tokens[open].range.upper
    for token in all.tokens[(open + 1)..<close] {
      guard case .symbol(let symbol) = token.kind else { continue }
      if symbol.closing != nil { depth += 1 }
      if symbol.isClosing { depth -= 1 }
      if depth == 0, symbol == .comma {
        parts.append(all.source.text(in: start..<token.range.lower).trimmedSpaces)
        start = token.range.upper
      }
    }
    let last = all.source.text(in: start..<all.tokens[close].range.lower).trimmedSpaces
    if !last.isEmpty { parts.append(last) }
    return parts
  }

  /// Another name for a variable wherever it is one: calls keep the builtin.
  private static func renaming(_ name: String, to offer: String, from range: SourceRange) -> [Edit]
  {
    let tokens = SourceTokens(range.source).tokens
    return tokens.indices.compactMap { index in
      guard case .name(name) = tokens[index].kind else { return nil }
      if tokens[index].range != range {
        if index > 0, tokens[index - 1].is(.dot) { return nil }
        if index + 1 < tokens.count, tokens[index + 1].is(.openRound) { return nil }
        if tokens[index].range.lower < range.lower { return nil }
      }
      return Edit(tokens[index].range, offer)
    }
  }

}
