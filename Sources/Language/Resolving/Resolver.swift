import Matrices
import Vocabulary

/// Turns a tree into a program in which every name is a place.
///
/// A name means, in this order: a variable of the function it stands in; a variable of a function
/// around it, which the inner function captures; a variable of the program; a constant or builtin
/// of the library. Assigning makes a variable of the function at hand: functions see the
/// variables around them but do not change them. Captured variables are seen as they are when the
/// function runs, except variables of loops, which keep the value of their turn.
final class Resolver {
  let library: Library
  let machine: Machine
  let namespace: Namespace
  let source: SourceText
  let isPrompt: Bool
  /// The files being read, outermost first, so that a cycle is seen.
  let files: [String]
  /// What is shared by all sources of a session.
  let modules: Modules
  private(set) var errors: [NameError] = []
  private(set) var syntaxErrors: [SyntaxError] = []
  /// The names that the program assigns at its top, and where first.
  private var topNames: [String: SourceRange] = [:]
  /// Variables of the loops at the top that are open here.
  private var openLoopNames: [String] = []
  private var scope: FunctionScope?
  private var surveys: [ObjectIdentifier: NameSurvey] = [:]
  private var freeNames: [ObjectIdentifier: Set<String>] = [:]
  /// The loops that are open here: whether something jumps out of an expression in them.
  private var loops: [LoopScope] = []
  /// Whether a jump here stands in a statement, not in the middle of an expression.
  private var isDirect = true
  /// Whether the block at hand is the last thing a top statement of the prompt does.
  private var reportsQuiet = false
  /// Names of the library that the program tried to overwrite.
  private var refused: Set<String> = []

  /// Names that are neither builtins nor variables.
  static let intrinsics = ["error", "assert"]

  private final class LoopScope {
    var catchesJumps = false
  }

  /// What is known of a function while its body is resolved.
  private final class FunctionScope {
    let parent: FunctionScope?
    let survey: NameSurvey
    var locals: [String: Int] = [:]
    var cells: [String: Int] = [:]
    var captures: [FunctionNode.Capture] = []
    var ownCells = 0
    var returnsInside = false
    var parameters: Set<String> = []

    init(_ survey: NameSurvey, parent: FunctionScope?) {
      self.survey = survey
      self.parent = parent
    }
  }

  init(
    _ source: SourceText, library: Library, machine: Machine, namespace: Namespace,
    modules: Modules, isPrompt: Bool, files: [String] = []
  ) {
    self.source = source
    self.library = library
    self.machine = machine
    self.namespace = namespace
    self.modules = modules
    self.isPrompt = isPrompt
    self.files = files
  }

  // MARK: Programs

  /// The program of a whole source.
  func program(_ block: Block) -> Node {
    let survey = NameSurvey(block)
    for (name, range) in survey.assigned { topNames[name] = range }
    if isPrompt { _ = namespace.declare("ans") }
    var nodes: [Node] = []
    for statement in block.statements {
      // An included file declares its names where it stands.
      reportsQuiet = isPrompt
      let node = self.statement(statement)
      reportsQuiet = false
      nodes.append(isPrompt ? echo(node, statement) : node)
    }
    return BlockNode(nodes, isQuiet: nil, block.range)
  }

  private func echo(_ node: Node, _ statement: Statement) -> Node {
    let ans = namespace.declare("ans")
    switch statement.kind {
    case .expression(let expression):
      switch expression.kind {
      case .conditional, .loop, .whileLoop, .attempt:
        return EchoNode(node, statement.isSilenced ? .silent(ans: ans) : .block(ans: ans))
      default:
        return EchoNode(node, statement.isSilenced ? .silent(ans: ans) : .expression(ans: ans))
      }
    case .assign(let pattern, _):
      return assigned(node, pattern.names.map(\.name), statement)
    case .place(let root, _, _, _), .update(let root, _, _, _, _, _):
      return assigned(node, [root], statement)
    case .define(let name, _, _), .importFile(_, _, let name, _):
      return assigned(node, [name], statement)
    case .breakLoop, .continueLoop, .returnValue, .include: return node
    }
  }

