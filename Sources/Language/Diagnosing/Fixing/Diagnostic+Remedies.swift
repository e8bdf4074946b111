import Vocabulary

/// The edits of what a builtin says would help.
extension Diagnostic {
  static func edits(
    _ remedy: Problem.Remedy, of callee: String, at range: SourceRange, _ places: [Fault.Place]
  ) -> [Edit] {
    func place(_ parameter: String) -> Fault.Place? {
      places.first { $0.parameter == parameter && $0.operand.range.source === range.source }
    }
    switch remedy {
    case .rewriting(let parameter, let code):
      guard let operand = place(parameter)?.operand else { return [] }
      return [Edit(operand.range, filled(code, with: operand.range.text))]
    case .replacing(let old, let parameter, let new):
      guard let operand = place(parameter)?.operand else { return [] }
      let made = operand.name == nil ? nil : operand.origin
      for candidate in [operand.range, made].compactMap({ $0 }) {
        if let found = occurrence(of: old, in: candidate) { return [Edit(found, new)] }
      }
      return []
    case .adding(let code):
      let parts = code.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2, let given = place(parts[0]) {
        return [Edit(given.operand.range, parts[1])]
      }
      let all = SourceTokens(range.source)
      guard let close = closing(callee, all, near: range, places) else { return [] }
      let isEmpty = all.tokens[close - 1].is(.openRound)
      let end = all.tokens[close].range.lower
      return [Edit(SourceRange(range.source, end, end), (isEmpty ? "" : ", ") + code)]
    case .leavingOut(let parameter):
      guard let argument = place(parameter), let name = argument.nameRange else { return [] }
      let all = SourceTokens(range.source)
      let first = all.index(at: name.lower)
      guard first > 0, all.tokens[first - 1].is(.comma) else { return [] }
      let start = all.tokens[first - 1].range.lower
      return [Edit(SourceRange(range.source, start, argument.operand.range.upper), "")]
    }
  }

  /// The code with what was written in the place of `$`, in brackets where it has to be.
  private static func filled(_ code: String, with text: String) -> String {
    let isWhole = text.allSatisfy { $0.isLetter || $0.isNumber || "_.\"".contains($0) }
    let parts = code.split(separator: "$", omittingEmptySubsequences: false)
    guard let first = parts.first else { return code }
    var result = String(first)
    for part in parts.dropFirst() {
      let isArgument =
        "(,= ".contains(result.last ?? "(") && ",)".contains(part.first ?? ")")
        || part.hasPrefix(" |>")
      result += (isWhole || isArgument ? text : "(\(text))") + part
    }
    return result
  }

  /// Where a piece of text stands in a range, if it does once.
  private static func occurrence(of piece: String, in range: SourceRange) -> SourceRange? {
    let (bytes, wanted) = (range.source.bytes, Array(piece.utf8))
    guard !wanted.isEmpty, range.upper - range.lower >= wanted.count else { return nil }
    let found = (range.lower...(range.upper - wanted.count)).filter { start in
      bytes[start..<start + wanted.count].elementsEqual(wanted)
    }
    guard found.count == 1, let start = found.first else { return nil }
    return SourceRange(range.source, start, start + wanted.count)
  }

  /// The bracket that closes the call: its name stands in the same line as what is complained
  /// about, and its brackets hold all arguments but a piped one.
  private static func closing(
    _ callee: String, _ all: SourceTokens, near range: SourceRange, _ places: [Fault.Place]
  ) -> Int? {
    let last = places.map(\.operand.range).filter { $0.source === range.source }.map(\.upper).max()
    for index in all.tokens.indices.dropLast() {
      guard case .name(callee) = all.tokens[index].kind, all.tokens[index + 1].is(.openRound),
        let close = all.partner(of: index + 1)
      else { continue }
      let inside = all.tokens[index].range.lower...all.tokens[close].range.upper
      if inside.contains(last ?? range.lower), inside.contains(range.lower) || places.count == 1 {
        return close
      }
    }
    return nil
  }
}
