import Builtins
import Foundation
import Language
import Matrices
import Synchronization
import Testing
import Vocabulary

/// A stop ends whatever runs: every builtin that can take long listens.
@Suite struct InterruptTests {
  /// What is prepared, and what then takes long.
  static let programs: [(before: String, code: String)] = [
    ("", "while true; end"),
    ("f(n) = if n < 2 then 1 else f(n - 1) + f(n - 2) end", "f(60)"),
    ("", "map(1:1e8, x -> x)"),
    ("", "filter(1:1e8, x -> true)"),
    ("", "reduce(1:1e8, (a, b) -> a + b)"),
    ("", "enumerate(1:3e7)"),
    ("", "zip(1:3e7, 1:3e7)"),
    ("", "list(1:1e8)"),
    ("", "sort(rand(1, 3e7))"),
    ("", "unique(rand(1, 3e7))"),
    ("", "median(rand(1, 3e7))"),
    ("", "quantile(rand(1, 3e7), 0.3)"),
    ("", "sort(rand(5000, 5000), dim=2)"),
    ("A = rand(5000, 5000);", "for i in 1:1000; cumsum(A, dim=1); end"),
    ("A = rand(5000, 5000);", "for i in 1:1000; exp(A) .^ 1.5; end"),
    ("A = rand(5000, 5000);", "corr(A)"),
    ("A = rand(4000, 4000);", "while true; A * A; end"),
    ("A = rand(3000, 3000);", "svd(A)"),
    ("A = rand(3000, 3000);", "eig(A)"),
    ("A = rand(4000, 4000);", "inv(A)"),
    ("A = rand(4000, 4000);", "A^1000001"),
    ("", "randn(8000, 8000)"),
    ("", "shuffle(1:5e7)"), ("", "eye(20000)"),
    ("", "privacy(epsilon=0.5, rate=0.5, steps=100000000)"),
    (
      "A = rand(20000, 784); net = input(28, 28) |> conv2d(64, 5, relu) |> flatten() |> dense(9);",
      "predict(net, A)"
    ),
    ("A = rand(3000, 3000);", "while true; repeat(A', 2, 2); end"),
    ("A = rand(2000, 2000);", "nmf(A, 50, iterations=100000, tolerance=0)"),
    ("s = join(map(1:5000, i -> \"some words \")); t = join(map(1:500, i -> s));", "split_text(t)"),
    ("s = join(map(1:5000, i -> \"some words \")); t = join(map(1:500, i -> s));", "list(t)"),
    (
      "s = join(map(1:5000, i -> \"some words \")); t = join(map(1:500, i -> s));",
      "upper(t); lower(t); upper(t)"
    ),
    (
      "s = join(map(1:5000, i -> \"some words \")); t = join(map(1:500, i -> s));",
      "while true; replace(t, \"o\", \"ö\"); end"
    ),
    (
      "s = join(map(1:5000, i -> \"some words \")); t = join(map(1:500, i -> s));",
      "for letter in t; letter; end"
    ),
    ("xs = list(1:1e6);", "while true; join(xs, \", \"); end"),
    ("xs = {0}; for i in 1:40; xs = {xs, xs}; end", "xs == xs && xs != {xs}"),
  ]

  @Test(arguments: programs.map(\.code)) func aStopEnds(_ code: String) throws {
    let program = try #require(Self.programs.first { $0.code == code })
    defer { Interrupt.clear() }
    let asked = Mutex<ContinuousClock.Instant?>(nil)
    let isOver = Mutex(false)
    let isStopped = Session.withLargeStack { () -> Bool in
      // A program that is done sooner does not have the next one stopped.
      defer { isOver.withLock { $0 = true } }
      let context = Context(output: { _ in
        // The program says that it begins; the stop comes when it is well under way.
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.05) {
          isOver.withLock { isOver in
            guard !isOver else { return }
            asked.withLock { $0 = .now }
            Interrupt.request()
          }
        }
      })
      let session = Session(library: StandardLibrary.library, context: context)
      let text = "\(program.before)\nprint(1)\n\(code)"
      do throws(Failure) {
        try session.run(SourceText(name: "heavy.mfs", text: text), echo: false)
        return false
      } catch {
        if !error.isInterruption { Issue.record("\(error.rendered(style: .plain))") }
        return error.isInterruption
      }
    }
    let end = ContinuousClock.now
    // A fast machine may be done before anybody asks.
    if let start = asked.withLock({ $0 }) {
      #expect(isStopped || end < start)
      #expect(end - start < .seconds(60))
      if ProcessInfo.processInfo.environment["MFS_TIMES"] != nil { print(end - start, code) }
    }
  }

  @Test func anEndlessFileIsNotAProgram() {
    let session = Session(
      library: StandardLibrary.library, context: Context(output: { _ in }, directory: "/tmp"))
    #expect(throws: Failure.self) {
      try session.run(
        SourceText(name: "file", text: "include(\"/dev/zero\")"), echo: false)
    }
  }
}
