import Matrices
import Vocabulary

/// Branches, loops, `try`.
extension Checker {
  /// The value of a condition, where it is known; `nil` too where it is no condition.
  func condition(_ expression: Expression) throws -> Bool? {
    let known = reduced(try self.expression(expression))
    switch known {
    case .boolean(let truth): return truth
    case .anything: return nil
    case .matrix(let facts):
      if isNotSingle(facts.extent) {
        report(.condition(operand(expression, known)), at: expression.inner.range)
      }
      return nil
    default:
      report(.condition(operand(expression, known)), at: expression.inner.range)
      return nil
    }
  }

  /// Runs a part of the program that may not be reached.
  func guarded<R>(_ body: () throws -> R) rethrows -> R {
    guards += 1
    allGuards += 1
    defer {
      guards -= 1
      allGuards -= 1
    }
    return try body()
  }

  func conditional(
    _ branches: [(condition: Expression, body: Block)], _ otherwise: Block?
  ) throws -> Known {
    guard let (first, body) = branches.first else {
      return try otherwise.map { try block($0) } ?? .nothing
    }
    let rest = Array(branches.dropFirst())
    switch try condition(first) {
    case true?: return try block(body)
    case false?: return try conditional(rest, otherwise)
    case nil:
      let before = state
      let value = try guarded { try block(body) }
      let after = state
      state = before
      let other = try guarded { try conditional(rest, otherwise) }
      if !calls.isEmpty, after.isReachable != state.isReachable {
        // What follows depends on the condition too.
        guards += 1
      }
      var joiner = Joiner(symbols)
      let joined: Known =
        !after.isReachable ? other : !state.isReachable ? value : joiner.join(value, other)
      state = joiner.join(after, state)
      return joined
    }
  }

  func attempt(_ body: Block, _ name: String?, _ nameRange: SourceRange?, _ handler: Block) throws
    -> Known
  {
    let before = state
    let exits = loops
    attempts += 1
    let value = try block(body)
    attempts -= 1
    let after = state
    // The body may have ended anywhere: what it assigns may or may not be there.
    var broken = before
    let survey = NameSurvey(body)
    for name in survey.assigned.keys {
      if broken.locals != nil {
        broken.locals?[name] = CheckState.Variable(known: .anything, isSet: false)
      } else {
        broken.globals[name] = CheckState.Variable(known: .anything, isSet: false)
      }
    }
    if loops.count != exits.count { loops = exits }
    state = broken
    if let name {
      assign(
        name,
        .record(
          Known.RecordFacts(
            keys: ["message", "kind", "line"],
            values: [.text(nil), .text(nil), .number(symbols.number())], isComplete: false)),
        at: nameRange)
    }
    let other = try guarded { try block(handler) }
    var joiner = Joiner(symbols)
    let joined: Known =
      !after.isReachable ? other : !state.isReachable ? value : joiner.join(value, other)
    state = joiner.join(after, state)
    return joined
  }

  // MARK: Loops

  func whileLoop(_ condition: Expression, _ body: Block) throws -> Known {
    try loop(isEntered: false) { isFirst in
      switch try self.condition(condition) {
      case false?:
        let done = self.state
        self.state.isReachable = false
        return done
      case true?:
        if isFirst { try self.block(body) } else { try self.guarded { _ = try self.block(body) } }
        return nil
      case nil:
        let done = self.state
        try self.guarded { _ = try self.block(body) }
        return done
      }
    }
    return .nothing
  }

  func loop(_ pattern: Pattern, over: Expression, _ body: Block, _ range: SourceRange) throws
    -> Known
  {
    let collection = reduced(try expression(over))
    switch collection {
    case .number, .boolean, .nothing, .record, .function:
      report(.iteration(operand(over, collection)), at: over.inner.range)
    default: break
    }
    let site = SourceRange(range.source, range.lower, over.range.upper)
    let names = pattern.names
    if state.locals == nil { loopNames += names.map(\.name) }
    defer { if state.locals == nil { loopNames.removeLast(min(names.count, loopNames.count)) } }
    let isEntered = count(of: collection).map { symbols.least(state.reduced($0)) >= 1 } ?? false
    let certainly = count(of: collection).flatMap { state.reduced($0).value }
    if certainly == 0 { return .nothing }
    try loop(isEntered: isEntered) { isFirst in
      let done = self.state
      let element = self.element(of: collection, isFirst: isFirst)
      switch pattern {
      case .name(let name, _): self.assign(name, element, at: site)
      case .several(let names, _):
        self.takeApart(element, into: names, of: over, at: site)
      }
      if isEntered && isFirst {
        _ = try self.block(body)
      } else {
        try self.guarded { _ = try self.block(body) }
      }
      return done
    }
    // A name of the library has its meaning back.
    for (name, _) in names where state.locals == nil && !isFree(name) { state.globals[name] = nil }
    return .nothing
  }

