/// Turns tokens into a tree, by recursive descent and a table of operators.
///
///     program     = { statement separator }
///     statement   = place ("=" | "+=" | …) expression | "(" names ")" "=" expression
///                 | name "(" parameters ")" "=" expression
///                 | "function" name "(" parameters ")" block "end"
///                 | "break" | "continue" | "return" [expression]
///                 | "include" "(" text ")" | "import" text "as" name | expression
///     expression  = operand { infix operand }            (`Infix.table` has the strengths)
///     operand     = ("-" | "+" | "!") operand | primary { "'" | "(" … ")" | "[" … "]" | "." name }
///     primary     = number | text | name | "(" expression ")" | "[" rows "]" | "{" items "}"
///                 | parameters "->" expression | "if" … | "for" … | "while" … | "try" …
///
/// A statement that cannot be read is noted and skipped, so that one run finds all independent
/// errors of a file. Every recursion goes through `nested`, which bounds it.
struct Parser {
  /// What a source is to the program: a whole file, or one input of a session.
  struct Result {
    var block: Block
    /// At most `mostErrors`, in order.
    var errors: [SyntaxError]
    /// Whether more text could make it right: something is still open.
    var isIncomplete: Bool
  }

  /// More errors than this only hide the first.
  static let mostErrors = 10
  /// Brackets and blocks inside one another. The parser uses about 2 KB of stack for each.
  static let deepestNesting = 200
  /// Expressions inside one another, long sums included: the evaluator recurses through them.
  static let greatestHeight: Int32 = 2000

  let source: SourceText
  let isPrompt: Bool
  var tokens: [Token]
  var place = 0
  var errors: [SyntaxError] = []
  /// For every bracket the token of its partner; -1 where there is none.
  var partners: [Int]
  /// Whether line ends are white space now: inside round and curly brackets.
  var skipsNewlines = false
  /// Whether the parser is inside a matrix literal, directly.
  var inMatrix = false
  /// Whether `end` means the last position now.
  var indexDepth = 0
  /// Whether `end` has been used in the innermost index.
  var usedEnd = false
  var nesting = 0
  /// The keywords whose blocks are open, for the message when one is not closed.
  var openBlocks: [Int] = []
  /// A block whose `end` is indented less than its start: probably the one that lacks an `end`.
  var suspect: Int?
  /// The height of the highest expression in the block that is being read.
  var blockHeight: Int32 = 0
  /// How many blocks were opened by `else if`, which wants an `end` more than `elseif`.
  var forgivenEnds = 0
  /// Whether the input ended where more was needed.
  var ranOut = false

  init(_ source: SourceText, tokens: [Token], isPrompt: Bool) {
    self.source = source
    self.tokens = tokens
    self.isPrompt = isPrompt
    partners = [Int](repeating: -1, count: tokens.count)
  }

  /// Reads a whole source.
  static func parse(_ source: SourceText, isPrompt: Bool = false) -> Result {
    let (tokens, lexical) = Lexer.scan(source)
    var parser = Parser(source, tokens: tokens, isPrompt: isPrompt)
    let unmatched = parser.matchBrackets()
    let block = parser.program()
    // A text that is not closed swallows the brackets of its line.
    let brackets = unmatched.filter { error in
      !lexical.contains { $0.swallowsLine && $0.range.line == error.range.line }
    }
    // A wrong bracket shifts everything after it, and a strange letter is reported once.
    let firstBracket = unmatched.map { $0.related?.lower ?? $0.range.lower }.min() ?? Int.max
    let reliable = parser.errors.filter { error in
      error.range.upper <= firstBracket
        && !lexical.contains { $0.range.line == error.range.line }
    }
    // A block in the style of another language is not closed in the style of this one.
    let foreign = reliable.filter { error in
      if case .habit(let habit) = error.kind { habit.hidesEnds } else { false }
    }
    let told = reliable.filter { error in
      guard error.isOpen else { return true }
      return !foreign.contains { $0.range.line == error.range.line || $0.kind.isEndWord }
    }
    let all = (lexical + brackets + told).sorted { $0.range.lower < $1.range.lower }
    let stillOpen = brackets.contains { if case .openBracket = $0.kind { true } else { false } }
    let isIncomplete =
      lexical.isEmpty && reliable.allSatisfy { $0.range.lower >= source.bytes.count || $0.isOpen }
      && brackets.allSatisfy { if case .openBracket = $0.kind { true } else { false } }
      && (stillOpen || parser.ranOut)
    return Result(
      block: block, errors: Array(all.prefix(mostErrors)), isIncomplete: isIncomplete)
  }

  // MARK: Tokens

  var token: Token { tokens[place] }

  func token(after count: Int) -> Token { tokens[min(place + count, tokens.count - 1)] }

  mutating func advance() {
    if place < tokens.count - 1 { place += 1 }
    if skipsNewlines { skipNewlines() }
  }

  mutating func skipNewlines() {
    while tokens[place].kind == .newline { place += 1 }
  }

  mutating func accept(_ symbol: Symbol) -> Bool {
    guard token.is(symbol) else { return false }
    advance()
    return true
  }

  mutating func accept(_ keyword: Keyword) -> Bool {
    guard token.is(keyword) else { return false }
    advance()
    return true
  }

