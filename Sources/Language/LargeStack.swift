import Glibc

/// Runs code on a thread with a large stack: deep recursion of a program is recursion of the
/// evaluator.
enum LargeStack {
  /// Addresses, not memory: pages are used when they are touched.
  private static let bytes = 256 << 20

  /// The lowest address of the stack of this thread, however it was made.
  static var lowestAddress: UInt? {
    // Declared only for programs that ask for the extensions of GNU, which Swift does not.
    typealias GetAttributes =
      @convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> Int32
    guard let symbol = dlsym(nil, "pthread_getattr_np") else { return nil }
    let getAttributes = unsafeBitCast(symbol, to: GetAttributes.self)
    var attributes = pthread_attr_t()
    guard getAttributes(pthread_self(), &attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(&attributes) }
    var address: UnsafeMutableRawPointer?
    var size = 0
    guard pthread_attr_getstack(&attributes, &address, &size) == 0 else { return nil }
    return UInt(bitPattern: address)
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
    override func run() { job.run() }
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
