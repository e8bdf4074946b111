import Matrices
import Vocabulary

/// A table of (user, item, rating) that knows which line of a factor each identifier stands for.
package final class RatingsTable: Object {
  package let users: IdentifierMap
  package let items: IdentifierMap
  package let entries: ObservedEntries

  package init(users: IdentifierMap, items: IdentifierMap, entries: ObservedEntries) {
    self.users = users
    self.items = items
    self.entries = entries
  }

  /// From three columns of equal length.
  package convenience init(users: [Identifier], items: [Identifier], values: [Double]) {
    self.init(
      startingWith: IdentifierMap(), IdentifierMap(), users: users, items: items, values: values,
      rows: [], columns: [])
  }

  /// The same, listening to a stop.
  convenience init(users: IdentifierColumn, items: IdentifierColumn, values: [Double]) throws {
    var (userMap, itemMap) = (IdentifierMap(), IdentifierMap())
    let (rows, columns) = (try userMap.lines(adding: users), try itemMap.lines(adding: items))
    self.init(
      users: userMap, items: itemMap,
      entries: ObservedEntries(
        Shape(userMap.count, itemMap.count), rows: rows, columns: columns, values: values))
  }

  /// Ratings by line that are there, whose identifiers keep their lines, and further ones. `values`
  /// holds both.
  convenience init(
    startingWith oldUsers: IdentifierMap, _ oldItems: IdentifierMap, users: [Identifier],
    items: [Identifier], values: [Double], rows: [Int32], columns: [Int32]
  ) {
    var (userMap, itemMap) = (oldUsers, oldItems)
    let rows = rows + users.map { userMap.line(adding: $0) }
    let columns = columns + items.map { itemMap.line(adding: $0) }
    self.init(
      users: userMap, items: itemMap,
      entries: ObservedEntries(
        Shape(userMap.count, itemMap.count), rows: rows, columns: columns, values: values))
  }

  /// From a matrix with NaN where nothing is known, or a sparse one, of which the stored elements are
  /// known; rows and columns are named by their numbers. `nil` for anything else, whole matrices
  /// included.
  package convenience init?(withGaps value: Value) throws {
    if let sparse = value.sparse {
      let entries = ObservedEntries(sparse)
      try Self.requireFinite(entries.values, value.label)
      self.init(numbering: entries)
      return
    }
    guard let matrix = Matrix.from(value), !matrix.isEmpty else { return nil }
    let elements = matrix.elements
    guard elements.contains(where: \.isNaN) else { return nil }
    let known = elements.indices.filter { !elements[$0].isNaN }
    let values = known.map { elements[$0] }
    try Self.requireFinite(values, matrix.label)
    self.init(
      numbering: ObservedEntries(
        matrix.shape, rows: known.map { Int32($0 / matrix.columns) },
        columns: known.map { Int32($0 % matrix.columns) }, values: values))
  }

  private static func requireFinite(_ known: [Double], _ label: String) throws {
    if known.isEmpty || known.contains(where: { !$0.isFinite }) {
      throw Problem(
        .value, "every known element must be a finite number, and some must be known", at: "r",
        label: label)
    }
  }

  /// Entries whose lines are named by their numbers.
  private convenience init(numbering entries: ObservedEntries) {
    var (userMap, itemMap) = (IdentifierMap(), IdentifierMap())
    for row in 0..<entries.shape.rows { _ = userMap.line(adding: .number(Double(row + 1))) }
    for column in 0..<entries.shape.columns {
      _ = itemMap.line(adding: .number(Double(column + 1)))
    }
    self.init(users: userMap, items: itemMap, entries: entries)
  }

  /// The smallest and the largest rating.
  package var range: ClosedRange<Double> {
    (entries.values.min() ?? 0)...(entries.values.max() ?? 0)
  }

  package var mean: Double { entries.values.reduce(0, +) / Double(max(entries.count, 1)) }

  package var kind: String { "ratings" }
  package var fieldNames: [String] { ["users", "items", "values", "count", "mean", "density"] }

  package func field(_ name: String) -> Value? {
    switch name {
    case "users": users.value
    case "items": items.value
    case "values": .matrix(Matrix(column: entries.values))
    case "count": .number(Double(entries.count))
    case "mean": .number(mean)
    case "density": .number(density)
    default: nil
    }
  }

  private var density: Double { Double(entries.count) / Double(max(entries.shape.count, 1)) }

  package func summary(width: Int) -> String {
    let share = NumberFormat.short(100 * density, digits: 3)
    return """
      ratings: \(entries.count) by \(users.count) users of \(items.count) items, \(share) % of all
        from \(NumberFormat.short(range.lowerBound)) to \(NumberFormat.short(range.upperBound)), \
      mean \(NumberFormat.short(mean, digits: 4))
      """
  }
}

extension RatingsTable: Argument, Returnable {
  package static var takes: String { "table of ratings" }
  package static func from(_ value: Value) -> RatingsTable? {
    if case .object(let object) = value { object as? RatingsTable } else { nil }
  }
  package var value: Value { .object(self) }
}

