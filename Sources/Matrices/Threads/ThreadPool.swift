import Glibc
import Synchronization

/// The one pool of threads. Work is cut into pieces by problem size alone, never by the number of
/// threads, so results are the same bits on every machine; threads only decide who does a piece.
///
/// A call from inside a piece, or while another thread uses the pool, runs its pieces one after the
/// other on the calling thread: nothing ever waits for the pool twice.
package final class ThreadPool: Sendable {
  package static let shared: ThreadPool = {
    BLAS.prepare()
    return ThreadPool(width: ThreadPool.wantedWidth)
  }()

  /// How many threads work, the caller among them.
  package let width: Int

  private let busy = Atomic<Bool>(false)
  private let job = Job()

  /// A pool of its own; the program uses `shared`.
  package init(width: Int) {
    self.width = width
    for _ in 1..<max(width, 1) {
      var thread = pthread_t()
      let context = Unmanaged.passRetained(job).toOpaque()
      let code = pthread_create(
        &thread, nil,
        { context in
          guard let context else { return nil }
          let job = Unmanaged<Job>.fromOpaque(context).takeUnretainedValue()
          ThreadPool.flushDenormals()
          job.serve()
          return nil
        }, context)
      if code == 0 { pthread_detach(thread) }
    }
  }

  /// Calls `body` once for every piece in `0..<count`, in any order, on any thread.
  package func run(_ count: Int, _ body: (Int) -> Void) {
    if count <= 1 || width <= 1 {
      for piece in 0..<count { body(piece) }
    } else {
      withoutActuallyEscaping(body) { run(kept: $0, pieces: count) }
    }
  }

  /// The same for a closure that the caller keeps for many calls: handing a fleeting one to other
  /// threads takes memory.
  package func run(kept body: @escaping (Int) -> Void, pieces count: Int) {
    if count <= 1 || width <= 1
      || !busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    {
      for piece in 0..<count { body(piece) }
      return
    }
    job.run(count, body)
    busy.store(false, ordering: .releasing)
  }

  /// Cuts `0..<total` into pieces of `size` and calls `body` for each, in parallel.
  package func run(_ total: Int, by size: Int, _ body: (Range<Int>) -> Void) {
    run((total + size - 1) / size) { piece in
      body(piece * size..<min(total, (piece + 1) * size))
    }
  }

  /// `MFS_THREADS`, or the processors this process may use.
  private static var wantedWidth: Int {
    if let text = getenv("MFS_THREADS"), let count = Int(String(cString: text)), count > 0 {
      return min(count, 256)
    }
    return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Makes this thread treat numbers too small for full precision as zero: they would slow
  /// multiplicative updates and sigmoid tails down by a factor of a hundred.
  package static func flushDenormals() {
    // Bits 15 (flush to zero) and 6 (denormals are zero) of the control register.
    var environment = fenv_t()
    fegetenv(&environment)
    environment.__mxcsr |= 0x8040
    fesetenv(&environment)
  }
}

/// The pieces of the call in progress, and how workers learn of it: they watch `generation` for
/// some microseconds, then sleep.
private final class Job: @unchecked Sendable {
  private let generation = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  private let unfinished = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  /// Workers that may still look at `body`; the next job waits until there are none.
  private let inside = Atomic<Int>(0)
  private var count = 0
  private var body: ((Int) -> Void)?
  /// Whether the work is that of a long call.
  private var servesLongCall = false
  private var mutex = pthread_mutex_t()
  private var wake = pthread_cond_t()

  /// About 30 µs: longer than the pause between two kernels of a training step.
  private static let spins = 20_000

  init() {
    pthread_mutex_init(&mutex, nil)
    pthread_cond_init(&wake, nil)
  }

  func run(_ count: Int, _ body: @escaping (Int) -> Void) {
    Self.wait { self.inside.load(ordering: .acquiring) == 0 }
    self.count = count
    self.body = body
    servesLongCall = LongCall.isServedHere
    unfinished.store(count, ordering: .relaxed)
    next.store(0, ordering: .releasing)
    generation.wrappingAdd(1, ordering: .sequentiallyConsistent)
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
      pthread_mutex_lock(&mutex)
      pthread_cond_broadcast(&wake)
      pthread_mutex_unlock(&mutex)
    }
    work(count, body)
    Self.wait { self.unfinished.load(ordering: .acquiring) == 0 }
    // No late worker may start on this job once its body is gone.
    next.store(Int.max / 2, ordering: .sequentiallyConsistent)
    Self.wait { self.inside.load(ordering: .sequentiallyConsistent) == 0 }
    self.body = nil
  }

  /// Watches a condition that another thread is about to fulfil; gives the processor away when it
  /// takes longer than a few microseconds.
  private static func wait(until fulfilled: () -> Bool) {
    var patience = spins
    while !fulfilled() {
      patience -= 1
      if patience < 0 { sched_yield() }
    }
  }

  private func work(_ count: Int, _ body: (Int) -> Void) {
    while true {
      let piece = next.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
      guard piece < count else { return }
      body(piece)
      unfinished.wrappingSubtract(1, ordering: .releasing)
    }
  }

  func serve() {
    var seen = 0
    while true {
      var patience = Self.spins
      while generation.load(ordering: .acquiring) == seen {
        if patience > 0 {
          patience -= 1
          continue
        }
        pthread_mutex_lock(&mutex)
        sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while generation.load(ordering: .sequentiallyConsistent) == seen {
          pthread_cond_wait(&wake, &mutex)
        }
        sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(&mutex)
      }
      inside.wrappingAdd(1, ordering: .sequentiallyConsistent)
      seen = generation.load(ordering: .sequentiallyConsistent)
      if next.load(ordering: .sequentiallyConsistent) < count, let body {
        if LongCall.isServedHere != servesLongCall { LongCall.isServedHere = servesLongCall }
        work(count, body)
      }
      inside.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }
  }
}
