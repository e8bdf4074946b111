import Matrices

/// Reads lines from standard input without editing: for pipes, for dumb terminals and for tests.
package final class PlainEditor: LineEditor {
  private let assistant: EditorAssistant
  private let show: (String) -> Void
  private let input = LineReader(.standard)

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

  private let input: InputBuffer

  init(_ input: InputBuffer) { self.input = input }

  func next() -> Outcome {
    while true {
      if let line = input.takeLine() { return .line(line) }
      if input.isAtEnd { return input.takeRest().map { .line($0) } ?? .end }
      let (wakes, isReadable) = Signals.wait(beside: input.descriptor)
      for wake in wakes {
        switch wake {
        case .interrupt:
          input.forget()
          return .interrupted
        case .suspend: Signals.stopProcess()
        case .resized, .resumed, .finished: break
        }
      }
      if isReadable { input.fill() }
    }
  }
}
