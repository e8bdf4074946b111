import Figures
import LiveView
import Matrices
import Synchronization
import Testing
import Training
import Vocabulary

/// The view between a played terminal and a run: when it draws, what it asks, what it answers.
@Suite struct ViewSessionTests {
  final class Table {
    let screen = PlayedScreen()
    let mailbox = Mailbox()
    let control = TrainingControl()
    let signals = PlayedSignals()
    var now = 100.0

    func session(isRemote: Bool = false) -> ViewSession {
      ViewSession(
        screen: screen, mailbox: mailbox, control: control, signals: signals,
        pacer: FramePacer(isRemote: isRemote), clock: { [unowned self] in now })
    }
  }

  @Test func theNewestStateIsDrawnTenTimesASecond() {
    let table = Table()
    var session = table.session()
    table.mailbox.receive(.started(CountingProcess().plan))
    for tick in 0..<1000 {
      table.now = 100 + Double(tick) / 1000
      table.mailbox.receive(.progressed(Double(tick)))
      _ = session.turn()
    }
    #expect(table.screen.frames.count == 10)
    #expect(session.model.run.position > 890)
  }

  @Test func aFarTerminalIsDrawnFourTimesASecond() {
    let table = Table()
    var session = table.session(isRemote: true)
    for tick in 0..<1000 {
      table.now = 100 + Double(tick) / 1000
      table.mailbox.receive(.progressed(Double(tick)))
      _ = session.turn()
    }
    #expect(table.screen.frames.count == 4)
  }

  @Test func withoutNewsOnlyTheClockMoves() {
    let table = Table()
    var session = table.session()
    for tick in 0..<3000 {
      table.now = 100 + Double(tick) / 1000
      _ = session.turn()
    }
    #expect(table.screen.frames.count <= 4)
  }

  @Test func aKeyIsAnsweredAtOnce() {
    let table = Table()
    var session = table.session()
    _ = session.turn()
    table.now += 0.001
    table.screen.pending = [.letter("?")]
    _ = session.turn()
    #expect(table.screen.frames.count == 2)
    #expect(table.screen.frames.last?.text.contains("any key closes") ?? false)
  }

  @Test func keysReachTheRun() {
    let table = Table()
    var session = table.session()
    table.screen.pending = [.letter(" ")]
    _ = session.turn()
    #expect(table.control.isPaused)
    table.screen.pending = [.letter(" ")]
    _ = session.turn()
    #expect(!table.control.isPaused)
    table.screen.pending = [.letter(" "), .letter("s")]
    _ = session.turn()
    #expect(table.control.isStopRequested && !table.control.isPaused)
  }

  @Test func leavingGoesOnWithThePausedRun() {
    let table = Table()
    var session = table.session()
    table.screen.pending = [.letter(" "), .escape]
    #expect(session.turn() == .left)
    #expect(!table.control.isPaused && !table.control.isStopRequested)
  }

  @Test func interruptStopsAndKeeps() {
    let table = Table()
    var session = table.session()
    table.signals.interruptCount = 1
    _ = session.turn()
    #expect(table.control.isStopRequested)
    #expect(session.model.isStopping)
  }

  @Test func timeAsideDoesNotCount() {
    let table = Table()
    var session = table.session()
    _ = session.turn()
    table.now += 2
    _ = session.turn()
    table.signals.suspends = true
    table.signals.onStop = { table.now += 3600 }
    _ = session.turn()
    #expect(table.screen.calls == ["suspend", "resume"])
    #expect(session.model.elapsed == 2)
  }

  @Test func aNewSizeIsDrawnAtOnce() {
    let table = Table()
    var session = table.session()
    _ = session.turn()
    table.screen.width = 100
    table.signals.resizes = true
    _ = session.turn()
    #expect(table.screen.calls == ["resize"])
    #expect(table.screen.frames.last?.width == 100)
  }

  @Test func picturesAreAskedForFourTimesASecond() {
    var pacer = FramePacer()
    let asked = (0..<1000).count { pacer.wantsPicture(now: Double($0) / 1000) }
    #expect(asked == 4)
  }

  @Test func aSlowTerminalIsDrawnLessOften() {
    var pacer = FramePacer()
    pacer.drew(at: 1, cost: 0.001)
    #expect(pacer.wait(now: 1.05, isPaused: false) <= 0.0501)
    #expect(pacer.wait(now: 1.2, isPaused: false) == 0)
    #expect(pacer.wait(now: 1.2, isPaused: true) > 0.7)
    pacer.drew(at: 1, cost: 0.1)
    #expect(pacer.interval(isPaused: false) >= 0.4)
  }

  @Test func leavingAnEventNeverWaits() {
    let mailbox = Mailbox()
    mailbox.receive(.started(CountingProcess().plan))
    mailbox.occupy {
      // The lock is held here: waiting for it would never end.
      for index in 1...5 {
        mailbox.receive(
          .advanced(TrainingStep(index: index, objective: 1, seconds: Double(index))))
      }
    }
    #expect(mailbox.newest.last == nil)
    mailbox.receive(.advanced(TrainingStep(index: 6, objective: 1, seconds: 6)))
    #expect(mailbox.newest.objective.count == 6)
    mailbox.occupy { mailbox.receive(.progressed(7)) }
    mailbox.flush()
    #expect(mailbox.newest.position == 7)
  }
}
