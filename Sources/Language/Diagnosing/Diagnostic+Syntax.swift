import Vocabulary

extension Diagnostic {
  /// The words for a program that cannot be read.
  init(_ error: SyntaxError) {
    self = Self.describe(error)
    code = error.kind.code
    fix = Self.fix(error)
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
        help: "write \\{ for a brace that is only a letter")
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
    case .importName: "as in import \"stats.mfs\" as stats"
    case .importFile: "as in include(\"stats.mfs\")"
    case .inKeyword: "as in for i in 1:3"
    case .expression, .lineEnd, .name, .fieldName, .closing, .conditionEnd, .parameter, .comma: nil
    }
  }

  /// What is written here instead of what other languages write.
  private static func explain(_ habit: Habit, at range: SourceRange) -> Diagnostic {
    switch habit {
    case .matrixProduct(let sign):
      Diagnostic(
        "the matrix product is written '*'", at: range, "not '\(sign)'",
        help: "write A * B for the matrix product and A .* B element by element")
    case .functionHandle:
      Diagnostic(
        "a function is written with '->'", at: range,
        help: "write x -> x^2, or just the name of a function")
    case .doubleStar:
      Diagnostic(
        "a power is written '^'", at: range, "not '**'",
        help: "write x^2, or A .^ 2 element by element")
    case .singleQuotes(let content):
      Diagnostic(
        "a text is written in double quotes", at: range, help: "write \"\(content)\"; ' transposes")
    case .spaceSeparated(let left, let right):
      Diagnostic(
        "the columns of a matrix are separated by commas", at: range,
        help: "write [\(left), \(right), …]")
    case .ambiguousSign(let left, let right):
      Diagnostic(
        "this could be two columns or a difference", at: range,
        help:
          "write \(left), \(right) for two columns, or \(left) \(right.prefix(1)) \(right.dropFirst()) for one"
      )
    case .elseIf(let word):
      Diagnostic("the word is 'elseif'", at: range, "not '\(word)'", help: "write elseif condition")
    case .define(let word):
      Diagnostic(
        "a function starts with 'function'", at: range, "not '\(word)'",
        help: "write f(x) = x^2, or function f(x) … end")
    case .declaration(let word):
      Diagnostic(
        "a variable needs no '\(word)'", at: range, help: "write x = 3")
    case .lambda:
      Diagnostic("a function is written with '->'", at: range, help: "write x -> x^2")
    case .commandCall(let name, let argument):
      Diagnostic(
        "a call needs brackets", at: range, help: "write \(name)(\(argument))")
    case .increment(let name, let sign):
      Diagnostic("'\(sign)\(sign)' is not an operator", at: range, help: "write \(name) \(sign)= 1")
    case .slashComment: Diagnostic("a comment starts with '#'", at: range, "not '//'")
    case .percentComment:
      Diagnostic("a comment starts with '#'", at: range, "'%' is the remainder")
    case .tildeUnequal: Diagnostic("'not equal' is written '!='", at: range, "not '~='")
    case .tildeNot: Diagnostic("'not' is written '!'", at: range, "not '~'")
    case .tripleEqual: Diagnostic("'equal' is written '=='", at: range)
    case .assignInCondition:
      Diagnostic(
        "a condition compares with '=='", at: range, "'=' gives a value to a name",
        help: "write ==")
    case .colonBlock:
      Diagnostic(
        "a block needs no colon", at: range,
        help: "start a new line here, and close the block with 'end'")
    case .braceBlock:
      Diagnostic(
        "a block needs no braces", at: range,
        help: "start a new line here, and close the block with 'end'")
    case .forEquals:
      Diagnostic("a loop is written with 'in'", at: range, help: "as in for i in 1:3")
    case .tuple:
      Diagnostic(
        "several values are a list in braces", at: range,
        help: "write {a, b}; take it apart with (a, b) = …")
    case .returnSeveral:
      Diagnostic(
        "several results are a list in braces", at: range,
        help: "write return {a, b}, and (a, b) = f(x) where it is called")
    case .arrowAssign(let name):
      Diagnostic("a name gets its value with '='", at: range, help: "write \(name) = …")
    case .wordOperator(let word, let ours):
      Diagnostic("'\(word)' is written '\(ours)'", at: range)
    case .endWord(let word): Diagnostic("a block is closed by 'end'", at: range, "not '\(word)'")
    case .missingOperator(let code):
      Diagnostic("an operator is missing here", at: range, help: "write \(code)")
    case .octaveFunction(let name):
      Diagnostic(
        "the result of a function is its last value", at: range,
        "results are not named here", help: "write function f(x), or \(name) = f(x) to call one")
    case .openRange:
      Diagnostic(
        "a range needs both ends", at: range,
        help: "write 1:3 for the first three, 2:end for all but the first")
    case .ternary:
      Diagnostic(
        "a choice is written with 'if'", at: range, help: "write if condition then a else b end")
    case .textPrefix(let prefix):
      Diagnostic(
        "every text takes values in holes", at: range, "'\(prefix)' is not needed",
        help: "write \"loss {x:.4}\"")
    case .foreignImport(let name):
      Diagnostic(
        "the library needs no import", at: range, "not '\(name)'",
        help: "leave the line out; import \"file.mfs\" as name reads a file of your own")
    case .comprehension:
      Diagnostic(
        "a list of results is made with 'map'", at: range,
        help: "write map(xs, x -> x^2), or xs .^ 2 for numbers")
    case .membership:
      Diagnostic(
        "'in' belongs to loops", at: range, help: "write contains(xs, x) to look for an element")
    case .semicolonArguments:
      Diagnostic("arguments are separated by commas", at: range, "not ';'", help: "write f(x, y=2)")
    case .roundIndex:
      Diagnostic(
        "the elements of a matrix or list are written with square brackets", at: range,
        help: "write x[end]")
    case .dotTranspose:
      Diagnostic("a transpose is written with a ' behind the matrix", at: range, help: "write A'")
    }
  }
}
