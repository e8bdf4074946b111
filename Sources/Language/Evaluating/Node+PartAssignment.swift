import Matrices
import Vocabulary

/// `A[i] = value`, `r.field = value`, `A[i] += value`: a part of a variable.
final class PartAssignment: Node {
  enum Step {
    case index(IndexList, SourceRange)
    case field(String, SourceRange)
  }

  let target: Target
  let root: Node
  let steps: [Step]
  let value: Node
  /// What `+=` calculates, if it is one.
  let update: (operation: Operator, sign: SourceRange)?
  let site: Int32
  /// The indices of `A[i, j] = x`, if there is nothing else and neither `:` nor `end` in them.
  private let row: Node?
  private let column: Node?
  /// The field of `r.field = x`, if there is nothing else.
  private let field: String?

  init(
    _ target: Target, root: Node, _ steps: [Step], _ value: Node,
    update: (operation: Operator, sign: SourceRange)?, site: Int32, _ range: SourceRange
  ) {
    self.target = target
    self.root = root
    self.steps = steps
    self.value = value
    self.update = update
    self.site = site
    var (row, column, field): (Node?, Node?, String?)
    switch steps.count == 1 ? steps[0] : nil {
    case .index(let list, _)?:
      if !list.usesEnd, list.nodes.count <= 2, list.nodes.allSatisfy({ $0 != nil }) {
        row = list.nodes[0]
        column = list.nodes.count == 2 ? list.nodes[1] : nil
      }
    case .field(let name, _)?: field = name
    case nil: break
    }
    (self.row, self.column, self.field) = (row, column, field)
    super.init(range)
  }

  /// A step whose indices are values.
  private enum Resolved {
    case index([Indexing.Index])
    case field(String)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    guard let slot = target.slot(frame) else { return .nothing }
    let new: Value
    if let quick = value.number(frame) {
      new = .number(quick)
    } else {
      new = try value.evaluate(frame)
    }
    if slot.pointee.value == nil { _ = try root.evaluate(frame) }
    if case .list = new { try Nesting.check([new], at: value.range) }
    if case .record = new { try Nesting.check([new], at: value.range) }
    if storeQuickly(new, slot, frame) {
      slot.pointee.site = site
      return new
    }
    let path = try resolve(slot, frame)
    var stored = new
    if let update {
      let old = try read(slot.pointee.value ?? .nothing, path, path.count, frame)
      do { stored = try Arithmetic.apply(update.operation, old, new) } catch {
        throw updateFault(error, update, old, new, frame)
      }
    }
    var whole = slot.pointee.value ?? .nothing
    slot.pointee.value = nil
    defer { slot.pointee.value = whole }
    do {
      try Self.store(stored, into: &whole, path[...])
    } catch {
      throw try fault(error, path, stored, frame, whole)
    }
    slot.pointee.site = site
    return new
  }

  /// The fast path of `A[i, j] = x`, `xs[i] = x` and `r.field = x` in loops; does nothing and says so
  /// when anything is unusual.
  private func storeQuickly(
    _ new: Value, _ slot: UnsafeMutablePointer<Slot>, _ frame: Frame
  ) -> Bool {
    if let field, update == nil, case .record(var record)? = slot.pointee.value {
      slot.pointee.value = nil
      record[field] = new
      slot.pointee.value = .record(record)
      return true
    }
    guard let row, let i = row.number(frame).flatMap({ Int(exactly: $0) }) else { return false }
    if column == nil, update == nil, case .list(var list)? = slot.pointee.value {
      guard i >= 1, i <= list.count else { return false }
      slot.pointee.value = nil
      list[i - 1] = new
      slot.pointee.value = .list(list)
      return true
    }
    guard case .number(var number) = new, case .matrix(var matrix)? = slot.pointee.value else {
      return false
    }
    let place =
      column == nil
      ? matrix.place(ofPosition: i)
      : column?.number(frame).flatMap { Int(exactly: $0) }.map { (row: i, column: $0) }
    guard let place, let old = matrix.number(place.row, place.column) else { return false }
    if let update {
      guard
        case .number(let changed)? = try? Arithmetic.apply(update.operation, .number(old), new)
      else { return false }
      number = changed
    }
    slot.pointee.value = nil
    matrix[place.row - 1, place.column - 1] = number
    slot.pointee.value = .matrix(matrix)
    return true
  }

  private func resolve(_ slot: UnsafeMutablePointer<Slot>, _ frame: Frame) throws -> [Resolved] {
    var path: [Resolved] = []
    for step in steps {
      switch step {
      case .field(let name, _): path.append(.field(name))
      case .index(let list, _):
        let container =
          list.usesEnd
          ? try read(slot.pointee.value ?? .nothing, path, path.count, frame) : Value.nothing
        path.append(.index(try list.evaluate(in: container, frame)))
      }
    }
    return path
  }

