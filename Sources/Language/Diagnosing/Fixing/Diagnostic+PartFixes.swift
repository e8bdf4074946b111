import Vocabulary

/// The edits for parts that are not there: fields, methods, calls and values of what has none.
extension Diagnostic {
  /// The edits for a field that a value does not have.
  static func field(
    _ name: String, _ place: SourceRange, _ operand: Fault.Operand, _ known: [String]
  ) -> [Edit] {
    let source = place.source
    let whole = SourceRange(source, operand.range.lower, place.upper)
    let text = operand.range.text
    let rest = source.text(in: place.upper..<min(place.upper + 3, source.bytes.count))
    if let method = valueMethod(name, place, operand) { return [Edit(method.call, method.code)] }
    switch operand.known {
    case .record, .object:
      if renamedField(name, known) == nil, case .object = operand.known, isCalled(place) {
        if let function = modelMethod(name, known) { return calling(function, place, operand) }
        if foreignMethod(name) != nil { return [] }
      }
      let meant = renamedField(name, known) ?? Spelling.nearest(name, among: known)
      return meant.map { [Edit(place, $0)] } ?? []
    case .function: return dotted(operand.range).map { [Edit($0.whole, $0.ours)] } ?? []
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
      return methods.contains(name) ? calling(name, place, operand) : []
    default: return []
    }
  }

  /// `x.name(y)`: `name(x, y)`.
  private static func calling(
    _ function: String, _ place: SourceRange, _ operand: Fault.Operand
  ) -> [Edit] {
    let (source, text) = (place.source, operand.range.text)
    let rest = source.text(in: place.upper..<min(place.upper + 2, source.bytes.count))
    func edit(_ width: Int, _ code: String) -> [Edit] {
      [Edit(SourceRange(source, operand.range.lower, place.upper + width), code)]
    }
    if rest == "()" { return edit(2, "\(function)(\(text))") }
    return rest.hasPrefix("(") ? edit(1, "\(function)(\(text), ") : edit(0, "\(function)(\(text))")
  }

  /// The edits of a call of what is no function: a field, a network, something with elements.
  static func called(_ operand: Fault.Operand, _ range: SourceRange) -> [Edit] {
    let rest = SourceRange(range.source, operand.range.upper, range.upper)
    if isField(operand.range), rest.text.dropFirst().dropLast().allSatisfy({ $0 == " " }) {
      return [Edit(rest, "")]
    }
    if case .object(let facts) = operand.known, facts.object is any Predicting {
      return [
        Edit(
          SourceRange(range.source, operand.range.lower, operand.range.upper + 1),
          "predict(\(operand.range.text), ")
      ]
    }
    return brackets(operand, range, "[", "]")
  }

  /// `(W, H) = nmf(X, 2)`: `model = nmf(X, 2); (W, H) = {model.W, model.H}`, where the names are fields.
  static func takenApart(_ operand: Fault.Operand) -> [Edit] {
    guard case .object(let facts) = operand.known, let fields = facts.fieldNames else { return [] }
    let all = SourceTokens(operand.range.source)
    let first = all.index(at: operand.range.lower)
    guard first > 3, all.tokens[first - 1].is(.assign), all.tokens[first - 2].is(.closeRound),
      let open = (0..<first - 2).last(where: { all.partner(of: $0) == first - 2 })
    else { return [] }
    let names = parts(all, open, first - 2)
    let meant = names.compactMap { name in
      fields.first { $0 == name } ?? fields.first { $0.lowercased() == name.lowercased() }
    }
    guard meant.count == names.count else { return [] }
    let isNamed = operand.name == operand.range.text
    let name = isNamed ? operand.range.text : "model"
    let taken = meant.map { "\(name).\($0)" }.joined(separator: ", ")
    let start = all.tokens[open].range.lower
    let making = Edit(SourceRange(all.source, start, start), "model = \(operand.range.text); ")
    return (isNamed ? [] : [making]) + [Edit(operand.range, "{\(taken)}")]
  }

  /// The edits that put other brackets around what stands behind a value.
  static func brackets(
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
}
