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
    case .call(let error, _, let arguments):
      guard case .unknownName(let name, _, let nearest, let known) = error,
        let place = arguments.last(where: { $0.name == name })?.range
      else { return [] }
      if name == "axis", known.contains("dim") { return axis(place) }
      if let ours = renamedParameter(name, known) { return [Edit(place, ours)] }
      return nearest.map { [Edit(place, $0)] } ?? []
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

  /// `axis=0` goes down the rows, as `dim=1` does.
  private static func axis(_ place: SourceRange) -> [Edit] {
    let all = SourceTokens(place.source)
    let index = all.index(at: place.lower)
    guard index + 2 < all.tokens.count, case .number(let axis) = all.tokens[index + 2].kind,
      axis == 0 || axis == 1
    else { return [] }
    return [Edit(place, "dim"), Edit(all.tokens[index + 2].range, axis == 0 ? "1" : "2")]
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

  // MARK: Faults

  static func fix(_ fault: Fault) -> [Edit] {
    func insert(_ text: String, before range: SourceRange) -> Edit {
      Edit(SourceRange(range.source, range.lower, range.lower), text)
    }
    func insert(_ text: String, behind range: SourceRange) -> Edit { Edit(range.end, text) }
    func wrap(_ range: SourceRange, _ before: String, _ after: String) -> [Edit] {
      [insert(before, before: range), insert(after, behind: range)]
    }
    switch fault.kind {
    case .shapes(_, _, _, _, let fix?), .sizes(_, _, _, _, let fix?):
      return [Edit(fix.replacing, fix.code)]
    case .noField(let name, let place, let operand, let known):
      return field(name, place, operand, known)
    case .index(let error, let container, let index, _):
      return position(error, fault.range, container, index)
    case .notCallable(let operand): return brackets(operand, fault.range, "[", "]")
    case .notIndexable(let operand):
      guard case .function = operand.known else { return [] }
      return brackets(operand, fault.range, "(", ")")
    case .computation(let problem, _, let a, let b)
    where problem.help?.hasSuffix("has all elements, the zeros too") ?? false:
      return [a, b].filter(\.known.isSparse).flatMap { wrap($0.range, "full(", ")") }
    case .computation(_, .solve, let a, let b):
      let code = "lstsq(\(a.range.text), \(b.range.text))"
      return a.range.source === b.range.source ? [Edit(a.range.joined(b.range), code)] : []
    case .computation(let problem, .power, _, _):
      return problem.help?.hasPrefix("write .^") ?? false ? [Edit(fault.range, ".^")] : []
    case .missingField(let name, let operand):
      return destructured(name, operand)
    case .condition(let operand):
      switch operand.known {
      case .number: return [insert(" != 0", behind: operand.range)]
      case .nothing: return [insert(" != nothing", behind: operand.range)]
      case .matrix(let facts) where facts.isLogical ?? false:
        return wrap(operand.range, "all(", ")")
      case .matrix: return wrap(operand.range, "all(", " > 0)")
      case .text, .list: return wrap(operand.range, "length(", ") > 0")
      default: return []
      }
    case .truth(let operand, _):
      if case .number = operand.known { return [insert(" != 0", behind: operand.range)] }
      if case .matrix = operand.known { return wrap(operand.range, "all(", ")") }
      return []
    case .iteration(let operand):
      if case .number = operand.known { return [insert("1:", before: operand.range)] }
      if case .record = operand.known { return wrap(operand.range, "keys(", ")") }
      return []
    case .operands(let operation, let a, let b): return operands(operation, fault.range, a, b)
    case .assignment(let error, let container, let value):
      switch error {
      case .beyond(_, _, let dimension, let isList):
        guard value.range.source === fault.range.source, value.range.lower >= fault.range.upper
        else {
          return []
        }
        let name = container.range.text
        let head = SourceRange(fault.range.source, fault.range.lower, value.range.lower)
        guard isList || grows(container, value, dimension) else { return [] }
        if isList { return [Edit(head, "\(name) += {"), insert("}", behind: value.range)] }
        let isWide = dimension == 2 || dimension == 0 && container.known.extent?.shape?.rows == 1
        return [
          Edit(head, "\(name) = [\(name)\(isWide ? "," : ";") "), insert("]", behind: value.range),
        ]
      case .shape(let given, let wanted) where given.transposed == wanted:
        return [insert("'", behind: value.range)]
      default: return []
      }
    case .blockType:
      guard
        let (open, close) = SourceTokens(fault.range.source).brackets(
          .openSquare, around: fault.range.lower)
      else { return [] }
      return [Edit(open.range, "{"), Edit(close.range, "}")]
    case .argument(let error, _, _, let places):
      guard case .unknownName(let name, _, let nearest, let known) = error,
        let place = places.first(where: { $0.given == .name(name) })?.nameRange
      else { return [] }
      if let ours = renamedParameter(name, known) { return [Edit(place, ours)] }
      // `exp` may stand for `exponent`, if for nothing else.
      let longer = known.filter { $0.hasPrefix(name) && name.count > 1 }
      guard let meant = nearest ?? (longer.count == 1 ? longer.first : nil) else { return [] }
      return [Edit(place, meant)]
    case .builtin(let problem, let callee, let places):
      if let (function, other) = swapped(problem, places) {
        return [
          Edit(function.range, other.range.text), Edit(other.range, function.range.text),
        ]
      }
      if let remedy = problem.remedy { return edits(remedy, of: callee, at: fault.range, places) }
      guard let help = problem.help, help.hasPrefix("did you mean \""), help.hasSuffix("\"?"),
        let mention = problem.arguments.first,
        let place = places.first(where: { $0.parameter == mention.parameter }),
        place.operand.range.text.hasPrefix("\"")
      else { return [] }
      return [Edit(place.operand.range, String(help.dropFirst(13).dropLast()))]
    default: return []
    }
  }

  private static func field(
    _ name: String, _ place: SourceRange, _ operand: Fault.Operand, _ known: [String]
  ) -> [Edit] {
    let source = place.source
    let whole = SourceRange(source, operand.range.lower, place.upper)
    let text = operand.range.text
    let rest = source.text(in: place.upper..<min(place.upper + 3, source.bytes.count))
    switch operand.known {
    case .record, .object:
      return Spelling.nearest(name, among: known).map { [Edit(place, $0)] } ?? []
    case .matrix, .range, .number, .list:
      if name == "T" { return [Edit(SourceRange(source, operand.range.upper, place.upper), "'")] }
      if name == "shape" {
        if rest == "[0]" || rest == "[1]" {
          return [
            Edit(
              SourceRange(source, operand.range.lower, place.upper + 3),
              rest == "[0]" ? "rows(\(text))" : "cols(\(text))")
          ]
        }
        return [Edit(whole, "size(\(text))")]
      }
      if case .list = operand.known, ["append", "push", "add"].contains(name), rest.hasPrefix("(") {
        let all = SourceTokens(source)
        guard let close = all.partner(of: all.index(at: place.upper)) else { return [] }
        return [
          Edit(SourceRange(source, operand.range.lower, place.upper + 1), "\(text) += {"),
          Edit(all.tokens[close].range, "}"),
        ]
      }
      guard methods.contains(name) else { return [] }
      if rest.hasPrefix("()") {
        return [Edit(SourceRange(source, operand.range.lower, place.upper + 2), "\(name)(\(text))")]
      }
      if rest.hasPrefix("(") {
        return [
          Edit(SourceRange(source, operand.range.lower, place.upper + 1), "\(name)(\(text), ")
        ]
      }
      return [Edit(whole, "\(name)(\(text))")]
    default: return []
    }
  }

  private static func position(
    _ error: IndexError, _ range: SourceRange, _ container: Fault.Operand, _ index: Fault.Operand?
  ) -> [Edit] {
    let isLiteral = range.text.allSatisfy { $0.isNumber || $0 == "-" || $0 == " " }
    switch error {
    case .zero: return isLiteral ? [Edit(range, "1")] : []
    case .negative(let number):
      guard isLiteral, number > -1e9 else { return [] }
      return [Edit(range, number == -1 ? "end" : "end - \(Int(-number - 1))")]
    case .beyond(_, let length, _):
      if isLiteral { return length > 0 ? [Edit(range, "end")] : [] }
      return shorterLoop(range, container, index)
    case .oneOfMatrix where range.text == ":":
      let (name, whole) = (container.range.text, container.range.joined(range))
      return [
        Edit(
          SourceRange(range.source, whole.lower, whole.upper + 1),
          "reshape(\(name), length(\(name)), 1)")
      ]
    case .oneOfMatrix:
      let source = range.source
      let rest = source.text(in: range.upper..<min(range.upper + 2, source.bytes.count))
      if rest == "][" { return [Edit(SourceRange(source, range.upper, range.upper + 2), ", ")] }
      return [Edit(range, counted(range.text) + ", :")]
    case .key(let key, let known):
      guard let nearest = Spelling.nearest(key, among: known), range.text.hasPrefix("\"") else {
        return []
      }
      return [Edit(range, quoted(nearest))]
    case .fraction, .type, .mask, .maskShape, .dimensions, .needsKey, .empty: return []
    }
  }

  /// A loop that counts too far: `for j in 1:5` over four columns goes to `cols(A)`.
  private static func shorterLoop(
    _ range: SourceRange, _ container: Fault.Operand, _ index: Fault.Operand?
  ) -> [Edit] {
    guard let index, index.range.text == index.name, let origin = index.origin,
      origin.source === range.source, origin.text.hasPrefix("for "),
      let name = container.name, container.range.text == name
    else { return [] }
    let all = SourceTokens(range.source)
    let inside = all.tokens.filter {
      $0.range.lower >= origin.lower && $0.range.upper <= origin.upper
    }
    guard let last = inside.last, case .number = last.kind, inside.count > 2,
      inside[inside.count - 2].is(.colon)
    else { return [] }
    // Which of the positions it is: those before it are parted by commas.
    let place = all.index(at: range.lower)
    guard place > 0, place + 1 < all.tokens.count else { return [] }
    let (isFirst, isLast) = (
      all.tokens[place - 1].is(.openSquare), all.tokens[place + 1].is(.closeSquare)
    )
    let count = isFirst ? (isLast ? "length" : "rows") : "cols"
    return [Edit(last.range, "\(count)(\(name))")]
  }

  /// The name of a field in `(a, b) = record`, as the record has it.
  private static func destructured(_ name: String, _ operand: Fault.Operand) -> [Edit] {
    guard case .record(let facts) = operand.known,
      let nearest = Spelling.nearest(name, among: facts.keys)
    else { return [] }
    let line = SourceTokens(operand.range.source).line(at: operand.range.lower)
    let place = line.first { $0.kind == .name(name) && $0.range.upper <= operand.range.lower }
    return place.map { [Edit($0.range, nearest)] } ?? []
  }

  /// A text so many times.
  private static func repeated(_ text: Fault.Operand, _ count: Fault.Operand) -> [Edit] {
    guard text.range.source === count.range.source else { return [] }
    let code = "repeat(\(text.range.text), \(count.range.text))"
    return [Edit(text.range.joined(count.range), code)]
  }

  private static func brackets(
    _ operand: Fault.Operand, _ range: SourceRange, _ open: String, _ close: String
  ) -> [Edit] {
    switch operand.known {
    case .matrix, .list, .range, .text, .record, .function: break
    default: return []
    }
    let source = range.source
    let byte = operand.range.upper
    guard byte < range.upper, [UInt8(ascii: "("), UInt8(ascii: "[")].contains(source.bytes[byte])
    else { return [] }
    return [
      Edit(SourceRange(source, byte, byte + 1), open),
      Edit(SourceRange(source, range.upper - 1, range.upper), close),
    ]
  }

  private static func operands(
    _ operation: Operator, _ sign: SourceRange, _ a: Fault.Operand, _ b: Fault.Operand
  ) -> [Edit] {
    func inHole(_ operand: Fault.Operand) -> [Edit] {
      let text = operand.range.text
      return text.contains("\"") ? [] : [Edit(operand.range, "\"{\(text)}\"")]
    }
    func inBraces(_ operand: Fault.Operand) -> [Edit] {
      [Edit(operand.range, "{\(operand.range.text)}")]
    }
    switch (operation, a.known, b.known) {
    case (.add, .text, .text), (.add, .list, .list): return []
    case (.add, .text, _): return inHole(b)
    case (.add, _, .text): return inHole(a)
    case (.add, .list, _): return inBraces(b)
    case (.add, _, .list): return inBraces(a)
    case (.multiply, .text, .number): return repeated(a, b)
    case (.multiply, .number, .text): return repeated(b, a)
    case (.divide, _, .matrix(let facts)):
      guard let x = a.known.extent, case .number = a.known else {
        return a.known.extent == facts.extent ? [Edit(sign, "./")] : []
      }
      return x == .single ? [Edit(sign, "./")] : []
    case (.power, .matrix, .number), (.power, .number, .matrix): return [Edit(sign, ".^")]
    default: return []
    }
  }
}
