import Builtins
import Glibc
import Language
import LiveView
import Matrices
import Shell
import Vocabulary

/// One run of mfs: connects the library, the session, the terminal and the views, then runs what
/// the command line asks for.
struct Program {
  static let interrupted: Int32 = 130

  private let options: Options
  private let context: Context
  private let errorDrawing: Drawing
  private let session: Session

  init(_ options: Options) {
    self.options = options
    if let threads = options.threads { setenv("MFS_THREADS", "\(threads)", 1) }
    signal(SIGPIPE, SIG_IGN)
    Signals.catchInterrupts()
    Terminal.adoptLetters()
    let drawing = Drawing.chosen(
      options.color, isTerminal: Terminal.isTerminal(STDOUT_FILENO),
      isUnicode: Terminal.isUnicode)
    errorDrawing = Drawing.chosen(
      options.color, isTerminal: Terminal.isTerminal(STDERR_FILENO),
      isUnicode: Terminal.isUnicode)
    let size = Terminal.size
    let display = DisplaySettings.current(
      progress: options.progress, drawing: drawing, keepsOnInterrupt: options.opensPrompt)
    context = Context(
      output: { StandardOutput.shared.write(Plainer.text($0, drawing)) }, width: size.width,
      height: size.height,
      drawing: drawing, arguments: options.arguments,
      ask: { [questioner = Questioner(inputIsProgram: options.file == "-")] question in
        try questioner.ask(question)
      },
      trainingLoop: { TrainingDisplay.loop(view: $0, settings: display) })
    context.noteOutput = { [errorDrawing] in writeError(Plainer.text($0, errorDrawing)) }
    if let seed = options.seed { context.random = Random(seed: UInt64(bitPattern: Int64(seed))) }
    session = Session(library: StandardLibrary.library, context: context)
  }

  /// Runs everything in order and returns the exit code.
  func run() -> Int32 {
    for source in sources {
      guard let source = source() else { return Interrupt.isRequested ? Self.interrupted : 1 }
      let status = perform(source.text, echo: source.echo)
      if status != 0 && !options.stays { return status }
    }
    guard options.opensPrompt else { return 0 }
    let keepsHistory = Terminal.isTerminal(STDIN_FILENO)
    Repl(
      session: session, context: context, errors: errorDrawing,
      history: History(path: keepsHistory ? History.standardPath : nil),
      limits: options.limits
    ).run()
    return 0
  }

  /// What the command line names, read when its turn comes.
  private var sources: [() -> (text: SourceText, echo: Bool)?] {
    if let file = options.file { return [{ read(file).map { ($0, false) } }] }
    let codes = options.codes
    return codes.enumerated().map { index, code in
      { (SourceText(name: codes.count == 1 ? "-e" : "-e \(index + 1)", text: code), true) }
    }
  }

  /// The program text; says why when there is none.
  private func read(_ file: String) -> SourceText? {
    let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
    defer { if descriptor > STDIN_FILENO { close(descriptor) } }
    do {
      let bytes = try readAll(from: descriptor)
      return SourceText(
        name: file == "-" ? "standard input" : file, text: String(decoding: bytes, as: UTF8.self))
    } catch {
      if !Interrupt.isRequested { writeError("mfs: cannot read '\(file)': \(error)\n") }
      return nil
    }
  }

  private func perform(_ source: SourceText, echo: Bool) -> Int32 {
    let running = RunningSession(session)
    let failure = Runner.run(
      limits: options.limits,
      hanging: { requests in
        // The process ends anyway: nobody has to wait for the rest of a slow step.
        if requests > 1 { leave(Self.interrupted) }
        writeError("mfs: stopping after this step; Ctrl-C again stops now\n")
      },
      overrunning: {
        writeError("mfs: a limit is reached, and the program does not stop\n")
        leave(Failure.limit)
      }
    ) { running.run(source, echo: echo) }
    StandardOutput.shared.flush()
    guard let failure else { return 0 }
    if StandardOutput.shared.failure == nil, !failure.isInterruption {
      writeError(
        options.json
          ? failure.json : failure.rendered(style: errorDrawing, width: context.width))
    }
    return failure.exitCode
  }
}