  private func assigned(_ node: Node, _ names: [String], _ statement: Statement) -> Node {
    if statement.isSilenced { return node }
    return EchoNode(
      node,
      .assignment(
        names.compactMap { name in namespace[name].map { (name, .global($0)) } }))
  }

  private func note(_ kind: NameError.Kind, at range: SourceRange) {
    if !errors.contains(where: { $0.range == range }) { errors.append(NameError(kind, at: range)) }
  }

  func block(_ block: Block, reports: Bool = false) -> Node {
    let nodes = block.statements.map { statement in self.statement(statement) }
    if nodes.count == 1, !reports { return nodes[0] }
    var isQuiet: Bool?
    if reports {
      isQuiet = true
      if let last = block.statements.last, case .expression = last.kind {
        isQuiet = last.isSilenced
      }
    }
    return BlockNode(nodes, isQuiet: isQuiet, block.range)
  }

  // MARK: Names

  /// What a name is where it stands.
  private enum Meaning {
    case local(Int)
    case cell(Int)
    case global(Variable)
    case constant(Value)
    case unknown
  }

  private func meaning(_ name: String) -> Meaning {
    if let scope, let found = lookUp(name, in: scope) { return found }
    if let variable = namespace[name] { return .global(variable) }
    if let value = library.constants[name] { return .constant(value) }
    if let builtin = library[name] { return .constant(.function(builtin)) }
    if topNames[name] != nil { return .global(namespace.declare(name)) }
    return .unknown
  }

  /// A name inside a function: its own, or captured from around it; `nil` for the program's.
  private func lookUp(_ name: String, in scope: FunctionScope) -> Meaning? {
    if let index = scope.locals[name] { return .local(index) }
    if let index = scope.cells[name] { return .cell(index) }
    let capture: FunctionNode.Capture
    if let parent = scope.parent {
      switch lookUp(name, in: parent) {
      case .local(let index):
        let node = LocalRead(
          index, name, hidesOuter: false, SourceRange(source, 0, 0))
        capture = .value(of: node, name)
      case .cell(let index): capture = .cell(index, name)
      default: return nil
      }
    } else if openLoopNames.contains(name), let variable = namespace[name] {
      capture = .value(
        of: GlobalRead(variable, later: nil, SourceRange(source, 0, 0)), name)
    } else {
      return nil
    }
    let index = scope.ownCells + scope.captures.count
    scope.captures.append(capture)
    scope.cells[name] = index
    return .cell(index)
  }

  private func read(_ name: String, _ range: SourceRange) -> Node {
    switch meaning(name) {
    case .local(let index):
      return LocalRead(index, name, hidesOuter: namespace[name] != nil, range)
    case .cell(let index): return CellRead(index, name, range)
    case .global(let variable):
      let first = topNames[name]
      let later = first.flatMap { $0.lower > range.lower ? $0 : nil }
      return GlobalRead(variable, later: later, range)
    case .constant(let value): return Constant(value, range)
    case .unknown:
      if name == "ans" {
        note(.noAnswer, at: range)
      } else if Self.intrinsics.contains(name) {
        note(.unknown(name, nearest: nil), at: range)
      } else {
        note(.unknown(name, nearest: Spelling.nearest(name, among: knownNames)), at: range)
      }
      return Constant(.nothing, range)
    }
  }

  /// All names that could have been meant.
  private var knownNames: [String] {
    var names = namespace.order.filter { namespace[$0]?.slot.pointee.value != nil }
    names += topNames.keys
    var scope = scope
    while let current = scope {
      names += current.survey.assigned.keys
      scope = current.parent
    }
    return names + library.names + Array(library.constants.keys) + Self.intrinsics
      + [Keyword.true, .false, .nothing].map(\.rawValue)
  }

  /// Where an assignment to a name goes.
  private func target(_ name: String, _ range: SourceRange) -> Target {
    if name == "_" { return .nowhere }
    if let scope {
      if let index = scope.locals[name] { return protected(name, range, .local(index)) }
      if let index = scope.cells[name] { return protected(name, range, .cell(index)) }
    }
    return protected(name, range, .global(namespace.declare(name)))
  }

