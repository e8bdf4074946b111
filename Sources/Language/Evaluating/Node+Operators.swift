import Matrices
import Vocabulary

/// `a ∘ b` for operators that give numbers or matrices, texts, lists.
final class Calculation: Node {
  let operation: Operator
  let sign: SourceRange
  let left: Node
  let right: Node
  /// The expression beside this one that wants the same shape: `V` in `V - H * W`.
  weak var neighbour: Node?
  private var patience: UInt8

  init(
    _ operation: Operator, _ sign: SourceRange, _ left: Node, _ right: Node, _ range: SourceRange
  ) {
    self.operation = operation
    self.sign = sign
    self.left = left
    self.right = right
    patience = left.isQuick && right.isQuick ? patienceOfFastPaths : 0
    super.init(range)
    if [.add, .subtract, .dotTimes, .dotOver].contains(operation) {
      (right as? Calculation)?.neighbour = left
      (left as? Calculation)?.neighbour = right
    }
  }

  override var isQuick: Bool { patience > 0 }

  override func number(_ frame: Frame) -> Double? {
    guard let a = left.number(frame), let b = right.number(frame) else { return nil }
    return Arithmetic.number(operation, a, b)
  }

  override func truth(_ frame: Frame) -> Bool? {
    guard let a = left.number(frame), let b = right.number(frame) else { return nil }
    return Arithmetic.truth(operation, a, b)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    if patience > 0 {
      if let a = left.number(frame), let b = right.number(frame) {
        if let number = Arithmetic.number(operation, a, b) { return .number(number) }
        if let truth = Arithmetic.truth(operation, a, b) { return .boolean(truth) }
      }
      patience -= 1
    }
    let a = try left.evaluate(frame)
    let b = try right.evaluate(frame)
    if case .number(let x) = a, case .number(let y) = b {
      if let number = Arithmetic.number(operation, x, y) { return .number(number) }
    }
    return try apply(a, b, frame)
  }

  func apply(_ a: Value, _ b: Value, _ frame: Frame) throws -> Value {
    do {
      return try Arithmetic.apply(operation, a, b)
    } catch {
      throw fault(error, a, b, frame)
    }
  }

  private func fault(_ error: OperationError, _ a: Value, _ b: Value, _ frame: Frame)
    -> any Error
  {
    let x = left.operand(a, frame)
    let y = right.operand(b, frame)
    switch error {
    case .types: return Fault(.operands(operation, x, y), at: sign)
    case .tooLarge(let shape): return Fault(.tooLarge(shape, operation, x, y), at: sign)
    case .problem(let problem): return Fault(.computation(problem, operation, x, y), at: sign)
    case .interrupted: return Interrupted()
    case .shapes(let shapes):
      let wanted = neighbour.flatMap { neighbour in
        neighbour.slot(frame)?.pointee.value?.shape.map { (neighbour.range.text, Extent($0)) }
      }
      var fix: Fault.Fix?
      if let first = a.shape.map(Extent.init), let second = b.shape.map(Extent.init) {
        fix = ShapeFix.find(
          operation, left: ShapeFix.Part(left), first, right: ShapeFix.Part(right), second,
          wanted: wanted, { _ in "" }
        ).map { Fault.Fix($0, replacing: range) }
      }
      return Fault(.shapes(shapes, operation, x, y, fix: fix), at: sign)
    }
  }
}

/// `a && b` and `a || b`.
final class ShortCircuit: Node {
  let left: Node
  let right: Node
  let isAnd: Bool

  init(_ left: Node, _ right: Node, isAnd: Bool, _ range: SourceRange) {
    self.left = left
    self.right = right
    self.isAnd = isAnd
    super.init(range)
  }

  override var isQuick: Bool { left.isQuick && right.isQuick }

  override func truth(_ frame: Frame) -> Bool? {
    guard let first = left.truth(frame) else { return nil }
    return first == isAnd ? right.truth(frame) : first
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let first = try side(left, frame)
    return .boolean(first == isAnd ? try side(right, frame) : first)
  }

  private func side(_ node: Node, _ frame: Frame) throws -> Bool {
    let value = try node.evaluate(frame)
    guard let truth = Arithmetic.isTrue(value) else {
      throw Fault(
        .truth(node.operand(value, frame), sign: isAnd ? "&&" : "||"), at: node.range)
    }
    return truth
  }
}

final class Negation: Node {
  let inside: Node

  init(_ inside: Node, _ range: SourceRange) {
    self.inside = inside
    super.init(range)
  }

  override var isQuick: Bool { inside.isQuick }
  override func number(_ frame: Frame) -> Double? { inside.number(frame).map { -$0 } }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try inside.evaluate(frame)
    if case .number(let number) = value { return .number(-number) }
    do { return try Arithmetic.negated(value) } catch {
      throw Fault(.operand(sign: "-", inside.operand(value, frame)), at: range)
    }
  }
}

final class Inversion: Node {
  let inside: Node

  init(_ inside: Node, _ range: SourceRange) {
    self.inside = inside
    super.init(range)
  }

  override var isQuick: Bool { inside.isQuick }
  override func truth(_ frame: Frame) -> Bool? { inside.truth(frame).map { !$0 } }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try inside.evaluate(frame)
    if case .boolean(let truth) = value { return .boolean(!truth) }
    do { return try Arithmetic.inverted(value) } catch {
      throw Fault(.operand(sign: "!", inside.operand(value, frame)), at: range)
    }
  }
}

final class Transposition: Node {
  let inside: Node

  init(_ inside: Node, _ range: SourceRange) {
    self.inside = inside
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try inside.evaluate(frame)
    do { return try Arithmetic.transposed(value) } catch {
      throw Fault(.operand(sign: "'", inside.operand(value, frame)), at: range)
    }
  }
}

/// `start:step:end`.
final class RangeNode: Node {
  let start: Node
  let step: Node?
  let end: Node

  /// More elements than this cannot even be counted through.
  static let longest = Double(Matrix.largestDimension)

  init(_ start: Node, step: Node?, _ end: Node, _ range: SourceRange) {
    self.start = start
    self.step = step
    self.end = end
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let first = try bound(start, frame)
    let by = try step.map { try bound($0, frame) } ?? 1
    let last = try bound(end, frame)
    return .range(try Self.make(first, by, last, at: range, step: step?.range))
  }

  static func make(
    _ first: Double, _ by: Double, _ last: Double, at range: SourceRange, step: SourceRange?
  ) throws -> NumberRange {
    guard by != 0 else { throw Fault(.rangeStep, at: step ?? range) }
    let count = (last - first) / by
    guard first.isFinite, by.isFinite, last.isFinite, count < longest else {
      throw Fault(.rangeTooLong(count), at: range)
    }
    return NumberRange(from: first, to: last, by: by)
  }

  private func bound(_ node: Node, _ frame: Frame) throws -> Double {
    let value = try node.evaluate(frame)
    if case .number(let number) = value { return number }
    guard let number = Double.from(value) else {
      throw Fault(.rangeOperand(node.operand(value, frame)), at: node.range)
    }
    return number
  }
}
