import Matrices
import Vocabulary

/// What a caller names a user or an item by: a number or a text.
package enum Identifier: Hashable, Sendable {
  case number(Double)
  case text(String)

  /// `nil` for values that cannot name anything.
  package init?(_ value: Value) {
    if case .text(let text) = value {
      self = .text(text)
    } else if let number = Double.from(value), !number.isNaN {
      self = .number(number)
    } else {
      return nil
    }
  }

  package var value: Value {
    switch self {
    case .number(let number): .number(number)
    case .text(let text): .text(text)
    }
  }
}

/// Identifiers as they come in a table: a column of numbers is kept as one.
package enum IdentifierColumn: Sendable {
  case numbers([Double])
  case identifiers([Identifier])

  func selecting(_ places: [Int]) -> IdentifierColumn {
    switch self {
    case .numbers(let numbers): .numbers(places.map { numbers[$0] })
    case .identifiers(let all): .identifiers(places.map { all[$0] })
    }
  }
}

/// Identifiers and the lines of a factor they stand for, in the order of their first appearance.
package struct IdentifierMap: Sendable {
  package private(set) var all: [Identifier] = []
  private var lines: [Identifier: Int32] = [:]

  package var count: Int { all.count }

  /// The line of an identifier, a new one at its first appearance.
  package mutating func line(adding identifier: Identifier) -> Int32 {
    if let line = lines[identifier] { return line }
    let line = Int32(all.count)
    lines[identifier] = line
    all.append(identifier)
    return line
  }

  /// The lines of a column of identifiers.
  package mutating func lines(adding column: IdentifierColumn) throws -> [Int32] {
    switch column {
    case .numbers(let numbers): return try lines(adding: numbers)
    case .identifiers(let identifiers):
      return try identifiers.enumerated().map { place, identifier in
        if place & 0xFFFF == 0 { try Interrupt.check() }
        return line(adding: identifier)
      }
    }
  }

  /// The lines of numbers. Whole ones that are not much larger than their count are looked up in a
  /// list: no number is hashed twice.
  private mutating func lines(adding numbers: [Double]) throws -> [Int32] {
    var known = [Int32](repeating: -1, count: min(2 * numbers.count + 1024, 1 << 24))
    return try numbers.enumerated().map { place, number in
      if place & 0xFFFF == 0 { try Interrupt.check() }
      guard let index = Int(exactly: number), known.indices.contains(index) else {
        return line(adding: .number(number))
      }
      if known[index] < 0 { known[index] = line(adding: .number(number)) }
      return known[index]
    }
  }

  /// The identifiers of lines in the order of their first appearance, and the lines in that order.
  func renumbered(_ old: [Int32]) -> (map: IdentifierMap, lines: [Int32]) {
    var map = IdentifierMap()
    var new = [Int32](repeating: -1, count: count)
    let lines = old.map { line in
      if new[Int(line)] < 0 { new[Int(line)] = map.line(adding: all[Int(line)]) }
      return new[Int(line)]
    }
    return (map, lines)
  }

  /// The line of a known identifier.
  package subscript(identifier: Identifier) -> Int? { lines[identifier].map(Int.init) }

  /// A column of numbers, or a list when some are texts.
  package var value: Value { Self.value(of: all) }

  package static func value(of identifiers: [Identifier]) -> Value {
    var numbers: [Double] = []
    for case .number(let number) in identifiers { numbers.append(number) }
    return numbers.count == identifiers.count
      ? .matrix(Matrix(column: numbers)) : .list(identifiers.map(\.value))
  }
}
