import Glibc
import Matrices

/// Reads lines from standard input without editing: for pipes, for dumb terminals and for tests.
package final class PlainEditor: LineEditor {
  private let assistant: EditorAssistant
  private let show: (String) -> Void
  private var input = LineReader(STDIN_FILENO)

  /// An editor that writes its prompts with `show`.
  package init(assistant: EditorAssistant, show: @escaping (String) -> Void) {
    self.assistant = assistant
    self.show = show
  }

  package func read() -> Reading {
    var lines: [String] = []
    while true {
      show(lines.isEmpty ? Prompt.first : Prompt.next)
      switch input.next() {
      case .line(let line):
        lines.append(line)
        let text = lines.joined(separator: "\n")
        if !assistant.isUnfinished(text) { return .text(text) }
      case .interrupted:
        show("^C\n")
        return .interrupted(wasEmpty: lines.isEmpty)
      case .end:
        return lines.isEmpty ? .end : .text(lines.joined(separator: "\n"))
      }
    }
  }

  package func remember(_ entry: String) {}
}

/// Lines from a descriptor, with an ear for signals.
struct LineReader {
  enum Outcome: Equatable { case line(String), interrupted, end }

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isAtEnd = false

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  mutating func next() -> Outcome {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return .line(line.hasSuffix("\r") ? String(line.dropLast()) : line)
      }
      if isAtEnd {
        defer { buffer.removeAll() }
        return buffer.isEmpty ? .end : .line(String(decoding: buffer, as: UTF8.self))
      }
      let (wakes, isReadable) = Signals.wait(beside: descriptor)
      for wake in wakes {
        switch wake {
        case .interrupt:
          buffer.removeAll()
          return .interrupted
        case .suspend: Signals.stopProcess()
        case .resized, .resumed, .finished: break
        }
      }
      guard isReadable else { continue }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count > 0 {
        buffer.append(contentsOf: chunk.prefix(count))
      } else if count == 0 || errno != EINTR {
        isAtEnd = true
      }
    }
  }
}