  /// Refuses names of the library, except as parameters, which say what they are.
  private func protected(_ name: String, _ range: SourceRange, _ target: Target) -> Target {
    guard
      library[name] != nil || library.constants[name] != nil
        || Self.intrinsics.contains(name)
    else { return target }
    if let scope, scope.parameters.contains(name) { return target }
    // Once a name is refused, its other uses say nothing new.
    guard refused.insert(name).inserted else { return target }
    var offer = "my_\(name)"
    var number = 2
    while namespace[offer] != nil || library[offer] != nil {
      offer = "my_\(name)\(number)"
      number += 1
    }
    note(.protected(name, offer: offer), at: range)
    return target
  }

  // MARK: Statements

  private func statement(_ statement: Statement) -> Node {
    let range = statement.range
    switch statement.kind {
    case .expression(let expression):
      return self.expression(expression, isDirect: isDirect)
    case .assign(let pattern, let value):
      let site = machine.site(range)
      let node: Node
      if case .function(let function) = value.inner.kind, case .name(let name, _) = pattern {
        node = self.function(function, named: name, value.range)
      } else {
        node = self.expression(value)
      }
      if case .name(let name, let nameRange) = pattern {
        return Assignment(target(name, nameRange), node, site: site, range)
      }
      return Destructuring(targets(pattern), node, site: site, range)
    case .place(let root, let rootRange, let steps, let value):
      let target = target(root, rootRange)
      return PartAssignment(
        target, root: read(root, rootRange), self.steps(steps), expression(value), update: nil,
        site: machine.site(range), range)
    case .update(let root, let rootRange, let steps, let operation, let sign, let value):
      let target = target(root, rootRange)
      let current = read(root, rootRange)
      let right = expression(value)
      if steps.isEmpty {
        return Update(
          target, current: current,
          Calculation(operation, sign, current, right, range), site: machine.site(range), range)
      }
      return PartAssignment(
        target, root: current, self.steps(steps), right, update: (operation, sign),
        site: machine.site(range), range)
    case .define(let name, let nameRange, let function):
      let site = machine.site(SourceRange(source, range.lower, nameRange.upper))
      let target = target(name, nameRange)
      return Assignment(
        target, self.function(function, named: name, range), site: site, range)
    case .breakLoop, .continueLoop:
      let isBreak = if case .breakLoop = statement.kind { true } else { false }
      guard let loop = loops.last else {
        note(.outside(isBreak ? .break : .continue), at: range)
        return Constant(.nothing, range)
      }
      if !isDirect { loop.catchesJumps = true }
      return JumpNode(isBreak ? .broke : .continued, nil, throwsJump: !isDirect, range)
    case .returnValue(let value):
      guard let scope else {
        note(.outside(.return), at: range)
        return Constant(.nothing, range)
      }
      let node = value.map { expression($0) }
      if !isDirect { scope.returnsInside = true }
      return JumpNode(.returned, node, throwsJump: !isDirect, range)
    case .include(let path, let pathRange): return include(path, pathRange, range)
    case .importFile(let path, let pathRange, let name, let nameRange):
      let target = target(name, nameRange)
      guard let module = module(path, pathRange) else { return Constant(.nothing, range) }
      return ImportNode(module, target, site: machine.site(range), range)
    }
  }

  private func targets(_ pattern: Pattern) -> [(name: String, target: Target)] {
    pattern.names.map { ($0.name, target($0.name, $0.range)) }
  }

  private func steps(_ steps: [Statement.Step]) -> [PartAssignment.Step] {
    steps.map { step in
      switch step {
      case .field(let name, let range): .field(name, range)
      case .index(let indices, let usesEnd, let range):
        .index(self.indices(indices, usesEnd: usesEnd), range)
      }
    }
  }

  private func indices(_ indices: [Expression], usesEnd: Bool) -> IndexList {
    IndexList(
      nodes: indices.map { index in
        if case .everything = index.kind { nil } else { expression(index) }
      }, ranges: indices.map(\.range), usesEnd: usesEnd)
  }

  // MARK: Expressions

  /// An expression; `isDirect` where it is a statement, so that jumps in it need not throw.
  func expression(_ expression: Expression, isDirect: Bool = false) -> Node {
    let before = (self.isDirect, reportsQuiet)
    self.isDirect = isDirect
    reportsQuiet = reportsQuiet && isDirect
    defer { (self.isDirect, reportsQuiet) = before }
    return resolve(expression)
  }

