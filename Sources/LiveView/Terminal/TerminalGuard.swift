import Glibc
import Matrices
import Synchronization

/// Brings the terminal back on every way out while a view is open, exactly once; and turns the
/// signals that do not end the process into flags that the view reads. What is written to standard
/// error in the meantime is kept and shown afterwards: it would vanish with the view's screen.
/// Handlers only use atomics, descriptors and terminal modes: all of it is allowed in a handler.
enum TerminalGuard {
  /// Who is to bring the terminal back.
  private enum Duty: Int {
    /// Nobody: no view is open.
    case none
    /// Whoever comes first.
    case open
    /// The view is at it.
    case closing
    /// Done by a signal or `exit`.
    case restored
  }

  private static let duty = Atomic<Int>(Duty.none.rawValue)
  private static let interrupts = Atomic<Int>(0)
  private static let isSuspendAsked = Atomic<Bool>(false)
  private static let isContinued = Atomic<Bool>(false)
  private static let isResized = Atomic<Bool>(false)

  // Written before handlers are installed; handlers read them.
  nonisolated(unsafe) private static var output: Int32 = -1
  nonisolated(unsafe) private static var wakeUp: Int32 = -1
  nonisolated(unsafe) private static var modes = termios()
  nonisolated(unsafe) private static var codes: UnsafeMutablePointer<UInt8>?
  nonisolated(unsafe) private static var codeCount = 0
  nonisolated(unsafe) private static var former: UnsafeMutablePointer<sigaction>?
  nonisolated(unsafe) static var knowsExit = false
  /// Standard error as it was, and the pipe that stands in for it; -1 when it is no terminal.
  nonisolated(unsafe) private static var errorOutput: Int32 = -1
  nonisolated(unsafe) private static var errorPipe: Int32 = -1

  private static let signalLimit = 65
  private static let codeLimit = 256
  /// Signals that end the process.
  private static let fatal = [
    SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP,
  ]
  /// Signals that the view answers.
  private static let answered = [SIGINT, SIGTSTP, SIGCONT, SIGWINCH]

  /// Notes how the terminal is, and takes over the signals.
  static func arm(input: Int32, output: Int32) {
    let former = former ?? .allocate(capacity: signalLimit)
    self.former = former
    let codes = codes ?? .allocate(capacity: codeLimit)
    self.codes = codes
    codeCount = 0
    tcgetattr(input, &modes)
    self.output = output
    interrupts.store(0, ordering: .relaxed)
    isSuspendAsked.store(false, ordering: .relaxed)
    isContinued.store(false, ordering: .relaxed)
    isResized.store(false, ordering: .relaxed)
    if !knowsExit {
      knowsExit = true
      atexit { TerminalGuard.restore() }
    }
    keepErrors()
    duty.store(Duty.open.rawValue, ordering: .sequentiallyConsistent)
    for signal in fatal { install(signal, endProcess) }
    install(SIGINT) { _ in
      if TerminalGuard.interrupts.wrappingAdd(1, ordering: .relaxed).newValue > 1 {
        Interrupt.request()
      }
      TerminalGuard.wake()
    }
    install(SIGTSTP) { _ in
      TerminalGuard.isSuspendAsked.store(true, ordering: .relaxed)
      TerminalGuard.wake()
    }
    install(SIGCONT) { _ in
      TerminalGuard.isContinued.store(true, ordering: .relaxed)
      TerminalGuard.wake()
    }
    install(SIGWINCH) { _ in
      TerminalGuard.isResized.store(true, ordering: .relaxed)
      TerminalGuard.wake()
    }
  }

  /// The codes to write when a signal ends the process.
  static func learn(_ bytes: [UInt8]) {
    guard let codes else { return }
    let count = min(bytes.count, codeLimit)
    for place in 0..<count { codes[place] = bytes[place] }
    codeCount = count
  }

  /// The descriptor to which handlers write a byte, so that the view wakes up.
  static func setWakeUp(_ descriptor: Int32) { wakeUp = descriptor }