/// A column of a table as it was given.
private enum RatingColumn {
  case numbers([Double])
  case values([Value])

  var count: Int {
    switch self {
    case .numbers(let numbers): numbers.count
    case .values(let values): values.count
    }
  }
}

extension FactorizationLibrary {
  static let ratings = Builtin(
    "ratings", in: .factorize, "A table of (user, item, rating) with missing entries, for mf.",
    Parameter<Value>(
      "table", "n×3 matrix, or a record of columns: who, what, how good; further columns are left"),
    Parameter<String>(
      "duplicates",
      "what becomes of a pair that is there several times: keep: mf takes its mean, or the sum of "
        + "implicit ratings; mean, sum, last", default: "keep",
      choices: RatingsTable.Repetition.allCases.map(\.rawValue)),
    Parameter<Bool>(
      "time",
      "whether the fourth column says when: the ratings are put in that order, which "
        + "split(…, by=\"last\") goes by", default: false),
    shapes: "value → ratings",
    seeAlso: ["mf", "rmse", "recommend"],
    examples: [
      Example("r = ratings([1, 10, 5; 1, 20, 3; 2, 10, 4]); r.count", prints: "3"),
      Example(
        "r = ratings({who = {\"ann\", \"bob\"}, film = {\"Ran\", \"Ran\"}, stars = [5; 3]}); r.mean",
        prints: "4"),
    ]
  ) { (table: Value, duplicates: String, hasTime: Bool) in
    let columns = try ratingColumns(table, hasTime ? 4 : 3)
    let count = columns[0].count
    guard count > 0 else {
      throw Problem(.value, "at least one rating is needed", at: "table", label: table.label)
    }
    guard columns.allSatisfy({ $0.count == count }) else {
      throw Problem(
        .shape, "the columns must be equally long", at: "table",
        label: columns.map { "\($0.count)" }.joined(separator: ", ") + " elements")
    }
    let values = try finite(columns[2], "rating", help: "leave missing ratings out of the table")
    var (users, items) = (try identifiers(columns[0]), try identifiers(columns[1]))
    guard hasTime else {
      return try RatingsTable(users: users, items: items, values: values).merging(duplicates)
    }
    let times = try finite(columns[3], "time", help: nil)
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    (users, items) = (users.selecting(order), items.selecting(order))
    return try RatingsTable(users: users, items: items, values: order.map { values[$0] })
      .merging(duplicates)
  }

  private static func identifiers(_ column: RatingColumn) throws -> IdentifierColumn {
    func refusal(_ label: String, _ place: Int) -> Problem {
      Problem(
        .value, "every user and item must be a number or a text", at: "table",
        label: "\(label) in row \(place + 1)")
    }
    switch column {
    case .numbers(let numbers):
      if let place = numbers.firstIndex(where: \.isNaN) {
        throw refusal(Value.number(.nan).label, place)
      }
      return .numbers(numbers)
    case .values(let values):
      return .identifiers(
        try values.enumerated().map { place, value in
          if place & 0xFFFF == 0 { try Interrupt.check() }
          guard let identifier = Identifier(value) else { throw refusal(value.label, place) }
          return identifier
        })
    }
  }

  private static func finite(_ column: RatingColumn, _ what: String, help: String?) throws
    -> [Double]
  {
    func refusal(_ label: String, _ place: Int) -> Problem {
      Problem(
        .value, "every \(what) must be a finite number", at: "table",
        label: "\(label) in row \(place + 1)", help: help)
    }
    switch column {
    case .numbers(let numbers):
      if let place = numbers.firstIndex(where: { !$0.isFinite }) {
        throw refusal(Value.number(numbers[place]).label, place)
      }
      return numbers
    case .values(let values):
      return try values.enumerated().map { place, value in
        guard let number = Double.from(value), number.isFinite else {
          throw refusal(value.label, place)
        }
        return number
      }
    }
  }

  /// The first columns of a table.
  private static func ratingColumns(_ table: Value, _ count: Int) throws -> [RatingColumn] {
    let needed =
      count == 3
      ? "three columns are needed: who, what, how good"
      : "four columns are needed: who, what, how good, when"
    if let record = Record.from(table) {
      guard record.count >= count else {
        throw Problem(.shape, needed, at: "table", label: table.label)
      }
      return try record.values.prefix(count).map { value in
        if case .list(let list) = value { return .values(list) }
        guard let matrix = Matrix.from(value), matrix.shape.isVector else {
          throw Problem(
            .type, "the columns of the record must be vectors or lists", at: "table",
            label: value.label)
        }
        return .numbers(matrix.elements)
      }
    }
    guard let matrix = Matrix.from(table) else {
      throw Problem(
        .type, "'table' needs a matrix or a record of columns", at: "table", label: table.label)
    }
    guard matrix.columns >= count else {
      throw Problem(.shape, needed, at: "table", label: matrix.label)
    }
    return (0..<count).map { .numbers(matrix.column($0)) }
  }
}
