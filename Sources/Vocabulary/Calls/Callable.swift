/// Something that can be called: a builtin or a function written in the language.
package protocol Callable: AnyObject, Sendable {
  var signature: Signature { get }
  func call(_ arguments: Arguments, _ context: Context) throws -> Value
}
