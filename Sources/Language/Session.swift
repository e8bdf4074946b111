import Glibc
import Matrices
import Vocabulary

/// A running program: a library, variables, chance. Sources run in it one after the other.
///
///     text → Lexer → tokens → Parser → tree → Resolver → program → evaluate → value
///
/// Each stage takes the result of the one before and nothing else. A source that fails at any
/// stage changes nothing: variables, chance and the last answer are what they were.
package final class Session {
  package let library: Library
  package let context: Context
  private let machine: Machine
  private let namespace = Namespace()
  private let modules = Modules()

  package init(library: Library, context: Context) {
    self.library = library
    self.context = context
    machine = Machine(context: context)
  }

  deinit {
    namespace.clear()
    machine.letGo()
    for module in modules.byPath.values { module.namespace.clear() }
  }

  // MARK: Running

  /// Runs a source: a file, or one input of a prompt, which shows its values when `echo` is on.
  /// With `checking` a program that is certain to fail does not start.
  package func run(_ source: SourceText, echo: Bool, checking: Bool = false) throws(Failure) {
    _ = try perform(source, isPrompt: echo, checking: checking)
  }

  /// Runs a source silently and returns the value of its last statement.
  package func evaluate(_ source: SourceText) throws(Failure) -> Value {
    try perform(source, isPrompt: false)
  }

  /// Looks for mistakes in a source without running it: what cannot be read, names, calls, kinds
  /// and shapes.
  package func check(_ source: SourceText) throws(Failure) {
    let snapshot = namespace.snapshot
    let known = modules.byPath
    defer {
      namespace.restore(snapshot)
      modules.byPath = known
    }
    let (_, findings) = try resolve(source, isPrompt: false, checking: true, isAboutToRun: false)
    try refuse(findings)
  }

  /// What can be said of the value of a source without running it; `nil` where it cannot be read.
  package func forecast(_ source: SourceText) -> Forecast? {
    let snapshot = namespace.snapshot
    defer { namespace.restore(snapshot) }
    let parsed = Parser.parse(source)
    guard parsed.errors.isEmpty else { return nil }
    let checker = Checker(library: library, files: ProgramFiles())
    checker.state.globals = knownVariables
    return checker.forecast(parsed.block)
  }

  /// Fails with what was found, if anything.
  private func refuse(_ findings: [Checker.Finding]) throws(Failure) {
    guard !findings.isEmpty else { return }
    let sorted = findings.sorted { $0.fault.range.lower < $1.fault.range.lower }
    throw Failure(
      diagnostics: sorted.prefix(Parser.mostErrors).map { Diagnostic($0.fault) },
      exitCode: Failure.check)
  }

  private func perform(_ source: SourceText, isPrompt: Bool, checking: Bool = false)
    throws(Failure) -> Value
  {
    let before = (variables: namespace.snapshot, random: context.random, modules: modules.byPath)
    do {
      let (program, findings) = try resolve(source, isPrompt: isPrompt, checking: checking)
      try refuse(findings.filter(\.isCertain))
      return try evaluate(program)
    } catch {
      namespace.restore(before.variables)
      context.random = before.random
      modules.byPath = before.modules
      throw error
    }
  }

  /// The program of a source, and what is wrong with it as far as that is seen before it runs.
  private func resolve(
    _ source: SourceText, isPrompt: Bool, checking: Bool, isAboutToRun: Bool = true
  ) throws(Failure) -> (Node, [Checker.Finding]) {
    let parsed = Parser.parse(source, isPrompt: isPrompt)
    guard parsed.errors.isEmpty else {
      throw Failure(
        diagnostics: parsed.errors.map { Diagnostic($0) }, exitCode: Failure.check)
    }
    let known = checking ? knownVariables : [:]
    // What was there before may write files when it is called.
    let isFresh = known.isEmpty && modules.byPath.isEmpty
    let file = source.directory.map { SourceFile.canonical("\($0)/\(source.fileName)") }
    let resolver = Resolver(
      source, library: library, machine: machine, namespace: namespace, modules: modules,
      isPrompt: isPrompt, files: file.map { [$0] } ?? [])
    let program = resolver.program(parsed.block)
    let diagnostics =
      resolver.syntaxErrors.prefix(Parser.mostErrors).map { Diagnostic($0) }
      + resolver.errors.prefix(Parser.mostErrors).map { Diagnostic($0) }
    guard diagnostics.isEmpty else {
      if Interrupt.isRequested { throw Failure.stopped }
      throw Failure(
        diagnostics: Array(diagnostics.prefix(Parser.mostErrors)), exitCode: Failure.check)
    }
    guard checking else { return (program, []) }
    let checker = Checker(
      library: library, files: resolver.blocks, context: isFresh ? context : nil,
      isAboutToRun: isAboutToRun)
    checker.state.globals = known
    return (program, checker.check(parsed.block))
  }

  /// What the variables of the session are, for a check of what comes next.
  private var knownVariables: [String: CheckState.Variable] {
    var known: [String: CheckState.Variable] = [:]
    for (name, value) in variables {
      known[name] = CheckState.Variable(known: Known(value), origin: origin(of: name))
    }
    return known
  }

  private func evaluate(_ program: Node) throws(Failure) -> Value {
    machine.enterThread()
    machine.reset()
    defer { machine.reset() }
    do {
      let value = try machine.withFrame { try program.evaluate($0) }
      try Interrupt.check()
      return value
    } catch _ where Interrupt.isRequested {
      // What a stop leaves behind can look like any error.
      throw Failure.stopped
    } catch let fault as Fault {
      let isAssertion = if case .assertion = fault.kind { true } else { false }
      throw Failure(
        diagnostics: [Diagnostic(fault)],
        exitCode: isAssertion ? Failure.assertion : Failure.runtime)
    } catch is Interrupted {
      throw Failure.stopped
    } catch {
      throw Failure(
        diagnostics: [Diagnostic(Fault(.foreign("\(error)"), at: program.range))],
        exitCode: Failure.runtime)
    }
  }

  // MARK: Looking

  /// The variables in the order in which they were made.
  package var variables: [(name: String, value: Value)] {
    namespace.order.compactMap { name in
      namespace[name]?.slot.pointee.value.map { (name, $0) }
    }
  }

  /// The value of a variable.
  package subscript(name: String) -> Value? { namespace[name]?.slot.pointee.value }

  /// Gives a variable a value from outside.
  package func define(_ name: String, _ value: Value) {
    namespace.declare(name).slot.pointee.value = value
  }

  /// Where a variable was last assigned.
  package func origin(of name: String) -> SourceRange? {
    namespace[name].flatMap { machine.origin($0.slot.pointee.site) }
  }

  /// The words of the language, for completion.
  package static let keywords = Keyword.allCases.map(\.rawValue) + Resolver.intrinsics

  // MARK: Completeness

  /// Whether a text is ready to run.
  package enum Completeness: Sendable {
    case complete
    /// Something is still open: the prompt asks for another line.
    case incomplete
    /// More text would not help.
    case wrong
  }

  /// Whether a text typed at the prompt is ready to run.
  package static func completeness(of text: String) -> Completeness {
    let source = SourceText(name: "", text: text)
    // What describes a function stands above it: the function is still to come.
    let lastLine = source.lineRange(source.lineStarts.count - 1)
    if source.isDocumentation(lastLine) { return .incomplete }
    let parsed = Parser.parse(source, isPrompt: true)
    if parsed.isIncomplete { return .incomplete }
    return parsed.errors.isEmpty ? .complete : .wrong
  }

  // MARK: Stack

  /// Runs a body on a thread with a stack large enough for deep recursion, and waits for it.
  package static func withLargeStack<R: Sendable>(_ body: @escaping @Sendable () -> R) -> R {
    LargeStack.run(body)
  }
}

extension SourceText {
  /// The last part of the name.
  var fileName: String {
    name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
  }
}
