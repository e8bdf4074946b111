import Figures
import LiveView
import Matrices
import Synchronization
import Testing
import Training
import Vocabulary

/// The view on its thread, with a played screen.
@Suite struct LiveViewObserverTests {
  /// Text that was written.
  final class Paper: Sendable {
    private let written = Mutex("")
    var text: String { written.withLock { $0 } }
    func write(_ text: String) { written.withLock { $0 += text } }
  }

  /// A screen that counts, made on the thread of the view.
  final class Counter: Sendable {
    let opened = Atomic<Int>(0)
    let closed = Atomic<Int>(0)
  }

  final class CountedScreen: Screen {
    private let counter: Counter
    private var pending: [Key]
    init(_ counter: Counter, _ keys: [Key]) {
      self.counter = counter
      pending = keys
      counter.opened.wrappingAdd(1, ordering: .relaxed)
    }
    let width = 80
    let height = 24
    let drawing = Drawing.plain
    var inputDescriptor: Int32 { -1 }
    var isUsable: Bool { true }
    func show(_ canvas: Canvas) {}
    func keys() -> [Key] {
      defer { pending = [] }
      return pending
    }
    func resize() {}
    func invalidate() {}
    func suspend() {}
    func resume() {}
    func close() { counter.closed.wrappingAdd(1, ordering: .relaxed) }
  }

  func run(
    _ process: CountingProcess, keys: [Key]?, counter: Counter = Counter(), paper: Paper = Paper()
  ) throws -> (process: CountingProcess, outcome: TrainingOutcome, events: [TrainingEvent]) {
    let control = TrainingControl()
    let recorder = Recorder()
    let observer = LiveViewObserver(
      control: control, delay: 0, fallback: recorder, successor: recorder,
      announce: { paper.write(($0.summary(width: .max, .plain) ?? "") + "\n") },
      open: { keys.map { CountedScreen(counter, $0) } })
    var process = process
    // The run waits in its second step until the view had its turn.
    process.onStep = { step in
      while step == 2, keys != nil, counter.opened.load(ordering: .relaxed) == 0 {}
      while step == 3, keys?.isEmpty == false, !control.isStopRequested, !control.isPaused,
        counter.closed.load(ordering: .relaxed) == 0
      {}
    }
    let loop = TrainingLoop(observers: [observer], control: control)
    let outcome = try loop.run(&process)
    return (process, outcome, recorder.events)
  }

  @Test func theScreenIsClosedOnceBeforeTheRunReturns() throws {
    let (counter, paper) = (Counter(), Paper())
    let outcome = try run(CountingProcess(), keys: [], counter: counter, paper: paper).outcome
    #expect(counter.opened.load(ordering: .relaxed) == 1)
    #expect(counter.closed.load(ordering: .relaxed) == 1)
    #expect(outcome.steps == 20)
    #expect(
      paper.text.hasPrefix("nmf 100×80, rank 4: 20 iterations, relative error 0.05, "))
    #expect(paper.text.split(separator: "\n").count == 1)
  }

  @Test func stoppingKeepsWhatIsThere() throws {
    let paper = Paper()
    let result = try run(CountingProcess(total: 1000), keys: [.letter("s")], paper: paper)
    #expect(result.outcome.reason == .stopped)
    #expect(result.process.done == result.outcome.steps && result.outcome.steps < 1000)
    #expect(paper.text.contains("stopped by you after"))
  }

  @Test func anErrorClosesTheScreenToo() {
    let (counter, paper) = (Counter(), Paper())
    #expect(throws: TrainingError.self) {
      try run(CountingProcess(failsAt: 7), keys: [], counter: counter, paper: paper)
    }
    #expect(counter.closed.load(ordering: .relaxed) == 1)
    #expect(paper.text.contains("ended after 6 iterations"))
  }

  @Test func withoutAScreenAnotherObserverGoesOn() throws {
    let counter = Counter()
    var process = CountingProcess(total: 100_000)
    process.failsAt = 0
    let result = try run(process, keys: nil, counter: counter)
    guard case .started? = result.events.first, case .finished? = result.events.last else {
      Issue.record("the other observer hears the start and the end")
      return
    }
    #expect(counter.opened.load(ordering: .relaxed) == 0)
  }

  @Test func leavingHandsOverToTheProgressLine() throws {
    let counter = Counter()
    let result = try run(CountingProcess(), keys: [.letter("v")], counter: counter)
    #expect(counter.closed.load(ordering: .relaxed) == 1)
    #expect(result.outcome.steps == 20)
    guard case .started? = result.events.first, case .finished? = result.events.last else {
      Issue.record("the other observer hears the start and the end")
      return
    }
  }

  @Test func resultsAreTheSameBitsWatchedOrNot() throws {
    let watched = try run(CountingProcess(total: 300), keys: []).process
    var alone = CountingProcess(total: 300)
    try TrainingLoop().run(&alone)
    #expect(watched.weights.isIdentical(to: alone.weights))
  }
}

/// Who observes a run.
@Suite struct TrainingDisplayTests {
  func settings(
    _ progress: DisplaySettings.Progress = .auto, output: Bool = true, error: Bool = true,
    terminal: String = "xterm-256color", accessible: Bool = false
  ) -> DisplaySettings {
    var settings = DisplaySettings()
    settings.progress = progress
    settings.outputIsTerminal = output
    settings.errorIsTerminal = error
    settings.terminal = terminal
    settings.isAccessible = accessible
    return settings
  }

  @Test func whatFitsIsShown() {
    let form = TrainingDisplay.form
    #expect(form(nil, settings()) == .line)
    #expect(form(true, settings()) == .view)
    #expect(form(false, settings()) == .none)
    #expect(form(true, settings(output: false)) == .plain)
    #expect(form(nil, settings(output: false)) == .line)
    #expect(form(nil, settings(error: false)) == .plain)
    #expect(form(true, settings(terminal: "dumb")) == .plain)
    #expect(form(true, settings(terminal: "")) == .plain)
    #expect(form(nil, settings(terminal: "dumb")) == .plain)
    #expect(form(true, settings(accessible: true)) == .plain)
    #expect(form(nil, settings(.view)) == .view)
    #expect(form(false, settings(.view)) == .none)
    #expect(form(true, settings(.none)) == .none)
    #expect(form(true, settings(.json)) == .json)
    #expect(form(true, settings(.line)) == .line)
    #expect(form(true, settings(.plain)) == .plain)
  }

  @Test func theLoopKnowsItsWayBack() {
    var settings = settings()
    settings.keepsOnInterrupt = true
    let loop = TrainingDisplay.loop(view: nil, settings: settings)
    #expect(loop.control.keepsOnInterrupt)
    #expect(loop.observers.count == 1)
    #expect(TrainingDisplay.loop(view: false, settings: settings).observers.isEmpty)
  }
}
