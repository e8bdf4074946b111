import Glibc
import Language
import Matrices
import Training
import Vocabulary

/// The prompt: reads an input, finds out what it is meant for, runs it, and asks for the next one.
///
/// A computation runs on its own deep thread while the main thread hears signals, so Ctrl-C brings
/// the prompt back and keeps the session; only Ctrl-D and `:quit` leave.
package final class Repl {
  private let context: Context
  private let errors: Drawing
  private let library: Library
  private let running: RunningSession
  private let history: History
  private let output: StandardOutput
  private let limits: Limits
  private var number = 0

  /// A prompt for a session. `errors` is what standard error can show; `history` keeps what is
  /// typed; `limits` hold for every input.
  package init(
    session: Session, context: Context, errors: Drawing, history: History,
    limits: Limits = Limits(), output: StandardOutput = .shared
  ) {
    self.limits = limits
    running = RunningSession(session)
    library = session.library
    self.context = context
    self.errors = errors
    self.history = history
    self.output = output
  }

  /// Asks and answers until the user leaves.
  package func run() {
    let editor = makeEditor()
    show(banner)
    while true {
      (context.width, context.height) = Terminal.size
      output.flush()
      Signals.forgetInterrupts()
      switch editor.read() {
      case .end:
        output.write("\n")
        output.flush()
        return
      case .interrupted(let wasEmpty):
        if wasEmpty { show("leave with Ctrl-D or :quit\n") }
      case .text(let text):
        if answer(text, editor) == .leave { return }
      }
      if output.failure != nil { return }
    }
  }

  private func makeEditor() -> any LineEditor {
    let assistant = EditorAssistant(
      isUnfinished: { [unowned self] in isUnfinished($0) },
      complete: { [unowned self] in completer.complete($0) })
    let hasTerminal = Terminal.isTerminal(STDIN_FILENO) && Terminal.isTerminal(STDOUT_FILENO)
    if hasTerminal, !Terminal.isDumb {
      Signals.catchTerminalSignals()
      let isColored = context.drawing.color != .none
      if let editor = LibeditEditor(
        assistant: assistant, entries: history.entries, colored: isColored)
      {
        return editor
      }
    }
    return PlainEditor(assistant: assistant) { [output, drawing = context.drawing] text in
      output.write(Plainer.text(text, drawing))
      output.flush()
    }
  }

  private var banner: String {
    "mfs \(Version.current)\(Self.debugNote) · `?` helps, Ctrl-D leaves\n"
  }

  #if DEBUG
    private static let debugNote = " · debug build, computes slowly"
  #else
    private static let debugNote = ""
  #endif

  // MARK: Answers

  private func answer(_ text: String, _ editor: any LineEditor) -> Command.Outcome {
    let input = classified(text)
    guard input != .nothing else { return .stay }
    editor.remember(text)
    let clock = ContinuousClock()
    let start = clock.now
    var succeeded = true
    var outcome = Command.Outcome.stay
    switch input {
    case .nothing: break
    case .question(let question): show(help.answer(question))
    case .command(let name, let words):
      if let command = Command.all.first(where: { $0.name == name }) {
        outcome = command.run(self, words)
      } else {
        succeeded = false
        refuse(command: name)
      }
    case .code(let code): succeeded = run(code)
    }
    history.append(
      HistoryRecord(
        code: text, time: Double(time(nil)), seconds: (clock.now - start).inSeconds,
        succeeded: succeeded, directory: Self.workingDirectory))
    return outcome
  }

  private func classified(_ text: String) -> PromptInput {
    PromptInput(text) { name in running.variables.contains { $0.name == name } }
  }

  private func isUnfinished(_ text: String) -> Bool {
    guard case .code(let code) = classified(text) else { return false }
    return Session.completeness(of: code) == .incomplete
  }

  private func run(_ code: String) -> Bool {
    number += 1
    let source = SourceText(name: "[\(number)]", text: code)
    let failure = compute { $0.run(source, echo: true) }
    guard let failure else { return true }
    report(failure)
    return false
  }

  private func report(_ failure: Failure) {
    if failure.isInterruption {
      show(
        LongCall.unheard == 0
          ? "interrupted; nothing has changed\n"
          : "interrupted; nothing has changed (a decomposition goes on unheard until it ends)\n")
    } else {
      writeError(failure.rendered(style: errors, width: context.width))
    }
  }

  /// Computes on a deep thread.
  private func compute<Result: Sendable>(
    _ body: @escaping @Sendable (RunningSession) -> Result
  ) -> Result {
    // The terminal wrote `^C` where the cursor was.
    let newLine = Terminal.isTerminal(STDOUT_FILENO) ? "\n" : ""
    return Runner.run(
      limits: limits, interrupted: { output.write(newLine) },
      hanging: { _ in writeError("still at it: it stops after this step\n") }
    ) { [running] in body(running) }
  }

  private func refuse(command name: String) {
    let nearest = Spelling.nearest(name, among: Command.all.map(\.name))
    let help = nearest.map { ": did you mean ':\($0)'?" } ?? ": `?` lists what there is"
    writeError("there is no command ':\(name)'\(help)\n")
  }

  private static var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return String(cString: path)
  }

  // MARK: What commands need

  var width: Int { context.width }

  func show(_ text: String) { output.write(Plainer.text(text, context.drawing)) }

  var variables: [(name: String, value: Value, origin: String)] { running.variables }

  var help: Help {
    Help(
      library: library, variables: running.variables.map { ($0.name, $0.value) },
      commands: Self.commands, width: context.width, drawing: context.drawing)
  }

  /// The commands as help lists them: with what they take, and what they do.
  package static var commands: [(name: String, summary: String)] {
    Command.all.map { command in
      (command.takes.isEmpty ? command.name : "\(command.name) \(command.takes)", command.summary)
    }
  }

  private var completer: Completer {
    Completer(
      library: library, variables: running.variables.map { ($0.name, $0.value) },
      keywords: Session.keywords, commands: Command.all.map(\.name), directory: context.directory)
  }

  /// Earlier inputs that contain a word, oldest first, one a line.
  func pastInputs(containing word: String) -> String {
    let found = history.entries.filter { word.isEmpty || $0.contains(word) }.suffix(100)
    guard !found.isEmpty else { return "nothing in the history\n" }
    return found.map { $0.replacing("\n", with: "\n     ") + "\n" }.joined()
  }

  /// Shows what there is to know about a kind of mistake.
  func explain(_ code: String) {
    guard let explanation = Explanation(code: code) else {
      return writeError("there is no error '\(code)': the code stands in the error, as in E021\n")
    }
    show(explanation.page(width: context.width))
  }

  /// Runs an expression until its time is known, and shows the median and the range.
  func measure(_ code: String) {
    guard !code.isEmpty else { return show("say what to measure: `:time svd(A)`\n") }
    let source = SourceText(name: ":time", text: code)
    switch compute({ $0.measure(source) }) {
    case .success(let times): show("\(Timing(times).text)\n")
    case .failure(let failure): report(failure)
    }
  }
}
