import Matrices
import Vocabulary

extension RatingsTable: Storable {
  package static let storedKind = "ratings"

  package var stored: Record {
    func column(_ numbers: [Int32]) -> Value { .matrix(Matrix(column: numbers.map(Double.init))) }
    return Record([
      ("users", users.value), ("items", items.value), ("rows", column(entries.rows)),
      ("columns", column(entries.columns)), ("values", .matrix(Matrix(column: entries.values))),
    ])
  }

  package static func restored(from parts: Parts, _ context: Context) throws -> RatingsTable {
    let (users, items) = (
      try IdentifierMap(try parts("users", as: Value.self)),
      try IdentifierMap(try parts("items", as: Value.self))
    )
    let rows = try lines(parts, "rows", below: users.count)
    let columns = try lines(parts, "columns", below: items.count)
    let values = try parts.numbers("values")
    guard rows.count == values.count, columns.count == values.count else {
      throw Parts.damage("the columns of the ratings are not equally long")
    }
    guard values.allSatisfy(\.isFinite) else { throw Parts.damage("a rating is no number") }
    return RatingsTable(
      users: users, items: items,
      entries: ObservedEntries(
        Shape(users.count, items.count), rows: rows, columns: columns, values: values))
  }

  private static func lines(_ parts: Parts, _ name: String, below count: Int) throws -> [Int32] {
    let lines = try parts.numbers(name).compactMap { Int32(exactly: $0) }
    guard lines.count == (try parts.numbers(name).count),
      lines.allSatisfy({ $0 >= 0 && $0 < count })
    else { throw Parts.damage("a rating of nobody") }
    return lines
  }
}

extension IdentifierMap {
  /// From what `value` gives.
  fileprivate init(_ value: Value) throws {
    self.init()
    let all: [Value] =
      if case .list(let list) = value {
        list
      } else {
        (Matrix.from(value)?.elements ?? []).map { .number($0) }
      }
    for (line, value) in all.enumerated() {
      guard let identifier = Identifier(value), self.line(adding: identifier) == Int32(line) else {
        throw Parts.damage("a user or an item that is none, or comes twice")
      }
    }
  }
}
