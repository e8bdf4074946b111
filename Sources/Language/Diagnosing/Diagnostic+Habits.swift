import Vocabulary

/// The words for what people write who come from another language.
extension Diagnostic {
  /// What is written here instead of what other languages write.
  static func explain(_ habit: Habit, at range: SourceRange) -> Diagnostic {
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
        "a variable needs no '\(word)'", at: range,
        help: "write \(rest(of: range) ?? "x = 3")")
    case .lambda:
      Diagnostic("a function is written with '->'", at: range, help: "write x -> x^2")
    case .commandCall(let name, let argument):
      if let help = command(name) {
        Diagnostic("there is no '\(name)' here", at: range, help: help)
      } else {
        Diagnostic(
          "a call needs brackets", at: range, help: "write \(callee(name))(\(argument))")
      }
    case .increment(let name, let sign):
      Diagnostic("'\(sign)\(sign)' is not an operator", at: range, help: "write \(name) \(sign)= 1")
    case .updateSign(let place, let sign):
      Diagnostic(
        "there is no '\(range.text)'", at: range,
        help: updated(place, sign, range).first.map { "write \(place) \($0.text)" }
          ?? "four operators change a variable: +=, -=, *= and /=")
    case .dottedSign(let sign):
      Diagnostic("'\(sign)' goes element by element without a dot", at: range)
    case .dottedCall:
      Diagnostic(
        "functions take matrices without a dot", at: range,
        help: "map(x, f) calls any function for every element")
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
      if let call = singleBrackets(range) {
        Diagnostic("one pair of brackets is enough", at: range, help: "write \(call)")
      } else if SourceTokens(range.source).brackets(.openRound, around: range.lower) == nil {
        Diagnostic(
          "several names stand in round brackets", at: range, help: "as in (a, b) = size(A)")
      } else {
        Diagnostic(
          "several values are a list in braces", at: range,
          help: "write {a, b}; take it apart with (a, b) = …")
      }
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
        help: "write \(range.text)")
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
        help: "write \(indexed(.openRound, range) ?? "x[end]")")
    case .dotTranspose:
      Diagnostic("a transpose is written with a ' behind the matrix", at: range, help: "write A'")
    case .fatArrow: Diagnostic("a function is written with '->'", at: range, "not '=>'")
    case .recordSign(let key): recordSign(key, at: range)
    case .loopBrackets:
      Diagnostic(
        "a loop needs no brackets", at: range,
        help: loopHeader(range).map { "write for \($0)" } ?? "as in for i in 1:3")
    case .pipeSign(let sign):
      Diagnostic("a value is passed on with '|>'", at: range, "not '\(sign)'")
    case .choiceBlock(let word):
      Diagnostic(
        "there is no '\(word)' here", at: range,
        help: "write if x == 1 … elseif x == 2 … else … end")
    case .endlessLoop(let word):
      Diagnostic(
        "a loop starts with 'while' or 'for'", at: range, "not '\(word)'",
        help: "write while true, and if … then break end where it ends")
    case .untilWord:
      Diagnostic(
        "a loop is left with 'break'", at: range,
        help: "write if \(rest(of: range) ?? "…") then break end, and 'end' below")
    case .unlessWord:
      Diagnostic(
        "the word is 'if'", at: range, "not 'unless'",
        help: "write if !(\(rest(of: range) ?? "…"))")
    case .doWord: Diagnostic("a block needs no 'do'", at: range, help: "leave it out")
    case .catchWord("finally"):
      Diagnostic(
        "there is no 'finally' here", at: range,
        help: "write it behind the 'end': a program goes on there after a 'catch'")
    case .catchWord(let word):
      Diagnostic("the word is 'catch'", at: range, "not '\(word)'", help: "write catch e")
    case .wholeQuotient:
      Diagnostic("a whole quotient is floor(a / b)", at: range, "not '//'")
    case .imaginary:
      Diagnostic(
        "numbers are real", at: range,
        help: "eig(A, complex=true) gives real and imaginary parts apart")
    case .fieldSign: Diagnostic("a field is written with a dot", at: range, "not '$'")
    case .emptyIndex: Diagnostic("all rows or columns are ':'", at: range, help: "write A[:, 1]")
    case .curlyIndex:
      Diagnostic(
        "the elements of a matrix or list are written with square brackets", at: range,
        help: "write \(indexed(.openCurly, range) ?? "x[1]")")
    case .inlineIf:
      Diagnostic(
        "a choice is written with 'if'", at: range,
        help: inlineChoice(range).map { "write \($0.code)" }
          ?? "write if condition then a else b end")
    case .bangCall(let name):
      Diagnostic(
        "functions change nothing in place", at: range, "'!' has no meaning in a name",
        help: "write \(assigned(range)?.code ?? "x = \(name)(x)")")
    case .tripleQuotes:
      Diagnostic(
        "a text is written in double quotes", at: range, "not three of them",
        help: "write \\n for a line end inside a text")
    case .dotRange:
      joinsTexts(range)
        ? Diagnostic("texts are joined with '+'", at: range)
        : Diagnostic("a range is written with a colon", at: range, help: "as in 1:3")
    case .spreadOutside:
      Diagnostic(
        "a list is spread in braces alone", at: range,
        help: spread(range).map { "write \($0.code)" } ?? "hcat(xs) is a row of its elements")
    case .typedName:
      Diagnostic("a variable needs no type", at: range, "leave this out")
    case .rightAssign(let name):
      Diagnostic(
        "a name gets its value with '='", at: range,
        help: "write \(name) = \(before(range) ?? "…")")
    case .angleUnequal: Diagnostic("'not equal' is written '!='", at: range, "not '<>'")
    case .helpSign:
      Diagnostic(
        "help is asked for at the prompt", at: range,
        help: "start mfs and write \(range.text)\(rest(of: range) ?? "nmf")")
    }
  }

  /// A field of a record that is written with a colon, as elsewhere.
  static func recordSign(_ key: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      "the fields of a record are written with '='", at: range, help: "write {\(key) = …}")
  }

  /// What stands before a sign in its line.
  private static func before(_ range: SourceRange) -> String? {
    let line = SourceTokens(range.source).line(at: range.lower)
    guard let first = line.first, let last = line.last(where: { $0.range.upper <= range.lower }),
      last.range.upper - first.range.lower < 60
    else { return nil }
    return first.range.joined(last.range).text
  }

  /// What stands behind a word, to the end of its line.
  private static func rest(of range: SourceRange) -> String? {
    let line = SourceTokens(range.source).line(at: range.lower)
    guard let next = line.first(where: { $0.range.lower >= range.upper }), let last = line.last,
      last.range.upper - next.range.lower < 60
    else { return nil }
    return next.range.joined(last.range).text
  }
}
