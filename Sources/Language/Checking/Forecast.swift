import Matrices
import Vocabulary

/// What the checker knows of the value of a program before it runs.
package struct Forecast {
  private let known: Known

  init(_ known: Known) { self.known = known }

  /// In half a line, sizes in letters where they are not known: `m×20 matrix`.
  package var text: String { known.label(Symbols.letters(known.shownSymbols)) }

  /// Whether a value may be what the program gives.
  package func allows(_ value: Value) -> Bool {
    var chosen: [Amount.Symbol: Double] = [:]
    return Self.allows(known, value, &chosen)
  }

  private static func allows(
    _ amount: Amount, _ number: Double, _ chosen: inout [Amount.Symbol: Double]
  ) -> Bool {
    if let value = amount.value { return value == number || value.isNaN && number.isNaN }
    guard let symbol = amount.symbol else { return true }
    if let known = chosen[symbol] { return known == number || number.isNaN }
    chosen[symbol] = number
    return true
  }

  private static func allows(
    _ known: Known, _ value: Value, _ chosen: inout [Amount.Symbol: Double]
  ) -> Bool {
    switch (known, value) {
    case (.anything, _), (.nothing, .nothing): return true
    case (.boolean(let truth), .boolean(let given)): return truth == nil || truth == given
    case (.number(let amount), .number(let number)): return allows(amount, number, &chosen)
    case (.text(let text), .text(let given)): return text == nil || text == given
    case (.matrix(let facts), _):
      guard let shape = value.shape else { return false }
      if facts.isSurely, case .matrix = value {} else if facts.isSurely { return false }
      if let isLogical = facts.isLogical, case .matrix(let matrix) = value,
        matrix.isLogical != isLogical
      {
        return false
      }
      guard allows(facts.extent.rows, Double(shape.rows), &chosen),
        allows(facts.extent.columns, Double(shape.columns), &chosen)
      else { return false }
      guard let elements = facts.elements, let matrix = Matrix.from(value) else { return true }
      return elements.count == matrix.count
        && zip(elements, matrix.elements).allSatisfy { allows($0, $1, &chosen) }
    case (.range(_, _, let count), .range(let range)):
      return allows(count, Double(range.count), &chosen)
    case (.list(let facts), .list(let list)):
      guard allows(facts.count, Double(list.count), &chosen) else { return false }
      if let elements = facts.elements {
        return zip(elements, list).allSatisfy { allows($0, $1, &chosen) }
      }
      return list.allSatisfy { element in
        var own = chosen
        return allows(facts.element, element, &own)
      }
    case (.record(let facts), .record(let record)):
      if facts.isComplete, facts.keys != record.keys { return false }
      return zip(facts.keys, facts.values).allSatisfy { key, known in
        record[key].map { allows(known, $0, &chosen) } ?? false
      }
    case (.function, .function): return true
    case (.object(let facts), .object(let object)):
      if let kind = facts.kind, !object.kind.hasSuffix(kind.split(separator: " ").last ?? "") {
        return false
      }
      return facts.fields.allSatisfy { name, known in
        object.field(name).map { allows(known, $0, &chosen) } ?? false
      }
    default: return false
    }
  }
}
