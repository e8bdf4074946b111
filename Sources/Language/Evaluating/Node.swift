import Matrices
import Vocabulary

/// A part of a resolved program: names are places, and everything that can be known before
/// running is known.
///
/// `evaluate` is the meaning. `number` and `truth` are the fast path of arithmetic in loops: they
/// answer without making a `Value` when nothing but numbers is involved and nothing can fail, and
/// otherwise say so without having done anything, so that `evaluate` can do it all.
class Node {
  let range: SourceRange

  init(_ range: SourceRange) { self.range = range }

  func evaluate(_ frame: Frame) throws -> Value {
    preconditionFailure("\(type(of: self)) does not evaluate")
  }

  /// Does what the node does where nobody asks for the value.
  func perform(_ frame: Frame) throws { _ = try evaluate(frame) }

  /// The value, when it is a number that can be had without effects.
  func number(_ frame: Frame) -> Double? { nil }

  /// The value, when it is a truth value that can be had without effects.
  func truth(_ frame: Frame) -> Bool? { nil }

  /// Whether `number` or `truth` can ever answer.
  var isQuick: Bool { false }

  /// The value, unless it can be put off: an elementwise result of large matrices.
  func deferred(_ frame: Frame) throws -> Deferrable { .value(try evaluate(frame)) }

  /// Whether `deferred` may put something off.
  var canDefer: Bool { false }

  /// Whether evaluating neither calls nor assigns anything.
  var isPure: Bool { false }

  /// Whether the node is a variable or its transpose, whose elements can be seen where they lie.
  var isView: Bool { false }

  /// A small matrix that stands in a variable; good until something is assigned.
  func view(_ frame: Frame) -> SmallMatrix? { nil }

  /// The memory of the variable that the node reads, if it is one.
  func slot(_ frame: Frame) -> UnsafeMutablePointer<Slot>? { nil }

  /// The name of the variable that the node reads, if it is one.
  var variableName: String? { nil }

  /// The value as part of an error: with its shape, and where it comes from.
  func operand(_ value: Value, _ frame: Frame) -> Fault.Operand {
    let value = value.plain
    let origin = slot(frame).flatMap { frame.machine.origin($0.pointee.site) }
    return Fault.Operand(
      range: range, label: value.label, value: value, name: variableName, origin: origin)
  }
}

/// How often a fast path may fail before it is no longer tried.
let patienceOfFastPaths: UInt8 = 8

/// Nodes that are run through without counting references to them, which would cost more than what
/// most of them do.
final class NodeList {
  let count: Int
  private let memory: UnsafeMutablePointer<Unmanaged<Node>>

  init(_ nodes: [Node]) {
    count = nodes.count
    memory = .allocate(capacity: max(nodes.count, 1))
    for (index, node) in nodes.enumerated() {
      (memory + index).initialize(to: Unmanaged.passRetained(node))
    }
  }

  deinit {
    for index in 0..<count { memory[index].release() }
    memory.deallocate()
  }

  @inline(__always)
  func with<R>(_ index: Int, _ body: (Node) throws -> R) rethrows -> R {
    try memory[index]._withUnsafeGuaranteedRef(body)
  }
}

/// Where an operand of arithmetic comes from: numbers of the commonest places are read without a
/// call.
struct QuickOperand {
  private enum Kind { case constant, local, memory, node }

  private let kind: Kind
  private let number: Double
  private let index: Int
  private let memory: UnsafeMutablePointer<Slot>?
  private let node: Node

  init(_ node: Node) {
    self.node = node
    var (kind, number, index) = (Kind.node, 0.0, 0)
    var memory: UnsafeMutablePointer<Slot>?
    if let constant = node as? Constant, let value = constant.asNumber {
      (kind, number) = (.constant, value)
    } else if let local = node as? LocalRead {
      (kind, index) = (.local, local.index)
    } else if let global = node as? GlobalRead {
      (kind, memory) = (.memory, global.memory)
    }
    (self.kind, self.number, self.index, self.memory) = (kind, number, index, memory)
  }

  @inline(__always)
  func number(_ frame: Frame) -> Double? {
    switch kind {
    case .constant: return number
    case .local:
      if case .number(let number)? = frame.locals[index].value { return number }
      return nil
    case .memory:
      if case .number(let number)? = memory?.pointee.value { return number }
      return nil
    case .node: return node.number(frame)
    }
  }
}

