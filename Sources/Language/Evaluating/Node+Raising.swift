import Vocabulary

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
