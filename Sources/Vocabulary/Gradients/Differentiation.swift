import Autodiff
import Matrices

/// Gradients of functions of the language.
package enum Differentiation {
  /// A value and the gradients in some parameters, each of the form of its parameter.
  package struct Result {
    package var value: Value
    package var gradients: [Value]
  }

  /// The value of `f(parameters…)`, which must be one number, and its gradients in the
  /// parameters: numbers, matrices, or lists and records of them.
  package static func run(
    _ f: any Callable, at parameters: [Value], _ context: Context
  ) throws -> Result {
    try run(f, at: ParameterForm(parameters), context)
  }

  /// The same at parameters whose form is known.
  package static func run(_ f: any Callable, at form: ParameterForm, _ context: Context) throws
    -> Result
  {
    let (value, gradients) = try run(f, at: form, others: [], context)
    return Result(value: value, gradients: form.rebuilt(gradients.map { Value($0) }))
  }

  /// The value of `f(parameters…, others…)`, and the gradients in each number and matrix of the
  /// parameters.
  package static func run(
    _ f: any Callable, at form: ParameterForm, others: [Value], _ context: Context
  ) throws -> (value: Value, gradients: [Trace]) {
    if let tape = context.tape {
      let (end, gradients) = try run(f, at: form, others, on: tape, context)
      return (Value(end), gradients)
    }
    var tape = context.idleTape.take() ?? Tape()
    context.tape = tape
    defer {
      context.tape = nil
      // A value that was kept somewhere knows its tape, which is then no longer written to.
      if isKnownUniquelyReferenced(&tape), tape.isWorthKeeping {
        tape.reset()
        context.idleTape = tape
      }
    }
    return try outermost(f, at: form, others, on: tape, context)
  }

  /// Keeps nothing that knows the tape.
  @inline(never)
  private static func outermost(
    _ f: any Callable, at form: ParameterForm, _ others: [Value], on tape: Tape,
    _ context: Context
  ) throws -> (value: Value, gradients: [Trace]) {
    let (end, gradients) = try run(f, at: form, others, on: tape, context)
    return (Value(end.value), gradients)
  }

  private static func run(
    _ f: any Callable, at form: ParameterForm, _ others: [Value], on tape: Tape,
    _ context: Context
  ) throws -> (end: Trace, gradients: [Trace]) {
    tape.open()
    defer { tape.close() }
    let start = tape.count
    let leaves = form.leaves.map { Value.object(Traced(tape, tape.leaf($0))) }
    let range = start..<start + leaves.count
    let arguments = form.rebuilt(leaves) + others
    let value: Value
    do { value = try f.call(Arguments(arguments), context) } catch let error as CallError {
      throw misfit(error, f, given: arguments.count)
    }
    let end = try number(value, of: f)
    do { return (end, try tape.gradients(of: end, in: range)) } catch let error
      as DecompositionError
    {
      throw Problem(error, of: .zeros(0, 0))
    } catch let error as DerivativeError {
      throw Problem(error)
    }
  }

  /// A function that takes other arguments than it gets.
  private static func misfit(_ error: CallError, _ f: any Callable, given: Int) -> any Error {
    let name = f.signature.name
    let count = "\(given) argument\(given == 1 ? "" : "s")"
    switch error {
    case .missing(let parameter, _):
      return Problem(
        .type, "'\(name)' needs '\(parameter)' too: it gets \(count) here", at: "f",
        help: "give a place for each of its parameters, or a default to \(parameter)")
    case .tooMany(let accepted, _, _, _):
      return Problem(
        .type, "'\(name)' takes \(accepted), and gets \(count) here", at: "f",
        help: "as in x -> \(name)(x)")
    case .unknownName, .duplicate: return error
    }
  }

  /// What a function returned, which must be one number.
  private static func number(_ value: Value, of f: any Callable) throws -> Trace {
    if let end = Trace(value), end.value.count == 1 {
      if case .matrix = end.value { return end.element(0, 0) }
      return end
    }
    var help = "return the loss as a number"
    var remedy: Problem.Remedy?
    if case .matrix = value.plain {
      help = "sum(…) or mean(…) makes one number of it"
      let names = f.signature.parameters.map(\.name).joined(separator: ", ")
      let head = f.signature.parameters.count == 1 ? names : "(\(names))"
      remedy = .rewriting("f", as: "\(head) -> sum($(\(names)))")
    }
    if case .nothing = value { help = "the last line of the function is its value" }
    throw Problem(
      .shape, "a gradient needs a function that returns one number", at: "f",
      label: "returned \(value.plain.label)", help: help, remedy: remedy)
  }
}

/// Parameters as a user gives them, and the numbers and matrices inside, in order.
package struct ParameterForm {
  private let values: [Value]
  /// The numbers and matrices; traced where an outer gradient is taken in them.
  package private(set) var leaves: [Trace] = []
  /// Where each is found: `W` of a record, `2` of a list, `` when it is the parameter itself.
  package private(set) var paths: [String] = []

  /// Refuses what no gradient is taken in.
  package init(_ values: [Value]) throws {
    self.values = values
    for value in values { try collect(value, "") }
  }

  private mutating func collect(_ value: Value, _ path: String) throws {
    let prefix = path.isEmpty ? "" : path + "."
    switch value {
    case .list(let list):
      for (place, part) in list.enumerated() { try collect(part, "\(prefix)\(place + 1)") }
    case .record(let record):
      for (key, part) in zip(record.keys, record.values) { try collect(part, prefix + key) }
    case .number, .matrix, .range, .object:
      guard let trace = Trace(value) else { throw Self.notNumeric(value, path) }
      leaves.append(trace)
      paths.append(path)
    case .nothing, .boolean, .text, .function: throw Self.notNumeric(value, path)
    }
  }

  private static func notNumeric(_ value: Value, _ path: String) -> Problem {
    Problem(
      .type, "gradients are taken in numbers and matrices, or lists and records of them",
      at: "parameters", label: path.isEmpty ? value.label : "'\(path)' is \(value.label)",
      help: "keep the rest in a function of the parameters alone: p -> loss(p, \"kl\")")
  }

  /// The same form with other numbers and matrices.
  package func with(_ leaves: [Trace]) -> ParameterForm {
    var copy = self
    copy.leaves = leaves
    return copy
  }

  /// Values of the same form with other leaves.
  package func rebuilt(_ leaves: [Value]) -> [Value] {
    var rest = leaves[...]
    return values.map { rebuilt($0, &rest) }
  }

  private func rebuilt(_ value: Value, _ leaves: inout ArraySlice<Value>) -> Value {
    switch value {
    case .list(let list): .list(list.map { rebuilt($0, &leaves) })
    case .record(let record):
      .record(
        Record(zip(record.keys, record.values).map { ($0, rebuilt($1, &leaves)) }))
    default: leaves.popFirst() ?? .nothing
    }
  }
}
