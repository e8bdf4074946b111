/// Something that can be called: a builtin or a function written in the language.
package protocol Callable: AnyObject, Sendable {
  var signature: Signature { get }
  /// What its author says about it, in lines; empty when nothing.
  var documentation: String { get }
  /// Where it is written, as `stats.mfs:12`; empty for what is not part of a program.
  var place: String { get }
  func call(_ arguments: Arguments, _ context: Context) throws -> Value
}

extension Callable {
  package var documentation: String { "" }
  package var place: String { "" }
}
