import Matrices
import Training
import Vocabulary

/// An argument of a call.
struct ArgumentNode {
  let name: String?
  let nameRange: SourceRange?
  let node: Node
  let site: Int32
}

/// `f(x, k=3)`, and `x |> f(k=3)` with `x` as the first argument.
final class CallNode: Node {
  let callee: Node
  let arguments: [ArgumentNode]
  private let isPositional: Bool

  init(_ callee: Node, _ arguments: [ArgumentNode], _ range: SourceRange) {
    self.callee = callee
    self.arguments = arguments
    isPositional = arguments.allSatisfy { $0.name == nil }
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try callee.evaluate(frame)
    guard case .function(let callable) = value else {
      throw Fault(.notCallable(callee.operand(value, frame)), at: range)
    }
    if type(of: callable) == UserFunction.self {
      return try call(unsafeDowncast(callable, to: UserFunction.self), frame)
    }
    return try call(callable, frame)
  }

  /// A function written in the language: arguments go straight into its variables.
  private func call(_ function: UserFunction, _ frame: Frame) throws -> Value {
    let code = function.code
    let accepted = code.signature.parameters.count
    if isPositional, arguments.count <= accepted,
      arguments.count == accepted || code.standards[arguments.count] != nil
    {
      do {
        return try function.invoke { locals in
          for (index, argument) in arguments.enumerated() {
            if let number = argument.node.number(frame) {
              locals[index].value = .number(number)
            } else {
              do { locals[index].value = try argument.node.evaluate(frame) } catch {
                throw ArgumentFailure(error: error)
              }
            }
            locals[index].site = argument.site
          }
        }
      } catch let failure as ArgumentFailure {
        throw failure.error
      } catch var fault as Fault {
        fault.pass(through: code.name, at: range)
        throw fault
      } catch is TooDeep {
        throw Fault(.tooDeep(code.name), at: range)
      }
    }
    return try call(function as any Callable, frame)
  }

  /// An error in an argument, which is not an error in the function.
  private struct ArgumentFailure: Error {
    let error: any Error
  }

  private func call(_ callable: any Callable, _ frame: Frame) throws -> Value {
    var given = Arguments()
    given.positional.reserveCapacity(arguments.count)
    for argument in arguments {
      let value = try argument.node.evaluate(frame)
      if let name = argument.name {
        given.named.append((name, value))
      } else {
        given.positional.append(value)
      }
    }
    do {
      try Interrupt.check()
      let value = try callable.call(given, frame.machine.context)
      if Interrupt.isRequested { throw Interrupted() }
      return value
    } catch {
      throw translate(error, callable.signature, given, frame)
    }
  }

  /// An error of the called thing, with the places of the arguments it is about.
  private func translate(
    _ error: any Error, _ signature: Signature, _ given: Arguments, _ frame: Frame
  ) -> any Error {
    // A stop that came in the middle leaves errors behind that say nothing.
    if Interrupt.isRequested { return Interrupted() }
    switch error {
    case let error as CallError:
      return Fault(
        .argument(
          error, callee: signature, calleeRange: callee.range,
          places: places(signature, given, frame)), at: range)
    case let problem as Problem:
      return Fault(
        .builtin(problem, callee: signature.name, places: places(signature, given, frame)),
        at: callee.range)
    case let error as ShapeError:
      return Fault(
        .builtinShape(error, callee: signature.name, places: places(signature, given, frame)),
        at: callee.range)
    case TrainingError.diverged(let step):
      return Fault(.diverged(step: step, callee: signature.name), at: range)
    case var fault as Fault:
      if fault.calls.last?.range == nil, let last = fault.calls.indices.last {
        fault.calls[last].range = range
      }
      return fault
    case is TooDeep: return Fault(.tooDeep(signature.name), at: range)
    case is Interrupted, is Jump: return error
    default: return Fault(.foreign("\(error)"), at: range)
    }
  }

