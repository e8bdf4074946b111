import Figures
import Matrices
import Synchronization
import Testing
import Training
import Vocabulary

/// Lines about a run, without a screen.
@Suite struct ObserverTests {
  final class Paper: Sendable {
    private let written = Mutex("")
    private let time = Mutex(0.0)
    var text: String { written.withLock { $0 } }
    var now: Double { time.withLock { $0 } }
    @Sendable func write(_ text: String) { written.withLock { $0 += text } }
    func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
  }

  let plan = TrainingPlan(
    "nmf 10000×784, rank 49", unit: .iteration, total: 200, objective: "relative error",
    metrics: ["sparsity"])

  /// A run of 200 steps of equal length.
  func play(
    _ observer: any TrainingObserver, _ paper: Paper, step: Double, steps: Int = 200,
    reason: StopReason = .limit
  ) {
    observer.receive(.started(plan))
    for index in 1...steps {
      paper.pass(step)
      observer.receive(.progressed(Double(index) - 0.5))
      observer.receive(
        .advanced(
          TrainingStep(
            index: index, objective: 0.4 + 1 / Double(index), metrics: [0.25],
            seconds: step * Double(index))))
    }
    observer.receive(
      .finished(
        TrainingOutcome(
          reason: reason, steps: steps, objective: 0.405, seconds: step * Double(steps))))
  }

