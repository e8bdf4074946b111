import Matrices
import Vocabulary

/// `x = value`.
final class Assignment: Node {
  let target: Target
  let value: Node
  let site: Int32

  init(_ target: Target, _ value: Node, site: Int32, _ range: SourceRange) {
    self.target = target
    self.value = value
    self.site = site
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let new = try value.evaluate(frame)
    if let slot = target.slot(frame) {
      slot.pointee.value = new
      slot.pointee.site = site
    }
    return new
  }

  override func perform(_ frame: Frame) throws {
    guard let slot = target.slot(frame) else { return _ = try value.evaluate(frame) }
    slot.pointee.value = try value.evaluate(frame)
    slot.pointee.site = site
  }
}

/// `(a, b) = value`.
final class Destructuring: Node {
  let targets: [(name: String, target: Target)]
  let value: Node
  let site: Int32

  init(
    _ targets: [(name: String, target: Target)], _ value: Node, site: Int32, _ range: SourceRange
  ) {
    self.targets = targets
    self.value = value
    self.site = site
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let whole = try value.evaluate(frame)
    try Self.assign(whole, to: targets, site, frame) { value.operand(whole, frame) }
    return whole
  }

  /// Takes a value apart: a list or a vector by position, a record by name. A record none of whose
  /// fields is named, and that has as many, is taken in order: `(u, s, v) = svd(X)`.
  static func assign(
    _ whole: Value, to targets: [(name: String, target: Target)], _ site: Int32, _ frame: Frame,
    operand: () -> Fault.Operand
  ) throws {
    var parts: [Value] = []
    switch whole {
    case .list(let list): parts = list
    case .matrix(let matrix) where matrix.rows == 1 || matrix.columns == 1:
      if matrix.count == targets.count { parts = matrix.elements.map { .number($0) } }
    case .range(let range):
      if range.count == targets.count { parts = (0..<range.count).map { .number(range[$0]) } }
    case .object:
      guard let shape = whole.shape, shape.isVector, shape.count == targets.count else { break }
      parts = whole.tracedParts
    case .record(let record)
    where record.count == targets.count && targets.allSatisfy { record[$0.name] == nil }:
      parts = record.values
    case .record(let record):
      for (name, _) in targets {
        guard name == "_" || record[name] != nil else {
          throw Fault(.missingField(name, operand()), at: operand().range)
        }
        parts.append(record[name] ?? .nothing)
      }
    default: break
    }
    guard parts.count == targets.count else {
      throw Fault(.destructuring(names: targets.count, operand()), at: operand().range)
    }
    for ((_, target), part) in zip(targets, parts) {
      guard let slot = target.slot(frame) else { continue }
      slot.pointee.value = part
      slot.pointee.site = site
    }
  }
}

/// `x += value`, in place where the variable alone has the memory.
final class Update: Node {
  let target: Target
  let current: Node
  let calculation: Calculation
  let site: Int32

  init(
    _ target: Target, current: Node, _ calculation: Calculation, site: Int32, _ range: SourceRange
  ) {
    self.target = target
    self.current = current
    self.calculation = calculation
    self.site = site
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    guard let slot = target.slot(frame) else { return .nothing }
    if let number = calculation.number(frame) {
      slot.pointee.value = .number(number)
      slot.pointee.site = site
      return .number(number)
    }
    let change = try calculation.right.evaluate(frame)
    if slot.pointee.value == nil { _ = try current.evaluate(frame) }
    if try !changeInPlace(slot, change) {
      let old = try current.evaluate(frame)
      slot.pointee.value = try calculation.apply(old, change, frame)
    }
    slot.pointee.site = site
    // The value of an update is rarely asked for; a copy of it would make the next update copy too.
    return .nothing
  }

  /// Appends to a list, adds to a matrix, scales it, without a new one.
  private func changeInPlace(_ slot: UnsafeMutablePointer<Slot>, _ change: Value) throws -> Bool {
    switch (calculation.operation, change) {
    case (.add, .list(let more)):
      guard case .list = slot.pointee.value else { return false }
      // Whoever finds no room for the new list says so; here it is only not made in place.
      guard Self.hasRoom(slot, for: more.count) else { return false }
      try Nesting.check(more, at: calculation.range)
      guard var list = Self.takeList(slot) else { return false }
      list.append(contentsOf: more)
      slot.pointee.value = .list(list)
      return true
    case (.add, .matrix(let other)), (.subtract, .matrix(let other)):
      guard var matrix = Self.takeMatrix(slot, where: { fits($0, other) }) else { return false }
      matrix.add(other, scale: calculation.operation == .add ? 1 : -1)
      slot.pointee.value = .matrix(matrix)
      return true
    case (.multiply, .number(let factor)):
      guard var matrix = Self.takeMatrix(slot, where: { !$0.isLogical }) else { return false }
      matrix.scale(by: factor)
      slot.pointee.value = .matrix(matrix)
      return true
    default: return false
    }
  }

  private static func hasRoom(_ slot: UnsafeMutablePointer<Slot>, for more: Int) -> Bool {
    guard case .list(let list)? = slot.pointee.value else { return false }
    return Memory.hasRoom(for: (list.count + more) * MemoryLayout<Value>.stride)
  }

  /// Moves a list out of a variable, so that nobody else has it.
  private static func takeList(_ slot: UnsafeMutablePointer<Slot>) -> [Value]? {
    guard case .list(let list)? = slot.pointee.value else { return nil }
    slot.pointee.value = nil
    return list
  }

  /// Moves a matrix out of a variable, if it suits.
  private static func takeMatrix(
    _ slot: UnsafeMutablePointer<Slot>, where suits: (Matrix) -> Bool
  ) -> Matrix? {
    guard case .matrix(let matrix)? = slot.pointee.value, suits(matrix) else { return nil }
    slot.pointee.value = nil
    return matrix
  }

  private func fits(_ a: Matrix, _ b: Matrix) -> Bool {
    a.shape == b.shape && a.precision == b.precision && !a.isLogical && !b.isLogical
  }
}
