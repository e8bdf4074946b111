import Matrices
import Synchronization
import Vocabulary

/// The resolved text of a function, shared by all values made from it.
final class FunctionCode: @unchecked Sendable {
  private static let made = Atomic<Int>(0)

  /// Tells codes apart, also those that are no more.
  let number = made.wrappingAdd(1, ordering: .relaxed).newValue
  let name: String
  let range: SourceRange
  let signature: Signature
  /// The expressions of the defaults, evaluated at each call, in order.
  let standards: [Node?]
  /// How many variables of its own nobody captures; parameters come first.
  let slots: Int
  /// How many variables of its own others capture; its cells begin with them.
  let ownCells: Int
  /// For every parameter the cell it goes to because others capture it.
  let cellOfParameter: [Int?]
  /// Whether there are no defaults and nothing that others capture, so that the body can start
  /// at once.
  let isPlain: Bool
  let body: Node

  init(
    name: String, range: SourceRange, signature: Signature, standards: [Node?], slots: Int,
    ownCells: Int, cellOfParameter: [Int?], body: Node
  ) {
    self.name = name
    self.range = range
    self.signature = signature
    self.standards = standards
    self.slots = slots
    self.ownCells = ownCells
    self.cellOfParameter = cellOfParameter
    self.body = body
    isPlain = ownCells == 0 && standards.allSatisfy { $0 == nil }
  }
}

/// A function written in the language: its code and what it captured.
final class UserFunction: Callable, @unchecked Sendable {
  let code: FunctionCode
  /// What it captured.
  let cells: UnsafeMutablePointer<Variable>
  private let cellCount: Int
  let machine: Machine
  /// How many functions are inside one another by capture; freeing them recurses.
  let nesting: Int

  var signature: Signature { code.signature }
  var documentation: String { code.range.source.documentation(above: code.range.lower) }
  var place: String { "\(code.range.source.name):\(code.range.line)" }
  var capturesNothing: Bool { cellCount == 0 }

  init(_ code: FunctionCode, captured: [Variable], machine: Machine) {
    self.code = code
    cells = .allocate(capacity: max(captured.count, 1))
    cellCount = captured.count
    for (index, variable) in captured.enumerated() { (cells + index).initialize(to: variable) }
    self.machine = machine
    nesting =
      1
      + captured.reduce(0) { deepest, variable in
        guard case .function(let callable)? = variable.slot.pointee.value else { return deepest }
        return max(deepest, (callable as? UserFunction)?.nesting ?? 0)
      }
  }

  deinit {
    cells.deinitialize(count: cellCount)
    cells.deallocate()
  }

  /// A call from a builtin.
  func call(_ arguments: Arguments, _ context: Context) throws -> Value {
    machine.enterThread()
    let bound = try signature.bind(arguments)
    if Interrupt.isRequested { throw Interrupted() }
    let entry = FunctionEntry(self)
    guard let locals = machine.open(slots: code.slots) else {
      throw Fault(.tooDeep(code.name), at: code.range)
    }
    defer { machine.close(locals, slots: code.slots, made: code.slots) }
    locals.initialize(repeating: .empty, count: code.slots)
    for (index, value) in bound.enumerated() { locals[index].value = value }
    do {
      return try entry.run(locals, machine)
    } catch var fault as Fault {
      fault.pass(through: code.name, at: nil)
      throw fault
    }
  }

  /// Runs the body after what a plain function need not do: cells, and defaults of arguments that
  /// are missing.
  fileprivate func runPrepared(_ locals: UnsafeMutablePointer<Slot>) throws -> Value {
    if code.ownCells == 0 { return try run(Frame(locals: locals, cells: cells, machine: machine)) }
    let count = code.ownCells + cellCount
    let all = UnsafeMutablePointer<Variable>.allocate(capacity: count)
    for index in 0..<code.ownCells { (all + index).initialize(to: Variable("")) }
    (all + code.ownCells).initialize(from: cells, count: cellCount)
    defer {
      all.deinitialize(count: count)
      all.deallocate()
    }
    return try run(Frame(locals: locals, cells: all, machine: machine))
  }

  private func run(_ frame: Frame) throws -> Value {
    try prepare(frame)
    let value = try code.body.evaluate(frame)
    if machine.signal.pointee != .none { machine.signal.pointee = .none }
    return value
  }
}

/// What a call needs of a function, without a share in it.
struct FunctionEntry {
  let function: Unmanaged<UserFunction>
  let slots: Int
  /// The body, where it can start at once; the function keeps it alive.
  private let plainBody: Unmanaged<Node>?
  private let cells: UnsafeMutablePointer<Variable>

  init(_ function: UserFunction) {
    self.function = .passUnretained(function)
    slots = function.code.slots
    plainBody = function.code.isPlain ? .passUnretained(function.code.body) : nil
    cells = function.cells
  }

  /// Runs the body; the arguments stand in the first local variables, and those that are missing
  /// get their defaults. Someone has to keep the function meanwhile.
  @inline(__always)
  func run(_ locals: UnsafeMutablePointer<Slot>, _ machine: Machine) throws -> Value {
    guard let plainBody else {
      return try function._withUnsafeGuaranteedRef { try $0.runPrepared(locals) }
    }
    let value = try plainBody._withUnsafeGuaranteedRef {
      try $0.evaluate(Frame(locals: locals, cells: cells, machine: machine))
    }
    if machine.signal.pointee != .none { machine.signal.pointee = .none }
    return value
  }
}

extension UserFunction {
  /// Evaluates the defaults of arguments left out, and moves captured parameters to their cells.
  private func prepare(_ frame: Frame) throws {
    for (index, standard) in code.standards.enumerated() {
      if let standard, frame.locals[index].value == nil {
        frame.locals[index].value = try standard.evaluate(frame)
      }
      if let cell = code.cellOfParameter[index] {
        frame.cells[cell].slot.pointee = frame.locals[index]
      }
    }
  }
}

extension Fault {
  /// Notes a call that the fault came through.
  mutating func pass(through function: String, at range: SourceRange?) {
    if calls.count < Self.mostCalls {
      calls.append((function, range))
    } else {
      moreCalls += 1
    }
  }
}

/// Makes a function value, with the variables it captures.
final class FunctionNode: Node {
  let code: FunctionCode
  /// What to capture: a cell of the running function as it is, or the value of a variable now.
  let captures: [Capture]

  enum Capture {
    case cell(Int, String)
    case value(of: Node, String)
  }

  /// Functions that capture functions that capture functions …
  private static let deepestNesting = 2000

  init(_ code: FunctionCode, captures: [Capture], _ range: SourceRange) {
    self.code = code
    self.captures = captures
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var captured: [Variable] = []
    captured.reserveCapacity(captures.count)
    for capture in captures {
      switch capture {
      case .cell(let index, _): captured.append(frame.cells[index])
      case .value(let node, let name):
        captured.append(
          Variable(
            name, node.slot(frame)?.pointee.value, site: node.slot(frame)?.pointee.site ?? -1))
      }
    }
    let function = UserFunction(code, captured: captured, machine: frame.machine)
    guard function.nesting < Self.deepestNesting else { throw Fault(.nestedTooDeep, at: range) }
    return .function(function)
  }
}