  private func resolve(_ expression: Expression) -> Node {
    let range = expression.range
    switch expression.kind {
    case .number(let number): return Constant(.number(number), range)
    case .boolean(let truth): return Constant(.boolean(truth), range)
    case .nothing, .wrong, .everything: return Constant(.nothing, range)
    case .text(let pieces): return text(pieces, range)
    case .name(let name): return read(name, range)
    case .end: return EndNode(range)
    case .matrix(let rows):
      return MatrixLiteral(rows.map { $0.map { self.expression($0) } }, range)
    case .list(let elements): return ListLiteral(elements.map { self.expression($0) }, range)
    case .record(let fields):
      return RecordLiteral(fields.map { ($0.key, self.expression($0.value)) }, range)
    case .calculation(let operation, let sign, let a, let b):
      return Calculation(operation, sign, self.expression(a), self.expression(b), range)
    case .negate(let a): return Negation(self.expression(a), range)
    case .not(let a): return Inversion(self.expression(a), range)
    case .transpose(let a): return Transposition(self.expression(a), range)
    case .andThen(let a, let b):
      return ShortCircuit(self.expression(a), self.expression(b), isAnd: true, range)
    case .orElse(let a, let b):
      return ShortCircuit(self.expression(a), self.expression(b), isAnd: false, range)
    case .range(let start, let step, let end):
      return RangeNode(
        self.expression(start), step: step.map { self.expression($0) }, self.expression(end), range)
    case .call(let callee, let arguments): return call(callee, nil, arguments, range)
    case .pipe(let first, let callee, let arguments): return call(callee, first, arguments, range)
    case .index(let base, let indices, let usesEnd):
      return IndexNode(
        self.expression(base), self.indices(indices, usesEnd: usesEnd), range)
    case .field(let base, let name, let nameRange):
      return FieldNode(self.expression(base), name, nameRange, range)
    case .function(let function): return self.function(function, named: nil, range)
    case .parenthesized(let inside): return self.expression(inside)
    case .conditional(let branches, let otherwise):
      let (direct, reports) = (isDirect, reportsQuiet)
      return ConditionalNode(
        branches.map { branch in
          (self.expression(branch.condition), body(branch.body, direct, reports))
        }, otherwise: otherwise.map { body($0, direct, reports) }, range)
    case .whileLoop(let condition, let body):
      let node = self.expression(condition)
      let (inside, catches) = loop { self.block(body) }
      return WhileNode(node, inside, catchesJumps: catches, range)
    case .loop(let pattern, let over, let body): return loop(pattern, over, body, range)
    case .attempt(let body, let name, let nameRange, let handler):
      let (direct, reports) = (isDirect, reportsQuiet)
      let inside = self.body(body, direct, reports)
      let target = name.flatMap { name in nameRange.map { self.target(name, $0) } } ?? .nowhere
      return TryNode(
        inside, target, self.body(handler, direct, reports),
        site: machine.site(nameRange ?? range), range)
    }
  }

  /// A block inside a statement or expression.
  private func body(_ block: Block, _ direct: Bool, _ reports: Bool) -> Node {
    let before = (isDirect, reportsQuiet)
    (isDirect, reportsQuiet) = (direct, reports)
    defer { (isDirect, reportsQuiet) = before }
    return self.block(block, reports: reports)
  }

  private func loop(_ pattern: Pattern, _ over: Expression, _ body: Block, _ range: SourceRange)
    -> Node
  {
    let collection = expression(over)
    let targets = targets(pattern)
    var takesApart = false
    if case .several = pattern { takesApart = true }
    if scope == nil { openLoopNames += targets.map(\.name) }
    defer { if scope == nil { openLoopNames.removeLast(targets.count) } }
    let (inside, catches) = loop { self.block(body) }
    return LoopNode(
      targets, takesApart: takesApart, over: collection, inside,
      site: machine.site(SourceRange(source, range.lower, over.range.upper)),
      catchesJumps: catches, range)
  }

  /// Resolves the body of a loop; jumps in it stand in statements again, if the loop does.
  private func loop(_ body: () -> Node) -> (Node, Bool) {
    let loop = LoopScope()
    loops.append(loop)
    let before = (isDirect, reportsQuiet)
    reportsQuiet = false
    defer {
      loops.removeLast()
      (isDirect, reportsQuiet) = before
    }
    return (body(), loop.catchesJumps)
  }