final class Constant: Node {
  let value: Value
  let asNumber: Double?
  private let asTruth: Bool?

  init(_ value: Value, _ range: SourceRange) {
    self.value = value
    if case .number(let number) = value { asNumber = number } else { asNumber = nil }
    if case .boolean(let truth) = value { asTruth = truth } else { asTruth = nil }
    super.init(range)
  }

  override func evaluate(_ frame: Frame) -> Value { value }
  override func number(_ frame: Frame) -> Double? { asNumber }
  override func truth(_ frame: Frame) -> Bool? { asTruth }
  override var isQuick: Bool { asNumber != nil || asTruth != nil }
  override var isPure: Bool { true }
}

// MARK: Variables

/// Reads a variable of the running function.
final class LocalRead: Node {
  let index: Int
  let name: String
  /// Whether a variable of the program has the same name, which the function hides.
  let hidesOuter: Bool

  init(_ index: Int, _ name: String, hidesOuter: Bool, _ range: SourceRange) {
    self.index = index
    self.name = name
    self.hidesOuter = hidesOuter
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    guard let value = frame.locals[index].value else {
      throw Fault(.unset(name, later: nil, isInFunction: hidesOuter), at: range)
    }
    return value
  }

  override func number(_ frame: Frame) -> Double? {
    if case .number(let number)? = frame.locals[index].value { number } else { nil }
  }

  override func truth(_ frame: Frame) -> Bool? {
    if case .boolean(let truth)? = frame.locals[index].value { truth } else { nil }
  }

  override var isQuick: Bool { true }
  override var isPure: Bool { true }
  override var isView: Bool { true }
  override func view(_ frame: Frame) -> SmallMatrix? { (frame.locals + index).view }
  override func slot(_ frame: Frame) -> UnsafeMutablePointer<Slot>? { frame.locals + index }
  override var variableName: String? { name }
}

/// Reads a variable that is shared between functions.
final class CellRead: Node {
  let index: Int
  let name: String

  init(_ index: Int, _ name: String, _ range: SourceRange) {
    self.index = index
    self.name = name
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    guard let value = frame.cells[index].slot.pointee.value else {
      throw Fault(.unset(name, later: nil, isInFunction: false), at: range)
    }
    return value
  }

  override func number(_ frame: Frame) -> Double? {
    if case .number(let number)? = frame.cells[index].slot.pointee.value { number } else { nil }
  }

  override var isQuick: Bool { true }
  override var isPure: Bool { true }
  override var isView: Bool { true }
  override func view(_ frame: Frame) -> SmallMatrix? { frame.cells[index].slot.view }
  override func slot(_ frame: Frame) -> UnsafeMutablePointer<Slot>? { frame.cells[index].slot }
  override var variableName: String? { name }
}

/// Reads a variable of the program.
final class GlobalRead: Node {
  let variable: Variable
  let memory: UnsafeMutablePointer<Slot>
  /// Where the file assigns it, if only further down.
  let later: SourceRange?

  init(_ variable: Variable, later: SourceRange?, _ range: SourceRange) {
    self.variable = variable
    memory = variable.slot
    self.later = later
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    guard let value = memory.pointee.value else {
      throw Fault(.unset(variable.name, later: later, isInFunction: false), at: range)
    }
    return value
  }

  override func number(_ frame: Frame) -> Double? {
    if case .number(let number)? = memory.pointee.value { number } else { nil }
  }

  override func truth(_ frame: Frame) -> Bool? {
    if case .boolean(let truth)? = memory.pointee.value { truth } else { nil }
  }

  override var isQuick: Bool { true }
  override var isPure: Bool { true }
  override var isView: Bool { true }
  override func view(_ frame: Frame) -> SmallMatrix? { memory.view }
  override func slot(_ frame: Frame) -> UnsafeMutablePointer<Slot>? { memory }
  override var variableName: String? { variable.name }
}

/// Where an assignment puts its value.
enum Target {
  case local(Int)
  case cell(Int)
  case global(Variable)
  /// `_`: nowhere.
  case nowhere

  @inline(__always)
  func slot(_ frame: Frame) -> UnsafeMutablePointer<Slot>? {
    switch self {
    case .local(let index): frame.locals + index
    case .cell(let index): frame.cells[index].slot
    case .global(let variable): variable.slot
    case .nowhere: nil
    }
  }
}
