import Glibc
import Matrices
import Vocabulary

/// Asks the person at the terminal, for `ask("…")`. Lines that come from a pipe or a file answer as
/// well, so that a program that asks can be tested.
package struct Questioner: Sendable {
  /// Whether standard input held the program, so that nobody can answer there.
  private let inputIsProgram: Bool

  /// A questioner; `inputIsProgram` says that the program itself is read from standard input.
  package init(inputIsProgram: Bool) { self.inputIsProgram = inputIsProgram }

  /// Writes a question and waits for a line. Ctrl-C ends the wait.
  package func ask(_ question: String) throws -> String {
    let input = try self.input()
    StandardOutput.shared.write(question)
    StandardOutput.shared.flush()
    while true {
      if let line = input.takeLine() { return line }
      if input.isAtEnd {
        defer { input.startAgain() }
        if let rest = input.takeRest() { return rest }
        if input.isTerminal { StandardOutput.shared.write("\n") }
        throw Problem(.file, "the input ended before an answer came", help: Self.help)
      }
      try Interrupt.check()
      // A signal may come to another thread: look up now and then.
      var watched = pollfd(fd: input.descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&watched, 1, 50) > 0 { input.fill() }
    }
  }

  private static let help =
    "give answers line by line: printf '3\\nyes\\n' | mfs program.mfs"

  private func input() throws -> InputBuffer {
    guard inputIsProgram else { return .standard }
    guard let terminal = InputBuffer.terminal else {
      throw Problem(
        .file, "asking needs a terminal, because standard input holds the program",
        help: "put the program into a file: mfs program.mfs")
    }
    return terminal
  }
}

/// Bytes that have come from a descriptor and wait to be taken line by line. Used by one thread at a
/// time: the prompt, or the computation it waits for.
final class InputBuffer: @unchecked Sendable {
  static let standard = InputBuffer(STDIN_FILENO)

  /// The terminal of this process, whatever standard input is.
  static let terminal: InputBuffer? = {
    let descriptor = open("/dev/tty", O_RDONLY | O_CLOEXEC)
    return descriptor < 0 ? nil : InputBuffer(descriptor)
  }()

  let descriptor: Int32
  private var bytes: [UInt8] = []
  private(set) var isAtEnd = false

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  var isTerminal: Bool { Terminal.isTerminal(descriptor) }

  /// The next whole line, without its end.
  func takeLine() -> String? {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = String(decoding: bytes[..<end], as: UTF8.self)
    bytes.removeSubrange(...end)
    return line.hasSuffix("\r") ? String(line.dropLast()) : line
  }

  /// What stands behind the last line end.
  func takeRest() -> String? {
    guard !bytes.isEmpty else { return nil }
    defer { bytes.removeAll() }
    return String(decoding: bytes, as: UTF8.self)
  }

  func forget() { bytes.removeAll() }

  /// Ctrl-D ends one answer at a terminal, not all of them.
  func startAgain() { if isTerminal { isAtEnd = false } }

  /// Takes what is there; call when the descriptor is readable.
  func fill() {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &chunk, chunk.count)
    if count > 0 {
      bytes.append(contentsOf: chunk.prefix(count))
    } else if count == 0 || errno != EINTR {
      isAtEnd = true
    }
  }
}