  private func text(_ pieces: [Expression.Piece], _ range: SourceRange) -> Node {
    var nodes: [TextNode.Piece] = []
    for piece in pieces {
      switch piece {
      case .letters(let letters): nodes.append(.letters(letters))
      case .hole(let inside, let format): nodes.append(.hole(expression(inside), format))
      }
    }
    if nodes.isEmpty { return Constant(.text(""), range) }
    if nodes.count == 1, case .letters(let letters) = nodes[0] {
      return Constant(.text(letters), range)
    }
    return TextNode(nodes, range)
  }

  private func call(
    _ callee: Expression, _ first: Expression?, _ arguments: [CallArgument], _ range: SourceRange
  ) -> Node {
    var given: [ArgumentNode] = []
    if let first {
      given.append(
        ArgumentNode(
          name: nil, nameRange: nil, node: expression(first), site: machine.site(first.range)))
    }
    for (place, argument) in arguments.enumerated() {
      if let name = argument.name, arguments[..<place].contains(where: { $0.name == name }) {
        note(.duplicateArgument(name), at: argument.nameRange ?? argument.value.range)
      }
      given.append(
        ArgumentNode(
          name: argument.name, nameRange: argument.nameRange, node: expression(argument.value),
          site: machine.site(argument.value.range)))
    }
    if case .name(let name) = callee.kind {
      if Self.intrinsics.contains(name), !isVariable(name) {
        return intrinsic(name, callee.range, given, range)
      }
      if !isVariable(name), let builtin = library[name] {
        check(builtin, callee.range, first, arguments)
      }
    }
    return CallNode(expression(callee), given, range)
  }

  private func isVariable(_ name: String) -> Bool {
    switch meaning(name) {
    case .local, .cell, .global: true
    case .constant, .unknown: false
    }
  }

  private func intrinsic(
    _ name: String, _ nameRange: SourceRange, _ arguments: [ArgumentNode], _ range: SourceRange
  ) -> Node {
    if name == "assert" {
      guard (1...2).contains(arguments.count), arguments[0].name == nil,
        arguments.count == 1 || arguments[1].name == nil || arguments[1].name == "message"
      else {
        note(.assertArguments, at: range)
        return Constant(.nothing, range)
      }
      return AssertNode(
        arguments[0].node, message: arguments.count > 1 ? arguments[1].node : nil, range)
    }
    let otherwise = library[name].map {
      CallNode(Constant(.function($0), nameRange), arguments, range)
    }
    return RaiseNode(arguments, otherwise: otherwise, range)
  }

  /// Checks the arguments of a builtin by number and name, before anything runs.
  private func check(
    _ builtin: Builtin, _ range: SourceRange, _ first: Expression?, _ arguments: [CallArgument]
  ) {
    var given = Arguments()
    var places: [(name: String?, range: SourceRange)] = []
    if let first {
      given.positional.append(.nothing)
      places.append((nil, first.range))
    }
    for argument in arguments {
      places.append((argument.name, argument.nameRange ?? argument.value.range))
      if let name = argument.name {
        given.named.append((name, .nothing))
      } else {
        given.positional.append(.nothing)
      }
    }
    do { _ = try builtin.signature.bind(given) } catch {
      note(.call(error, callee: builtin.signature, arguments: places), at: range)
    }
  }

  // MARK: Functions

  private func survey(_ function: FunctionSyntax) -> NameSurvey {
    let key = ObjectIdentifier(function)
    if let known = surveys[key] { return known }
    let survey = NameSurvey(function)
    surveys[key] = survey
    return survey
  }

  /// The names that a function reads but does not assign, those of functions in it included.
  private func free(_ function: FunctionSyntax) -> Set<String> {
    let key = ObjectIdentifier(function)
    if let known = freeNames[key] { return known }
    let survey = survey(function)
    var names = survey.used
    for inner in survey.functions { names.formUnion(free(inner)) }
    names.subtract(survey.assigned.keys)
    freeNames[key] = names
    return names
  }

