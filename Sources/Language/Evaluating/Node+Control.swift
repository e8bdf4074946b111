import Matrices
import Vocabulary

/// Statements one after the other; the value is that of the last.
final class BlockNode: Node {
  private let statements: NodeList
  /// Which statements only assign: nobody asks for their value, and they do not jump.
  private let assigns: UnsafeMutablePointer<Bool>
  /// The only statement, where there is but one.
  private let only: Node?
  /// Whether the last statement shows nothing at the prompt: an assignment, or silenced. `nil`
  /// where nobody asks.
  let isQuiet: Bool?

  init(_ statements: [Node], isQuiet: Bool?, _ range: SourceRange) {
    self.statements = NodeList(statements)
    assigns = .allocate(capacity: max(statements.count, 1))
    for (index, statement) in statements.enumerated() {
      (assigns + index).initialize(to: statement is Assignment)
    }
    only = statements.count == 1 ? statements[0] : nil
    self.isQuiet = isQuiet
    super.init(range)
  }

  deinit { assigns.deallocate() }

  override var isQuick: Bool { only?.isQuick ?? false }
  override func number(_ frame: Frame) -> Double? { only?.number(frame) }
  override func truth(_ frame: Frame) -> Bool? { only?.truth(frame) }

  override func evaluate(_ frame: Frame) throws -> Value {
    let signal = frame.machine.signal
    let last = statements.count - 1
    guard last >= 0 else { return .nothing }
    for index in 0..<last {
      if assigns[index] {
        try statements.with(index) { try $0.perform(frame) }
        continue
      }
      let value = try statements.with(index) { try $0.evaluate(frame) }
      if signal.pointee != .none { return value }
    }
    let value = try statements.with(last) { try $0.evaluate(frame) }
    if let isQuiet { frame.machine.isQuiet = isQuiet }
    return value
  }
}

/// `if c … elseif d … else … end`.
final class ConditionalNode: Node {
  private let conditions: NodeList
  /// What each condition leads to, and at last what happens when none holds.
  private let bodies: NodeList

  init(_ branches: [(condition: Node, body: Node)], otherwise: Node?, _ range: SourceRange) {
    conditions = NodeList(branches.map(\.condition))
    bodies = NodeList(branches.map(\.body) + (otherwise.map { [$0] } ?? []))
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var index = 0
    while index < conditions.count, try !conditions.with(index, { try holds($0, frame) }) {
      index += 1
    }
    guard index < bodies.count else { return .nothing }
    return try bodies.with(index) { try $0.evaluate(frame) }
  }
}

/// Whether a condition holds.
@inline(__always)
private func holds(_ condition: Node, _ frame: Frame) throws -> Bool {
  if let truth = condition.truth(frame) { return truth }
  return try holdsAfterAll(condition, frame)
}

/// Whether a condition holds that cannot be told without effects.
@inline(never)
private func holdsAfterAll(_ condition: Node, _ frame: Frame) throws -> Bool {
  let value = try condition.evaluate(frame)
  guard let truth = Arithmetic.isTrue(value) else {
    throw Fault(.condition(condition.operand(value, frame)), at: condition.range)
  }
  return truth
}

/// The end of a run of a loop's body.
private enum Turn {
  case next
  case leave
  case finish(Value)
}

/// Runs the body of a loop once.
@inline(__always)
private func turn(_ body: Node, catchesJumps: Bool, _ frame: Frame) throws -> Turn {
  if Interrupt.isRequested { throw Interrupted() }
  let signal = frame.machine.signal
  if catchesJumps {
    do { _ = try body.evaluate(frame) } catch let jump as Jump {
      switch jump.signal {
      case .broke: return .leave
      case .continued, .none: return .next
      case .returned: throw jump
      }
    }
    if signal.pointee == .none { return .next }
    return try end(signal, .nothing)
  }
  let value = try body.evaluate(frame)
  if signal.pointee == .none { return .next }
  return try end(signal, value)
}

private func end(_ signal: UnsafeMutablePointer<Signal>, _ value: Value) throws -> Turn {
  switch signal.pointee {
  case .none: return .next
  case .continued:
    signal.pointee = .none
    return .next
  case .broke:
    signal.pointee = .none
    return .leave
  case .returned: return .finish(value)
  }
}

/// `while c … end`.
final class WhileNode: Node {
  let condition: Node
  let body: Node
  let catchesJumps: Bool

  init(_ condition: Node, _ body: Node, catchesJumps: Bool, _ range: SourceRange) {
    self.condition = condition
    self.body = body
    self.catchesJumps = catchesJumps
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    while try holds(condition, frame) {
      switch try turn(body, catchesJumps: catchesJumps, frame) {
      case .next: continue
      case .leave: return .nothing
      case .finish(let value): return value
      }
    }
    return .nothing
  }
}

/// `for x in X … end`: numbers of a range, elements of a list, letters of a text, columns of a
/// matrix.
final class LoopNode: Node {
  let targets: [(name: String, target: Target)]
  let takesApart: Bool
  let over: Node
  let body: Node
  let site: Int32
  let catchesJumps: Bool

