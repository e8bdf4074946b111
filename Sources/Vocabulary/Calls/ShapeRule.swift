/// What a builtin does to shapes: one case of the `shapes:` text of its declaration, which people
/// read in help and the checker reads before a program runs.
///
///     shapes    = case { ";" case }              the first case that fits counts
///     case      = [ input { "," input } ] "→" result { "," name "=" size }
///     input     = size "×" size                  a matrix; a letter means the same size everywhere
///               | "[" size { "," size } "]"       so many numbers, each by its letter
///               | letter                         a number, by that letter
///               | word { word }                  a kind of value: number, text, list, model …
///               | parameter "=" value            only where a parameter has that value
///               | "…"                            the same again, any number of times
///     result    = [ "sparse" ] size "×" size [ "true/false" ] | size | "[" size { "," size } "]"
///               | "{" field { "," field } "}" | word { word } [ "with" part { "," part } ]
///               | result "∘" result              rows and columns of length 1 are repeated
///               | result "or" result
///     field     = name "=" result
///     part      = name result
///     size      = number | letter | parameter | size "+" size | size "·" size
///               | "min(" size "," size ")" | "(" size ")"
package struct ShapeRule: Sendable, Equatable {
  package indirect enum Size: Sendable, Equatable {
    case literal(Int)
    case name(String)
    case sum([Size])
    case product([Size])
    case least(Size, Size)
  }

  package enum Input: Sendable, Equatable {
    case matrix(Size, Size)
    case row([Size])
    case count(String)
    case kind(String)
    case parameter(String, is: String)
  }

  package indirect enum Result: Sendable, Equatable {
    case matrix(Size, Size, isLogical: Bool)
    case sparse(Size, Size)
    case number(Size)
    case row([Size])
    case record([Field])
    case kind(String, [Field])
    case broadcast(Result, Result)
    case either(Result, Result)
  }

  package struct Field: Sendable, Equatable {
    package var name: String
    package var result: Result
  }

  package var inputs: [Input]
  /// Whether the last input comes any number of times.
  package var repeats = false
  package var result: Result
  /// What letters of the result stand for: `k = min(m, n)`.
  package var definitions: [String: Size] = [:]

  /// The cases of a text; `nil` where it cannot be read.
  package static func parse(_ text: String) -> [ShapeRule]? {
    var reader = ShapeReader(text)
    return try? reader.rules()
  }
}

/// Reads the text, by recursive descent.
private struct ShapeReader {
  private enum Token: Equatable {
    case word(String)
    case number(Int)
    case text(String)
    case sign(Character)
  }

  private struct Unreadable: Error {}

  private var tokens: [Token] = []
  private var place = 0

  init(_ text: String) {
    let letters = Array(text)
    var index = 0
    while index < letters.count {
      let letter = letters[index]
      if letter.isWhitespace {
        index += 1
      } else if letter.isNumber, letter.isASCII {
        let digits = letters[index...].prefix { $0.isNumber && $0.isASCII }
        tokens.append(.number(Int(String(digits)) ?? 0))
        index += digits.count
      } else if letter.isLetter || letter == "_" {
        let word = letters[index...].prefix {
          $0.isLetter || $0.isNumber || $0 == "_" || $0 == "/" || $0 == "-"
        }
        tokens.append(.word(String(word)))
        index += word.count
      } else if letter == "\"" {
        let inside = letters[(index + 1)...].prefix { $0 != "\"" }
        tokens.append(.text(String(inside)))
        index += inside.count + 2
      } else {
        tokens.append(.sign(letter))
        index += 1
      }
    }
  }

  private var token: Token? { place < tokens.count ? tokens[place] : nil }
  private var next: Token? { place + 1 < tokens.count ? tokens[place + 1] : nil }

  private mutating func accept(_ sign: Character) -> Bool {
    guard token == .sign(sign) else { return false }
    place += 1
    return true
  }

  private mutating func need(_ sign: Character) throws {
    guard accept(sign) else { throw Unreadable() }
  }

  mutating func rules() throws -> [ShapeRule] {
    var rules = [try rule()]
    while accept(";") { rules.append(try rule()) }
    guard place == tokens.count else { throw Unreadable() }
    return rules
  }

