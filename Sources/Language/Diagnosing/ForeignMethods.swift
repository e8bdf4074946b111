import Vocabulary

/// Methods as other languages have them, and what is written here.
extension Diagnostic {
  /// Methods of models elsewhere, with the functions that they are here.
  private static let modelMethods: [String: String] = [
    "fit": "train", "predict": "predict", "summary": "summary", "evaluate": "evaluate",
    "score": "evaluate", "transform": "transform", "save": "save", "explain": "explain",
    "recommend": "recommend", "similar": "similar", "train": "train", "publish": "publish",
  ]

  /// The function that a method of an object is here, given the fields that it has.
  static func modelMethod(_ name: String, _ fields: [String]) -> String? {
    let function = modelMethods[name]
    // What is no network has been trained when it is made.
    return function == "train" && !fields.contains("layers") ? nil : function
  }

  /// Methods of values elsewhere, by what they belong to: `$` is the value, `@` what stands in the brackets.
  private static let valueMethods: [String: [String: String]] = [
    "text": [
      "split": "split_text($, @)", "join": "join(@, $)", "strip": "trim($)",
      "startswith": "starts_with($, @)", "endswith": "ends_with($, @)",
    ],
    "list": [
      "append": "$ += {@}", "push": "$ += {@}", "add": "$ += {@}", "extend": "$ += @",
      "pop": "$ = $[1:end - 1]", "copy": "$", "len": "length($)",
    ],
    "matrix": [
      "append": "$ = [$, @]", "push": "$ = [$, @]", "copy": "$", "tolist": "list($)",
      "flatten": "reshape($, 1, length($))", "ravel": "reshape($, 1, length($))",
      "transpose": "$'", "matmul": "$ * (@)", "len": "length($)",
    ],
    "record": [
      "keys": "keys($)", "values": "values($)", "get": "$[@]", "update": "$ = {$..., @...}",
      "items": "zip(keys($), values($))", "copy": "$",
    ],
  ]

  /// What is written instead of a method of a text, a list, a matrix or a record, and the place of
  /// the call that it stands for.
  static func valueMethod(_ name: String, _ place: SourceRange, _ operand: Fault.Operand) -> (
    code: String, call: SourceRange
  )? {
    let kind =
      switch operand.known {
      case .text: "text"
      case .list: "list"
      case .matrix, .range: "matrix"
      case .record: "record"
      default: ""
      }
    let all = SourceTokens(place.source)
    let open = all.index(at: place.upper)
    guard let template = valueMethods[kind]?[name], isCalled(place),
      let close = all.partner(of: open)
    else { return nil }
    let inside = place.source.text(
      in: all.tokens[open].range.upper..<all.tokens[close].range.lower
    ).trimmedSpaces
    guard template.contains("@") != inside.isEmpty, inside.utf8.count < 60 else { return nil }
    let call = operand.range.joined(all.tokens[close].range)
    // What is assigned is no value: the call has to be a statement.
    let first = all.index(at: call.lower)
    let isStatement =
      (first == 0 || [.newline, .symbol(.semicolon)].contains(all.tokens[first - 1].kind))
      && (close + 1 == all.tokens.count
        || [.newline, .end, .symbol(.semicolon)].contains(all.tokens[close + 1].kind))
    guard isStatement || !template.contains(" = ") && !template.contains(" += ") else { return nil }
    let code = template.split(separator: "$", omittingEmptySubsequences: false)
      .joined(separator: operand.range.text)
      .split(separator: "@", omittingEmptySubsequences: false).joined(separator: inside)
    return (code, call)
  }
}
