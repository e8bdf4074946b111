import Matrices

/// What went wrong in a builtin, as data: which kind, what is needed, which argument to point at,
/// and one way out. Where it happened and how it looks is added by the language.
package struct Problem: Error, Sendable, Equatable {
  package enum Kind: String, Sendable {
    /// A value of another type is needed.
    case type
    /// The shapes do not fit.
    case shape
    /// The type fits, the value does not.
    case value
    /// A file or another part of the system refused.
    case file
    /// The computation has no result: a singular matrix, a diverging run.
    case computation
  }

  package var kind: Kind
  /// What is needed, lower case, without full stop: `the inner sizes must be equal`.
  package var message: String
  /// The parameters to point at, with what is to be said of each: `("x", "20×784 matrix")`.
  package var arguments: [Mention]
  /// One way out, computed where possible.
  package var help: String?
  /// The change to the call that makes the help true, where it is known.
  package var remedy: Remedy?

  package enum Remedy: Sendable, Equatable {
    /// An argument is written in another way; `$` stands for what it is now.
    case rewriting(String, as: String)
    /// A piece of the text of an argument, or of where its variable was made, becomes another.
    case replacing(String, in: String, with: String)
    /// A further argument: `padding="same"`. One that is there already is written so.
    case adding(String)
    /// An argument by name is left out.
    case leavingOut(String)
  }

  package struct Mention: Sendable, Equatable {
    package var parameter: String
    package var label: String

    package init(parameter: String, label: String) {
      self.parameter = parameter
      self.label = label
    }
  }

  package init(
    _ kind: Kind, _ message: String, at parameter: String? = nil, label: String = "",
    help: String? = nil, remedy: Remedy? = nil
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    arguments = parameter.map { [Mention(parameter: $0, label: label)] } ?? []
    self.help = help
  }

  package init(
    _ kind: Kind, _ message: String, mentioning: [Mention], help: String? = nil,
    remedy: Remedy? = nil
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    arguments = mentioning
    self.help = help
  }

  /// What helps where one size stands for two, as in `zeros(3)`.
  package static func oneSize(_ name: String, _ size: String) -> String {
    "write \(name)(\(size), \(size)), or \(name)(\(size), 1) for a column"
  }
}
