import Vocabulary

/// What expressions mean.
extension Resolver {
  /// An expression; `isDirect` where it is a statement, so that jumps in it need not throw.
  func expression(_ expression: Expression, isDirect: Bool = false) -> Node {
    let before = (self.isDirect, reportsQuiet)
    self.isDirect = isDirect
    reportsQuiet = reportsQuiet && isDirect
    defer { (self.isDirect, reportsQuiet) = before }
    return resolve(expression)
  }

  func resolve(_ expression: Expression) -> Node {
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
    case .spread(let parts):
      return SpreadLiteral(
        parts.map { part in
          switch part {
          case .all(let value): .all(self.expression(value))
          case .field(let key, _, let value): .field(key, self.expression(value))
          case .element(let value): .element(self.expression(value))
          }
        }, range)
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
  func body(_ block: Block, _ direct: Bool, _ reports: Bool) -> Node {
    let before = (isDirect, reportsQuiet)
    (isDirect, reportsQuiet) = (direct, reports)
    defer { (isDirect, reportsQuiet) = before }
    return self.block(block, reports: reports)
  }

  func loop(_ pattern: Pattern, _ over: Expression, _ body: Block, _ range: SourceRange)
    -> Node
  {
    let collection = expression(over)
    let before = hidingVariables
    defer { hidingVariables = before }
    if scope == nil { hide(pattern, in: body) }
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

  /// Lets variables of a loop at the top have names of the library that the loop does not call.
  private func hide(_ pattern: Pattern, in body: Block) {
    let names = pattern.names.map(\.name).filter { isOfLibrary($0) }
    if names.isEmpty { return }
    let called = NameSurvey(body).called
    for name in names where !called.contains(name) { hidingVariables[name] = Variable(name) }
  }

  /// Resolves the body of a loop; jumps in it stand in statements again, if the loop does.
  func loop(_ body: () -> Node) -> (Node, Bool) {
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

  func text(_ pieces: [Expression.Piece], _ range: SourceRange) -> Node {
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

  func call(
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

  func isVariable(_ name: String) -> Bool {
    switch meaning(name) {
    case .local, .cell, .global: true
    case .constant, .unknown: false
    }
  }

  func intrinsic(
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
  func check(
    _ builtin: Builtin, _ range: SourceRange, _ first: Expression?, _ arguments: [CallArgument]
  ) {
    var places: [(name: String?, range: SourceRange)] = []
    if let first { places.append((nil, first.range)) }
    for argument in arguments {
      places.append((argument.name, argument.nameRange ?? argument.value.range))
    }
    do { _ = try builtin.signature.binding(of: places.map(\.name)) } catch {
      note(.call(error, callee: builtin.signature, arguments: places), at: range)
    }
  }
}
