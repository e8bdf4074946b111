import Figures
import Glibc
import Training
import Vocabulary

/// What decides how runs are shown: the wish of the user and what the terminal can do.
package struct DisplaySettings: Sendable, Equatable {
  /// The option `--progress`.
  package enum Progress: String, Sendable, CaseIterable {
    /// What fits: a line on a terminal, finished lines elsewhere, the live view where asked for.
    case auto
    case view, line, plain, json, none
  }

  package var progress = Progress.auto
  package var outputIsTerminal = false
  package var errorIsTerminal = false
  /// `TERM`; empty when there is none.
  package var terminal = ""
  /// `ACCESSIBLE`: no redrawing, no pictures.
  package var isAccessible = false
  /// Whether the terminal is at the other end of a network.
  package var isRemote = false
  /// The most that may be shown: colours unless `NO_COLOR`, Unicode letters where the locale has
  /// them.
  package var drawing = Drawing.plain
  /// Whether Ctrl-C ends a run and keeps its result (at a prompt), rather than the program.
  package var keepsOnInterrupt = false

  package init() {}

  /// The settings of this process. `drawing` is the most that may be shown.
  package static func current(
    progress: Progress = .auto, drawing: Drawing, keepsOnInterrupt: Bool
  ) -> DisplaySettings {
    var settings = DisplaySettings()
    settings.progress = progress
    settings.outputIsTerminal = isatty(STDOUT_FILENO) == 1
    settings.errorIsTerminal = isatty(STDERR_FILENO) == 1
    settings.terminal = variable("TERM") ?? ""
    settings.isAccessible = variable("ACCESSIBLE").map { !$0.isEmpty && $0 != "0" } ?? false
    settings.isRemote = variable("SSH_CONNECTION") != nil || variable("SSH_TTY") != nil
    settings.drawing = drawing
    settings.keepsOnInterrupt = keepsOnInterrupt
    return settings
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Whether the terminal can move its cursor.
  var isDumb: Bool { ["", "dumb", "unknown"].contains(terminal) }
}

/// How a run is shown: gives training loops their observers.
package enum TrainingDisplay {
  /// What is shown.
  package enum Form: Sendable, Equatable {
    case view, line, plain, json, none
  }

  /// What fits the wish `view=` (`nil`: nothing said), the option and the terminal.
  package static func form(view: Bool?, _ settings: DisplaySettings) -> Form {
    let canRedraw = !settings.isDumb && !settings.isAccessible
    let canView = canRedraw && settings.outputIsTerminal
    let line = canRedraw && settings.errorIsTerminal ? Form.line : .plain
    switch settings.progress {
    case .json: return .json
    case .none: return .none
    case .plain: return .plain
    case .line: return line
    case .view: return view == false ? .none : canView ? .view : .plain
    case .auto:
      switch view {
      case true?: return canView ? .view : .plain
      case false?: return .none
      case nil: return line
      }
    }
  }

  /// The loop for a run: what `Context.trainingLoop` is made of.
  package static func loop(view: Bool?, settings: DisplaySettings) -> TrainingLoop {
    let control = TrainingControl(keepsOnInterrupt: settings.keepsOnInterrupt)
    let isWanted = view == true || settings.progress != .auto
    let plain = PlainLines(
      threshold: isWanted ? 0 : 0.5, drawing: settings.drawing,
      width: { settings.errorIsTerminal ? max(1, errorWidth - 1) : .max }, write: write)
    let observer: (any TrainingObserver)? =
      switch form(view: view, settings) {
      case .none: nil
      case .json: JSONLog(write: write)
      case .plain: plain
      case .line: line(settings, delay: 0.5)
      case .view:
        LiveViewObserver(
          control: control, isRemote: settings.isRemote, fallback: plain,
          successor: line(settings, delay: 0),
          announce: { run in
            let line = run.summary(width: max(1, errorWidth - 1), settings.drawing)
            if let line { write(line + "\n") }
          },
          open: { openScreen(settings) })
      }
    return TrainingLoop(observers: observer.map { [$0] } ?? [], control: control)
  }

  private static func line(_ settings: DisplaySettings, delay: Double) -> ProgressLine {
    ProgressLine(
      drawing: settings.drawing, delay: delay, width: { errorWidth }, now: { LiveViewObserver.now },
      write: write)
  }

  /// The terminal, unless the process runs in the background: it would be stopped for touching it.
  private static func openScreen(_ settings: DisplaySettings) -> (any Screen)? {
    guard tcgetpgrp(STDOUT_FILENO) == getpgrp() else { return nil }
    return CursesScreen(allowed: settings.drawing)
  }

  /// The columns of the terminal that standard error is.
  private static var errorWidth: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes to standard error, which results do not go to.
  private static let write: @Sendable (String) -> Void = { text in
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { return }
      bytes = bytes.dropFirst(max(0, count))
    }
  }
}
