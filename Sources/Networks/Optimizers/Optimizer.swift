import Matrices
import Vocabulary

/// A rule that moves parameters against their gradient. It updates any range of the parameters
/// apart from the others, so that one step is shared between threads.
package protocol Optimizer: Sendable {
  /// The call that makes it, as it is shown: `adam(0.001)`.
  var title: String { get }
  /// The same with all of its numbers: what files keep.
  var call: Call { get }
  /// The rule without its numbers: runs that go on keep their state if this stays.
  var name: String { get }
  var rate: Double { get set }
  /// How many numbers of state each parameter has.
  var slots: Int { get }
  /// One update. `state` has a row for each slot; `step` counts from 1.
  func update(_ parameters: Block, gradient: Block, state: Block, step: Int)
}

extension Optimizer {
  /// The same rule with another rate: what schedules make of it.
  package func scaled(by factor: Double) -> any Optimizer {
    var copy = self
    copy.rate *= factor
    return copy
  }
}
