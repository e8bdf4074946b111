import Glibc
import Matrices
import Synchronization

/// Stops a program that runs long, as `--max-seconds` does: slow programs are no findings, those
/// that do not listen are.
final class Watch: Sendable {
  static let shared = Watch()

  /// The number of the program that runs; 0 while none does.
  private let running = Atomic<Int>(0)
  private let count = Atomic<Int>(0)

  private init() {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        Watch.shared.watch()
        return nil
      }, nil)
    pthread_detach(thread)
  }

  func start() {
    Interrupt.clear()
    running.store(
      count.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .sequentiallyConsistent)
  }

  func stop() { running.store(0, ordering: .sequentiallyConsistent) }

  private func watch() {
    var last = 0
    while true {
      usleep(Fuzz.milliseconds * 1000)
      let now = running.load(ordering: .sequentiallyConsistent)
      if now != 0, now == last { Interrupt.request(because: .time) }
      last = now
    }
  }
}
