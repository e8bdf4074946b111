import Figures
import Glibc
import Matrices
import Synchronization
import Training
import Vocabulary

/// The live view as an observer: opens on a thread of its own, shows the newest state, and is closed
/// before `receive(.finished)` returns, so that whatever is printed next finds the terminal as it
/// was. When there is no terminal to open, or the person leaves the view, another observer goes on.
package final class LiveViewObserver: TrainingObserver, @unchecked Sendable {
  /// Who shows the run.
  private enum Shown: Int {
    case view, fallback, successor
  }

  private let control: TrainingControl
  private let open: @Sendable () -> (any Screen)?
  private let fallback: any TrainingObserver
  private let successor: any TrainingObserver
  private let announce: @Sendable (RunState) -> Void
  private let isRemote: Bool
  private let delay: Double

  private let mailbox = Mailbox()
  private let shown = Atomic<Int>(Shown.view.rawValue)
  private let isFinished = Atomic<Bool>(false)
  private let hasOpened = Atomic<Bool>(false)
  /// Touched by the training thread alone.
  private var thread: pthread_t?
  private var plan: TrainingPlan?
  private var isHandedOver = false
  /// A pipe whose bytes wake the view up.
  private var wakeUp: (read: Int32, write: Int32) = (-1, -1)

  /// `open` gives the screen, or `nil` when there is none; then `fallback` observes instead.
  /// `successor` goes on when the person leaves the view; `announce` writes the one line that stays.
  /// Runs shorter than `delay` seconds open no view.
  package init(
    control: TrainingControl, isRemote: Bool = false, delay: Double = 0.2,
    fallback: any TrainingObserver, successor: any TrainingObserver,
    announce: @escaping @Sendable (RunState) -> Void, open: @escaping @Sendable () -> (any Screen)?
  ) {
    self.control = control
    self.isRemote = isRemote
    self.delay = delay
    self.fallback = fallback
    self.successor = successor
    self.announce = announce
    self.open = open
  }

  package func receive(_ event: TrainingEvent) {
    switch event {
    case .started(let plan):
      self.plan = plan
      mailbox.receive(event)
      begin()
    case .finished:
      mailbox.receive(event)
      end()
      if Shown(rawValue: shown.load(ordering: .acquiring)) == .view {
        announce(mailbox.newest)
      } else {
        handOver(event)
      }
    case .progressed, .advanced, .pictured:
      mailbox.receive(event)
      if shown.load(ordering: .acquiring) != Shown.view.rawValue { handOver(event) }
    }
  }

  /// Lets another observer go on; it first hears how the run started.
  private func handOver(_ event: TrainingEvent) {
    let other =
      shown.load(ordering: .acquiring) == Shown.fallback.rawValue ? fallback : successor
    if !isHandedOver, let plan {
      isHandedOver = true
      other.receive(.started(plan))
    }
    other.receive(event)
  }

  private func begin() {
    shown.store(Shown.view.rawValue, ordering: .releasing)
    isFinished.store(false, ordering: .releasing)
    isHandedOver = false
    // The first picture, of the start, is taken before the first step.
    control.requestPicture()
    // Wide letters need to know the character set; numbers keep their decimal point.
    setlocale(LC_CTYPE, "")
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      shown.store(Shown.fallback.rawValue, ordering: .releasing)
      return
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    wakeUp = (ends[0], ends[1])
    var thread = pthread_t()
    let me = Unmanaged.passRetained(self).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { me in
        guard let me else { return nil }
        Unmanaged<LiveViewObserver>.fromOpaque(me).takeRetainedValue().work()
        return nil
      }, me)
    if code == 0 {
      self.thread = thread
    } else {
      Unmanaged<LiveViewObserver>.fromOpaque(me).release()
      shown.store(Shown.fallback.rawValue, ordering: .releasing)
    }
  }

  private func end() {
    mailbox.flush()
    isFinished.store(true, ordering: .releasing)
    if let thread {
      var byte: UInt8 = 0
      _ = write(wakeUp.write, &byte, 1)
      pthread_join(thread, nil)
    }
    thread = nil
    for descriptor in [wakeUp.read, wakeUp.write] where descriptor >= 0 { close(descriptor) }
    wakeUp = (-1, -1)
  }

  // MARK: The thread of the view

  private func work() {
    let start = Self.now
    TerminalGuard.setWakeUp(wakeUp.write)
    defer { TerminalGuard.setWakeUp(-1) }
    while Self.now - start < delay, !isFinished.load(ordering: .acquiring) {
      sleep(delay, input: -1)
    }
    if isFinished.load(ordering: .acquiring) { return }
    guard let screen = open() else {
      shown.store(Shown.fallback.rawValue, ordering: .releasing)
      return
    }
    hasOpened.store(true, ordering: .releasing)
    defer { screen.close() }
    var session = ViewSession(
      screen: screen, mailbox: mailbox, control: control, signals: TerminalSignals(),
      pacer: FramePacer(isRemote: isRemote), elapsed: Self.now - start, clock: { Self.now })
    var input = screen.inputDescriptor
    while !isFinished.load(ordering: .acquiring), screen.isUsable {
      switch session.turn() {
      case .left:
        shown.store(Shown.successor.rawValue, ordering: .releasing)
        return
      case .wait(let seconds):
        // A terminal that is gone would wake us up for ever.
        if !sleep(seconds, input: input) { input = -1 }
      }
    }
  }

  /// Sleeps until a key, a signal, the end of the run, or so many seconds; returns whether keys
  /// can still come.
  @discardableResult
  private func sleep(_ seconds: Double, input: Int32) -> Bool {
    var sources = [
      pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input, events: Int16(POLLIN), revents: 0),
    ]
    poll(&sources, 2, Int32((seconds * 1000).rounded(.up)))
    if sources[0].revents != 0 {
      var bytes = [UInt8](repeating: 0, count: 64)
      while read(wakeUp.read, &bytes, bytes.count) > 0 {}
    }
    return sources[1].revents & Int16(POLLHUP | POLLERR | POLLNVAL) == 0
  }

  /// A clock in seconds that only runs forward.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The signals of this process.
private final class TerminalSignals: ViewSignals {
  var interruptCount: Int { TerminalGuard.interruptCount }
  func takeSuspend() -> Bool { TerminalGuard.takeSuspend() }
  func takeContinue() -> Bool { TerminalGuard.takeContinue() }
  func takeResize() -> Bool { TerminalGuard.takeResize() }
  func stopProcess() { TerminalGuard.stopProcess() }
}
