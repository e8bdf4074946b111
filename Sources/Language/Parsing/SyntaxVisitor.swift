/// Goes through a tree. A visitor says what it does with an expression (a statement, a function, where
/// they matter to it) and calls `visitParts` to go on inside it.
protocol SyntaxVisitor {
  mutating func visit(_ expression: Expression)
  mutating func visit(_ statement: Statement)
  mutating func visit(_ function: FunctionSyntax)
}

extension SyntaxVisitor {
  mutating func visit(_ block: Block) {
    for statement in block.statements { visit(statement) }
  }

  mutating func visit(_ statement: Statement) { visitParts(of: statement) }

  mutating func visit(_ function: FunctionSyntax) { visitParts(of: function) }

  /// Visits the expressions and functions inside a statement.
  mutating func visitParts(of statement: Statement) {
    switch statement.kind {
    case .expression(let value), .assign(_, let value), .returnValue(let value?): visit(value)
    case .place(_, _, let steps, let value), .update(_, _, let steps, _, _, let value):
      for case .index(let indices, _, _) in steps { for index in indices { visit(index) } }
      visit(value)
    case .define(_, _, let function): visit(function)
    case .breakLoop, .continueLoop, .returnValue(nil), .include, .importFile: break
    }
  }

  /// Visits what the parameters stand at by themselves, and the body.
  mutating func visitParts(of function: FunctionSyntax) {
    for parameter in function.parameters { parameter.standard.map { visit($0) } }
    visit(function.body)
  }

  /// Visits the expressions and blocks inside an expression.
  mutating func visitParts(of expression: Expression) {
    switch expression.kind {
    case .number, .boolean, .nothing, .name, .end, .everything, .wrong: break
    case .text(let pieces): for case .hole(let inside, _) in pieces { visit(inside) }
    case .matrix(let rows): for row in rows { for element in row { visit(element) } }
    case .list(let elements): for element in elements { visit(element) }
    case .record(let fields): for field in fields { visit(field.value) }
    case .spread(let parts): for part in parts { visit(part.value) }
    case .calculation(_, _, let a, let b), .andThen(let a, let b), .orElse(let a, let b):
      visit(a)
      visit(b)
    case .negate(let a), .not(let a), .transpose(let a), .parenthesized(let a),
      .field(let a, _, _):
      visit(a)
    case .range(let start, let step, let end):
      visit(start)
      step.map { visit($0) }
      visit(end)
    case .call(let callee, let arguments):
      visit(callee)
      for argument in arguments { visit(argument.value) }
    case .pipe(let first, let callee, let arguments):
      visit(first)
      visit(callee)
      for argument in arguments { visit(argument.value) }
    case .index(let base, let indices, _):
      visit(base)
      for index in indices { visit(index) }
    case .function(let function): visit(function)
    case .conditional(let branches, let otherwise):
      for (condition, body) in branches {
        visit(condition)
        visit(body)
      }
      otherwise.map { visit($0) }
    case .loop(_, let over, let body):
      visit(over)
      visit(body)
    case .whileLoop(let condition, let body):
      visit(condition)
      visit(body)
    case .attempt(let body, _, _, let handler):
      visit(body)
      visit(handler)
    }
  }
}
