/// A program that cannot be read, as data. `Diagnostic+Syntax.swift` writes the words.
struct SyntaxError: Error, Equatable {
  var kind: Kind
  var range: SourceRange
  /// Another place that belongs to it: the bracket that was opened, the keyword to be closed.
  var related: SourceRange?

  init(_ kind: Kind, at range: SourceRange, with related: SourceRange? = nil) {
    self.kind = kind
    self.range = range
    self.related = related
  }

  enum Kind: Equatable, Sendable {
    // Letters, numbers, texts.
    case strangeLetter(String)
    case emptyHexadecimal
    case openText
    case unknownEscape(String)
    case openHole
    case emptyHole
    // Structure.
    case expected(Expected, found: String)
    case openBracket(String)
    case mismatchedBracket(opened: String, found: String)
    case extraBracket(String)
    case openBlock(Keyword)
    case extraEnd
    case tooDeep
    case tooLong
    case chainedComparison
    case notAssignable
    case defaultBeforeRequired(String)
    case duplicateName(String)
    case positionalAfterNamed
    case mixedRecord
    case dangling(Keyword)
    case pipeAtStart
    // Habits from other languages; each has its own explanation.
    case habit(Habit)
  }

  /// What would have been right at a place.
  enum Expected: Equatable, Sendable {
    case expression, lineEnd, name, fieldName, closing(String), conditionEnd(Keyword), inKeyword
    case parameter
    case importName, importFile, comma
  }
}

extension SyntaxError.Kind {
  /// Whether it is a word that closes blocks elsewhere.
  var isEndWord: Bool { if case .habit(.endWord) = self { true } else { false } }

  /// Whether the line as it should be says most.
  var isShownMended: Bool {
    switch self {
    case .expected(.conditionEnd, _), .notAssignable, .openBlock(.function): true
    case .habit(.tuple), .habit(.colonBlock), .habit(.braceBlock), .habit(.spaceSeparated): true
    default: false
    }
  }

  /// Whether it is a word that handles errors elsewhere.
  var isCatchWord: Bool { if case .habit(.catchWord) = self { true } else { false } }
}