  /// Whether a name has no meaning in the library.
  private func isFree(_ name: String) -> Bool {
    library[name] == nil && library.constants[name] == nil && !Resolver.intrinsics.contains(name)
  }

  /// How many turns a loop over a value takes.
  private func count(of known: Known) -> Amount? {
    switch known {
    case .range(_, _, let count): count
    case .list(let facts): facts.count
    case .matrix(let facts): facts.extent.columns
    case .text(let text): text.map { Amount($0.count) }
    default: nil
    }
  }

  /// What a turn of a loop gives.
  private func element(of known: Known, isFirst: Bool) -> Known {
    switch known {
    case .range(let start, let step, _):
      if isFirst { return .number(start) }
      let isCount =
        symbols.isWhole(start) && symbols.least(start) >= 0 && step == .one
      return .number(isCount ? symbols.count(least: symbols.least(start)) : symbols.number())
    case .list(let facts):
      if isFirst, let first = facts.elements?.first { return first }
      var joiner = Joiner(symbols)
      return facts.anyElement(&joiner)
    case .matrix(let facts):
      guard symbols.differ(facts.extent.rows, .one) else {
        if facts.extent.rows == .one {
          return facts.isLogical == false ? .number(symbols.number()) : .anything
        }
        return .anything
      }
      return Known.matrix(
        Known.MatrixFacts(
          extent: Extent(facts.extent.rows, .one), isLogical: facts.isLogical, isSurely: false)
      ).sparseLike([.matrix(facts)])
    case .text: return .text(nil)
    default: return .anything
    }
  }

  /// Goes through a loop until nothing new is learnt. `turn` does one turn from the present state and
  /// returns the state in which the loop may end instead of taking it.
  ///
  /// The first turn starts from what is known before the loop; what fails in it fails. Later turns
  /// start from what all turns have in common.
  private func loop(isEntered: Bool, _ turn: (_ isFirst: Bool) throws -> CheckState?) throws {
    var exits: CheckState?
    var head = state
    var known = findings.count
    var headJoiner: Joiner?
    for pass in 0..<6 {
      loops.append(LoopExits())
      state = head
      let before = (attempts, guards, allGuards)
      let done: CheckState?
      do {
        done = try turn(pass == 0)
      } catch {
        loops.removeLast()
        throw error
      }
      (attempts, allGuards) = (before.0, before.2)
      let ends = loops.removeLast()
      var back = state
      if let more = ends.continues { back = back.isReachable ? joined(back, more) : more }
      // Ways out of this pass.
      if let done, pass > 0 || !isEntered { exits = joined(exits, done) }
      if let left = ends.breaks { exits = joined(exits, left) }
      guard back.isReachable else { break }
      var joiner = Joiner(symbols)
      if pass > 0, headJoiner.map({ $0.covers(head, back) }) ?? false {
        break
      }
      // What was found from a state that was not yet general enough is found again, or was wrong.
      if pass > 0 { findings.removeSubrange(known...) } else { known = findings.count }
      var next = joiner.join(head, back)
      if pass >= 2 { widen(&next, from: head, &joiner, toAnything: pass >= 4) }
      head = next
      headJoiner = joiner
      if pass == 5 { exits = joined(exits, head) }
    }
    if let exits {
      state = exits
    } else {
      state.isReachable = false
    }
  }

  /// Forgets what still changes from pass to pass.
  private func widen(
    _ next: inout CheckState, from head: CheckState, _ joiner: inout Joiner, toAnything: Bool
  ) {
    func widened(_ variables: [String: CheckState.Variable], _ old: [String: CheckState.Variable])
      -> [String: CheckState.Variable]
    {
      var result = variables
      for (name, variable) in variables {
        if let before = old[name], isSame(before.known, variable.known) { continue }
        result[name]?.known = toAnything ? .anything : joiner.widened(variable.known)
      }
      return result
    }
    next.globals = widened(next.globals, head.globals)
    if let locals = next.locals { next.locals = widened(locals, head.locals ?? [:]) }
  }

  private func isSame(_ a: Known, _ b: Known) -> Bool {
    switch (a, b) {
    case (.matrix(let x), .matrix(let y)): x.extent == y.extent && x.isLogical == y.isLogical
    case (.number(let x), .number(let y)): x == y
    case (.text(let x), .text(let y)): x == y
    case (.boolean(let x), .boolean(let y)): x == y
    case (.anything, .anything), (.nothing, .nothing): true
    case (.function(.callable(let x)), .function(.callable(let y))): x === y
    case (.function(.user(let x)), .function(.user(let y))): x === y
    case (.object(let x), .object(let y)): x.kind == y.kind && x.object === y.object
    default: false
    }
  }
}
