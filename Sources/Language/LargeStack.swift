import Glibc

/// Runs code on a thread with a large stack: deep recursion of a program is recursion of the
/// evaluator.
enum LargeStack {
  /// Addresses, not memory: pages are used when they are touched.
  private static let bytes = 256 << 20
  /// What the thread has used of it before it comes to our code, at most.
  private static let startUp = 1 << 16

  /// Where a thread of ours keeps the end of its stack.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// The lowest address of this thread's stack, if it is one of ours.
  static var lowestAddress: UInt? {
    pthread_getspecific(key).map { UInt(bitPattern: $0) }
  }

  private final class Job<R: Sendable>: @unchecked Sendable {
    let body: @Sendable () -> R
    var result: R?
    init(_ body: @escaping @Sendable () -> R) { self.body = body }
    func run() { result = body() }
  }

  private class AnyJob {
    func run() {}
  }

  private final class BoxedJob<R: Sendable>: AnyJob {
    let job: Job<R>
    init(_ job: Job<R>) { self.job = job }
    override func run() {
      var marker: UInt8 = 0
      withUnsafeMutablePointer(to: &marker) { here in
        let lowest = UInt(bitPattern: here) - UInt(LargeStack.bytes) + UInt(LargeStack.startUp)
        pthread_setspecific(LargeStack.key, UnsafeRawPointer(bitPattern: lowest))
      }
      job.run()
    }
  }

  /// The result of the body; on the calling thread when no other can be had.
  static func run<R: Sendable>(_ body: @escaping @Sendable () -> R) -> R {
    let job = Job(body)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, bytes)
    var thread = pthread_t()
    let boxed = Unmanaged.passRetained(BoxedJob(job) as AnyJob)
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument {
          Unmanaged<AnyJob>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, boxed.toOpaque())
    guard code == 0 else {
      boxed.release()
      return body()
    }
    pthread_join(thread, nil)
    return job.result ?? body()
  }
}
