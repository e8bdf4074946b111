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
    guard next.is(.openRound), let close = all.partner(of: index + 1) else { return [] }
    let whole = range.joined(all.tokens[close].range)
    let arguments = parts(all, index + 1, close)
    switch (name, arguments.count) {
    case ("range", 1), ("arange", 1): return [Edit(whole, "1:\(arguments[0])")]
    case ("range", 2), ("arange", 2): return [Edit(whole, "\(arguments[0]):\(arguments[1])")]
    case ("range", 3), ("arange", 3):
      return [Edit(whole, "\(arguments[0]):\(arguments[2]):\(arguments[1])")]
    case ("str", 1), ("num2str", 1), ("string", 1): return [Edit(whole, "\"{\(arguments[0])}\"")]
    case ("float", 1), ("array", 1), ("matrix", 1), ("vector", 1):
      return [Edit(whole, arguments[0])]
    case ("c", 1...): return [Edit(whole, "[\(arguments.joined(separator: ", "))]")]
    case ("matmul", 2): return [Edit(whole, "\(arguments[0]) * \(arguments[1])")]
    case ("transpose", 1), ("t", 1): return [Edit(whole, "\(arguments[0])'")]
    case ("isempty", 1): return [Edit(whole, "length(\(arguments[0])) == 0")]
    case ("append", 2), ("push", 2): return [Edit(whole, "\(arguments[0]) += {\(arguments[1])}")]
    case ("argsort", 1), ("sortperm", 1):
      return [Edit(whole, "sort(\(arguments[0]), order=true).order")]
    case ("fliplr", 1): return [Edit(whole, "reverse(\(arguments[0]), dim=2)")]
    case ("arrayfun", 2), ("cellfun", 2):
      return [Edit(whole, "map(\(arguments[1]), \(arguments[0]))")]
    case ("zeros_like", 1): return [Edit(whole, "zeros(size(\(arguments[0])))")]
    case ("ones_like", 1): return [Edit(whole, "ones(size(\(arguments[0])))")]
    case ("randperm", 1): return [Edit(whole, "shuffle(1:\(arguments[0]))")]
    case ("log10", 1): return [Edit(whole, "log(\(arguments[0])) / log(10)")]
    case ("log2", 1): return [Edit(whole, "log(\(arguments[0])) / log(2)")]
    case ("power", 2): return [Edit(whole, "\(arguments[0]) .^ \(arguments[1])")]
    case ("rowSums", 1): return [Edit(whole, "sum(\(arguments[0]), dim=2)")]
    case ("colSums", 1): return [Edit(whole, "sum(\(arguments[0]), dim=1)")]
    case ("rowMeans", 1): return [Edit(whole, "mean(\(arguments[0]), dim=2)")]
    case ("colMeans", 1): return [Edit(whole, "mean(\(arguments[0]), dim=1)")]
    case ("rnorm", 1): return [Edit(whole, "randn(\(arguments[0]), 1)")]
    case ("runif", 1): return [Edit(whole, "rand(\(arguments[0]), 1)")]
    case ("concatenate", 1...):
      let inside = arguments[0].hasPrefix("{") ? arguments[0].dropFirst().dropLast() : ""
      return inside.isEmpty ? [] : [Edit(whole, "vcat(\(inside))")]
    case ("strcat", 2): return [Edit(whole, "\(arguments[0]) + \(arguments[1])")]
    case ("assertEqual", 2): return [Edit(whole, "assert(\(arguments[0]) == \(arguments[1]))")]
    default: return []
    }
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
