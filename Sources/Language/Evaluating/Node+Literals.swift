import Autodiff
import Matrices
import Vocabulary

/// `[1, 2; 3, 4]`: numbers, or blocks that fit together.
final class MatrixLiteral: Node {
  let rows: [[Node]]

  init(_ rows: [[Node]], _ range: SourceRange) {
    self.rows = rows
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var blocks: [[Value]] = []
    blocks.reserveCapacity(rows.count)
    for row in rows {
      var values: [Value] = []
      values.reserveCapacity(row.count)
      for node in row { values.append(try node.evaluate(frame)) }
      blocks.append(values)
    }
    if let numbers = numbers(blocks) { return .matrix(numbers) }
    let matrix = try joined(blocks.map { $0.map(\.plain) }, frame)
    return traced(blocks) ?? .matrix(matrix)
  }

  /// The matrix of rows that hold nothing but numbers and short rows, and are of one length:
  /// `[1, 2; 3, 4]`, `[losses, loss]`; `nil` for all others.
  private func numbers(_ blocks: [[Value]]) -> Matrix? {
    var numbers: [Double] = []
    numbers.reserveCapacity(blocks.count * (blocks.first?.count ?? 0))
    var width = 0
    for (place, row) in blocks.enumerated() {
      for value in row {
        switch value {
        case .number(let number): numbers.append(number)
        case .matrix(let matrix):
          guard matrix.rows == 1, matrix.precision == .double, !matrix.isLogical,
            matrix.columns <= Self.shortRow
          else { return nil }
          numbers.append(contentsOf: matrix.elements)
        default: return nil
        }
      }
      if place == 0 { width = numbers.count }
      guard numbers.count == width * (place + 1) else { return nil }
    }
    return width > 0 ? Matrix(blocks.count, width, numbers) : nil
  }

  /// The longest row whose numbers may be copied twice.
  private static let shortRow = 4096

  /// The matrix of blocks that fit, when some of them are traced.
  private func traced(_ blocks: [[Value]]) -> Value? {
    guard blocks.contains(where: { $0.contains(where: \.isTraced) }) else { return nil }
    // Empty blocks take no room.
    let rows = blocks.map { $0.compactMap { Trace($0) }.filter { $0.shape != Shape(0, 0) } }
    return Value(Trace.joined(rows.filter { !$0.isEmpty }))
  }

  private func joined(_ blocks: [[Value]], _ frame: Frame) throws -> Matrix {
    var bands: [Matrix] = []
    var firstRow = 0
    for (place, row) in blocks.enumerated() {
      let parts = try besides(row, place, frame)
      try check(
        Shape(parts.first?.rows ?? 0, parts.reduce(0) { $0 + $1.columns }))
      let band = parts.count == 1 ? parts[0] : Matrix.besides(parts)
      if band.shape == Shape(0, 0) && blocks.count > 1 { continue }
      if let first = bands.first {
        if first.columns != band.columns {
          throw Fault(
            .blocks(
              .above(first.shape, band.shape), rowOperand(firstRow, first),
              rowOperand(place, band)), at: rowRange(place))
        }
      } else {
        firstRow = place
      }
      bands.append(band)
    }
    try check(Shape(bands.reduce(0) { $0 + $1.rows }, bands.first?.columns ?? 0))
    return bands.count == 1 ? bands[0] : Matrix.above(bands)
  }

  /// The matrices of a row, which have as many rows as the first of them.
  private func besides(_ row: [Value], _ place: Int, _ frame: Frame) throws -> [Matrix] {
    var parts: [Matrix] = []
    parts.reserveCapacity(row.count)
    var first = 0
    for (index, value) in row.enumerated() {
      let node = rows[place][index]
      guard let matrix = Matrix.from(value) else {
        throw Fault(.blockType(node.operand(value, frame)), at: node.range)
      }
      // An empty block beside others takes no room, so that `[[], x]` grows from nothing.
      if matrix.shape == Shape(0, 0) && row.count > 1 { continue }
      if parts.isEmpty {
        first = index
      } else if parts[0].rows != matrix.rows {
        throw Fault(
          .blocks(
            .besides(parts[0].shape, matrix.shape), rows[place][first].operand(row[first], frame),
            node.operand(value, frame)), at: node.range)
      }
      parts.append(matrix)
    }
    return parts
  }

  private func check(_ shape: Shape) throws {
    guard Matrix.canAllocate(shape) else {
      throw Fault(
        .builtin(
          Problem(.value, "a \(shape) matrix does not fit into memory"), callee: "[]", places: []),
        at: range)
    }
  }

  private func rowRange(_ row: Int) -> SourceRange {
    guard let first = rows[row].first, let last = rows[row].last else { return range }
    return first.range.joined(last.range)
  }

  private func rowOperand(_ row: Int, _ matrix: Matrix) -> Fault.Operand {
    Fault.Operand(
      range: rowRange(row), label: "\(matrix.columns) column\(matrix.columns == 1 ? "" : "s")",
      value: .matrix(matrix), name: nil, origin: nil)
  }
}

