/// The names in a block, as far as one function (or the program) reaches: which it assigns, which it
/// reads, which functions are written in it.
struct NameSurvey: SyntaxVisitor {
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
    for parameter in function.parameters { assign(parameter.name, parameter.range) }
    visitParts(of: function)
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

  private mutating func noteCall(_ callee: Expression) {
    if case .name(let name) = callee.inner.kind { called.insert(name) }
  }

  mutating func visit(_ statement: Statement) {
    switch statement.kind {
    case .assign(let pattern, _): for (name, range) in pattern.names { assign(name, range) }
    case .place(let name, let range, _, _), .update(let name, let range, _, _, _, _),
      .define(let name, let range, _), .importFile(_, _, let name, let range):
      assign(name, range)
    case .include(let path, let range): includes.append((path, range))
    case .expression, .returnValue, .breakLoop, .continueLoop: break
    }
    visitParts(of: statement)
  }

  /// A function in the block has names of its own.
  mutating func visit(_ function: FunctionSyntax) {
    functions.append(function)
    called.formUnion(NameSurvey(function).called)
  }

  mutating func visit(_ expression: Expression) {
    switch expression.kind {
    case .name(let name): used.insert(name)
    case .call(let callee, _), .pipe(_, let callee, _): noteCall(callee)
    case .loop(let pattern, _, _):
      for (name, range) in pattern.names {
        assign(name, range)
        loopNames.insert(name)
      }
    case .attempt(_, let name?, let range?, _): assign(name, range)
    default: break
    }
    visitParts(of: expression)
  }
}
