import Synchronization

/// An observer that keeps everything: for histories and for tests.
package final class Recorder: TrainingObserver {
  private let kept = Mutex<[TrainingEvent]>([])

  package init() {}

  package func receive(_ event: TrainingEvent) { kept.withLock { $0.append(event) } }

  package var events: [TrainingEvent] { kept.withLock { $0 } }

  /// The finished steps, in order.
  package var steps: [TrainingStep] {
    events.compactMap { if case .advanced(let step) = $0 { step } else { nil } }
  }
}
