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
    try wait("the shell") { $0.contains("$ ") }
  }

  deinit { _ = try? tmux("kill-server") }

  @discardableResult
  private func tmux(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["tmux", "-L", socket] + arguments
    process.environment = ProcessInfo.processInfo.environment
      .merging(["LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"]) { $1 }
    process.environment?["TMUX"] = nil
    // Not a pipe: the server that the first command starts would keep it open for ever.
    let file = Product.scratch.appending(path: "\(socket).out").path
    FileManager.default.createFile(atPath: file, contents: nil)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: file)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return try String(contentsOfFile: file, encoding: .utf8)
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
    _ expectation: String, seconds: Double = 15, sourceLocation: SourceLocation = #_sourceLocation,
    _ isSatisfied: (Screen) -> Bool
  ) throws -> Screen {
    let limit = Date.now + seconds
    while true {
      let screen = try screen
      if isSatisfied(screen) { return screen }
      if Date.now > limit {
        Issue.record(
          "\(expectation) never came; the screen was\n\(screen.text)",
          sourceLocation: sourceLocation)
        throw Missing(expectation: expectation)
      }
      usleep(10_000)
    }
  }

  /// Waits until `mfs> ` is all there is on the last line.
  @discardableResult
  func waitForPrompt(
    seconds: Double = 15, sourceLocation: SourceLocation = #_sourceLocation
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
