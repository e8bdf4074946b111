import Matrices
import Synchronization
import Training

/// Runs computations beside the thread that listens to the keyboard and to signals.
///
/// Ctrl-C raises `Interrupt`, and nearly everything returns within milliseconds. What does not (one
/// call into LAPACK) is given up after `patience`: the caller goes on without its result. Training
/// is different: the step in progress is worth waiting for, because the model is kept; only a
/// second Ctrl-C gives it up.
package enum Runner {
  /// From Ctrl-C until an unresponsive computation is given up.
  private static let patience = Duration.milliseconds(150)

  private final class Slot<Result: Sendable>: Sendable {
    let result = Mutex<Result?>(nil)
  }

  /// The result of `body`, or `nil` when it was given up. `training` has to observe its training
  /// runs; `waiting` is called once when a training step keeps somebody waiting who pressed Ctrl-C.
  package static func run<Result: Sendable>(
    training: TrainingWatch, waiting: () -> Void = {},
    _ body: @escaping @Sendable (Computation) -> Result
  ) -> Result? {
    let slot = Slot<Result>()
    let computation = Computation()
    Interrupt.clear()
    let isStarted = DeepThread.start {
      computation.run {
        let result = body(computation)
        slot.result.withLock { $0 = result }
      }
      Signals.wake(.finished)
    }
    guard isStarted else { return body(computation) }
    var requests: [ContinuousClock.Instant] = []
    var hasSaid = false
    while true {
      let (wakes, _) = Signals.wait(milliseconds: requests.isEmpty ? -1 : 20)
      if let result = slot.result.withLock({ $0 }) { return result }
      for wake in wakes {
        switch wake {
        case .interrupt: requests.append(.now)
        case .suspend: Signals.stopProcess()
        case .resized, .resumed, .finished: break
        }
      }
      guard let latest = requests.last, let first = requests.first else { continue }
      let isWorthWaiting = training.isRunning && (requests.count < 2 || training.isOnScreen)
      if !isWorthWaiting, ContinuousClock.now - latest > patience {
        computation.abandon()
        return nil
      }
      if isWorthWaiting, !hasSaid, !training.isOnScreen,
        ContinuousClock.now - first > .seconds(1)
      {
        hasSaid = true
        waiting()
      }
    }
  }
}

/// Knows whether one computation is training: an observer of its runs.
package final class TrainingWatch: TrainingObserver {
  private let running = Atomic<Int>(0)
  private let shown = Atomic<Bool>(false)

  package init() {}

  package var isRunning: Bool { running.load(ordering: .acquiring) > 0 }

  /// Whether a live view has the terminal: then the run cannot be left alone.
  package var isOnScreen: Bool {
    get { shown.load(ordering: .acquiring) }
    set { shown.store(newValue, ordering: .releasing) }
  }

  package func receive(_ event: TrainingEvent) {
    switch event {
    case .started: running.wrappingAdd(1, ordering: .acquiringAndReleasing)
    case .finished: running.wrappingSubtract(1, ordering: .acquiringAndReleasing)
    case .progressed, .advanced, .pictured: break
    }
  }
}