  /// Whether the view is to bring the terminal back: not when a signal did.
  static func beginClosing() -> Bool {
    duty.compareExchange(
      expected: Duty.open.rawValue, desired: Duty.closing.rawValue,
      ordering: .sequentiallyConsistent
    ).exchanged
  }

  /// Gives the signals back to whom they belonged.
  static func disarm() {
    if let former {
      for signal in fatal + answered { sigaction(signal, former + Int(signal), nil) }
    }
    showErrors()
    if errorPipe >= 0 { close(errorPipe) }
    if errorOutput >= 0 { close(errorOutput) }
    (errorPipe, errorOutput) = (-1, -1)
    duty.store(Duty.none.rawValue, ordering: .sequentiallyConsistent)
  }

  /// Puts a pipe in the place of standard error. Whoever writes more than it holds loses the rest
  /// rather than wait.
  private static func keepErrors() {
    var ends: [Int32] = [-1, -1]
    guard isatty(STDERR_FILENO) == 1, pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    errorOutput = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    errorPipe = ends[0]
    dup2(ends[1], STDERR_FILENO)
    close(ends[1])
  }

  /// Whether the terminal still belongs to the view.
  static var isOpen: Bool { duty.load(ordering: .relaxed) == Duty.open.rawValue }

  // MARK: What signals asked for

  /// How often Ctrl-C was pressed.
  static var interruptCount: Int { interrupts.load(ordering: .relaxed) }

  static func takeSuspend() -> Bool { isSuspendAsked.exchange(false, ordering: .relaxed) }
  static func takeContinue() -> Bool { isContinued.exchange(false, ordering: .relaxed) }
  static func takeResize() -> Bool { isResized.exchange(false, ordering: .relaxed) }

  /// Stops the process as Ctrl-Z does, and returns when it goes on.
  static func stopProcess() {
    var standard = sigaction()
    standard.__sigaction_handler.sa_handler = SIG_DFL
    var ours = sigaction()
    sigaction(SIGTSTP, &standard, &ours)
    raise(SIGTSTP)
    sigaction(SIGTSTP, &ours, nil)
  }

  // MARK: In handlers

  private static func install(_ signal: Int32, _ handler: @escaping @convention(c) (Int32) -> Void)
  {
    guard let former else { return }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = SA_RESTART | SA_ONSTACK
    sigemptyset(&action.sa_mask)
    sigaction(signal, &action, former + Int(signal))
  }

  private static func wake() {
    let saved = errno
    var byte: UInt8 = 0
    if wakeUp >= 0 { _ = write(wakeUp, &byte, 1) }
    errno = saved
  }

  /// Brings the terminal back, then lets the signal do what it would have done without a view.
  private static let endProcess: @convention(c) (Int32) -> Void = { signal in
    TerminalGuard.restore()
    if let former = TerminalGuard.former { sigaction(signal, former + Int(signal), nil) }
    raise(signal)
  }

  /// Brings the terminal back unless that is done. Safe in a signal handler.
  static func restore() {
    guard claim(.open) || claim(.closing) else { return }
    if let codes, codeCount > 0 { _ = write(output, codes, codeCount) }
    tcsetattr(output, TCSANOW, &modes)
    showErrors()
  }

  /// Gives standard error back and writes what was kept. Safe in a signal handler.
  private static func showErrors() {
    guard errorOutput >= 0 else { return }
    dup2(errorOutput, STDERR_FILENO)
    withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { bytes in
      while true {
        let count = read(errorPipe, bytes.baseAddress, bytes.count)
        guard count > 0 else { return }
        _ = write(STDERR_FILENO, bytes.baseAddress, count)
      }
    }
  }

  private static func claim(_ expected: Duty) -> Bool {
    duty.compareExchange(
      expected: expected.rawValue, desired: Duty.restored.rawValue,
      ordering: .sequentiallyConsistent
    ).exchanged
  }
}