  @Test func plainLinesComeAtEveryTenth() {
    let paper = Paper()
    play(PlainLines(write: paper.write), paper, step: 0.1)
    let lines = paper.text.split(separator: "\n")
    #expect(lines.count == 10)
    #expect(
      lines[0]
        == "nmf 10000×784, rank 49: iteration 20/200  relative error 0.45  sparsity 0.25  2.0 s")
    #expect(lines[9] == "nmf 10000×784, rank 49: 200 iterations, relative error 0.405, 20.0 s")
    #expect(!paper.text.contains("\u{1B}") && !paper.text.contains("\r"))
  }

  @Test func linesFitATerminal() {
    for (width, first) in [
      (90, "nmf 10000×784, rank 49: iteration 20/200  relative error 0.45  sparsity 0.25  2.0 s"),
      (80, "iteration 20/200  relative error 0.45  sparsity 0.25  2.0 s"),
      (50, "iteration 20/200  relative error 0.45  2.0 s"),
    ] {
      let paper = Paper()
      play(PlainLines(width: { width }, write: paper.write), paper, step: 0.1)
      let lines = paper.text.split(separator: "\n")
      #expect(lines[0] == first)
      #expect(lines.allSatisfy { $0.count <= width })
    }
  }

  @Test func slowRunsSaySomethingEveryTenSeconds() {
    let paper = Paper()
    play(PlainLines(write: paper.write), paper, step: 11, steps: 5, reason: .stopped)
    #expect(paper.text.split(separator: "\n").count == 6)
    #expect(
      paper.text.hasSuffix("stopped by you after 5 iterations, relative error 0.405, 55.0 s\n"))
  }

  @Test func shortRunsAreNotMentioned() {
    let paper = Paper()
    play(PlainLines(write: paper.write), paper, step: 0.001)
    #expect(paper.text == "")
    let wanted = Paper()
    play(PlainLines(threshold: 0, write: wanted.write), wanted, step: 0.001)
    #expect(wanted.text.split(separator: "\n").count == 10)
  }

  @Test func asciiPipesGetAscii() {
    let paper = Paper()
    play(
      PlainLines(drawing: Drawing(color: .none, unicode: false), write: paper.write), paper,
      step: 1)
    let isPlain = paper.text.unicodeScalars.allSatisfy { $0.isASCII }
    #expect(isPlain)
    #expect(paper.text.hasPrefix("nmf 10000x784, rank 49: iteration 10/200"))
  }

  func line(_ paper: Paper, width: Int = 80) -> ProgressLine {
    ProgressLine(
      drawing: .plain, width: { width }, now: { paper.now }, write: paper.write)
  }

  @Test func theProgressLineIsRedrawnInPlace() {
    let paper = Paper()
    play(line(paper), paper, step: 0.05)
    let states = paper.text.split(separator: "\r")
    // 10 s, not in the first half second, ten times a second, and once at the end.
    #expect((94...97).contains(states.count))
    #expect(states.allSatisfy { $0.hasSuffix("\u{1B}[K") || $0.hasPrefix("\u{1B}[K") })
    #expect(
      states[10].hasPrefix(
        "iteration 29/200 ━━━━─────────────────────── 14 %  relative error 0.4339  20 it/s")
        || states[10].contains("relative error"))
    #expect(states.dropLast().allSatisfy { $0.count <= 79 + 3 })
    #expect(
      paper.text.hasSuffix(
        "\r\u{1B}[Knmf 10000×784, rank 49: 200 iterations, relative error 0.405, 10.0 s\n"))
  }

  @Test func aShortRunShowsNoLine() {
    let paper = Paper()
    play(line(paper), paper, step: 0.002)
    #expect(paper.text == "")
  }

  @Test(arguments: [1, 5, 20, 40, 200])
  func theLineFitsEveryTerminal(_ width: Int) {
    let paper = Paper()
    play(line(paper, width: width), paper, step: 0.05)
    let states = paper.text.split(separator: "\r").dropLast()
    #expect(states.allSatisfy { $0.count <= max(1, width - 1) + 3 })
  }

  /// The line that stays has to fit as well: what everybody knows goes first.
  @Test(arguments: [
    (
      200,
      "nmf 10000×784, rank 49: stopped by you after 5 iterations, relative error 0.405, 1.0 s"
    ),
    (81, "nmf 10000×784, r…: stopped by you after 5 iterations, relative error 0.405, 1.0 s"),
    (80, "nmf: stopped by you after 5 iterations, relative error 0.405, 1.0 s"),
    (67, "nmf: stopped by you after 5 iterations, relative error 0.405, 1.0 s"),
    (65, "nmf: stopped after 5 iterations, relative error 0.405, 1.0 s"),
    (58, "nmf: stopped after 5 iterations, relative error 0.405"),
    (40, "nmf: stopped after 5 iterations"),
    (28, "stopped after 5 iterations"),
    (9, "stopped a"),
  ])
  func theLastLineFitsEveryTerminal(_ width: Int, _ line: String) throws {
    var state = RunState()
    state.receive(.started(plan))
    state.receive(
      .finished(TrainingOutcome(reason: .stopped, steps: 5, objective: 0.405, seconds: 1)))
    #expect(state.summary(width: width, Drawing(color: .none, unicode: true)) == line)
    let ascii = try #require(
      state.summary(width: width, Drawing(color: .none, unicode: false)))
    #expect(ascii.count <= width && ascii.utf8.count == ascii.count)
  }

  @Test func eventsAsJSON() {
    let lines = Paper()
    play(JSONLog(write: lines.write), lines, step: 0.5, steps: 1)
    #expect(
      lines.text == """
        {"event":"started","title":"nmf 10000×784, rank 49","unit":"iteration","total":200,\
        "objective":"relative error","metrics":["sparsity"]}
        {"event":"progressed","steps":0.5}
        {"event":"advanced","step":1,"objective":1.4,"metrics":[0.25],"seconds":0.5}
        {"event":"finished","reason":"limit","steps":1,"objective":0.405,"seconds":0.5}

        """)
    #expect(
      JSONLog.line(.advanced(TrainingStep(index: 1, objective: .nan, seconds: 0)))
        == #"{"event":"advanced","step":1,"objective":null,"metrics":[],"seconds":0}"#)
    var odd = plan
    odd.title = "a\"b\\c\n"
    #expect(JSONLog.line(.started(odd)).contains(#""title":"a\"b\\c\n""#))
  }

  @Test func theRateIsThatOfTheLastSeconds() {
    var state = RunState()
    state.receive(.started(plan))
    #expect(state.rate == nil && state.remaining(elapsed: 0.1) == nil)
    var seconds = 0.0
    for index in 1...60 {
      seconds += index <= 40 ? 1 : 0.1
      state.receive(.advanced(TrainingStep(index: index, objective: 1, seconds: seconds)))
    }
    let rate = state.rate ?? 0
    #expect(rate > 3 && rate < 10.1)
    #expect(state.remaining(elapsed: seconds).map { abs($0 - 140 / rate) < 1e-9 } ?? false)
  }

  @Test func theFirstLongStepGivesAGuess() {
    var state = RunState()
    state.receive(.started(plan))
    state.receive(.progressed(0.5))
    #expect(state.remaining(elapsed: 2) == 199.5 * 2 / 0.5)
  }

  @Test func timesAsWords() {
    #expect(Words.seconds(0.4212) == "0.42 s")
    #expect(Words.seconds(12.34) == "12.3 s")
    #expect(Words.seconds(125) == "2:05")
    #expect(Words.clock(3725) == "1:02:05")
    #expect(Words.clock(nil) == "-" && Words.clock(.infinity) == "-")
    #expect(Words.rate(12.34, unit: .iteration) == "12.3 it/s")
    #expect(Words.rate(0.25, unit: .epoch) == "4 s/epoch")
    #expect(Words.rate(nil, unit: .epoch) == "")
  }
}