/// Whether lists and texts may become as long as an operator wants them.
enum Room {
  /// Throws when memory has no room for a list of so many elements.
  @inline(__always)
  static func check(elements count: Int) throws(OperationError) {
    guard Memory.hasRoom(for: count * MemoryLayout<Value>.stride) else {
      throw .problem(Problem(.value, "memory has no room for a list of \(count) elements"))
    }
  }

  /// Throws when memory has no room for a text of so many bytes.
  @inline(__always)
  static func check(letters count: Int) throws(OperationError) {
    guard Memory.hasRoom(for: count) else {
      throw .problem(Problem(.value, "memory has no room for a text of \(count) letters"))
    }
  }
}

/// How deep lists and records may be inside one another: comparing, showing and freeing them
/// recurses.
enum Nesting {
  static let deepest = 1000
  /// More than this is not looked at: a check must not cost more than what it checks.
  private static let mostVisits = 2000

  static func check(_ parts: [Value], at range: SourceRange) throws {
    var visits = 0
    for part in parts where depth(part, 1, &visits) >= deepest {
      throw Fault(.nestedTooDeep, at: range)
    }
  }

  private static func depth(_ value: Value, _ level: Int, _ visits: inout Int) -> Int {
    guard level < deepest, visits < mostVisits else { return level }
    let parts: [Value]
    switch value {
    case .list(let list): parts = list
    case .record(let record): parts = record.values
    case .function(let callable):
      return level + ((callable as? UserFunction)?.nesting ?? 0)
    default: return level
    }
    var deepestPart = level
    // What was put in last is the likeliest to be deep.
    for part in parts.suffix(64).reversed() {
      visits += 1
      deepestPart = max(deepestPart, depth(part, level + 1, &visits))
      if deepestPart >= deepest || visits >= mostVisits { break }
    }
    return deepestPart
  }
}

final class ListLiteral: Node {
  let elements: [Node]

  init(_ elements: [Node], _ range: SourceRange) {
    self.elements = elements
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try element.evaluate(frame)) }
    try Nesting.check(values, at: range)
    return .list(values)
  }
}

final class RecordLiteral: Node {
  let fields: [(key: String, node: Node)]

  init(_ fields: [(key: String, node: Node)], _ range: SourceRange) {
    self.fields = fields
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var record = Record()
    for (key, node) in fields { record[key] = try node.evaluate(frame) }
    try Nesting.check(record.values, at: range)
    return .record(record)
  }
}

/// `{r..., a = 2}`, `{xs..., 4}`: a record or list with others spread into it. What comes later
/// wins; a field keeps its first place.
final class SpreadLiteral: Node {
  enum Part {
    case all(Node)
    case field(String, Node)
    case element(Node)
  }

  let parts: [Part]

  init(_ parts: [Part], _ range: SourceRange) {
    self.parts = parts
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var record = Record()
    var list: [Value] = []
    /// What the braces are, once a part has said so.
    var isRecord: Bool?
    for part in parts {
      switch part {
      case .field(let key, let node):
        isRecord = true
        record[key] = try node.evaluate(frame)
      case .element(let node):
        isRecord = false
        list.append(try node.evaluate(frame))
      case .all(let node):
        let value = try node.evaluate(frame)
        let wanted = isRecord ?? self.isRecord
        switch value {
        case .record(let other) where wanted != false:
          isRecord = true
          for (key, field) in zip(other.keys, other.values) { record[key] = field }
        case .object(let object) where wanted != false:
          isRecord = true
          for name in object.fieldNames { record[name] = object.field(name) ?? record[name] }
        case .list(let other) where other.isEmpty: continue
        case .list(let other) where wanted != true:
          isRecord = false
          do { try Room.check(elements: list.count + other.count) } catch {
            throw Fault(.noRoom("a list of \(list.count + other.count) elements"), at: range)
          }
          list += other
        case .nothing, .boolean, .number, .text, .matrix, .range, .list, .record, .function,
          .object:
          throw Fault(.spread(node.operand(value, frame), intoRecord: wanted), at: node.range)
        }
      }
    }
    try Nesting.check(isRecord == true ? record.values : list, at: range)
    return isRecord == true ? .record(record) : .list(list)
  }

  /// What the parts that are not spread say about the whole.
  private var isRecord: Bool? {
    for part in parts {
      switch part {
      case .field: return true
      case .element: return false
      case .all: continue
      }
    }
    return nil
  }
}

/// `"loss {m.loss:.4}"`.
final class TextNode: Node {
  enum Piece {
    case letters(String)
    case hole(Node, FormatSpecification?)
  }

  let pieces: [Piece]

  init(_ pieces: [Piece], _ range: SourceRange) {
    self.pieces = pieces
    super.init(range)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var text = ""
    for piece in pieces {
      switch piece {
      case .letters(let letters): text += letters
      case .hole(let node, let format):
        let value = try node.evaluate(frame).plain
        guard let format else {
          text += value.printed
          continue
        }
        do {
          text += try format.text(of: value)
        } catch {
          throw Fault(
            .builtin(
              error, callee: "text",
              places: [
                Fault.Place(
                  parameter: nil, given: .position(0), operand: node.operand(value, frame))
              ]), at: node.range)
        }
      }
    }
    return .text(text)
  }
}
