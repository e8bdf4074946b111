import Vocabulary

extension SyntaxError.Kind {
  /// The code under which `:explain` explains it.
  var code: String {
    switch self {
    case .strangeLetter: "E100"
    case .emptyHexadecimal: "E101"
    case .openText: "E102"
    case .unknownEscape: "E103"
    case .openHole: "E104"
    case .emptyHole: "E105"
    case .expected: "E106"
    case .openBracket: "E107"
    case .mismatchedBracket: "E108"
    case .extraBracket: "E109"
    case .openBlock: "E110"
    case .extraEnd: "E111"
    case .tooDeep: "E112"
    case .tooLong: "E113"
    case .chainedComparison: "E114"
    case .notAssignable: "E115"
    case .defaultBeforeRequired: "E116"
    case .duplicateName: "E117"
    case .positionalAfterNamed: "E118"
    case .mixedRecord: "E119"
    case .dangling: "E120"
    case .pipeAtStart: "E121"
    case .habit(let habit): habit.code
    }
  }
}

extension Habit {
  /// The code under which `:explain` explains it.
  var code: String {
    switch self {
    case .matrixProduct: "E200"
    case .doubleStar: "E201"
    case .singleQuotes: "E202"
    case .spaceSeparated: "E203"
    case .ambiguousSign: "E204"
    case .elseIf: "E205"
    case .define: "E206"
    case .lambda: "E207"
    case .commandCall: "E208"
    case .increment: "E209"
    case .slashComment: "E210"
    case .percentComment: "E211"
    case .tildeUnequal: "E212"
    case .tildeNot: "E213"
    case .tripleEqual: "E214"
    case .assignInCondition: "E215"
    case .colonBlock: "E216"
    case .braceBlock: "E217"
    case .forEquals: "E218"
    case .tuple: "E219"
    case .arrowAssign: "E220"
    case .wordOperator: "E221"
    case .endWord: "E222"
    case .missingOperator: "E223"
    case .octaveFunction: "E224"
    case .declaration: "E225"
    case .openRange: "E226"
    case .ternary: "E227"
    case .functionHandle: "E228"
    case .dotTranspose: "E229"
    case .returnSeveral: "E230"
    case .textPrefix: "E231"
    case .foreignImport: "E232"
    case .roundIndex: "E233"
    case .comprehension: "E234"
    case .membership: "E235"
    case .semicolonArguments: "E236"
    case .fatArrow: "E207"
    case .recordSign: "E237"
    case .loopBrackets: "E238"
    case .pipeSign: "E239"
    case .choiceBlock: "E240"
    case .endlessLoop, .untilWord: "E241"
    case .unlessWord: "E242"
    case .doWord: "E243"
    case .catchWord: "E244"
    case .wholeQuotient: "E245"
    case .imaginary: "E246"
    case .fieldSign: "E247"
    case .emptyIndex: "E248"
    case .curlyIndex: "E233"
    case .inlineIf: "E227"
    case .bangCall: "E249"
    case .tripleQuotes: "E250"
    case .dotRange: "E251"
    case .updateSign: "E252"
    case .dottedSign, .dottedCall: "E253"
    case .helpSign: "E254"
    case .spreadOutside: "E255"
    case .typedName: "E225"
    case .rightAssign: "E220"
    case .angleUnequal: "E212"
    }
  }
}

extension NameError.Kind {
  /// The code under which `:explain` explains it.
  var code: String {
    switch self {
    case .unknown: "E001"
    case .protected: "E003"
    case .outside: "E004"
    case .includeInFunction: "E005"
    case .missingFile: "E006"
    case .cycle: "E007"
    case .duplicateArgument: "E008"
    case .call(let error, _, _): error.code
    case .noAnswer: "E012"
    case .assertArguments: "E013"
    }
  }
}

extension CallError {
  /// The code under which `:explain` explains it.
  var code: String {
    switch self {
    case .duplicate: "E008"
    case .tooMany: "E009"
    case .unknownName: "E010"
    case .missing: "E011"
    }
  }
}

extension Fault.Kind {
  /// The code under which `:explain` explains it.
  var code: String {
    switch self {
    case .unset(let name, _, _): name == "ans" ? "E012" : "E014"
    case .noField: "E015"
    case .missingField: "E016"
    case .operands: "E020"
    case .shapes(let error, let operation, _, _, _): Misfit(error).code(operation)
    case .sizes(let misfit, let operation, _, _, _): misfit.code(operation)
    case .blocks, .blockSizes: "E025"
    case .operand: "E027"
    case .tooLarge, .noRoom: "E028"
    case .computation: "E029"
    case .rangeOperand: "E030"
    case .rangeStep: "E031"
    case .rangeTooLong: "E032"
    case .blockType: "E033"
    case .condition: "E034"
    case .truth: "E035"
    case .iteration: "E036"
    case .destructuring: "E037"
    case .notCallable: "E038"
    case .tooDeep: "E039"
    case .nestedTooDeep: "E040"
    case .diverged: "E041"
    case .foreign: "E042"
    case .raised: "E043"
    case .assertion: "E044"
    case .spread: "E045"
    case .index(let error, _, _, _): error.code
    case .notIndexable: "E060"
    case .assignment(let error, _, _): error.code
    case .argument(let error, _, _, _): error.code
    case .builtin(let problem, _, _): problem.kind.code
    case .builtinShape(let error, _, _): Misfit(error).builtinCode
    case .builtinSizes(let misfit, _, _): misfit.builtinCode
    }
  }
}

extension Misfit {
  func code(_ operation: Operator) -> String {
    switch rule {
    case .inner: "E021"
    case .unequal: "E022"
    case .broadcast: "E023"
    case .besides: operation == .solve ? "E024" : "E025"
    case .above: "E025"
    case .square: "E026"
    case .reshape: "E071"
    }
  }

  var builtinCode: String {
    if case .square = rule { "E026" } else { "E071" }
  }
}

extension IndexError {
  var code: String {
    switch self {
    case .zero: "E050"
    case .negative: "E051"
    case .beyond, .empty: "E052"
    case .fraction: "E053"
    case .type: "E054"
    case .mask, .maskShape: "E055"
    case .oneOfMatrix: "E056"
    case .dimensions: "E057"
    case .key: "E058"
    case .needsKey: "E059"
    }
  }
}

extension AssignmentError {
  var code: String {
    switch self {
    case .shape: "E061"
    case .count: "E062"
    case .type: "E063"
    case .immutable: "E064"
    case .beyond: "E065"
    case .path: "E066"
    }
  }
}

extension Problem.Kind {
  var code: String {
    switch self {
    case .type: "E070"
    case .shape: "E071"
    case .value: "E072"
    case .file: "E073"
    case .computation: "E074"
    }
  }
}