  init(
    _ targets: [(name: String, target: Target)], takesApart: Bool, over: Node, _ body: Node,
    site: Int32, catchesJumps: Bool, _ range: SourceRange
  ) {
    self.targets = targets
    self.takesApart = takesApart
    self.over = over
    self.body = body
    self.site = site
    self.catchesJumps = catchesJumps
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let collection = try over.evaluate(frame)
    switch collection {
    case .range(let range):
      return try run(range.count, frame) { .number(range[$0]) }
    case .list(let list): return try run(list.count, frame) { list[$0] }
    case .matrix(let matrix):
      if matrix.rows == 1 {
        let isLogical = matrix.isLogical
        return try run(matrix.columns, frame) {
          isLogical ? .boolean(matrix[0, $0] != 0) : .number(matrix[0, $0])
        }
      }
      return try run(matrix.columns, frame) { .matrix(matrix.selecting(columns: [$0])) }
    case .text(let text):
      // The letters are taken when their turn comes: looking for all of them first takes long.
      var place = text.startIndex
      return try run(text.count, frame) { _ in
        let letter = text[place]
        place = text.index(after: place)
        return .text(String(letter))
      }
    case .object(let object) where object is Sparse:
      guard let matrix = collection.sparse else { return .nothing }
      return try run(matrix.columns, frame) { column in
        if matrix.rows != 1 { return Value(matrix.selecting(columns: [column])) }
        let element = matrix[0, column]
        return matrix.isLogical ? .boolean(element != 0) : .number(element)
      }
    case .object where collection.shape != nil && collection.shape != Shape(1, 1):
      // A column is one part of the loop, as it is of any matrix.
      let isColumn = collection.shape?.columns == 1
      let parts = isColumn ? [collection] : collection.tracedParts
      return try run(parts.count, frame) { parts[$0] }
    case .number, .boolean, .nothing, .record, .function, .object:
      throw Fault(.iteration(over.operand(collection, frame)), at: over.range)
    }
  }

  @inline(__always)
  private func run(_ count: Int, _ frame: Frame, _ element: (Int) -> Value) throws -> Value {
    let slot = takesApart ? nil : targets.first?.target.slot(frame)
    for index in 0..<count {
      if let slot {
        slot.pointee.value = element(index)
        slot.pointee.site = site
      } else if takesApart {
        let part = element(index)
        try Destructuring.assign(part, to: targets, site, frame) { over.operand(part, frame) }
      }
      switch try turn(body, catchesJumps: catchesJumps, frame) {
      case .next: continue
      case .leave: return .nothing
      case .finish(let value): return value
      }
    }
    return .nothing
  }
}

/// `break`, `continue`, `return x`. In a statement it sets the signal, which the blocks around it
/// look at; in the middle of an expression it throws.
final class JumpNode: Node {
  let signal: Signal
  let value: Node?
  let throwsJump: Bool

  init(_ signal: Signal, _ value: Node?, throwsJump: Bool, _ range: SourceRange) {
    self.signal = signal
    self.value = value
    self.throwsJump = throwsJump
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let result = try value?.evaluate(frame) ?? .nothing
    if throwsJump { throw Jump(signal: signal, value: result) }
    frame.machine.signal.pointee = signal
    return result
  }
}

/// The body of a function that returns from the middle of an expression somewhere.
final class ReturnCatcher: Node {
  let body: Node

  init(_ body: Node) {
    self.body = body
    super.init(body.range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    do { return try body.evaluate(frame) } catch let jump as Jump { return jump.value }
  }
}

/// `try … catch e … end`.
final class TryNode: Node {
  let body: Node
  let target: Target
  let handler: Node
  let site: Int32

  init(_ body: Node, _ target: Target, _ handler: Node, site: Int32, _ range: SourceRange) {
    self.body = body
    self.target = target
    self.handler = handler
    self.site = site
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    do { return try body.evaluate(frame) } catch let fault as Fault {
      if let slot = target.slot(frame) {
        slot.pointee.value = .record(fault.record)
        slot.pointee.site = site
      }
      return try handler.evaluate(frame)
    }
  }
}

extension Fault {
  /// What `catch e` gives: message, kind and line.
  var record: Record {
    let diagnostic = Diagnostic(self)
    return Record([
      ("message", .text(diagnostic.title)), ("kind", .text(kind.name)),
      ("line", .number(Double(range.line))),
    ])
  }
}

/// `import "stats.mfs" as stats`: runs the file once in its own namespace.
final class ImportNode: Node {
  let module: Module
  let target: Target
  let site: Int32

  init(_ module: Module, _ target: Target, site: Int32, _ range: SourceRange) {
    self.module = module
    self.target = target
    self.site = site
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    try module.run(frame.machine)
    let value = Value.object(module)
    if let slot = target.slot(frame) {
      slot.pointee.value = value
      slot.pointee.site = site
    }
    return value
  }
}

/// Shows the value of a statement at the prompt.
final class EchoNode: Node {
  let statement: Node
  let kind: Kind

  enum Kind {
    /// An expression: its value, which becomes `ans`.
    case expression(ans: Variable)
    /// A block: its value, unless it ended silently.
    case block(ans: Variable)
    /// An assignment: one short line for each of these names.
    case assignment([(name: String, target: Target)])
    /// An expression that `;` silences: still the answer.
    case silent(ans: Variable)
  }

  init(_ statement: Node, _ kind: Kind) {
    self.statement = statement
    self.kind = kind
    super.init(statement.range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let machine = frame.machine
    machine.isQuiet = false
    let value = try statement.evaluate(frame)
    // Kernels that were told to stop leave void numbers behind.
    try Interrupt.check()
    let context = machine.context
    switch kind {
    case .expression(let ans), .block(let ans):
      if case .nothing = value { return value }
      if case .block = kind, machine.isQuiet { return value }
      ans.slot.pointee.value = value
      context.output(value.echo(width: context.width, height: context.height) + "\n")
    case .silent(let ans):
      if case .nothing = value { return value }
      ans.slot.pointee.value = value
    case .assignment(let names):
      for (name, target) in names {
        guard let new = target.slot(frame)?.pointee.value else { continue }
        let room = max(context.width - name.count - 3, 8)
        context.output("\(name) = \(new.brief(width: room))\n")
      }
    }
    return value
  }
}
