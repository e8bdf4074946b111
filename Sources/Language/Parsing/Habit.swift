extension Habit {
  /// Whether a block so written lacks the `end` that blocks have here.
  var hidesEnds: Bool {
    switch self {
    case .braceBlock, .colonBlock, .define, .endWord, .loopBrackets, .endlessLoop, .untilWord,
      .catchWord, .doWord:
      true
    default: false
    }
  }
}

/// What people write who come from another language, with what is written here.
enum Habit: Equatable, Sendable {
  case matrixProduct(String)  // @ %*%
  case doubleStar
  case singleQuotes(String)
  case spaceSeparated(left: String, right: String)
  case ambiguousSign(left: String, right: String)
  case elseIf(String)
  case define(String)
  case lambda
  case commandCall(name: String, argument: String)
  case increment(name: String, sign: String)
  case updateSign(place: String, sign: String)  // x ^= 2
  case slashComment
  case percentComment
  case tildeUnequal
  case tildeNot
  case tripleEqual
  case assignInCondition
  case colonBlock
  case braceBlock
  case forEquals
  case tuple
  case arrowAssign(name: String)
  case wordOperator(String, ours: String)
  case endWord(String)
  case missingOperator(String)
  case octaveFunction(String)
  case declaration(String)
  case openRange
  case ternary
  case functionHandle
  case dotTranspose
  case returnSeveral
  case textPrefix(String)
  case foreignImport(String)
  case roundIndex
  case comprehension
  case membership
  case semicolonArguments
  case fatArrow
  case recordSign(key: String)  // {a: 1}, {"a" => 1}
  case loopBrackets
  case pipeSign(String)
  case choiceBlock(String)  // switch, match
  case endlessLoop(String)  // repeat, do
  case untilWord
  case unlessWord
  case doWord
  case catchWord(String)  // except, rescue, finally
  case wholeQuotient
  case imaginary(String)
  case fieldSign
  case emptyIndex
  case curlyIndex
  case inlineIf
  case bangCall(String)
  case tripleQuotes
  case dotRange
  case spreadOutside  // [xs...]
  case typedName
  case rightAssign(name: String)
  case angleUnequal
  case dottedSign(String)  // x .> 1
  case dottedCall  // sin.(x)
  case helpSign  // ?nmf
}
