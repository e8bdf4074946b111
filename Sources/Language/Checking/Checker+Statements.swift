import Vocabulary

/// Statements and blocks.
extension Checker {
  /// The value of the last statement.
  @discardableResult
  func block(_ block: Block) throws -> Known {
    var value = Known.nothing
    for statement in block.statements {
      guard state.isReachable else { return .anything }
      value = try self.statement(statement)
    }
    return value
  }

  func statement(_ statement: Statement) throws -> Known {
    try step()
    let range = statement.range
    switch statement.kind {
    case .expression(let expression): return try self.expression(expression)
    case .assign(.name(let name, _), let value):
      let known: Known
      if case .function(let function) = value.inner.kind {
        known = self.function(function, named: name)
      } else {
        known = try self.expression(value)
      }
      assign(name, known, at: range)
      return known
    case .assign(.several(let names, _), let value):
      let known = try self.expression(value)
      takeApart(known, into: names, of: value, at: range)
      return known
    case .place(let root, let rootRange, let steps, let value):
      return try part(root, rootRange, steps, value, nil, range)
    case .update(let root, let rootRange, let steps, let operation, let sign, let value):
      guard steps.isEmpty else {
        return try part(root, rootRange, steps, value, (operation, sign), range)
      }
      let left = Expression(.name(root), rootRange)
      let (a, b) = (read(root, rootRange), try self.expression(value))
      let result = calculate(operation, sign, left, a, value, b, range)
      assign(root, result, at: range)
      return .nothing
    case .define(let name, let nameRange, let function):
      let known = self.function(function, named: name)
      assign(name, known, at: SourceRange(range.source, range.lower, nameRange.upper))
      return known
    case .breakLoop: return jump { $0.breaks = self.joined($0.breaks, self.state) }
    case .continueLoop: return jump { $0.continues = self.joined($0.continues, self.state) }
    case .returnValue(let value):
      let known = try value.map { try self.expression($0) } ?? .nothing
      returned(known)
      return .anything
    case .include(_, let pathRange):
      guard let block = files[pathRange] else {
        forgetEverything()
        return .anything
      }
      return try self.block(block)
    case .importFile(let path, let pathRange, let name, _):
      assign(name, try module(path, pathRange), at: range)
      return .anything
    }
  }

  private func jump(_ note: (inout LoopExits) -> Void) -> Known {
    if !loops.isEmpty { note(&loops[loops.count - 1]) }
    state.isReachable = false
    return .anything
  }

  func joined(_ first: CheckState?, _ second: CheckState) -> CheckState {
    guard let first else { return second }
    var joiner = Joiner(symbols)
    return joiner.join(first, second)
  }

  /// Notes that the function at hand may end here with a value.
  func returned(_ known: Known) {
    defer { state.isReachable = false }
    guard !calls.isEmpty, state.isReachable else { return }
    let last = calls.count - 1
    if let before = calls[last].returns {
      var joiner = Joiner(symbols)
      let value = joiner.join(before.value, known)
      calls[last].returns = (joiner.join(before.state, state), value)
    } else {
      calls[last].returns = (state, known)
    }
  }

  /// After something that may have changed any variable.
  func forgetEverything() {
    for name in state.globals.keys {
      state.globals[name]?.known = .anything
      state.globals[name]?.isSet = false
    }
  }

  /// The variables of an imported file, as fields.
  private func module(_ path: String, _ pathRange: SourceRange) throws -> Known {
    guard let block = files[pathRange] else { return .anything }
    let before = (state, captured, home, loopNames, loops)
    defer { (state, captured, home, loopNames, loops) = before }
    let facts = ModuleFacts()
    state = CheckState()
    (captured, home, loopNames, loops) = ([:], facts, [], [])
    try self.block(block)
    for (name, variable) in state.globals { facts.variables[name] = variable.known }
    return .object(
      Known.ObjectFacts(
        kind: "module", fields: state.globals.mapValues(\.known),
        fieldNames: state.globals.values.allSatisfy(\.isSet) ? Array(state.globals.keys) : nil))
  }

  /// `(a, b) = value`.
  func takeApart(
    _ known: Known, into names: [(name: String, range: SourceRange)], of value: Expression,
    at range: SourceRange
  ) {
    var parts = [Known](repeating: .anything, count: names.count)
    let known = reduced(known)
    func refuse() {
      report(.destructuring(names: names.count, operand(value, known)), at: value.inner.range)
    }
    switch known {
    case .list(let facts):
      if let elements = facts.elements {
        if elements.count == names.count { parts = elements } else { refuse() }
      } else {
        if symbols.differ(facts.count, Amount(names.count)) { refuse() }
        parts = parts.map { _ in facts.element }
      }
    case .matrix(let facts):
      if let elements = facts.elements, elements.count == names.count {
        parts = elements.map { .number($0) }
      } else if let shape = facts.extent.shape, shape.count != names.count || !shape.isVector {
        refuse()
      }
    case .range(_, _, let count): if symbols.differ(count, Amount(names.count)) { refuse() }
    case .record(let facts):
      guard facts.isComplete else { break }
      if facts.keys.count == names.count, names.allSatisfy({ facts[$0.name] == nil }) {
        parts = facts.values
      } else if let missing = names.first(where: { $0.name != "_" && facts[$0.name] == nil }) {
        report(.missingField(missing.name, operand(value, known)), at: value.inner.range)
      } else {
        parts = names.map { facts[$0.name] ?? .nothing }
      }
    case .nothing, .boolean, .number, .text, .function: refuse()
    case .anything, .object: break
    }
    for ((name, _), part) in zip(names, parts) { assign(name, part, at: range) }
  }
}
