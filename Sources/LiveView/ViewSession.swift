import Figures
import Training

/// What signals asked of the view; tests play them.
package protocol ViewSignals: AnyObject {
  /// How often Ctrl-C was pressed.
  var interruptCount: Int { get }
  /// Whether Ctrl-Z was pressed since the last call.
  func takeSuspend() -> Bool
  /// Whether the process was stopped and goes on.
  func takeContinue() -> Bool
  /// Whether the terminal has a new size.
  func takeResize() -> Bool
  /// Stops the process; returns when it goes on.
  func stopProcess()
}

/// An open view: joins the screen, the mailbox, the way back to the run, and the model. One turn at
/// a time, so that tests can play a clock.
package struct ViewSession {
  /// What is to happen after a turn.
  package enum Turn: Equatable {
    /// Another turn after so many seconds, or earlier when a key is pressed.
    case wait(Double)
    /// The person left the view.
    case left
  }

  private let screen: any Screen
  private let mailbox: Mailbox
  private let control: TrainingControl
  private let signals: any ViewSignals
  private let clock: () -> Double
  package private(set) var model = LiveViewModel()
  private var pacer: FramePacer
  private var interruptsSeen = 0
  private var lastTurn: Double
  private var drawnVersion = -1

  /// An open view. `elapsed` are the seconds the run has taken already.
  package init(
    screen: any Screen, mailbox: Mailbox, control: TrainingControl, signals: any ViewSignals,
    pacer: FramePacer, elapsed: Double = 0, clock: @escaping () -> Double
  ) {
    self.screen = screen
    self.mailbox = mailbox
    self.control = control
    self.signals = signals
    self.pacer = pacer
    self.clock = clock
    lastTurn = clock()
    model.elapsed = elapsed
  }

  /// Answers signals and keys at once; draws when a frame is due.
  package mutating func turn() -> Turn {
    var mustDraw = answerSignals()
    let now = clock()
    if !model.isPaused { model.elapsed += max(0, now - lastTurn) }
    lastTurn = now
    for key in screen.keys() {
      mustDraw = true
      if let command = model.press(key), perform(command) == .left { return .left }
    }
    if !mustDraw {
      let wait = pacer.wait(now: now, isPaused: model.isPaused)
      guard wait == 0 else { return .wait(wait) }
    }
    draw(now, isForced: mustDraw)
    return .wait(pacer.wait(now: clock(), isPaused: model.isPaused))
  }

  /// Draws the newest state, unless the same is on the screen.
  private mutating func draw(_ now: Double, isForced: Bool) {
    let newest = mailbox.newest
    // Without news only the clock moves: once a second is enough.
    let isNews = newest.version != drawnVersion || now - pacer.lastFrame >= 1
    guard isForced || isNews else {
      pacer.postpone(from: now)
      return
    }
    drawnVersion = newest.version
    model.run = newest
    var canvas = Canvas(width: screen.width, height: screen.height, drawing: screen.drawing)
    model.draw(on: &canvas)
    screen.show(canvas)
    pacer.drew(at: now, cost: clock() - now)
    if !model.isPaused, pacer.wantsPicture(now: now) { control.requestPicture() }
  }

  private mutating func answerSignals() -> Bool {
    var mustDraw = false
    while interruptsSeen < signals.interruptCount {
      interruptsSeen += 1
      if let command = model.interrupt() { _ = perform(command) }
      mustDraw = true
    }
    if signals.takeSuspend() {
      screen.suspend()
      let start = clock()
      signals.stopProcess()
      let now = clock()
      // A paused run does not count its time anyway.
      if !model.isPaused { control.exclude(seconds: now - start) }
      lastTurn = now
      _ = signals.takeContinue()
      screen.resume()
      mustDraw = true
    }
    if signals.takeContinue() {
      screen.invalidate()
      mustDraw = true
    }
    if signals.takeResize() {
      screen.resize()
      mustDraw = true
    }
    return mustDraw
  }

  private mutating func perform(_ command: ViewCommand) -> Turn? {
    switch command {
    case .stop:
      control.requestStop()
      control.isPaused = false
    case .pause(let isPaused): control.isPaused = isPaused
    case .step:
      control.requestPicture()
      control.requestStep()
    case .redraw: screen.invalidate()
    case .leave:
      control.isPaused = false
      return .left
    }
    return nil
  }
}
