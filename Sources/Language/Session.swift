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
    for module in modules.byPath.values { module.namespace.clear() }
  }

  // MARK: Running

  /// Runs a source: a file, or one input of a prompt, which shows its values when `echo` is on.
  package func run(_ source: SourceText, echo: Bool) throws(Failure) {
    _ = try perform(source, isPrompt: echo)
  }

  /// Runs a source silently and returns the value of its last statement.
  package func evaluate(_ source: SourceText) throws(Failure) -> Value {
    try perform(source, isPrompt: false)
  }

  /// Reads a source and resolves its names without running it.
  package func check(_ source: SourceText) throws(Failure) {
    let snapshot = namespace.snapshot
    let known = modules.byPath
    defer {
      namespace.restore(snapshot)
      modules.byPath = known
    }
    _ = try resolve(source, isPrompt: false)
  }

  private func perform(_ source: SourceText, isPrompt: Bool) throws(Failure) -> Value {
    let before = (variables: namespace.snapshot, random: context.random, modules: modules.byPath)
    do {
      let program = try resolve(source, isPrompt: isPrompt)
      return try evaluate(program)
    } catch {
      namespace.restore(before.variables)
      context.random = before.random
      modules.byPath = before.modules
      throw error
    }
  }

  private func resolve(_ source: SourceText, isPrompt: Bool) throws(Failure) -> Node {
    let parsed = Parser.parse(source, isPrompt: isPrompt)
    guard parsed.errors.isEmpty else {
      throw Failure(
        diagnostics: parsed.errors.map { Diagnostic($0) }, exitCode: Failure.check)
    }
    let file = source.directory.map { SourceFile.canonical("\($0)/\(source.fileName)") }
    let resolver = Resolver(
      source, library: library, machine: machine, namespace: namespace, modules: modules,
      isPrompt: isPrompt, files: file.map { [$0] } ?? [])
    let program = resolver.program(parsed.block)
    let diagnostics =
      resolver.syntaxErrors.map { Diagnostic($0) } + resolver.errors.map { Diagnostic($0) }
    guard diagnostics.isEmpty else {
      if Interrupt.isRequested { throw Failure.stopped }
      throw Failure(
        diagnostics: Array(diagnostics.prefix(Parser.mostErrors)), exitCode: Failure.check)
    }
    return program
  }

  private func evaluate(_ program: Node) throws(Failure) -> Value {
    machine.enterThread()
    machine.reset()
    defer { machine.reset() }
    do {
      let value = try machine.withFrame(slots: 0, cells: []) { try program.evaluate($0) }
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
