/// The names in a block, as far as one function (or the program) reaches: which it assigns, which it
/// reads, which functions are written in it.
struct NameSurvey {
  private(set) var assigned: [String: SourceRange] = [:]
  /// The names that are assigned in more than one place.
  private(set) var reassigned: Set<String> = []
  private(set) var order: [String] = []
  private(set) var used: Set<String> = []
  /// The names that are called, functions in it included.
  private(set) var called: Set<String> = []
  private(set) var functions: [FunctionSyntax] = []
  private(set) var loopNames: Set<String> = []
  private(set) var includes: [(path: String, range: SourceRange)] = []

  init(_ block: Block) { visit(block) }

  init(_ function: FunctionSyntax) {
    for parameter in function.parameters {
      assign(parameter.name, parameter.range)
      parameter.standard.map { visit($0) }
    }
    visit(function.body)
  }

  private mutating func assign(_ name: String, _ range: SourceRange) {
    guard name != "_" else { return }
    guard assigned[name] == nil else {
      reassigned.insert(name)
      return
    }
    assigned[name] = range
    order.append(name)
  }

  private mutating func add(_ function: FunctionSyntax) {
    functions.append(function)
    called.formUnion(NameSurvey(function).called)
  }

  private mutating func noteCall(_ callee: Expression) {
    if case .name(let name) = callee.inner.kind { called.insert(name) }
  }

  private mutating func visit(_ block: Block) {
    for statement in block.statements { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement.kind {
    case .expression(let expression): visit(expression)
    case .assign(let pattern, let value):
      for (name, range) in pattern.names { assign(name, range) }
      visit(value)
    case .place(let root, let range, let steps, let value):
      assign(root, range)
      visit(steps)
      visit(value)
    case .update(let root, let range, let steps, _, _, let value):
      assign(root, range)
      visit(steps)
      visit(value)
    case .define(let name, let range, let function):
      assign(name, range)
      add(function)
    case .returnValue(let value): value.map { visit($0) }
    case .importFile(_, _, let name, let range): assign(name, range)
    case .include(let path, let range): includes.append((path, range))
    case .breakLoop, .continueLoop: break
    }
  }

  private mutating func visit(_ steps: [Statement.Step]) {
    for case .index(let indices, _, _) in steps { for index in indices { visit(index) } }
  }

  private mutating func visit(_ expression: Expression) {
    switch expression.kind {
    case .number, .boolean, .nothing, .end, .everything, .wrong: break
    case .text(let pieces):
      for case .hole(let inside, _) in pieces { visit(inside) }
    case .name(let name): used.insert(name)
    case .matrix(let rows): for row in rows { for element in row { visit(element) } }
    case .list(let elements): for element in elements { visit(element) }
    case .record(let fields): for field in fields { visit(field.value) }
    case .spread(let parts): for part in parts { visit(part.value) }
    case .calculation(_, _, let a, let b), .andThen(let a, let b), .orElse(let a, let b):
      visit(a)
      visit(b)
    case .negate(let a), .not(let a), .transpose(let a), .parenthesized(let a), .field(let a, _, _):
      visit(a)
    case .range(let start, let step, let end):
      visit(start)
      step.map { visit($0) }
      visit(end)
    case .call(let callee, let arguments):
      noteCall(callee)
      visit(callee)
      for argument in arguments { visit(argument.value) }
    case .pipe(let first, let callee, let arguments):
      noteCall(callee)
      visit(first)
      visit(callee)
      for argument in arguments { visit(argument.value) }
    case .index(let base, let indices, _):
      visit(base)
      for index in indices { visit(index) }
    case .function(let function): add(function)
    case .conditional(let branches, let otherwise):
      for (condition, body) in branches {
        visit(condition)
        visit(body)
      }
      otherwise.map { visit($0) }
    case .loop(let pattern, let over, let body):
      for (name, range) in pattern.names {
        assign(name, range)
        loopNames.insert(name)
      }
      visit(over)
      visit(body)
    case .whileLoop(let condition, let body):
      visit(condition)
      visit(body)
    case .attempt(let body, let name, let range, let handler):
      visit(body)
      if let name, let range { assign(name, range) }
      visit(handler)
    }
  }
}
