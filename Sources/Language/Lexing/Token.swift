/// The smallest part of a program.
struct Token {
  var kind: Kind
  var range: SourceRange
  /// Whether white space stands right before it.
  var spaceBefore: Bool

  enum Kind: Equatable {
    case name(String)
    case keyword(Keyword)
    case number(Double)
    case text([TextPart])
    case symbol(Symbol)
    /// A text in single quotes: never right, but understood by the error.
    case quoted(String)
    case newline
    case end
  }

  func `is`(_ symbol: Symbol) -> Bool { kind == .symbol(symbol) }
  func `is`(_ keyword: Keyword) -> Bool { kind == .keyword(keyword) }
}

/// A part of a text literal: letters, or a hole with the tokens of its expression.
enum TextPart: Equatable {
  case letters(String)
  case hole(Hole)

  struct Hole: Equatable {
    var tokens: [Token]
    var format: String?
    var range: SourceRange

    static func == (a: Hole, b: Hole) -> Bool { a.range == b.range && a.format == b.format }
  }
}

/// The words that have a meaning of their own.
enum Keyword: String, CaseIterable, Sendable {
  case function, end, `if`, `elseif`, `else`, then, `for`, `in`, `while`, `break`, `continue`
  case `return`, `try`, `catch`, `true`, `false`, nothing, `import`, include, `as`
}

/// The signs.
enum Symbol: String, CaseIterable {
  case pipe = "|>"
  case orOr = "||"
  case andAnd = "&&"
  case arrow = "->"
  case plusEqual = "+="
  case minusEqual = "-="
  case timesEqual = "*="
  case overEqual = "/="
  case equalEqual = "=="
  case unequal = "!="
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case dotTimes = ".*"
  case dotOver = "./"
  case dotPower = ".^"
  case dotPlus = ".+"
  case dotMinus = ".-"
  case assign = "="
  case less = "<"
  case greater = ">"
  case plus = "+"
  case minus = "-"
  case times = "*"
  case over = "/"
  case under = "\\"
  case power = "^"
  case remainder = "%"
  case and = "&"
  case or = "|"
  case not = "!"
  case transpose = "'"
  case ellipsis = "..."
  case dot = "."
  case colon = ":"
  case comma = ","
  case semicolon = ";"
  case openRound = "("
  case closeRound = ")"
  case openSquare = "["
  case closeSquare = "]"
  case openCurly = "{"
  case closeCurly = "}"
  // Signs of other languages, which only the errors understand.
  case starStar = "**"
  case percentTimes = "%*%"
  case at = "@"
  case plusPlus = "++"
  case minusMinus = "--"
  case slashSlash = "//"
  case tildeEqual = "~="
  case tilde = "~"
  case tripleEqual = "==="
  case dollar = "$"
  case question = "?"
  case backtick = "`"
  case fatArrow = "=>"
  case lessGreater = "<>"
  case percentPipe = "%>%"

  /// The signs by their first byte, longest first.
  static let byFirstByte: [[(symbol: Symbol, bytes: [UInt8])]] = {
    var table = [[(symbol: Symbol, bytes: [UInt8])]](repeating: [], count: 128)
    for symbol in allCases {
      let bytes = Array(symbol.rawValue.utf8)
      table[Int(bytes[0])].append((symbol, bytes))
    }
    return table.map { $0.sorted { $0.bytes.count > $1.bytes.count } }
  }()

  var closing: Symbol? {
    switch self {
    case .openRound: .closeRound
    case .openSquare: .closeSquare
    case .openCurly: .closeCurly
    default: nil
    }
  }

  var isClosing: Bool { self == .closeRound || self == .closeSquare || self == .closeCurly }
}
