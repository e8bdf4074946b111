import Figures
import Synchronization
import Training

/// Where the training thread leaves events and the view finds the newest state. Leaving an event
/// never waits: should the view hold the lock at that moment, the event is kept aside and goes in
/// with the next one.
package final class Mailbox: @unchecked Sendable {
  private let state = Mutex(RunState())
  /// Events kept aside. Touched by the training thread alone.
  private var aside: [TrainingEvent] = []

  package init() {}

  /// Takes in an event: called by the training thread.
  package func receive(_ event: TrainingEvent) {
    let isIn: Bool? = state.withLockIfAvailable { state in
      for earlier in aside { state.receive(earlier) }
      state.receive(event)
      return true
    }
    if isIn == nil {
      aside.append(event)
    } else if !aside.isEmpty {
      aside.removeAll(keepingCapacity: true)
    }
  }

  /// Takes in what was kept aside, waiting for the lock: after the last event.
  package func flush() {
    state.withLock { state in
      for earlier in aside { state.receive(earlier) }
    }
    aside.removeAll()
  }

  /// The newest state.
  package var newest: RunState { state.withLock { $0 } }

  /// Holds the lock while `body` runs: what a slow view would do.
  package func occupy(_ body: () -> Void) { state.withLock { _ in body() } }
}
