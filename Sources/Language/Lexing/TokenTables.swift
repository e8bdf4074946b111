/// What programs are made of, for those who describe the language to others: the manual, and the
/// syntax files of editors.
package enum TokenTables {
  /// Words that begin, divide or end something.
  package static let controls = Keyword.allCases.filter { !$0.isValue }.map(\.rawValue)
  /// Words that are values.
  package static let values = Keyword.allCases.filter(\.isValue).map(\.rawValue)
  /// Names that only a call gives a meaning.
  package static let intrinsics = Resolver.intrinsics
  /// Signs with a meaning, longest first.
  package static let signs = Symbol.allCases.filter { !$0.isForeign }.map(\.rawValue)
    .sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
  /// What may stand behind a backslash in a text, besides `u{…}`.
  package static let escapes = Lexer.escapes.keys.sorted().map {
    String(Unicode.Scalar($0))
  }

  /// Operators between two operands, those that bind weakest first: the signs of one strength, and
  /// what they do.
  package static let operators: [(signs: [String], meaning: String)] = {
    let strengths = Set(Infix.table.map(\.strength)).sorted()
    return strengths.map { strength in
      let row = Infix.table.filter { $0.strength == strength }
      var meanings: [String] = []
      for infix in row where !meanings.contains(infix.meaning.words) {
        meanings.append(infix.meaning.words)
      }
      return (row.map(\.symbol.rawValue), meanings.joined(separator: "; "))
    }
  }()
}

extension Keyword {
  var isValue: Bool { self == .true || self == .false || self == .nothing }
}

extension Symbol {
  /// Whether it is a sign of another language, which only the errors understand.
  var isForeign: Bool {
    switch self {
    case .starStar, .percentTimes, .at, .plusPlus, .minusMinus, .slashSlash, .tildeEqual, .tilde,
      .tripleEqual, .dollar, .question, .backtick, .fatArrow, .lessGreater, .percentPipe:
      true
    default: false
    }
  }
}

extension Infix.Meaning {
  /// What it does, for the manual.
  fileprivate var words: String {
    switch self {
    case .pipe: "passes the left side as the first argument"
    case .orElse: "or; does not look at the right side when the left one decides"
    case .andThen: "and; does not look at the right side when the left one decides"
    case .range: "from … to, or from … step … to, ends included"
    case .comparison: "comparison, element by element"
    case .calculation(let operation): operation.words
    }
  }
}

extension Operator {
  fileprivate var words: String {
    switch self {
    case .add, .subtract: "sum and difference of equal shapes, or with a number"
    case .multiply: "matrix product, or times a number"
    case .divide: "divided by a number"
    case .solve: "`A \\ b` solves `A * x = b`"
    case .power: "power of a number or a square matrix"
    case .remainder: "remainder with the sign of the divisor"
    case .dotTimes, .dotOver, .dotPower, .dotPlus, .dotMinus:
      "element by element; one row or one column counts for all"
    case .and, .or: "for truth values, element by element"
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      "comparison, element by element"
    }
  }
}
