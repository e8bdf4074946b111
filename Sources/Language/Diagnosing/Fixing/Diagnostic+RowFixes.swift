import Vocabulary

/// Lists of numbers where a matrix is needed, lists spread where they cannot be, and records in loops.
extension Diagnostic {
  /// The code that makes a row of a list of numbers or columns, and the edit that writes it.
  static func row(_ operand: Fault.Operand) -> (code: String, edit: Edit)? {
    guard case .list(let list) = operand.known, isNumeric(list) else { return nil }
    let range = operand.range
    let all = SourceTokens(range.source)
    let first = all.index(at: range.lower)
    let isLiteral =
      all.tokens[first].is(.openCurly)
      && all.partner(of: first).map { all.tokens[$0].range.upper == range.upper } ?? false
    let code = isLiteral ? "[\(range.text.dropFirst().dropLast())]" : "hcat(\(range.text))"
    return (code, Edit(range, code))
  }

  /// The help that says so of the first of some operands that is such a list.
  static func rowHelp(_ operands: Fault.Operand...) -> String? {
    operands.lazy.compactMap { row($0) }.first.map { "write \($0.code) for a row of its elements" }
  }

  /// Whether the elements are numbers and matrices, or nobody knows, as of a list that a loop fills.
  private static func isNumeric(_ list: Known.ListFacts) -> Bool {
    guard let elements = list.elements ?? (list.element.isAnything ? nil : [list.element]) else {
      return true
    }
    return !elements.isEmpty
      && elements.allSatisfy {
        switch $0 {
        case .number, .boolean, .matrix: true
        default: false
        }
      }
  }

  /// The pairs that `for (key, value) in r` goes through: `zip(keys(r), values(r))`.
  static func fields(_ record: Fault.Operand) -> String? {
    let all = SourceTokens(record.range.source)
    let place = all.index(at: record.range.lower)
    guard place >= 2, case .keyword(.in) = all.tokens[place - 1].kind,
      all.tokens[place - 2].is(.closeRound)
    else { return nil }
    let name = record.range.text
    return "zip(keys(\(name)), values(\(name)))"
  }

  /// What stands for a list spread in square brackets or a call, `[xs...]` or `hcat(xs...)`, and its
  /// place; given where the dots stand.
  static func spread(_ dots: SourceRange) -> (code: String, place: SourceRange)? {
    let all = SourceTokens(dots.source)
    for bracket in [Symbol.openSquare, .openRound] {
      guard let (open, close) = all.brackets(bracket, around: dots.lower),
        all.index(at: close.range.lower) == all.index(at: dots.lower) + 1
      else { continue }
      let list = all.source.text(in: open.range.upper..<dots.lower).trimmedSpaces
      guard !list.contains(",") && !list.contains(";") else { return nil }
      if bracket == .openSquare {
        return ("hcat(\(list))", open.range.joined(close.range))
      }
      let callee = all.index(at: open.range.lower) - 1
      guard callee >= 0, case .name(let name) = all.tokens[callee].kind else { return nil }
      let place = all.tokens[callee].range.joined(close.range)
      return (
        ["hcat", "vcat"].contains(name) ? "\(name)(\(list))" : "\(name)(hcat(\(list)))", place
      )
    }
    return nil
  }
}
