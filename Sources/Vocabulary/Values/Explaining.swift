/// A model or network that answers `explain(m, …)` with why it says what it does.
package protocol Explaining: Object {
  /// - Parameter options: what was given by name, as far as it was given.
  func explain(_ inputs: [Value], _ options: Record, _ context: Context) throws -> Value
}
