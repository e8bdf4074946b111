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
  private let first: QuickOperand
  private let second: QuickOperand
  private let pure: Bool
  private let seesLeft: Bool
  private let seesRight: Bool
  /// Whether no operand is seen where it lies or put off.
  private let isSimple: Bool

  init(
    _ operation: Operator, _ sign: SourceRange, _ left: Node, _ right: Node, _ range: SourceRange
  ) {
    self.operation = operation
    self.sign = sign
    self.left = left
    self.right = right
    first = QuickOperand(left)
    second = QuickOperand(right)
    pure = left.isPure && right.isPure
    seesLeft = left.isView && right.isPure
    seesRight = right.isView
    isSimple = !seesLeft && !seesRight && !left.canDefer && !right.canDefer
    patience = left.isQuick && right.isQuick ? patienceOfFastPaths : 0
    super.init(range)
    if [.add, .subtract, .dotTimes, .dotOver].contains(operation) {
      (right as? Calculation)?.neighbour = left
      (left as? Calculation)?.neighbour = right
    }
  }

  override var isQuick: Bool { patience > 0 }
  override var isPure: Bool { pure }
  override var canDefer: Bool { operation != .solve && operation != .power }

  override func number(_ frame: Frame) -> Double? {
    guard let a = first.number(frame), let b = second.number(frame) else { return nil }
    return Arithmetic.number(operation, a, b)
  }

  override func truth(_ frame: Frame) -> Bool? {
    guard let a = first.number(frame), let b = second.number(frame) else { return nil }
    return Arithmetic.truth(operation, a, b)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    if patience > 0, let value = quick(frame) { return value }
    if isSimple {
      let a = try left.evaluate(frame)
      let b = try right.evaluate(frame)
      if case .number(let x) = a, case .number(let y) = b,
        let number = Arithmetic.number(operation, x, y)
      {
        return .number(number)
      }
      return try join(.value(a), .value(b), frame).settled()
    }
    return try joined(frame).settled()
  }

  override func deferred(_ frame: Frame) throws -> Deferrable {
    if patience > 0, let value = quick(frame) { return .value(value) }
    return try joined(frame)
  }

  /// The result on two numbers that can be had without effects.
  @inline(__always)
  private func quick(_ frame: Frame) -> Value? {
    if let a = first.number(frame), let b = second.number(frame) {
      if let number = Arithmetic.number(operation, a, b) { return .number(number) }
      if let truth = Arithmetic.truth(operation, a, b) { return .boolean(truth) }
    }
    patience -= 1
    return nil
  }

  /// Evaluates the operands, left before right, and joins them. A small matrix in a variable is
  /// seen where it lies, as long as nothing that is evaluated in between can change the variable.
  private func joined(_ frame: Frame) throws -> Deferrable {
    if seesLeft, let x = left.view(frame) {
      if seesRight {
        if let y = right.view(frame), let result = Arithmetic.small(operation, x, y) {
          return .value(.matrix(result))
        }
        return try join(
          .value(try left.evaluate(frame)), .value(try right.evaluate(frame)), frame)
      }
      switch try right.deferred(frame) {
      case .value(let value):
        if let result = Arithmetic.small(operation, x, value) { return .value(.matrix(result)) }
        return try join(.value(try left.evaluate(frame)), .value(value), frame)
      case .deferred(let matrix):
        return try join(.value(try left.evaluate(frame)), .deferred(matrix), frame)
      }
    }
    switch try left.deferred(frame) {
    case .value(let value):
      if seesRight, let y = right.view(frame), let result = Arithmetic.small(operation, value, y) {
        return .value(.matrix(result))
      }
      return try join(.value(value), try right.deferred(frame), frame)
    case .deferred(let matrix):
      return try join(.deferred(matrix), try right.deferred(frame), frame)
    }
  }

  private func join(_ a: Deferrable, _ b: Deferrable, _ frame: Frame) throws -> Deferrable {
    if case .value(let x) = a, case .value(let y) = b {
      if case .number(let m) = x, case .number(let n) = y,
        let number = Arithmetic.number(operation, m, n)
      {
        return .value(.number(number))
      }
      if !x.isWorthDeferring && !y.isWorthDeferring {
        if let result = Arithmetic.small(operation, x, y) { return .value(.matrix(result)) }
        return .value(try apply(x, y, frame))
      }
    }
    if let result = Deferrable.joined(operation, a, b) { return .deferred(result) }
    return .value(try apply(try a.settled(), try b.settled(), frame))
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
          operation, left: ShapeFix.Part(left).sparse(a.sparse != nil), first,
          right: ShapeFix.Part(right).sparse(b.sparse != nil), second, wanted: wanted, { _ in "" }
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
  private let pure: Bool

  init(_ inside: Node, _ range: SourceRange) {
    self.inside = inside
    pure = inside.isPure
    super.init(range)
  }

  override var isQuick: Bool { inside.isQuick }
  override var isPure: Bool { pure }
  override var canDefer: Bool { inside.canDefer }
  override func number(_ frame: Frame) -> Double? { inside.number(frame).map { -$0 } }

  override func evaluate(_ frame: Frame) throws -> Value { try deferred(frame).settled() }

  override func deferred(_ frame: Frame) throws -> Deferrable {
    switch try inside.deferred(frame) {
    case .deferred(let matrix): return .deferred(matrix.combined(.multiply, -1))
    case .value(.number(let number)): return .value(.number(-number))
    case .value(let value):
      do { return .value(try Arithmetic.negated(value)) } catch {
        throw Fault(.operand(sign: "-", inside.operand(value, frame)), at: range)
      }
    }
  }
}

final class Inversion: Node {
  let inside: Node
  private let pure: Bool

  init(_ inside: Node, _ range: SourceRange) {
    self.inside = inside
    pure = inside.isPure
    super.init(range)
  }

  override var isQuick: Bool { inside.isQuick }
  override var isPure: Bool { pure }
  override var canDefer: Bool { inside.canDefer }
  override func truth(_ frame: Frame) -> Bool? { inside.truth(frame).map { !$0 } }

  override func evaluate(_ frame: Frame) throws -> Value { try deferred(frame).settled() }

  override func deferred(_ frame: Frame) throws -> Deferrable {
    switch try inside.deferred(frame) {
    case .deferred(let matrix): return .deferred(matrix.combined(.equal, 0))
    case .value(.boolean(let truth)): return .value(.boolean(!truth))
    case .value(let value):
      do { return .value(try Arithmetic.inverted(value)) } catch {
        throw Fault(.operand(sign: "!", inside.operand(value, frame)), at: range)
      }
    }
  }
}

final class Transposition: Node {
  let inside: Node
  private let pure: Bool

  init(_ inside: Node, _ range: SourceRange) {
    self.inside = inside
    pure = inside.isPure
    super.init(range)
  }

  override var isPure: Bool { pure }
  override var isView: Bool { inside.isView }
  override func view(_ frame: Frame) -> SmallMatrix? { inside.view(frame)?.transposed }

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
    let value = try node.evaluate(frame).plain
    if case .number(let number) = value { return number }
    guard let number = Double.from(value) else {
      throw Fault(.rangeOperand(node.operand(value, frame)), at: node.range)
    }
    return number
  }
}
