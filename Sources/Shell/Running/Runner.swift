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
  /// `overrunning` is called when a computation goes on although a limit has been reached.
  package static func run<Result: Sendable>(
    limits: Limits = Limits(), interrupted: () -> Void = {},
    hanging: (_ requests: Int) -> Void = { _ in }, overrunning: () -> Void = {},
    _ body: @escaping @Sendable () -> Result
  ) -> Result {
    let slot = Slot<Result>()
    Interrupt.clear()
    // The limits hold before the computation begins.
    var watch = LimitWatch(limits)
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
      let pause = watch.milliseconds
      let (wakes, _) = Signals.wait(milliseconds: requests > said ? min(100, pause) : pause)
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
      watch.look()
      if watch.isIgnored { overrunning() }
      let limit = requests == 1 ? patience : .milliseconds(100)
      if requests > said, ContinuousClock.now - latest > limit {
        said = requests
        hanging(requests)
      }
    }
  }
}