  /// Which argument fills which parameter.
  private func places(_ signature: Signature, _ given: Arguments, _ frame: Frame) -> [Fault.Place] {
    var places: [Fault.Place] = []
    var position = 0
    var named = 0
    let open = signature.parameters.filter(\.isPositional)
    for argument in arguments {
      if let name = argument.name {
        let operand = argument.node.operand(given.named[named].value, frame)
        places.append(
          Fault.Place(
            parameter: name, given: .name(name), nameRange: argument.nameRange, operand: operand))
        named += 1
      } else {
        let operand = argument.node.operand(given.positional[position], frame)
        var parameter: String?
        if position < open.count { parameter = open[position].name }
        if let rest = open.firstIndex(where: \.takesRest), position >= rest {
          parameter = open[rest].name
        }
        places.append(
          Fault.Place(parameter: parameter, given: .position(position), operand: operand))
        position += 1
      }
    }
    return places
  }
}

/// `error("…")` and `error(e)`: raises an error of the program's own. With anything else it is the
/// builtin of the same name, if the library has one.
final class RaiseNode: Node {
  let arguments: [ArgumentNode]
  let otherwise: Node?

  init(_ arguments: [ArgumentNode], otherwise: Node?, _ range: SourceRange) {
    self.arguments = arguments
    self.otherwise = otherwise
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    guard let first = arguments.first, arguments.count == 1, first.name == nil else {
      if let otherwise { return try otherwise.evaluate(frame) }
      throw needsText(nil, frame)
    }
    let value = try first.node.evaluate(frame)
    switch value {
    case .text(let message): throw Fault(.raised(message: message, kind: "error"), at: range)
    case .record(let record):
      guard case .text(let message)? = record["message"] else { break }
      var kind = "error"
      if case .text(let known)? = record["kind"] { kind = known }
      throw Fault(.raised(message: message, kind: kind), at: range)
    default: break
    }
    if let otherwise { return try otherwise.evaluate(frame) }
    throw needsText(first.node.operand(value, frame), frame)
  }

  private func needsText(_ operand: Fault.Operand?, _ frame: Frame) -> Fault {
    let places = operand.map {
      [Fault.Place(parameter: "message", given: .position(0), operand: $0)]
    }
    return Fault(
      .builtin(
        Problem(
          .type, "'error' needs a text that says what is wrong", at: "message",
          label: operand?.label ?? "", help: "as in error(\"the rank must be positive\")"),
        callee: "error", places: places ?? []), at: range)
  }
}

/// `assert(condition, message)`: an error that shows the values of the condition, unless it holds.
final class AssertNode: Node {
  let condition: Node
  let message: Node?

  init(_ condition: Node, message: Node?, _ range: SourceRange) {
    self.condition = condition
    self.message = message
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var operands: [Fault.Operand] = []
    let value: Value
    if let comparison = condition as? Calculation {
      let a = try comparison.left.evaluate(frame)
      let b = try comparison.right.evaluate(frame)
      value = try comparison.apply(a, b, frame)
      operands = [(comparison.left, a), (comparison.right, b)].compactMap { node, value in
        node is Constant ? nil : shown(node, value, frame)
      }
    } else {
      value = try condition.evaluate(frame)
    }
    switch value {
    case .boolean(true): return .nothing
    case .boolean(false): break
    case .matrix(let matrix) where matrix.isLogical:
      if matrix.elements.allSatisfy({ $0 != 0 }) { return .nothing }
      if operands.isEmpty { operands = [shown(condition, value, frame)] }
    default:
      throw Fault(.condition(condition.operand(value, frame)), at: condition.range)
    }
    var text: String?
    if let message {
      let value = try message.evaluate(frame)
      text = value.printed
    }
    throw Fault(
      .assertion(message: text, values: operands, condition: condition.range.text),
      at: (condition as? Calculation)?.sign ?? condition.range)
  }

  /// An operand that shows its value rather than its kind.
  private func shown(_ node: Node, _ value: Value, _ frame: Frame) -> Fault.Operand {
    var operand = node.operand(value, frame)
    operand.label = value.brief(width: 40)
    return operand
  }
}
