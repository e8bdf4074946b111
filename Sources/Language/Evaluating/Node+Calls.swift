import Matrices
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
  /// Where its arguments go, if some have names.
  private var knownPlaces: [Int] = []
  /// The function that arguments with names went to last, by its number, and where they went.
  private var named = (code: -1, places: [Int]())
  /// The function of elements that is called, if it is one.
  private let function: ElementwiseFunction?
  /// The operation on two numbers that is called, if it is one.
  private let operation: ((Double, Double) -> Double)?
  /// What the call is on small traced values, if it has a code.
  private let small: SmallCall?
  /// The builtin that is called, if it is one, with its arguments in their places.
  private let bound: BoundCall?

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
    if case .function(let callable)? = (callee as? Constant)?.value {
      builtin = callable as? Builtin
    }
    bound = builtin.flatMap { BoundCall($0, arguments) }
    let single = arguments.count == 1 && isPositional ? bound?.builtin : nil
    function = single?.elementwise
    small = single.flatMap { SmallCall($0) }
    operation = arguments.count == 2 && isPositional ? bound?.builtin.operation?.ofNumbers : nil
    super.init(range)
  }

  deinit { sites.deallocate() }

  override var isQuick: Bool {
    if operation != nil { return values.with(0) { $0.isQuick } && values.with(1) { $0.isQuick } }
    guard let function else { return false }
    return !function.isLogical && values.with(0) { $0.isQuick }
  }

  override func number(_ frame: Frame) -> Double? {
    if let operation {
      guard let x = values.with(0, { $0.number(frame) }),
        let y = values.with(1, { $0.number(frame) })
      else { return nil }
      return operation(x, y)
    }
    guard let function, !function.isLogical, let x = values.with(0, { $0.number(frame) }) else {
      return nil
    }
    return function(x)
  }

  override var canDefer: Bool { function != nil }

  override func deferred(_ frame: Frame) throws -> Deferrable {
    guard let function, let bound else { return .value(try evaluate(frame)) }
    let argument = try values.with(0) { try $0.deferred(frame) }
    if case .value(let value) = argument {
      switch value {
      case .number(let number) where !function.isLogical:
        return .value(.number(function(number)))
      case .matrix(let matrix) where !value.isWorthDeferring:
        try Interrupt.check()
        return .value(.matrix(matrix.mapped(function)))
      case .object where value.isTraced:
        if let small, let result = Arithmetic.called(small, value) { return .value(result) }
      default: break
      }
    }
    if let result = argument.mapped(function) {
      try Interrupt.check()
      return .deferred(result)
    }
    return .value(try call(bound, bound.binding.placed([try argument.settled()]), frame))
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    if let memory, let known, memory.holds(known.function) {
      return isPositional ? try enter(known, frame) : try enter(known, knownPlaces, frame)
    }
    return try evaluateUnknown(frame)
  }

  /// Evaluates a call of something else than the function that is known.
  @inline(never)
  private func evaluateUnknown(_ frame: Frame) throws -> Value {
    if function != nil { return try deferred(frame).settled() }
    if case .total(let step)? = small, let bound { return try total(step, bound, frame) }
    if operation != nil, let number = number(frame) { return .number(number) }
    if let bound { return try call(bound, frame) }
    let value = try callee.evaluate(frame)
    guard case .function(let callable) = value else {
      throw Fault(.notCallable(callee.operand(value, frame)), at: range)
    }
    guard type(of: callable) == UserFunction.self else { return try call(callable, frame) }
    let function = unsafeDowncast(callable, to: UserFunction.self)
    let code = function.code
    let accepted = code.signature.parameters.count
    var places: [Int] = []
    if !isPositional || arguments.count > accepted
      || arguments.count < accepted && code.standards[arguments.count] == nil
    {
      guard let found = self.places(in: code) else { return try call(callable, frame) }
      places = found
    }
    if memory != nil, known == nil, function.capturesNothing {
      frame.machine.keep(function)
      (known, knownPlaces) = (FunctionEntry(function), places)
    }
    return try withExtendedLifetime(function) {
      let entry = FunctionEntry(function)
      return isPositional ? try enter(entry, frame) : try enter(entry, places, frame)
    }
  }

  /// The sum or mean of all elements, without the ceremony of a call where nothing can go wrong.
  private func total(_ step: SmallStep, _ bound: BoundCall, _ frame: Frame) throws -> Value {
    let argument = try values.with(0) { try $0.evaluate(frame) }
    if argument.isTraced {
      if let result = Arithmetic.called(.total(step), argument) { return result }
    } else if case .matrix(let matrix) = argument, !matrix.isEmpty {
      let number = matrix.total(step == .mean ? .mean : .sum)
      try Interrupt.check()
      return .number(number)
    }
    return try call(bound, bound.binding.placed([argument]), frame)
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

  /// Which parameters of a function the arguments go to; `nil` where they do not fit.
  private func places(in code: FunctionCode) -> [Int]? {
    if named.code != code.number {
      guard let binding = try? code.signature.binding(of: arguments.map(\.name)) else { return nil }
      named = (code.number, binding.places)
    }
    return named.places
  }

  /// The same for arguments of which some have names.
  private func enter(_ entry: FunctionEntry, _ places: [Int], _ frame: Frame) throws -> Value {
    guard !Interrupt.isRequested, let locals = frame.machine.open(slots: entry.slots) else {
      throw refusal(entry)
    }
    locals.initialize(repeating: .empty, count: entry.slots)
    defer { frame.machine.close(locals, slots: entry.slots, made: entry.slots) }
    for index in 0..<values.count {
      let value = try values.with(index) { try $0.evaluate(frame) }
      locals[places[index]] = Slot(value: value, site: sites[index])
    }
    do { return try entry.run(locals, frame.machine) } catch { throw passed(error, entry) }
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

  /// Calls a builtin: arguments go straight to their parameters.
  private func call(_ bound: BoundCall, _ frame: Frame) throws -> Value {
    guard bound.isAscending else {
      let given = try arguments.map { try $0.node.evaluate(frame) }
      return try call(bound, bound.binding.placed(given), frame)
    }
    let (standards, places) = (bound.binding.standards, bound.binding.places)
    var given: [Value?] = []
    given.reserveCapacity(standards.count)
    var next = 0
    for place in 0..<standards.count {
      if next < values.count, places[next] == place {
        given.append(try values.with(next) { try $0.evaluate(frame) })
        next &+= 1
      } else {
        given.append(standards[place])
      }
    }
    return try call(bound, given, frame)
  }

  private func call(_ bound: BoundCall, _ given: [Value?], _ frame: Frame) throws -> Value {
    do {
      try Interrupt.check()
      let value = try bound.builtin.call(bound: given, frame.machine.context)
      if Interrupt.isRequested { throw Interrupted() }
      return value
    } catch {
      throw translate(
        error, bound.builtin.signature, bound.arguments(given, arguments.map(\.name)), frame)
    }
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
}

extension UnsafeMutablePointer<Slot> {
  /// Whether the variable holds this function.
  @inline(__always)
  fileprivate func holds(_ function: Unmanaged<UserFunction>) -> Bool {
    guard case .function(let callable)? = pointee.value else { return false }
    return Unmanaged.passUnretained(callable as AnyObject).toOpaque() == function.toOpaque()
  }
}
