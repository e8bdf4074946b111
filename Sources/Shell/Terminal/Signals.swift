import Glibc
import Matrices
import Synchronization

/// Something that happened outside the program and has to be dealt with by the main thread.
package enum Wake: UInt8, Sendable {
  /// Ctrl-C, or `kill -INT`.
  case interrupt = 0x69
  /// The window has another size.
  case resized = 0x77
  /// Ctrl-Z.
  case suspend = 0x7A
  /// `fg`, after a stop.
  case resumed = 0x63
  /// A computation ended.
  case finished = 0x64
}

/// Signals. A handler only raises the interrupt flag and writes one byte into a pipe, which the
/// main thread watches beside the keyboard; everything else happens there, in the open. Only the
/// signals that end the process put the terminal back by themselves, once.
package enum Signals {
  /// The reading and the writing end of the pipe.
  private static let pipe: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { return (-1, -1) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    return (ends[0], ends[1])
  }()

  /// Set while the terminal is not as it was found: what a deadly signal has to undo.
  private static let isDisturbed = Atomic<Bool>(false)
  private static let found = SavedTerminal()

  /// Where `Wake` bytes can be read.
  package static var wakeDescriptor: Int32 { pipe.read }

  /// Makes Ctrl-C stop the computation instead of the process.
  package static func catchInterrupts() {
    _ = pipe
    Interrupt.clear()
    install(SIGINT) { _ in
      Interrupt.request()
      Signals.wake(.interrupt)
    }
  }

  /// Forgets Ctrl-C of a computation that has ended.
  static func forgetInterrupts() {
    _ = wait(milliseconds: 0)
    Interrupt.clear()
  }

  /// Gives Ctrl-C its usual meaning back and sends it: how a program that was interrupted ends, so
  /// that the calling shell knows.
  package static func dieOfInterrupt() -> Never {
    signal(SIGINT, SIG_DFL)
    kill(getpid(), SIGINT)
    exit(130)
  }

  /// Everything a prompt needs beyond `catchInterrupts`: the window, Ctrl-Z, and a terminal that is
  /// put back when the process is killed.
  package static func catchTerminalSignals() {
    found.remember()
    install(SIGWINCH) { _ in Signals.wake(.resized) }
    install(SIGTSTP) { _ in Signals.wake(.suspend) }
    install(SIGCONT) { _ in Signals.wake(.resumed) }
    for deadly in [SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP] {
      install(deadly, once: true) { number in
        Signals.restoreTerminal()
        kill(getpid(), number)
      }
    }
  }

  /// Says that the terminal is being changed, or is again as it was found.
  package static func terminalIsDisturbed(_ truth: Bool) {
    isDisturbed.store(truth, ordering: .sequentiallyConsistent)
  }

  /// Puts the terminal back if it is not as it was found. Safe in a signal handler; at most once
  /// for every change.
  static func restoreTerminal() {
    if isDisturbed.exchange(false, ordering: .sequentiallyConsistent) { found.restore() }
  }

  /// Stops the process as Ctrl-Z does, until `fg`.
  static func stopProcess() { kill(getpid(), SIGSTOP) }

  /// Writes one byte into the pipe: safe in a signal handler and on any thread.
  static func wake(_ reason: Wake) {
    var byte = reason.rawValue
    let before = errno
    write(pipe.write, &byte, 1)
    errno = before
  }

  /// Waits until something wakes the main thread, `other` becomes readable or the time is over.
  static func wait(beside other: Int32? = nil, milliseconds: Int32 = -1) -> (
    wakes: [Wake], isReadable: Bool
  ) {
    var watched = [pollfd(fd: pipe.read, events: Int16(POLLIN), revents: 0)]
    if let other { watched.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
    let count = poll(&watched, nfds_t(watched.count), milliseconds)
    guard count > 0 else { return ([], false) }
    var wakes: [Wake] = []
    if watched[0].revents != 0 {
      var bytes = [UInt8](repeating: 0, count: 64)
      let count = read(pipe.read, &bytes, bytes.count)
      wakes = bytes.prefix(max(count, 0)).compactMap(Wake.init)
    }
    return (wakes, watched.count > 1 && watched[1].revents != 0)
  }

  private static func install(
    _ number: Int32, once: Bool = false, _ handler: @convention(c) @escaping (Int32) -> Void
  ) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags =
      once ? Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_ONSTACK | SA_NODEFER : SA_ONSTACK
    sigaction(number, &action, nil)
    // A parent may have started the process with the signal blocked.
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, number)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}

/// The modes of the terminal as they were at the start, in memory that a signal handler may read.
private final class SavedTerminal: @unchecked Sendable {
  private let modes = UnsafeMutablePointer<termios>.allocate(capacity: 1)
  private var isKnown = false
  /// Leaves bracketed paste, shows the cursor, ends colours.
  private let farewell: StaticString = "\u{1B}[?2004l\u{1B}[?25h\u{1B}[0m"

  func remember() {
    modes.initialize(to: termios())
    isKnown = tcgetattr(STDIN_FILENO, modes) == 0
  }

  func restore() {
    guard isKnown else { return }
    write(STDOUT_FILENO, farewell.utf8Start, farewell.utf8CodeUnitCount)
    tcsetattr(STDIN_FILENO, TCSANOW, modes)
  }
}
