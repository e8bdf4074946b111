import Matrices
import Vocabulary

/// The indices between square brackets.
struct IndexList {
  /// `nil` for `:`.
  let nodes: [Node?]
  let ranges: [SourceRange]
  let usesEnd: Bool

  /// The indices as values; `end` in them means the lengths of the container.
  func evaluate(in container: Value, _ frame: Frame) throws -> [Indexing.Index] {
    var indices: [Indexing.Index] = []
    indices.reserveCapacity(nodes.count)
    for (place, node) in nodes.enumerated() {
      guard let node else {
        indices.append(.everything)
        continue
      }
      if usesEnd {
        frame.machine.ends.append(Self.length(of: container, place, of: nodes.count))
        defer { frame.machine.ends.removeLast() }
        indices.append(.value(try node.evaluate(frame)))
      } else {
        indices.append(.value(try node.evaluate(frame)))
      }
    }
    return indices
  }

  /// What `end` means in one of the indices of a value.
  private static func length(of value: Value, _ place: Int, of count: Int) -> Int {
    switch value {
    case .list(let list): return list.count
    case .text(let text): return text.count
    case .record(let record): return record.count
    default:
      guard let shape = value.shape else { return 0 }
      if count == 1 { return shape.count }
      return place == 0 ? shape.rows : shape.columns
    }
  }

  /// The fault of an index error, pointing at the index it is about.
  func fault(
    _ error: IndexError, _ container: Fault.Operand, _ indices: [Indexing.Index], _ frame: Frame,
    at range: SourceRange
  ) -> Fault {
    let place = culprit(error, indices)
    var operand: Fault.Operand?
    if let node = nodes[place], case .value(let value) = indices[place] {
      operand = node.operand(value, frame)
    }
    return Fault(
      .index(error, of: container, index: operand, position: place),
      at: ranges[place])
  }

  /// Which of the indices an error is about.
  private func culprit(_ error: IndexError, _ indices: [Indexing.Index]) -> Int {
    switch error {
    case .beyond(_, _, let dimension) where dimension == 2 && nodes.count > 1: return 1
    case .dimensions(_, let allowed): return min(allowed, nodes.count - 1)
    case .zero, .negative, .fraction, .type:
      // The first index that has this fault by itself.
      for (place, index) in indices.enumerated() {
        do { _ = try Indexing.selection(index, Int.max, dimension: 0) } catch {
          if case .mask = error { continue }
          return place
        }
      }
      return 0
    case .mask(let given, _):
      for (place, index) in indices.enumerated() {
        if case .value(.matrix(let mask)) = index, mask.isLogical, mask.count == given {
          return place
        }
      }
      return 0
    default: return 0
    }
  }
}

/// `end` inside an index.
final class EndNode: Node {
  override func evaluate(_ frame: Frame) -> Value { .number(Double(frame.machine.ends.last ?? 0)) }
}

/// `A[i, j]`.
final class IndexNode: Node {
  let base: Node
  let indices: IndexList
  private let row: Node?
  private let column: Node?
  private var patience: UInt8

  init(_ base: Node, _ indices: IndexList, _ range: SourceRange) {
    self.base = base
    self.indices = indices
    let quick =
      base.variableName != nil && !indices.usesEnd && indices.nodes.count <= 2
      && indices.nodes.allSatisfy { $0?.isQuick ?? false }
    row = quick ? indices.nodes[0] : nil
    column = quick && indices.nodes.count == 2 ? indices.nodes[1] : nil
    patience = quick ? patienceOfFastPaths : 0
    super.init(range)
  }

  override var isQuick: Bool { patience > 0 }

  override func number(_ frame: Frame) -> Double? {
    guard let row, let value = base.slot(frame)?.pointee.value, let i = row.number(frame),
      let first = Int(exactly: i)
    else { return nil }
    switch value {
    case .matrix(let matrix):
      guard let column else {
        return matrix.place(ofPosition: first).flatMap { matrix.number($0.row, $0.column) }
      }
      guard let j = column.number(frame), let second = Int(exactly: j) else { return nil }
      return matrix.number(first, second)
    case .list(let list):
      guard column == nil, first >= 1, first <= list.count, case .number(let x) = list[first - 1]
      else { return nil }
      return x
    default: return nil
    }
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    if patience > 0 {
      if let number = number(frame) { return .number(number) }
      patience -= 1
    }
    let container = try base.evaluate(frame)
    var values: [Indexing.Index]
    if let row, column == nil, case .list(let list) = container {
      let index = try row.evaluate(frame)
      if case .number(let number) = index, let place = Int(exactly: number), place >= 1,
        place <= list.count
      {
        return list[place - 1]
      }
      values = [.value(index)]
    } else {
      values = try indices.evaluate(in: container, frame)
    }
    do {
      guard let value = try Indexing.read(container, values) else {
        throw Fault(.notIndexable(base.operand(container, frame)), at: range)
      }
      return value
    } catch let error as IndexError {
      throw indices.fault(error, base.operand(container, frame), values, frame, at: range)
    }
  }
}

/// `r.field`.
final class FieldNode: Node {
  let base: Node
  let name: String
  let nameRange: SourceRange

  init(_ base: Node, _ name: String, _ nameRange: SourceRange, _ range: SourceRange) {
    self.base = base
    self.name = name
    self.nameRange = nameRange
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let container = try base.evaluate(frame)
    return try Self.field(name, nameRange, of: container) { base.operand(container, frame) }
  }

  static func field(
    _ name: String, _ range: SourceRange, of container: Value, operand: () -> Fault.Operand
  ) throws -> Value {
    switch container {
    case .record(let record):
      if let value = record[name] { return value }
      throw Fault(.noField(name, at: range, of: operand(), known: record.keys), at: range)
    case .object(let object):
      if let value = object.field(name) { return value }
      throw Fault(.noField(name, at: range, of: operand(), known: object.fieldNames), at: range)
    default:
      throw Fault(.noField(name, at: range, of: operand(), known: []), at: range)
    }
  }
}
