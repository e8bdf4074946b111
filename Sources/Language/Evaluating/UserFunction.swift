import Matrices
import Vocabulary

/// The resolved text of a function, shared by all values made from it.
final class FunctionCode: @unchecked Sendable {
  let name: String
  let range: SourceRange
  let signature: Signature
  /// The expressions of the defaults, evaluated at each call, in order.
  let standards: [Node?]
  /// How many variables of its own nobody captures; parameters come first.
  var slots = 0
  /// How many variables of its own others capture; its cells begin with them.
  var ownCells = 0
  /// For every parameter the cell it goes to because others capture it.
  var cellOfParameter: [Int?] = []
  /// Whether there are defaults or captured parameters at all.
  var needsPreparation = false
  var body: Node = Constant(.nothing, SourceRange(SourceText(name: "", text: ""), 0, 0))

  init(name: String, range: SourceRange, signature: Signature, standards: [Node?]) {
    self.name = name
    self.range = range
    self.signature = signature
    self.standards = standards
  }
}

/// A function written in the language: its code and what it captured.
final class UserFunction: Callable, @unchecked Sendable {
  let code: FunctionCode
  let captured: [Variable]
  let machine: Machine
  /// How many functions are inside one another by capture; freeing them recurses.
  let nesting: Int

  var signature: Signature { code.signature }
  var documentation: String { code.range.source.documentation(above: code.range.lower) }
  var place: String { "\(code.range.source.name):\(code.range.line)" }

  init(_ code: FunctionCode, captured: [Variable], machine: Machine) {
    self.code = code
    self.captured = captured
    self.machine = machine
    nesting =
      1
      + captured.reduce(0) { deepest, variable in
        guard case .function(let callable)? = variable.slot.pointee.value else { return deepest }
        return max(deepest, (callable as? UserFunction)?.nesting ?? 0)
      }
  }

  /// A call from a builtin.
  func call(_ arguments: Arguments, _ context: Context) throws -> Value {
    machine.enterThread()
    let bound = try signature.bind(arguments)
    do {
      return try invoke { locals in
        for (index, value) in bound.enumerated() { locals[index].value = value }
      }
    } catch var fault as Fault {
      fault.pass(through: code.name, at: nil)
      throw fault
    } catch is TooDeep {
      throw Fault(.tooDeep(code.name), at: code.range)
    }
  }

  /// Runs the body with arguments that the caller puts into the first slots; those that stay empty
  /// get their defaults.
  @inline(__always)
  func invoke(_ fill: (UnsafeMutablePointer<Slot>) throws -> Void) throws -> Value {
    if Interrupt.isRequested { throw Interrupted() }
    let machine = machine
    let code = code
    var cells = captured
    if code.ownCells > 0 { cells = (0..<code.ownCells).map { _ in Variable("") } + captured }
    return try machine.withFrame(slots: code.slots, cells: cells) { frame in
      try fill(frame.locals)
      if code.needsPreparation { try prepare(frame) }
      let value = try code.body.evaluate(frame)
      if machine.signal.pointee != .none { machine.signal.pointee = .none }
      return value
    }
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
