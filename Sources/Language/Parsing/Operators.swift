/// The operators with two operands, and what the parser and the errors know of them.
enum Operator: String, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case solve = "\\"
  case power = "^"
  case remainder = "%"
  case dotTimes = ".*"
  case dotOver = "./"
  case dotPower = ".^"
  case dotPlus = ".+"
  case dotMinus = ".-"
  case equal = "=="
  case unequal = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case and = "&"
  case or = "|"
}

/// An infix operator of the grammar.
struct Infix {
  /// What an infix sign makes of its operands.
  enum Meaning {
    case pipe, orElse, andThen, range
    case calculation(Operator)
    case comparison(Operator)
  }

  enum Grouping { case left, right }

  let symbol: Symbol
  /// Higher binds tighter.
  let strength: Int
  let grouping: Grouping
  let meaning: Meaning

  init(_ symbol: Symbol, strength: Int, _ grouping: Grouping, _ meaning: Meaning) {
    self.symbol = symbol
    self.strength = strength
    self.grouping = grouping
    self.meaning = meaning
  }

  /// Infix operators, weakest first. The parser knows nothing else about precedence.
  static let table: [Infix] = [
    Infix(.pipe, strength: 1, .left, .pipe),
    Infix(.orOr, strength: 2, .left, .orElse),
    Infix(.andAnd, strength: 3, .left, .andThen),
    Infix(.or, strength: 4, .left, .calculation(.or)),
    Infix(.and, strength: 5, .left, .calculation(.and)),
    Infix(.equalEqual, strength: 6, .left, .comparison(.equal)),
    Infix(.unequal, strength: 6, .left, .comparison(.unequal)),
    Infix(.less, strength: 6, .left, .comparison(.less)),
    Infix(.lessOrEqual, strength: 6, .left, .comparison(.lessOrEqual)),
    Infix(.greater, strength: 6, .left, .comparison(.greater)),
    Infix(.greaterOrEqual, strength: 6, .left, .comparison(.greaterOrEqual)),
    Infix(.colon, strength: 7, .left, .range),
    Infix(.plus, strength: 8, .left, .calculation(.add)),
    Infix(.minus, strength: 8, .left, .calculation(.subtract)),
    Infix(.dotPlus, strength: 8, .left, .calculation(.dotPlus)),
    Infix(.dotMinus, strength: 8, .left, .calculation(.dotMinus)),
    Infix(.times, strength: 9, .left, .calculation(.multiply)),
    Infix(.over, strength: 9, .left, .calculation(.divide)),
    Infix(.under, strength: 9, .left, .calculation(.solve)),
    Infix(.remainder, strength: 9, .left, .calculation(.remainder)),
    Infix(.dotTimes, strength: 9, .left, .calculation(.dotTimes)),
    Infix(.dotOver, strength: 9, .left, .calculation(.dotOver)),
    Infix(.power, strength: 11, .right, .calculation(.power)),
    Infix(.dotPower, strength: 11, .right, .calculation(.dotPower)),
  ]

  /// How tight a sign before its operand binds: `-x^2` is `-(x^2)`, `-x * y` is `(-x) * y`.
  static let prefixStrength = 10

  private static let bySymbol = Dictionary(
    table.map { ($0.symbol, $0) }, uniquingKeysWith: { first, _ in first })

  static subscript(symbol: Symbol) -> Infix? { bySymbol[symbol] }
}
