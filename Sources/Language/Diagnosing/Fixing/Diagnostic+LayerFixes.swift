import Vocabulary

/// Functions that were called with what another one takes: with a network where a layer is meant,
/// with a question where an answer is.
extension Diagnostic {
  /// `ask("name? ")` for `input("name? ")`, and the edit that writes it.
  static func question(
    _ problem: Problem, _ callee: String, _ places: [Fault.Place], at range: SourceRange
  ) -> (code: String, edits: [Edit])? {
    guard problem.kind == .type, callee == "input", places.count == 1,
      let operand = places.first?.operand, case .text = operand.known
    else { return nil }
    let all = SourceTokens(range.source)
    let name = all.index(at: operand.range.lower) - 2
    guard name >= 0, case .name(callee) = all.tokens[name].kind else { return nil }
    return ("ask(\(operand.range.text))", [Edit(all.tokens[name].range, "ask")])
  }

  /// `net |> activation(relu)` for `net |> relu()` and `relu(net)`, and the edit that writes it.
  static func layer(
    _ problem: Problem, _ callee: String, _ places: [Fault.Place], at range: SourceRange
  ) -> (code: String, edits: [Edit])? {
    guard problem.kind == .type, let operand = places.first?.operand,
      case .object(let facts) = operand.known, let object = facts.object as? any Layering,
      let layer = object.layer(of: callee)
    else { return nil }
    let all = SourceTokens(range.source)
    for index in all.tokens.indices.dropLast() {
      guard case .name(callee) = all.tokens[index].kind, all.tokens[index + 1].is(.openRound),
        let close = all.partner(of: index + 1)
      else { continue }
      let call = all.tokens[index].range.joined(all.tokens[close].range)
      if close == index + 2, index > 0, all.tokens[index - 1].is(.pipe),
        all.tokens[index - 1].range.lower >= operand.range.upper
      {
        return ("… |> \(layer)", [Edit(call, layer)])
      }
      if call.lower < operand.range.lower, operand.range.upper < call.upper, close == index + 3 {
        let code = "\(operand.range.text) |> \(layer)"
        return (code, [Edit(call, code)])
      }
    }
    return ("… |> \(layer)", [])
  }
}
