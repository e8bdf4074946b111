import Glibc
import Synchronization

/// One computation on a thread of its own that can be given up: a call that does not listen to
/// `Interrupt` (a decomposition inside LAPACK) then ends whenever it ends, nobody waits for it, and
/// what follows it on the same thread sees `Interrupt.isRequested` for ever.
package final class Computation: Sendable {
  private enum Phase { static let running = 0, abandoned = 1, ended = 2 }

  private let phase = Atomic<Int>(Phase.running)

  /// How many computations were given up and still run: zero nearly always, so that asking
  /// `isRequested` costs one more load and no look at the thread.
  private static let abandoned = Atomic<Int>(0)

  /// Where a thread keeps its computation.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  package init() {}

  /// Whether nobody waits for the result any more.
  package var isAbandoned: Bool { phase.load(ordering: .acquiring) == Phase.abandoned }

  /// Gives the computation up; does nothing when it has ended.
  package func abandon() {
    let change = phase.compareExchange(
      expected: Phase.running, desired: Phase.abandoned, ordering: .acquiringAndReleasing)
    if change.exchanged { Self.abandoned.wrappingAdd(1, ordering: .relaxed) }
  }

  /// Runs `body` as this computation on the current thread; to be called once.
  package func run(_ body: () -> Void) {
    let pointer = Unmanaged.passUnretained(self).toOpaque()
    pthread_setspecific(Self.key, pointer)
    body()
    pthread_setspecific(Self.key, nil)
    let before = phase.exchange(Phase.ended, ordering: .acquiringAndReleasing)
    if before == Phase.abandoned { Self.abandoned.wrappingSubtract(1, ordering: .relaxed) }
  }

  /// Whether the current thread works for a computation that was given up.
  static var currentIsAbandoned: Bool {
    guard abandoned.load(ordering: .relaxed) > 0, let pointer = pthread_getspecific(key) else {
      return false
    }
    return Unmanaged<Computation>.fromOpaque(pointer).takeUnretainedValue().isAbandoned
  }
}
