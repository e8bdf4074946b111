import Vocabulary

extension Diagnostic {
  /// The words for a program that cannot be read.
  init(_ error: SyntaxError) {
    self = Self.describe(error)
    code = error.kind.code
    fix = Self.fix(error)
    if error.kind.isShownMended, let line = Self.mended(fix, at: error.range) {
      help = "write \(line)"
    }
  }

  /// The line of a mistake as the edits make it, if that is all they change.
  private static func mended(_ edits: [Edit], at range: SourceRange) -> String? {
    let source = range.source
    let line = source.lineRange(source.line(at: range.lower))
    let isWithin = edits.allSatisfy {
      $0.range.source === source && $0.range.lower >= line.lowerBound
        && $0.range.upper <= line.upperBound && !$0.text.contains("\n")
    }
    guard !edits.isEmpty, isWithin else { return nil }
    let bytes = source.bytes.count - line.upperBound
    let text = applying(edits, to: source.text).utf8.dropFirst(line.lowerBound).dropLast(bytes)
    guard text.count <= 64 else { return nil }
    return String(decoding: text, as: UTF8.self).trimmedSpaces
  }

  private static func describe(_ error: SyntaxError) -> Diagnostic {
    let range = error.range
    switch error.kind {
    case .strangeLetter(let letter):
      return Diagnostic("the sign '\(letter)' has no meaning here", at: range)
    case .emptyHexadecimal:
      return Diagnostic("a hexadecimal number needs digits after 0x", at: range, help: "as in 0xff")
    case .openText:
      return Diagnostic(
        "a text needs a closing quote in the same line", at: range,
        help: "write \\n for a line end inside a text")
    case .unknownEscape(let escape):
      return Diagnostic(
        "'\(escape)' is not an escape in a text", at: range,
        help:
          "the escapes are \\n \\t \\r \\0 \\\" \\\\ \\{ \\} and \\u{…}; write \\\\ for a backslash"
      )
    case .openHole:
      return Diagnostic(
        "a hole in a text needs a closing brace", at: range,
        help: "write \\{ for a brace that is only a letter")
    case .emptyHole:
      return Diagnostic(
        "a hole in a text needs an expression", at: range,
        help: formatted(range)?.first.map { "write \($0.text)" }
          ?? "write \\{ for a brace that is only a letter")
    case .expected(let expected, let found):
      return Diagnostic(needs(expected, found: found), at: range, help: help(for: expected))
    case .openBracket(let bracket):
      return Diagnostic("the bracket '\(bracket)' is never closed", at: range, "opened here")
    case .mismatchedBracket(let opened, let found):
      return Diagnostic(
        "'\(found)' cannot close '\(opened)'", at: range,
        others: error.related.map { [Label(range: $0, text: "opened here", isPrimary: false)] }
          ?? [])
    case .extraBracket(let bracket):
      return Diagnostic("'\(bracket)' closes nothing", at: range)
    case .openBlock(let keyword):
      return Diagnostic(
        "'\(keyword.rawValue)' needs an 'end'", at: range, "this block is never closed")
    case .extraEnd:
      return Diagnostic(
        "this 'end' closes nothing", at: range,
        help: "remove it, or look for a block above that ends too early")
    case .tooDeep:
      return Diagnostic(
        "brackets and blocks can be \(Parser.deepestNesting) deep", at: range,
        help: "give the inner part a name of its own")
    case .tooLong:
      return Diagnostic(
        "an expression can have \(Parser.greatestHeight) levels", at: range,
        help: "give a part of it a name of its own")
    case .chainedComparison:
      return Diagnostic(
        "comparisons cannot be chained", at: range, help: "write a < b && b < c")
    case .notAssignable:
      return Diagnostic(
        "a value can be given to a name, an element or a field", at: range,
        help: "as in x = …, A[1, 2] = …, r.field = …, (a, b) = …")
    case .defaultBeforeRequired(let name):
      return Diagnostic(
        "the parameter '\(name)' needs a default, because one before it has one", at: range)
    case .duplicateName(let name):
      return Diagnostic("'\(name)' is there twice", at: range)
    case .positionalAfterNamed:
      return Diagnostic("arguments without a name come before those with one", at: range)
    case .mixedRecord:
      return Diagnostic(
        "braces hold either a list or a record", at: range,
        help: "a list is {1, 2}, a record {a = 1, b = 2}")
    case .dangling(let keyword):
      return Diagnostic("'\(keyword.rawValue)' does not belong to a block here", at: range)
    case .pipeAtStart:
      return Diagnostic(
        "a file cannot start with '|>'", at: range, help: "put the value to pass on before it")
    case .habit(let habit):
      return explain(habit, at: range)
    }
  }

  private static func needs(_ expected: SyntaxError.Expected, found: String) -> String {
    switch expected {
    case .expression: "a value is needed here, not \(found)"
    case .lineEnd: "a new line or an operator is needed here, not \(found)"
    case .name: "a name is needed here, not \(found)"
    case .fieldName: "the name of a field is needed after the dot, not \(found)"
    case .closing(let sign): "'\(sign)' is needed here, not \(found)"
    case .conditionEnd(.for):
      "a new line or ';' is needed after what the loop goes through, not \(found)"
    case .conditionEnd: "a new line, ';' or 'then' is needed after the condition, not \(found)"
    case .inKeyword: "'in' is needed here, not \(found)"
    case .parameter: "the name of a parameter is needed here, not \(found)"
    case .importName: "'as' and a name are needed after the file, not \(found)"
    case .importFile: "the file is needed here as a text without holes, not \(found)"
    case .comma: "a comma is needed here, not \(found)"
    }
  }

  private static func help(for expected: SyntaxError.Expected) -> String? {
    switch expected {
    case .conditionEnd(.for): "as in for i in 1:3; print(i) end"
    case .conditionEnd(.while): "as in while x > 1; x = x / 2 end"
    case .conditionEnd: "as in if x > 0 then print(x) end"
    case .importName: "as in import \"stats.mfs\" as stats"
    case .importFile: "as in include(\"stats.mfs\")"
    case .inKeyword: "as in for i in 1:3"
    case .expression, .lineEnd, .name, .fieldName, .closing, .parameter, .comma: nil
    }
  }
}
