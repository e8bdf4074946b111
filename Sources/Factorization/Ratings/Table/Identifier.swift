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
