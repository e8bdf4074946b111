import Matrices
import Synchronization
import Training

/// Runs computations beside the thread that listens to signals, on a stack deep enough for any
/// program. Ctrl-C raises `Interrupt`, and everything that computes listens to it.
package enum Runner {
  private final class Slot<Result: Sendable>: Sendable {
    let result = Mutex<Result?>(nil)
  }

  /// After so long somebody who pressed Ctrl-C wants to know what is going on.
  private static let patience = Duration.seconds(1)

  /// The result of `body`. `interrupted` is called at every Ctrl-C, and `hanging` when `body` does
  /// not end soon afterwards: between two steps of a slow training run, or while a file is read.
  package static func run<Result: Sendable>(
    interrupted: () -> Void = {}, hanging: (_ requests: Int) -> Void = { _ in },
    _ body: @escaping @Sendable () -> Result
  ) -> Result {
    let slot = Slot<Result>()
    Interrupt.clear()
    let isStarted = DeepThread.start {
      let result = body()
      slot.result.withLock { $0 = result }
      Signals.wake(.finished)
    }
    guard isStarted else { return body() }
    var requests = 0
    var latest = ContinuousClock.now
    var said = 0
    while true {
      let (wakes, _) = Signals.wait(milliseconds: requests > said ? 100 : -1)
      for wake in wakes {
        switch wake {
        case .interrupt:
          // Once more: the first may have come before the computation began.
          Interrupt.request()
          (requests, latest) = (requests + 1, .now)
          interrupted()
        case .suspend: Signals.stopProcess()
        case .resized, .resumed, .finished: break
        }
      }
      if let result = slot.result.withLock({ $0 }) { return result }
      let limit = requests == 1 ? patience : .milliseconds(100)
      if requests > said, ContinuousClock.now - latest > limit {
        said = requests
        hanging(requests)
      }
    }
  }
}
