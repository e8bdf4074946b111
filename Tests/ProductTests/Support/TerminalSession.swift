import Foundation
import Testing

/// A real terminal: a shell inside tmux, on a server of its own.
final class TerminalSession {
  private let socket: String
  private let home: URL
  private static let serial = Serial()

  /// Opens a terminal with a shell whose prompt is `$ ` and in which `mfs` is the program.
  init(
    width: Int = 80, height: Int = 24, terminal: String = "xterm-256color",
    environment: [String: String] = [:], home: URL? = nil
  ) throws {
    let number = Self.serial.next()
    socket = "mfs-\(ProcessInfo.processInfo.processIdentifier)-\(number)"
    self.home = home ?? Product.scratch.appending(path: "home-\(number)")
    try FileManager.default.createDirectory(at: self.home, withIntermediateDirectories: true)
    let configuration = try Product.file(
      "tmux-\(number).conf",
      """
      set -g default-terminal "\(terminal)"
      set -g status off
      set -g escape-time 0
      set -g history-limit 5000
      """)
    var variables = Product.plainEnvironment
    variables["HOME"] = self.home.path
    variables["PS1"] = "$ "
    variables.merge(environment) { $1 }
    let settings = variables.sorted { $0.key < $1.key }
      .map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    try tmux(
      "-f", configuration, "new-session", "-d", "-x", "\(width)", "-y", "\(height)",
      "env -u NO_COLOR -u COLORTERM \(settings) bash --norc --noprofile")
    try wait("the shell") { $0.lastLine == "$" }
  }

  deinit { _ = try? tmux("kill-server") }

  @discardableResult
  private func tmux(_ arguments: String...) throws -> String {
    // Not `Process`: the server that the first command starts would inherit what tells the end of
    // the command, and the wait would never end.
    let file = Product.scratch.appending(path: "\(socket).out").path
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // A terminal begins with all signals as they are by default, whatever this process does.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let words = Self.copies(["tmux", "-L", socket] + arguments)
    let variables = Self.copies(["PATH=\(path)", "LC_ALL=C.UTF-8", "HOME=\(home.path)"])
    defer { for word in words + variables { free(word) } }
    var child = pid_t()
    let code = posix_spawnp(&child, "tmux", &actions, &attributes, words, variables)
    guard code == 0 else { throw Missing(expectation: "tmux") }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return try String(contentsOfFile: file, encoding: .utf8)
  }

  /// The texts as C wants them, with `nil` at the end.
  private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var copies = texts.map { text -> UnsafeMutablePointer<CChar>? in strdup(text) }
    copies.append(nil)
    return copies
  }

  // MARK: Hands

  /// Types text and presses Enter.
  func enter(_ text: String) throws {
    try type(text)
    try press("Enter")
  }

  /// Types text.
  func type(_ text: String) throws {
    // A semicolon at the end would end the command for tmux.
    let escaped = text.hasSuffix(";") ? text.dropLast() + "\\;" : text
    try tmux("send-keys", "-l", "--", escaped)
  }

  /// Presses keys by name: `Enter`, `C-c`, `Up`.
  func press(_ keys: String...) throws {
    for key in keys { try tmux("send-keys", key) }
  }

  /// Pastes as a terminal does, with brackets around the text.
  func paste(_ text: String) throws {
    try tmux("set-buffer", "--", text)
    try tmux("paste-buffer", "-p")
  }

  /// Gives the window another size.
  func resize(width: Int, height: Int) throws {
    try tmux("resize-window", "-x", "\(width)", "-y", "\(height)")
  }

  /// Starts the prompt and waits for it.
  func startPrompt(_ options: String = "") throws {
    try enter("mfs \(options)")
    try wait("the prompt") { $0.lastLine == "mfs>" }
  }

  // MARK: Eyes

  /// What the screen shows, without spaces at the ends of lines and empty lines at the end.
  var screen: Screen { get throws { Screen(text: try tmux("capture-pane", "-p")) } }

  /// The screen with its colours, as escape codes.
  var colors: String { get throws { try tmux("capture-pane", "-p", "-e") } }

  /// A fact that tmux knows about the terminal: `cursor_flag`, `alternate_on`.
  func fact(_ name: String) throws -> String {
    try tmux("display-message", "-p", "#{\(name)}").trimmingCharacters(in: .newlines)
  }

  /// Looks at the screen until it shows what is expected, and says what it showed if it never did.
  @discardableResult
  func wait(
    _ expectation: String, seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation,
    _ isSatisfied: (Screen) -> Bool
  ) throws -> Screen {
    let limit = Date.now + seconds
    while true {
      let screen = try screen
      if isSatisfied(screen) { return screen }
      if Date.now > limit {
        Issue.record(
          "\(expectation) never came; the screen was\n\(screen.lines.joined(separator: "\n"))",
          sourceLocation: sourceLocation)
        throw Missing(expectation: expectation)
      }
      usleep(10_000)
    }
  }

  /// Waits until `mfs> ` is all there is on the last line.
  @discardableResult
  func waitForPrompt(
    seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Screen {
    try wait("the prompt", seconds: seconds, sourceLocation: sourceLocation) {
      $0.lastLine == "mfs>"
    }
  }

  struct Missing: Error { var expectation: String }

  /// A screen full of text.
  struct Screen {
    var text: String

    var lines: [String] {
      var lines = text.components(separatedBy: "\n").map { line in
        String(line.reversed().drop { $0 == " " }.reversed())
      }
      while lines.last?.isEmpty == true { lines.removeLast() }
      return lines
    }

    var lastLine: String { lines.last ?? "" }

    func contains(_ words: String) -> Bool { text.contains(words) }
  }

  private final class Serial: @unchecked Sendable {
    private let lock = NSLock()
    private var number = 0

    func next() -> Int {
      lock.withLock {
        number += 1
        return number
      }
    }
  }
}
