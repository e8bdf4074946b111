import Glibc
import Matrices
import Synchronization
import Testing

/// Work shared by threads: every piece once, and the same bits however many threads there are.
@Suite struct ThreadPoolTests {
  @Test func doesEveryPieceOnce() {
    for width in [1, 2, 3, 8] {
      let pool = ThreadPool(width: width)
      for count in [0, 1, 2, 7, 1000] {
        let sum = Atomic<Int>(0)
        pool.run(count) { sum.wrappingAdd($0 + 1, ordering: .relaxed) }
        #expect(sum.load(ordering: .relaxed) == count * (count + 1) / 2)
      }
      let covered = Atomic<Int>(0)
      pool.run(1003, by: 10) { covered.wrappingAdd($0.count, ordering: .relaxed) }
      #expect(covered.load(ordering: .relaxed) == 1003)
    }
  }

  @Test func aPieceMayUseThePoolItself() {
    let sum = Atomic<Int>(0)
    ThreadPool.shared.run(8) { _ in
      ThreadPool.shared.run(8) { sum.wrappingAdd($0, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 8 * 28)
  }

  /// What runs inside a piece runs on one thread.
  func alone<R: Sendable>(_ body: @escaping @Sendable () -> R) -> R? {
    let result = Mutex<R?>(nil)
    ThreadPool.shared.run(2) { piece in
      if piece == 0 {
        let value = body()
        result.withLock { $0 = value }
      }
    }
    return result.withLock { $0 }
  }

  @Test func oneThreadGivesTheSameBits() throws {
    let work: [@Sendable () -> Matrix] = [
      {
        var random = Random(seed: 3); return random.normal(700, 300)
      },
      {
        var random = Random(seed: 3); return random.normal(700, 300, .single).mapped(.exp)
      },
      { Self.big * Self.big.transposed },
      { Self.big.transposed * Self.big },
      { Matrix(Self.big.total(.sum)) },
      { Self.big.reduced(.sum, along: .rows) },
      { Self.big.reduced(.sumOfSquares, along: .columns) },
      { Self.big.transposed.reduced(.mean, along: .rows) },
      { Self.big.softmax(along: .columns) },
      { Matrix.combine(.divide, Self.big, Self.big.reduced(.maximum, along: .rows)) },
      { Self.big.sorted(along: .rows) },
      { (try? Self.big.svd(rank: 3))?.u ?? .zeros(0, 0) },
    ]
    for (place, body) in work.enumerated() {
      let single = try #require(alone(body))
      #expect(!single.isEmpty && body().isIdentical(to: single), "\(place)")
    }
  }

  /// A decomposition of void numbers may write anywhere, heard or not.
  /// Decompositions go on in a library whose memory the end of the process gives back.
  @Test func aProcessEndsWhileADecompositionGoesOnUnheard() async {
    await #expect(processExitsWith: .exitCode(3)) {
      let rounds = Atomic<Int>(0)
      @Sendable func decompose() {
        var random = Random(seed: 1)
        let x = random.normal(300, 300)
        while true {
          _ = try? x.factoredLU()
          rounds.wrappingAdd(1, ordering: .relaxed)
        }
      }
      Interrupt.request()
      _ = LongCall.run { decompose() }
      while rounds.load(ordering: .relaxed) < 3 { sched_yield() }
      exit(3)
    }
  }

  @Test func aLongCallThatIsStoppedStillWorksOnWholeNumbers() {
    let results = Mutex<[Matrix]>([])
    let isDone = Mutex(false)
    let heard = LongCall.run { () -> Bool in
      Interrupt.request()
      // Copied, mapped, reduced and multiplied by the pool.
      let copy = Self.big.transposed.rowMajor()
      results.withLock {
        $0 = [
          copy, Self.big.mapped(.exp), Self.big.reduced(.sum, along: .columns), copy * Self.big,
        ]
      }
      isDone.withLock { $0 = true }
      return true
    }
    while !isDone.withLock({ $0 }) { sched_yield() }
    Interrupt.clear()
    #expect(heard == nil || heard == true)
    let whole = [
      Self.big.transposed.rowMajor(), Self.big.mapped(.exp),
      Self.big.reduced(.sum, along: .columns), Self.big.transposed * Self.big,
    ]
    for (result, expected) in zip(results.withLock { $0 }, whole) {
      #expect(result.isIdentical(to: expected))
    }
  }

  static let big: Matrix = {
    var random = Random(seed: 5)
    return random.normal(3000, 210)
  }()
}