  /// The range from a token to the one before the current.
  func range(from start: Int) -> SourceRange {
    var last = max(start, place - 1)
    while last > start && tokens[last].kind == .newline { last -= 1 }
    return tokens[start].range.joined(tokens[last].range)
  }

  /// The error that something else is needed here.
  mutating func expected(_ what: SyntaxError.Expected) -> SyntaxError {
    if token.kind == .end { ranOut = true }
    if token.is(.in), place > 0, what != .expression {
      return SyntaxError(.habit(.membership), at: token.range)
    }
    if token.is(.for), isComprehension {
      return SyntaxError(.habit(.comprehension), at: token.range)
    }
    if token.is(.semicolon), case .closing(")") = what, partnerIsCall {
      return SyntaxError(.habit(.semicolonArguments), at: token.range)
    }
    if token.is(.assign), place > 1, tokens[place - 1].is(.colon),
      tokens[place - 1].range.upper == token.range.lower
    {
      return SyntaxError(
        .habit(.arrowAssign(name: tokens[place - 2].range.text)),
        at: tokens[place - 1].range.joined(token.range))
    }
    if token.is(.colon), what == .expression, partnerIsCall,
      token(after: 1).is(.comma) || token(after: 1).is(.closeRound)
    {
      return SyntaxError(.habit(.roundIndex), at: token.range)
    }
    if what != .expression, let error = foreignEnding { return error }
    if let error = wordOperator, error.range != token.range { return error }
    if let habit = foreignSign {
      // Where an operand is needed `@` makes a function elsewhere.
      let isHandle = token.is(.at) && what == .expression
      return SyntaxError(.habit(isHandle ? .functionHandle : habit), at: token.range)
    }
    return SyntaxError(.expected(what, found: describe(token)), at: token.range)
  }

  func describe(_ token: Token) -> String {
    switch token.kind {
    case .newline: "the end of the line"
    case .end: source.text.isEmpty || !isHoleEnd ? "the end" : "the end of the hole"
    case .text: "a text"
    default: "'\(token.range.text)'"
    }
  }

  /// Whether these tokens are those of a hole in a text.
  private var isHoleEnd: Bool { tokens.last.map { $0.range.upper < source.bytes.count } ?? false }

  /// Runs a part of the grammar that may contain itself.
  mutating func nested<R>(_ body: (inout Parser) throws -> R) throws -> R {
    guard nesting < Self.deepestNesting else {
      throw SyntaxError(.tooDeep, at: token.range)
    }
    nesting += 1
    defer { nesting -= 1 }
    return try body(&self)
  }

  /// Runs a part of the grammar between brackets; everything that depends on the place is put
  /// back afterwards.
  mutating func bracketed<R>(
    skipsNewlines skips: Bool, inMatrix matrix: Bool = false, _ body: (inout Parser) throws -> R
  ) throws -> R {
    let before = (skipsNewlines, inMatrix)
    (skipsNewlines, inMatrix) = (skips, matrix)
    defer { (skipsNewlines, inMatrix) = before }
    if skips { skipNewlines() }
    return try nested(body)
  }

  mutating func note(_ error: any Error) {
    guard let error = error as? SyntaxError else { return }
    if !errors.contains(where: { $0.range == error.range }) { errors.append(error) }
  }

  // MARK: Brackets

  /// Finds the partners of all brackets; reports those without.
  mutating func matchBrackets() -> [SyntaxError] {
    var open: [Int] = []
    for (index, token) in tokens.enumerated() {
      guard case .symbol(let symbol) = token.kind else { continue }
      if symbol.closing != nil {
        open.append(index)
      } else if symbol.isClosing {
        guard let opener = open.last, case .symbol(let opening) = tokens[opener].kind else {
          return [SyntaxError(.extraBracket(symbol.rawValue), at: token.range)]
        }
        guard opening.closing == symbol else {
          return [
            SyntaxError(
              .mismatchedBracket(opened: opening.rawValue, found: symbol.rawValue),
              at: token.range, with: tokens[opener].range)
          ]
        }
        open.removeLast()
        partners[opener] = index
        partners[index] = opener
      }
    }
    guard let opener = open.last else { return [] }
    if case .symbol(let symbol) = tokens[opener].kind {
      return [SyntaxError(.openBracket(symbol.rawValue), at: tokens[opener].range)]
    }
    return []
  }

  // MARK: Recovery

  /// Goes on behind a statement that could not be read: past the brackets it opened, to the end
  /// of the line, or to the word that ends the block around it.
  mutating func recover(from start: Int) {
    for index in start..<max(start, place) where partners[index] > place {
      place = partners[index] + 1
      break
    }
    var inner = 0
    while place < tokens.count - 1 {
      switch token.kind {
      case .newline: return
      case .keyword(.end), .keyword(.else), .keyword(.elseif), .keyword(.catch):
        if inner == 0 && !openBlocks.isEmpty { return }
        if token.is(.end) { inner = max(0, inner - 1) }
      case .keyword(.if), .keyword(.for), .keyword(.while), .keyword(.try): inner += 1
      case .symbol(let symbol) where symbol.closing != nil && partners[place] > place:
        place = partners[place]
      default: break
      }
      place += 1
    }
  }
}

extension SyntaxError {
  /// Whether it says that something is not closed yet.
  var isOpen: Bool {
    if case .openBlock = kind { true } else { false }
  }

  /// Whether the rest of its line has been read as something else.
  var swallowsLine: Bool { kind == .openText || kind == .openHole }
}
