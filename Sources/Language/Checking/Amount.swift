import Matrices

/// A number as far as it is known before the program runs: a constant, or a sum of whole multiples
/// of unknown numbers, such as `n + 1`.
struct Amount: Hashable, Sendable {
  /// An unknown number: always the same one in one run of the program.
  typealias Symbol = Int32

  private(set) var constant: Double
  /// Symbols with factors that are not 0, in order.
  private(set) var terms: [Term] = []

  struct Term: Hashable, Sendable {
    var symbol: Symbol
    var factor: Double
  }

  init(_ constant: Double) { self.constant = constant }
  init(_ constant: Int) { self.constant = Double(constant) }
  init(symbol: Symbol) {
    constant = 0
    terms = [Term(symbol: symbol, factor: 1)]
  }

  static let zero = Amount(0.0)
  static let one = Amount(1.0)

  /// The number, where it is known.
  var value: Double? { terms.isEmpty ? constant : nil }

  /// The number as a whole one, where it is known and is one.
  var whole: Int? { value.flatMap { Int(exactly: $0) } }

  /// The symbol, where it is nothing but one.
  var symbol: Symbol? {
    terms.count == 1 && terms[0].factor == 1 && constant == 0 ? terms[0].symbol : nil
  }

  static func + (a: Amount, b: Amount) -> Amount { a.adding(b, times: 1) }
  static func - (a: Amount, b: Amount) -> Amount { a.adding(b, times: -1) }

  static func * (a: Amount, factor: Double) -> Amount {
    if factor == 0 { return .zero }
    var result = a
    result.constant *= factor
    for index in result.terms.indices { result.terms[index].factor *= factor }
    return result
  }

  private func adding(_ other: Amount, times factor: Double) -> Amount {
    var result = Amount(constant + factor * other.constant)
    var (i, j) = (0, 0)
    while i < terms.count || j < other.terms.count {
      if j == other.terms.count || i < terms.count && terms[i].symbol < other.terms[j].symbol {
        result.terms.append(terms[i])
        i += 1
      } else if i == terms.count || other.terms[j].symbol < terms[i].symbol {
        result.terms.append(
          Term(symbol: other.terms[j].symbol, factor: factor * other.terms[j].factor))
        j += 1
      } else {
        let sum = terms[i].factor + factor * other.terms[j].factor
        if sum != 0 { result.terms.append(Term(symbol: terms[i].symbol, factor: sum)) }
        (i, j) = (i + 1, j + 1)
      }
    }
    return result
  }

  /// Whether sums of it are exact: whole numbers far from the limits of a number.
  var isExact: Bool {
    let limit = 1e12
    return constant.rounded() == constant && abs(constant) < limit
      && terms.allSatisfy { $0.factor.rounded() == $0.factor && abs($0.factor) < limit }
      && terms.count <= 8
  }

  /// With each symbol replaced by what is known of it.
  func replacing(_ known: [Symbol: Amount]) -> Amount {
    guard !terms.isEmpty, !known.isEmpty, terms.contains(where: { known[$0.symbol] != nil }) else {
      return self
    }
    var result = Amount(constant)
    for term in terms {
      result = result + (known[term.symbol] ?? Amount(symbol: term.symbol)) * term.factor
    }
    return result
  }

  /// In letters: `n + 1`, `2·n`.
  func text(_ name: (Symbol) -> String) -> String {
    if terms.isEmpty { return NumberFormat.short(constant) }
    var text = ""
    for term in terms {
      let size = abs(term.factor)
      let part = (size == 1 ? "" : NumberFormat.short(size) + "·") + name(term.symbol)
      if text.isEmpty {
        text = (term.factor < 0 ? "-" : "") + part
      } else {
        text += (term.factor < 0 ? " - " : " + ") + part
      }
    }
    if constant != 0 {
      text += (constant < 0 ? " - " : " + ") + NumberFormat.short(abs(constant))
    }
    return text
  }
}

/// Two dimensions, each as far as it is known.
struct Extent: Hashable, Sendable {
  var rows: Amount
  var columns: Amount

  init(_ rows: Amount, _ columns: Amount) {
    self.rows = rows
    self.columns = columns
  }

  init(_ shape: Shape) { self.init(Amount(shape.rows), Amount(shape.columns)) }

  static let single = Extent(.one, .one)

  var transposed: Extent { Extent(columns, rows) }

  /// The shape, where both are known.
  var shape: Shape? {
    guard let rows = rows.whole, let columns = columns.whole else { return nil }
    return Shape(rows, columns)
  }
}

/// The unknown numbers of one check, with what is known of each.
final class Symbols {
  private struct Entry {
    var least: Double
    /// Whether it is a number of things: whole, finite, never negative.
    var isCount: Bool
  }

  private var entries: [Entry] = []

  /// An unknown number of things.
  func count(least: Double = 0) -> Amount { make(Entry(least: least, isCount: true)) }

  /// An unknown number.
  func number() -> Amount { make(Entry(least: -.infinity, isCount: false)) }

  private func make(_ entry: Entry) -> Amount {
    entries.append(entry)
    return Amount(symbol: Amount.Symbol(truncatingIfNeeded: entries.count - 1))
  }

  func isCount(_ symbol: Amount.Symbol) -> Bool { entries[Int(symbol)].isCount }

  /// Whether it is certainly a whole, finite number.
  func isWhole(_ amount: Amount) -> Bool {
    amount.isExact && amount.terms.allSatisfy { entries[Int($0.symbol)].isCount }
  }

  /// The least that it can be.
  func least(_ amount: Amount) -> Double {
    var sum = amount.constant
    for term in amount.terms {
      guard term.factor > 0 else { return -.infinity }
      sum += term.factor * entries[Int(term.symbol)].least
    }
    return sum
  }

  /// Whether the two certainly differ.
  func differ(_ a: Amount, _ b: Amount) -> Bool {
    if let x = a.value, let y = b.value { return x != y }
    let difference = a - b
    guard difference.isExact, difference.terms.allSatisfy({ isCount($0.symbol) }) else {
      return false
    }
    if let value = difference.value { return value != 0 }
    return least(difference) > 0 || least(difference * -1) > 0
  }

  /// Letters for the symbols of a message, in the order in which they were made.
  static func letters(_ symbols: Set<Amount.Symbol>) -> (Amount.Symbol) -> String {
    let names = ["m", "n", "k", "p", "q", "r", "s", "t"]
    let order = symbols.sorted()
    return { symbol in
      let place = order.firstIndex(of: symbol) ?? 0
      return place < names.count ? names[place] : "n\(place)"
    }
  }
}