  /// The part at the end of the first `count` steps.
  private func read(_ whole: Value, _ path: [Resolved], _ count: Int, _ frame: Frame) throws
    -> Value
  {
    var current = whole
    for (place, step) in path.prefix(count).enumerated() {
      let container = current
      let operand = { self.containerOperand(place, container, frame) }
      switch (step, steps[place]) {
      case (.field(let name), .field(_, let range)):
        current = try FieldNode.field(name, range, of: container, operand: operand)
      case (.index(let indices), .index(let list, let range)):
        do {
          guard let part = try Indexing.read(container, indices) else {
            throw Fault(.notIndexable(operand()), at: range)
          }
          current = part
        } catch let error as IndexError {
          throw list.fault(error, operand(), indices, frame, at: range)
        }
      default: break
      }
    }
    return current
  }

  private func containerOperand(_ place: Int, _ container: Value, _ frame: Frame) -> Fault.Operand {
    if place == 0 { return root.operand(container, frame) }
    let end = stepRange(place - 1)
    let range = root.range.joined(end)
    return Fault.Operand(
      range: range, label: container.label, value: container, name: range.text, origin: nil)
  }

  func stepRange(_ place: Int) -> SourceRange {
    switch steps[place] {
    case .index(_, let range), .field(_, let range): range
    }
  }

  /// An error at a depth of the path.
  private struct Misfit: Error {
    var error: any Error
    var depth: Int
    var label: String
  }

  /// Walks down, each part taken out of its container so that it can change in place.
  private static func store(
    _ new: Value, into container: inout Value, _ path: ArraySlice<Resolved>
  ) throws {
    guard let step = path.first else {
      container = new
      return
    }
    let rest = path.dropFirst()
    do {
      switch step {
      case .field(let name): try store(new, intoField: name, of: &container, rest)
      case .index(let indices):
        if rest.isEmpty { return try Indexing.write(new, into: &container, indices) }
        if case .value(.text(let key))? = indices.first {
          return try store(new, intoField: key, of: &container, rest)
        }
        try store(new, intoElement: indices, of: &container, rest)
      }
    } catch let misfit as Misfit { throw misfit } catch {
      throw Misfit(error: error, depth: path.startIndex, label: container.label)
    }
  }

  private static func store(
    _ new: Value, intoField name: String, of container: inout Value, _ rest: ArraySlice<Resolved>
  ) throws {
    if case .list(let list) = container, list.isEmpty { container = .record(Record()) }
    guard case .record(var record) = container else {
      if case .object(let object) = container { throw AssignmentError.immutable(object.kind) }
      throw AssignmentError.path
    }
    if rest.isEmpty {
      container = .nothing
      record[name] = new
      container = .record(record)
      return
    }
    guard var part = record[name] else { throw IndexError.key(name, known: record.keys) }
    container = .nothing
    record[name] = .nothing
    defer {
      record[name] = part
      container = .record(record)
    }
    try store(new, into: &part, rest)
  }

  private static func store(
    _ new: Value, intoElement indices: [Indexing.Index], of container: inout Value,
    _ rest: ArraySlice<Resolved>
  ) throws {
    guard case .list(var list) = container else { throw AssignmentError.path }
    guard indices.count == 1 else {
      throw IndexError.dimensions(given: indices.count, allowed: 1)
    }
    guard case .one(let position) = try Indexing.selection(indices[0], list.count, dimension: 0)
    else { throw AssignmentError.path }
    container = .nothing
    var part = list[position]
    list[position] = .nothing
    defer {
      list[position] = part
      container = .list(list)
    }
    try store(new, into: &part, rest)
  }

  private func fault(
    _ error: any Error, _ path: [Resolved], _ new: Value, _ frame: Frame, _ whole: Value
  ) throws -> any Error {
    guard let misfit = error as? Misfit else { return error }
    let place = min(misfit.depth, steps.count - 1)
    let container = (try? read(whole, path, place, frame)) ?? whole
    let operand = containerOperand(place, container, frame)
    if let index = misfit.error as? IndexError {
      if case .index(let list, let range) = steps[place], case .index(let indices) = path[place] {
        return list.fault(index, operand, indices, frame, at: range)
      }
      if case .key(let name, let known) = index {
        return Fault(
          .noField(name, at: stepRange(place), of: operand, known: known), at: stepRange(place))
      }
    }
    if let problem = misfit.error as? AssignmentError {
      return Fault(
        .assignment(problem, of: operand, value: value.operand(new, frame)), at: stepRange(place))
    }
    return misfit.error
  }
}
