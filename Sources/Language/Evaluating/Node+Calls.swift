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
  private let values: NodeList
  private let sites: UnsafeMutablePointer<Int32>
  /// The variable of the program that holds the callee, if it is one.
  private let memory: UnsafeMutablePointer<Slot>?
  /// The function that was called here first, if a variable of the program held it and it captures
  /// nothing. The machine keeps it alive, so that calling it again does not count references.
  private var known: FunctionEntry?
  /// The function of elements that is called, if it is one.
  private let function: ElementwiseFunction?
  /// What the call is on small traced values, if it has a code.
  private let small: SmallCall?

  init(_ callee: Node, _ arguments: [ArgumentNode], _ range: SourceRange) {
    self.callee = callee
    self.arguments = arguments
    isPositional = arguments.allSatisfy { $0.name == nil }
    values = NodeList(arguments.map(\.node))
    sites = .allocate(capacity: max(arguments.count, 1))
    for (index, argument) in arguments.enumerated() {
      (sites + index).initialize(to: argument.site)
    }
    memory = (callee as? GlobalRead)?.memory
    var builtin: Builtin?
    if arguments.count == 1, isPositional,
      case .function(let callable)? = (callee as? Constant)?.value
    {
      builtin = callable as? Builtin
    }
    function = builtin?.elementwise
    small = builtin.flatMap { SmallCall($0) }
    super.init(range)
  }

  deinit { sites.deallocate() }

  override var isQuick: Bool {
    guard let function else { return false }
    return !function.isLogical && values.with(0) { $0.isQuick }
  }

  override func number(_ frame: Frame) -> Double? {
    guard let function, !function.isLogical, let x = values.with(0, { $0.number(frame) }) else {
      return nil
    }
    return function(x)
  }

  override var canDefer: Bool { function != nil }

  override func deferred(_ frame: Frame) throws -> Deferrable {
    guard let function, case .function(let callable) = try callee.evaluate(frame) else {
      return .value(try evaluate(frame))
    }
    let argument = try values.with(0) { try $0.deferred(frame) }
    if let small, case .value(let value) = argument, value.isTraced,
      let result = Arithmetic.called(small, value)
    {
      return .value(result)
    }
    if let result = argument.mapped(function) {
      try Interrupt.check()
      return .deferred(result)
    }
    return .value(
      try call(callable, Arguments([try argument.settled()]), frame))
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    if let memory, let known, memory.holds(known.function) { return try enter(known, frame) }
    return try evaluateUnknown(frame)
  }

  /// Evaluates a call of something else than the function that is known.
  @inline(never)
  private func evaluateUnknown(_ frame: Frame) throws -> Value {
    if function != nil { return try deferred(frame).settled() }
    if case .total(let reduction)? = small { return try total(reduction, frame) }
    let value = try callee.evaluate(frame)
    guard case .function(let callable) = value else {
      throw Fault(.notCallable(callee.operand(value, frame)), at: range)
    }
    guard type(of: callable) == UserFunction.self else { return try call(callable, frame) }
    let function = unsafeDowncast(callable, to: UserFunction.self)
    let code = function.code
    let accepted = code.signature.parameters.count
    guard isPositional, arguments.count <= accepted,
      arguments.count == accepted || code.standards[arguments.count] != nil
    else { return try call(callable, frame) }
    if memory != nil, known == nil, function.capturesNothing {
      frame.machine.keep(function)
      known = FunctionEntry(function)
    }
    return try withExtendedLifetime(function) { try enter(FunctionEntry(function), frame) }
  }

  /// The sum or mean of all elements, without the ceremony of a call where nothing can go wrong.
  private func total(_ step: SmallStep, _ frame: Frame) throws -> Value {
    let argument = try values.with(0) { try $0.evaluate(frame) }
    if argument.isTraced {
      if let result = Arithmetic.called(.total(step), argument) { return result }
    } else if case .matrix(let matrix) = argument, !matrix.isEmpty {
      let number = matrix.total(step == .mean ? .mean : .sum)
      try Interrupt.check()
      return .number(number)
    }
    guard case .function(let callable) = try callee.evaluate(frame) else { return .nothing }
    return try call(callable, Arguments([argument]), frame)
  }

  /// Calls a function written in the language: arguments go straight into its variables.
  private func enter(_ entry: FunctionEntry, _ frame: Frame) throws -> Value {
    guard !Interrupt.isRequested, let locals = frame.machine.open(slots: entry.slots) else {
      throw refusal(entry)
    }
    var made = 0
    do {
      while made < values.count {
        let value = try values.with(made) { try $0.evaluate(frame) }
        (locals + made).initialize(to: Slot(value: value, site: sites[made]))
        made &+= 1
      }
    } catch {
      frame.machine.close(locals, slots: entry.slots, made: made)
      throw error
    }
    while made < entry.slots {
      (locals + made).initialize(to: .empty)
      made &+= 1
    }
    do {
      let value = try entry.run(locals, frame.machine)
      frame.machine.close(locals, slots: entry.slots, made: made)
      return value
    } catch {
      frame.machine.close(locals, slots: entry.slots, made: made)
      throw passed(error, entry)
    }
  }

  /// Why a call did not begin.
  @inline(never)
  private func refusal(_ entry: FunctionEntry) -> any Error {
    if Interrupt.isRequested { return Interrupted() }
    return Fault(.tooDeep(entry.function.takeUnretainedValue().code.name), at: range)
  }

  /// An error that left a function.
  @inline(never)
  private func passed(_ error: any Error, _ entry: FunctionEntry) -> any Error {
    guard var fault = error as? Fault else { return error }
    fault.pass(through: entry.function.takeUnretainedValue().code.name, at: range)
    return fault
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
    return try call(callable, given, frame)
  }

  private func call(_ callable: any Callable, _ given: Arguments, _ frame: Frame) throws -> Value {
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

/// A call of a builtin that is a code in the record of a gradient.
enum SmallCall {
  case function(ElementwiseFunction)
  case total(SmallStep)

  /// With a single argument; `nil` for a builtin that has no code.
  init?(_ builtin: Builtin) {
    if let function = builtin.elementwise, builtin.hasRule {
      self = .function(function)
    } else if let total = builtin.total {
      self = .total(total)
    } else {
      return nil
    }
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
    guard let failure = try failure(of: condition, frame) else { return .nothing }
    var text: String?
    if let message { text = try message.evaluate(frame).printed }
    throw Fault(
      .assertion(message: text, values: failure.operands, condition: condition.range.text),
      at: failure.range)
  }

  private typealias Failure = (operands: [Fault.Operand], range: SourceRange)

  /// Why a condition does not hold: the operands of the comparison that fails; `nil` when it holds.
  private func failure(of node: Node, within sign: String? = nil, _ frame: Frame) throws
    -> Failure?
  {
    if let both = node as? ShortCircuit {
      let sign = both.isAnd ? "&&" : "||"
      guard let first = try failure(of: both.left, within: sign, frame) else {
        return both.isAnd ? try failure(of: both.right, within: sign, frame) : nil
      }
      if both.isAnd { return first }
      guard let second = try failure(of: both.right, within: sign, frame) else { return nil }
      return (first.operands + second.operands, both.range)
    }
    let value: Value
    var operands: [Fault.Operand] = []
    if let comparison = node as? Calculation {
      let a = try comparison.left.evaluate(frame)
      let b = try comparison.right.evaluate(frame)
      value = try comparison.apply(a, b, frame)
      operands = [(comparison.left, a), (comparison.right, b)].compactMap { node, value in
        node is Constant ? nil : shown(node, value, frame)
      }
    } else {
      value = try node.evaluate(frame)
    }
    if let sign, Arithmetic.isTrue(value) == nil {
      throw Fault(.truth(node.operand(value, frame), sign: sign), at: node.range)
    }
    switch value {
    case .boolean(true): return nil
    case .boolean(false): break
    case .matrix(let matrix) where matrix.isLogical:
      if matrix.elements.allSatisfy({ $0 != 0 }) { return nil }
      if operands.isEmpty { operands = [shown(node, value, frame)] }
    default: throw Fault(.condition(node.operand(value, frame)), at: node.range)
    }
    return (operands, (node as? Calculation)?.sign ?? node.range)
  }

  /// An operand that shows its value rather than its kind.
  private func shown(_ node: Node, _ value: Value, _ frame: Frame) -> Fault.Operand {
    var operand = node.operand(value, frame)
    operand.label = value.brief(width: 40)
    return operand
  }
}

extension UnsafeMutablePointer<Slot> {
  /// Whether the variable holds this function.
  @inline(__always)
  fileprivate func holds(_ function: Unmanaged<UserFunction>) -> Bool {
    guard case .function(let callable)? = pointee.value else { return false }
    return Unmanaged.passUnretained(callable as AnyObject).toOpaque() == function.toOpaque()
  }
}
