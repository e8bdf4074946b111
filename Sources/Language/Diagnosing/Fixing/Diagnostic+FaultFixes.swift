import Matrices
import Vocabulary

/// The edits for what failed while a program ran.
extension Diagnostic {
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
    case .notCallable(let operand): return called(operand, fault.range)
    case .destructuring(_, let operand): return takenApart(operand)
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
      if case .record = operand.known {
        return fields(operand).map { [Edit(operand.range, $0)] }
          ?? wrap(operand.range, "keys(", ")")
      }
      return []
    case .operands(let operation, let a, let b):
      let edits = operands(operation, fault.range, a, b)
      let isHelped = !edits.isEmpty || operandWords(operation, a, b).1 != nil
      return isHelped ? edits : [a, b].compactMap { row($0)?.edit }
    case .operand(_, let operand): return row(operand).map { [$0.edit] } ?? []
    case .blockType(let operand) where row(operand) != nil:
      return row(operand).map { [$0.edit] } ?? []
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
    case .argument(.tooMany(_, _, let at, "dim"), _, _, let places):
      return places.first { $0.given == at }.map { dimension($0.operand.range) } ?? []
    case .argument(.unknownName(let name, _, let nearest, let known), _, _, let places):
      let place = places.first { $0.given == .name(name) }?.nameRange
      return unknownArgument(name, nearest, known, at: place).edits
    case .argument: return []
    case .builtin(let problem, let callee, let places):
      if let (function, other) = swapped(problem, places) {
        return [
          Edit(function.range, other.range.text), Edit(other.range, function.range.text),
        ]
      }
      if let layer = layer(problem, callee, places, at: fault.range) { return layer.edits }
      if let asked = question(problem, callee, places, at: fault.range) { return asked.edits }
      if let remedy = problem.remedy { return edits(remedy, of: callee, at: fault.range, places) }
      if problem.help == nil, let operand = noMatrix(problem, places) {
        return row(operand).map { [$0.edit] } ?? []
      }
      guard let help = problem.help, help.hasPrefix("did you mean \""), help.hasSuffix("\"?"),
        let mention = problem.arguments.first,
        let place = places.first(where: { $0.parameter == mention.parameter }),
        place.operand.range.text.hasPrefix("\"")
      else { return [] }
      return [Edit(place.operand.range, String(help.dropFirst(13).dropLast()))]
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
    case (.and, .text, .text): return [Edit(sign, "+")]
    case (.remainder, .text, _): return percentHole(a, b).map { [$0] } ?? []
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
