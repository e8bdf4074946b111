import Vocabulary

/// An expression as it was written.
struct Expression {
  indirect enum Kind {
    case number(Double)
    case boolean(Bool)
    case nothing
    case text([Piece])
    case name(String)
    /// `end` inside an index.
    case end
    /// `:` alone inside an index.
    case everything
    case matrix(rows: [[Expression]])
    case list([Expression])
    case record([(key: String, range: SourceRange, value: Expression)])
    /// `{r..., a = 2}` and `{xs..., 4}`: a record or list with others spread into it.
    case spread([SpreadPart])
    case calculation(Operator, SourceRange, Expression, Expression)
    case negate(Expression)
    case not(Expression)
    case transpose(Expression)
    case andThen(Expression, Expression)
    case orElse(Expression, Expression)
    case range(start: Expression, step: Expression?, end: Expression)
    case call(Expression, [CallArgument])
    /// `x |> f(y)`: a call whose first argument stands before it.
    case pipe(Expression, into: Expression, [CallArgument])
    case index(Expression, [Expression], usesEnd: Bool)
    case field(Expression, String, SourceRange)
    case function(FunctionSyntax)
    case conditional([(condition: Expression, body: Block)], otherwise: Block?)
    case loop(pattern: Pattern, over: Expression, body: Block)
    case whileLoop(condition: Expression, body: Block)
    case attempt(body: Block, name: String?, nameRange: SourceRange?, handler: Block)
    case parenthesized(Expression)
    case wrong
  }

  var kind: Kind
  var range: SourceRange
  /// How many expressions are inside one another, so that nothing recurses too deep.
  var height: Int32

  init(_ kind: Kind, _ range: SourceRange, height: Int32 = 1) {
    self.kind = kind
    self.range = range
    self.height = height
  }

  /// A part of a text: letters, or an expression with its format.
  enum Piece {
    case letters(String)
    case hole(Expression, FormatSpecification?)
  }

  /// The expression inside brackets that only group.
  var inner: Expression {
    if case .parenthesized(let inside) = kind { inside.inner } else { self }
  }
}

/// A part of a record or list in braces that others are spread into.
enum SpreadPart {
  /// `r...`: the fields of a record, the elements of a list.
  case all(Expression)
  case field(key: String, SourceRange, Expression)
  case element(Expression)

  var value: Expression {
    switch self {
    case .all(let value), .field(_, _, let value), .element(let value): value
    }
  }
}

/// One argument of a call.
struct CallArgument {
  var name: String?
  var nameRange: SourceRange?
  var value: Expression
}

/// What a value is taken apart into.
enum Pattern {
  case name(String, SourceRange)
  case several([(name: String, range: SourceRange)], SourceRange)

  var names: [(name: String, range: SourceRange)] {
    switch self {
    case .name(let name, let range): [(name, range)]
    case .several(let names, _): names
    }
  }
}

/// A function as it was written. A class, so that analyses can be kept by identity.
final class FunctionSyntax {
  struct Parameter {
    var name: String
    var range: SourceRange
    var standard: Expression?
  }

  let name: String?
  let parameters: [Parameter]
  let body: Block
  let range: SourceRange

  init(name: String?, parameters: [Parameter], body: Block, range: SourceRange) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.range = range
  }
}

/// One statement.
struct Statement {
  indirect enum Kind {
    case expression(Expression)
    case assign(Pattern, Expression)
    /// `A[i] = x`, `r.field = x`, `m.W[1, :] = x`.
    case place(root: String, SourceRange, [Step], Expression)
    /// `x += 1`, `A[i] -= 2`.
    case update(root: String, SourceRange, [Step], Operator, SourceRange, Expression)
    case define(String, SourceRange, FunctionSyntax)
    case breakLoop
    case continueLoop
    case returnValue(Expression?)
    case include(String, SourceRange)
    case importFile(String, SourceRange, as: String, SourceRange)
  }

  /// A step from a variable to a part of it.
  enum Step {
    case index([Expression], usesEnd: Bool, SourceRange)
    case field(String, SourceRange)

    var range: SourceRange {
      switch self {
      case .index(_, _, let range), .field(_, let range): range
      }
    }
  }

  var kind: Kind
  var range: SourceRange
  /// Whether a `;` ends it, which silences the echo.
  var isSilenced = false
}

/// Statements one after the other.
struct Block {
  var statements: [Statement]
  var range: SourceRange
}
