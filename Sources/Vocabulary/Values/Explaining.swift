/// A model or network that answers `explain(m, …)` with why it says what it does.
package protocol Explaining: Object {
  /// - Parameter options: what was given by name, as far as it was given.
  func explain(_ inputs: [Value], _ options: Record, _ context: Context) throws -> Value
}

/// An object that can say in its summary how long its parts take.
package protocol TimedObject: Object {
  /// The summary with measured times.
  func timedSummary(width: Int) -> String
}