  private func function(_ syntax: FunctionSyntax, named name: String?, _ range: SourceRange) -> Node
  {
    let survey = survey(syntax)
    let inner = FunctionScope(survey, parent: scope)
    let captured = survey.functions.reduce(into: Set<String>()) { $0.formUnion(free($1)) }
    let shared = survey.order.filter { captured.contains($0) && !survey.loopNames.contains($0) }
    for (index, name) in shared.enumerated() { inner.cells[name] = index }
    inner.ownCells = shared.count
    var slots = syntax.parameters.count
    var cellOfParameter: [Int?] = []
    for (index, parameter) in syntax.parameters.enumerated() {
      inner.parameters.insert(parameter.name)
      cellOfParameter.append(inner.cells[parameter.name])
      if inner.cells[parameter.name] == nil { inner.locals[parameter.name] = index }
    }
    for name in survey.order where inner.locals[name] == nil && inner.cells[name] == nil {
      inner.locals[name] = slots
      slots += 1
    }
    let before = (scope, loops, isDirect, reportsQuiet)
    (scope, loops, isDirect, reportsQuiet) = (inner, [], true, false)
    defer { (scope, loops, isDirect, reportsQuiet) = before }
    let standards = syntax.parameters.map { parameter in
      parameter.standard.map { expression($0) }
    }
    let signature = Signature(
      name ?? syntax.name ?? "anonymous",
      zip(syntax.parameters, standards).map { parameter, standard in
        ParameterInfo(
          parameter.name, standard: (standard as? Constant)?.value,
          isOptional: standard != nil)
      })
    let code = FunctionCode(
      name: signature.name, range: range, signature: signature, standards: standards)
    let body = block(syntax.body)
    code.body = inner.returnsInside ? ReturnCatcher(body) : body
    code.slots = slots
    code.ownCells = inner.ownCells
    code.cellOfParameter = cellOfParameter
    code.needsPreparation =
      standards.contains { $0 != nil } || cellOfParameter.contains { $0 != nil }
    return FunctionNode(code, captures: inner.captures, range)
  }

  // MARK: Files

  private func include(_ path: String, _ pathRange: SourceRange, _ range: SourceRange) -> Node {
    guard scope == nil else {
      note(.includeInFunction, at: range)
      return Constant(.nothing, range)
    }
    guard let (block, inner) = load(path, pathRange, into: namespace) else {
      return Constant(.nothing, range)
    }
    let node = inner.program(block)
    take(inner)
    return node
  }

  private func module(_ path: String, _ pathRange: SourceRange) -> Module? {
    let full = SourceFile.canonical(SourceFile.path(path, from: source, machine.context))
    if let known = modules.byPath[full] { return known }
    let module = Module(path)
    guard let (block, inner) = load(path, pathRange, into: module.namespace) else { return nil }
    module.program = inner.program(block)
    take(inner)
    modules.byPath[full] = module
    return module
  }

  private func take(_ inner: Resolver) {
    errors += inner.errors
    syntaxErrors += inner.syntaxErrors
    if inner.namespace === namespace {
      for (name, range) in inner.topNames where topNames[name] == nil { topNames[name] = range }
    }
  }

  /// Reads and parses a file; what is wrong with it is noted.
  private func load(_ path: String, _ pathRange: SourceRange, into namespace: Namespace) -> (
    Block, Resolver
  )? {
    let place = SourceFile.path(path, from: source, machine.context)
    let full = SourceFile.canonical(place)
    if files.contains(full) {
      note(.cycle(files + [full]), at: pathRange)
      return nil
    }
    let (text, reason) = SourceFile.read(place)
    guard let text else {
      note(.missingFile(path, reason: reason), at: pathRange)
      return nil
    }
    let directory = place.lastIndex(of: "/").map { String(place[..<$0]) }
    let file = SourceText(name: path, text: text, directory: directory ?? machine.context.directory)
    let parsed = Parser.parse(file)
    guard parsed.errors.isEmpty else {
      syntaxErrors += parsed.errors
      return nil
    }
    let resolver = Resolver(
      file, library: library, machine: machine, namespace: namespace, modules: modules,
      isPrompt: false, files: files + [full])
    return (parsed.block, resolver)
  }
}

/// The files that a session has imported.
final class Modules {
  var byPath: [String: Module] = [:]
}
