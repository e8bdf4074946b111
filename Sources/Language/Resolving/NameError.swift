import Vocabulary

/// A name that does not fit, as data: found before the program runs.
struct NameError: Error {
  var kind: Kind
  var range: SourceRange

  init(_ kind: Kind, at range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  enum Kind {
    case unknown(String, nearest: String?)
    /// A name of the library that a program tries to give another value.
    case protected(String, offer: String)
    case outside(Keyword)
    case includeInFunction
    case missingFile(String, reason: String)
    case cycle([String])
    case duplicateArgument(String)
    case call(CallError, callee: Signature, arguments: [(name: String?, range: SourceRange)])
    case noAnswer
    case assertArguments
  }
}
