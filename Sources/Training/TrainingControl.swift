import Glibc
import Matrices
import Synchronization

/// The way back from a view or a signal to the run: stop, pause, one step, a picture.
package final class TrainingControl: Sendable {
  private let stop = Atomic<Bool>(false)
  private let pause = Atomic<Bool>(false)
  private let singleSteps = Atomic<Int>(0)
  private let picture = Atomic<Bool>(false)
  private let excluded = Atomic<Int>(0)

  /// Whether Ctrl-C ends the run and keeps its result (at a prompt), rather than ending the
  /// program (in a script).
  package let keepsOnInterrupt: Bool

  package init(keepsOnInterrupt: Bool = false) { self.keepsOnInterrupt = keepsOnInterrupt }

  package func requestStop() { stop.store(true, ordering: .releasing) }

  package var isPaused: Bool {
    get { pause.load(ordering: .acquiring) }
    set { pause.store(newValue, ordering: .releasing) }
  }

  /// Lets a paused run do one more step.
  package func requestStep() { singleSteps.wrappingAdd(1, ordering: .releasing) }

  /// Asks for one picture, taken after the step in progress.
  package func requestPicture() { picture.store(true, ordering: .releasing) }

  /// Takes time off the clock of the run: the process was stopped and went on later.
  package func exclude(seconds: Double) {
    excluded.wrappingAdd(Int(seconds * 1e6), ordering: .relaxed)
  }

  /// The time taken off so far, in seconds.
  var excludedSeconds: Double { Double(excluded.load(ordering: .relaxed)) * 1e-6 }

  /// Whether the run is to end now. Long steps look at this between their parts.
  package var isStopRequested: Bool { stop.load(ordering: .acquiring) || Interrupt.isRequested }

  func takePictureRequest() -> Bool { picture.exchange(false, ordering: .acquiring) }

  /// Waits while paused; returns the seconds that went by.
  func waitWhilePaused() -> Double {
    guard isPaused else { return 0 }
    let clock = ContinuousClock()
    let start = clock.now
    while isPaused && !isStopRequested {
      if singleSteps.load(ordering: .acquiring) > 0 {
        singleSteps.wrappingSubtract(1, ordering: .acquiring)
        break
      }
      usleep(5_000)
    }
    return (clock.now - start).inSeconds
  }
}

extension Duration {
  /// The duration as seconds.
  package var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