  private mutating func rule() throws -> ShapeRule {
    var inputs: [ShapeRule.Input] = []
    var repeats = false
    while token != .sign("→") {
      if accept("…") { repeats = true } else { inputs.append(try input()) }
      if !accept(",") { break }
    }
    try need("→")
    var rule = ShapeRule(inputs: inputs, repeats: repeats, result: try result())
    while token == .sign(",") {
      place += 1
      guard case .word(let name)? = token else { throw Unreadable() }
      place += 1
      try need("=")
      rule.definitions[name] = try size()
    }
    return rule
  }

  private mutating func input() throws -> ShapeRule.Input {
    if case .word(let name)? = token, next == .sign("=") {
      place += 2
      switch token {
      case .word(let value)?, .text(let value)?:
        place += 1
        return .parameter(name, is: value)
      case .number(let value)?:
        place += 1
        return .parameter(name, is: "\(value)")
      default: throw Unreadable()
      }
    }
    if accept("[") {
      var sizes = [try size()]
      while accept(",") { sizes.append(try size()) }
      try need("]")
      return .row(sizes)
    }
    if isSize {
      let first = try size()
      if accept("×") { return .matrix(first, try size()) }
      guard case .name(let name) = first else { throw Unreadable() }
      return .count(name)
    }
    return .kind(try words())
  }

  /// Whether a size begins here: a number, a single letter, or what is followed by `×`.
  private var isSize: Bool {
    switch token {
    case .number?, .sign("(")?: true
    case .word("min")?: true
    case .word(let word)?:
      word.count == 1 || [.sign("×"), .sign("·"), .sign("+")].contains(next)
    default: false
    }
  }

  private mutating func words() throws -> String {
    var words: [String] = []
    while case .word(let word)? = token, word != "with", word != "or" {
      words.append(word)
      place += 1
    }
    guard !words.isEmpty else { throw Unreadable() }
    return words.joined(separator: " ")
  }

  private mutating func result() throws -> ShapeRule.Result {
    var left = try plainResult()
    while true {
      if accept("∘") {
        left = .broadcast(left, try plainResult())
      } else if token == .word("or") {
        place += 1
        left = .either(left, try plainResult())
      } else {
        return left
      }
    }
  }

  private mutating func plainResult() throws -> ShapeRule.Result {
    if accept("[") {
      var sizes = [try size()]
      while accept(",") { sizes.append(try size()) }
      try need("]")
      return .row(sizes)
    }
    if accept("{") {
      var fields: [ShapeRule.Field] = []
      repeat {
        guard case .word(let name)? = token else { throw Unreadable() }
        place += 1
        try need("=")
        fields.append(ShapeRule.Field(name: name, result: try result()))
      } while accept(",")
      try need("}")
      return .record(fields)
    }
    if token == .word("sparse"), place + 2 < tokens.count, tokens[place + 2] == .sign("×") {
      place += 1
      let rows = try size()
      try need("×")
      return .sparse(rows, try size())
    }
    if isSize {
      let first = try size()
      guard accept("×") else { return .number(first) }
      let second = try size()
      let isLogical = token == .word("true/false")
      if isLogical { place += 1 }
      return .matrix(first, second, isLogical: isLogical)
    }
    let kind = try words()
    var fields: [ShapeRule.Field] = []
    if token == .word("with") {
      place += 1
      while case .word(let name)? = token {
        place += 1
        fields.append(ShapeRule.Field(name: name, result: try plainResult()))
        // A part follows a comma; a definition has a `=` behind its letter.
        guard token == .sign(","), place + 2 < tokens.count, tokens[place + 2] != .sign("=") else {
          break
        }
        place += 1
      }
    }
    return .kind(kind, fields)
  }

  private mutating func size() throws -> ShapeRule.Size {
    var terms = [try factor()]
    while accept("+") {
      if accept("…") { terms.append(.name("…")) } else { terms.append(try factor()) }
    }
    return terms.count == 1 ? terms[0] : .sum(terms)
  }

  private mutating func factor() throws -> ShapeRule.Size {
    var factors = [try atom()]
    while accept("·") { factors.append(try atom()) }
    return factors.count == 1 ? factors[0] : .product(factors)
  }

  private mutating func atom() throws -> ShapeRule.Size {
    switch token {
    case .number(let number)?:
      place += 1
      return .literal(number)
    case .word("min")?:
      place += 1
      try need("(")
      let first = try size()
      try need(",")
      let second = try size()
      try need(")")
      return .least(first, second)
    case .word(let word)?:
      place += 1
      return .name(word)
    case .sign("(")?:
      place += 1
      let inside = try size()
      try need(")")
      return inside
    default: throw Unreadable()
    }
  }
}
