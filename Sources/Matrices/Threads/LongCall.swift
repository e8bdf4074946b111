import Glibc
import Synchronization

/// Calls into a library that does not listen to `Interrupt`: one decomposition of a large matrix
/// can take minutes. They run on a thread of their own, and whoever waits for one stops waiting when
/// a stop is asked for. The call then goes on unheard until it ends; what it works on is its own.
/// Its kernels do not return early: a decomposition of void numbers may write anywhere.
package enum LongCall {
  private static let unheardCalls = Atomic<Int>(0)

  /// How many calls nobody waits for any more are still running.
  package static var unheard: Int { unheardCalls.load(ordering: .relaxed) }

  /// Once evaluated: a process in which a call goes on unheard ends before its libraries give back the
  /// memory that the call works on.
  private static let endsBeforeLibraries: Void = {
    on_exit(
      { code, _ in
        guard LongCall.unheard > 0 else { return }
        fflush(nil)
        _exit(code)
      }, nil)
  }()

  /// The result of `body`, or `nil` when a stop was asked for before it was there. Costs a thread
  /// (about 50 µs): for work that takes longer than somebody at a prompt likes to wait. `body` must
  /// not refer to memory that belongs to the caller.
  package static func run<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) -> Result? {
    let call = Call(body)
    let pointer = Unmanaged.passRetained(call as Runnable)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        ThreadPool.flushDenormals()
        LongCall.isServedHere = true
        Unmanaged<Runnable>.fromOpaque(pointer).takeRetainedValue().run()
        return nil
      }, pointer.toOpaque())
    guard code == 0 else {
      pointer.release()
      return body()
    }
    pthread_detach(thread)
    return call.wait()
  }

  private static let mark: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// Whether this thread works for a long call: it is the call's own, or does a piece of its work.
  static var isServedHere: Bool {
    get { pthread_getspecific(mark) != nil }
    set { pthread_setspecific(mark, newValue ? UnsafeRawPointer(bitPattern: 1) : nil) }
  }

  /// What a thread can start without knowing the type of the result.
  private class Runnable {
    func run() {}
  }

  private final class Call<Result: Sendable>: Runnable, @unchecked Sendable {
    private enum State { case running, done(Result), unheard }

    private let body: @Sendable () -> Result
    private var state = State.running
    private var mutex = pthread_mutex_t()
    private var change = pthread_cond_t()

    init(_ body: @escaping @Sendable () -> Result) {
      self.body = body
      pthread_mutex_init(&mutex, nil)
      pthread_cond_init(&change, nil)
    }

    deinit {
      pthread_cond_destroy(&change)
      pthread_mutex_destroy(&mutex)
    }

    override func run() {
      let result = body()
      pthread_mutex_lock(&mutex)
      if case .unheard = state {
        unheardCalls.wrappingSubtract(1, ordering: .relaxed)
      } else {
        state = .done(result)
      }
      pthread_cond_signal(&change)
      pthread_mutex_unlock(&mutex)
    }

    func wait() -> Result? {
      pthread_mutex_lock(&mutex)
      defer { pthread_mutex_unlock(&mutex) }
      while true {
        if case .done(let result) = state { return result }
        if Interrupt.abandonsKernels {
          state = .unheard
          endsBeforeLibraries
          unheardCalls.wrappingAdd(1, ordering: .relaxed)
          return nil
        }
        // A signal cannot wake this wait, so it looks up every 20 ms.
        var limit = timespec()
        clock_gettime(CLOCK_REALTIME, &limit)
        limit.tv_nsec += 20_000_000
        if limit.tv_nsec >= 1_000_000_000 {
          limit.tv_sec += 1
          limit.tv_nsec -= 1_000_000_000
        }
        pthread_cond_timedwait(&change, &mutex, &limit)
      }
    }
  }
}
