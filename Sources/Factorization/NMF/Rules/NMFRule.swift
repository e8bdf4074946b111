import Matrices
import Vocabulary

/// A way to improve two factors. It owns them, does one iteration at a time, and knows neither the
/// loop nor its observers.
package protocol NMFRule: Sendable {
  /// The best factors so far.
  var factors: NMFFactors { get }
  /// Components that had become empty and were started anew.
  var revived: Int { get }
  /// Further results, as fields of the model.
  var extras: Record { get }
  /// One iteration: both factors once. `isStopRequested` is asked between the halves; `nil` when
  /// the iteration was left early.
  mutating func iterate(_ isStopRequested: () -> Bool) -> NMFAdvance?
  /// The factors that a run ends with; nothing else is asked of the rule afterwards.
  mutating func settle() -> NMFFactors
}

extension NMFRule {
  package var revived: Int { 0 }
  package var extras: Record { Record() }
  package mutating func settle() -> NMFFactors { factors }
}

/// What one iteration achieved.
package struct NMFAdvance: Sendable {
  /// The loss with its penalties: what the rule makes small.
  package var objective: Double
  /// The loss alone.
  package var loss: Double
  /// The largest relative change that a component wanted: 0 at a solution.
  package var change: Double
}
