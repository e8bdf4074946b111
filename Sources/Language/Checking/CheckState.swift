import Vocabulary

/// What is known at one point of a program: its variables, and the unknown numbers that turned out
/// to be equal to others because what came before has not failed.
struct CheckState {
  struct Variable {
    var known: Known
    /// Where it was last assigned, if that is one place.
    var origin: SourceRange?
    /// Whether it has a value on every way here.
    var isSet = true
  }

  /// The variables of the program or file.
  var globals: [String: Variable] = [:]
  /// Those of the function that is being called; `nil` outside functions.
  var locals: [String: Variable]?
  var equal: [Amount.Symbol: Amount] = [:]
  /// Whether any way leads here.
  var isReachable = true

  func reduced(_ amount: Amount) -> Amount { amount.replacing(equal) }

  func reduced(_ extent: Extent) -> Extent {
    Extent(reduced(extent.rows), reduced(extent.columns))
  }
}

/// Joins what is known on two ways. Two amounts that differ become one unknown number, the same for
/// the same pair: a matrix that is square on both ways stays square.
struct Joiner {
  private struct Pair: Hashable {
    var first: Amount
    var second: Amount
  }

  let symbols: Symbols
  private var made: [Pair: Amount] = [:]
  /// The numbers that were made here: they stand for any number.
  private(set) var free: Set<Amount.Symbol> = []

  init(_ symbols: Symbols) { self.symbols = symbols }

  mutating func amount(_ a: Amount, _ b: Amount) -> Amount {
    if a == b { return a }
    let pair = Pair(first: a, second: b)
    if let known = made[pair] { return known }
    let isCount =
      symbols.isWhole(a) && symbols.isWhole(b) && symbols.least(a) >= 0 && symbols.least(b) >= 0
    let new =
      isCount ? symbols.count(least: min(symbols.least(a), symbols.least(b))) : symbols.number()
    made[pair] = new
    if let symbol = new.symbol { free.insert(symbol) }
    return new
  }

  mutating func extent(_ a: Extent, _ b: Extent) -> Extent {
    Extent(amount(a.rows, b.rows), amount(a.columns, b.columns))
  }

  mutating func join(_ a: Known, _ b: Known) -> Known {
    switch (a, b) {
    case (.nothing, .nothing): return .nothing
    case (.boolean(let x), .boolean(let y)): return .boolean(x == y ? x : nil)
    case (.number(let x), .number(let y)): return .number(amount(x, y))
    case (.text(let x), .text(let y)): return .text(x == y ? x : nil)
    case (.matrix(let x), .matrix(let y)):
      var facts = Known.MatrixFacts(extent: extent(x.extent, y.extent))
      facts.isLogical = x.isLogical == y.isLogical ? x.isLogical : nil
      facts.isSurely = x.isSurely && y.isSurely
      facts.isSparse = x.isSparse == y.isSparse ? x.isSparse : nil
      if let first = x.elements, let second = y.elements, first.count == second.count {
        facts.elements = zip(first, second).map { amount($0, $1) }
      }
      return .matrix(facts)
    case (.range(let s, let d, let n), .range(let t, let e, let m)):
      return .range(start: amount(s, t), step: amount(d, e), count: amount(n, m))
    case (.list(let x), .list(let y)): return .list(list(x, y))
    case (.record(let x), .record(let y)): return .record(record(x, y))
    case (.function(let x), .function(let y)): return .function(function(x, y))
    case (.object(let x), .object(let y)):
      guard let kind = x.kind, kind == y.kind else { return .anything }
      var facts = Known.ObjectFacts(kind: kind)
      if x.object === y.object { facts.object = x.object }
      if let first = x.fieldNames, let second = y.fieldNames, first == second {
        facts.fieldNames = first
      }
      for (name, value) in x.fields {
        if let other = y.fields[name] { facts.fields[name] = join(value, other) }
      }
      return .object(facts)
    default:
      guard a.isNumeric, b.isNumeric, let x = a.extent, let y = b.extent else { return .anything }
      return .matrix(
        Known.MatrixFacts(extent: extent(x, y), isLogical: nil, isSurely: false))
    }
  }

  private mutating func list(_ x: Known.ListFacts, _ y: Known.ListFacts) -> Known.ListFacts {
    var facts = Known.ListFacts(count: amount(x.count, y.count))
    if let first = x.elements, let second = y.elements, first.count == second.count {
      facts.elements = zip(first, second).map { join($0, $1) }
    } else {
      facts.element = join(x.anyElement(&self), y.anyElement(&self))
    }
    return facts
  }

  private mutating func record(_ x: Known.RecordFacts, _ y: Known.RecordFacts)
    -> Known.RecordFacts
  {
    var facts = Known.RecordFacts(keys: [], values: [])
    facts.isComplete = x.isComplete && y.isComplete && x.keys == y.keys
    for (key, value) in zip(x.keys, x.values) {
      guard let other = y[key] else { continue }
      facts.keys.append(key)
      facts.values.append(join(value, other))
    }
    return facts
  }

  private func function(_ x: Known.FunctionFacts, _ y: Known.FunctionFacts)
    -> Known.FunctionFacts
  {
    switch (x, y) {
    case (.callable(let a), .callable(let b)) where a === b: x
    case (.user(let a), .user(let b)) where a === b: x
    default: .unknown
    }
  }

  mutating func join(_ a: CheckState, _ b: CheckState) -> CheckState {
    if !a.isReachable { return b }
    if !b.isReachable { return a }
    var state = CheckState()
    state.globals = join(a.globals, b.globals)
    if let first = a.locals, let second = b.locals { state.locals = join(first, second) }
    state.equal = a.equal.filter { b.equal[$0.key] == $0.value }
    return state
  }

  private mutating func join(
    _ a: [String: CheckState.Variable], _ b: [String: CheckState.Variable]
  ) -> [String: CheckState.Variable] {
    var joined = a
    for (name, x) in a {
      guard let y = b[name] else {
        joined[name]?.isSet = false
        continue
      }
      joined[name] = CheckState.Variable(
        known: join(x.known, y.known), origin: x.origin == y.origin ? x.origin : nil,
        isSet: x.isSet && y.isSet)
    }
    for (name, y) in b where a[name] == nil {
      joined[name] = CheckState.Variable(known: y.known, origin: y.origin, isSet: false)
    }
    return joined
  }

  // MARK: Covering

  /// Whether a state says no more than another: some choice of the free numbers of `general` makes
  /// it `special`.
  func covers(_ general: CheckState, _ special: CheckState) -> Bool {
    guard special.isReachable else { return true }
    var chosen: [Amount.Symbol: Amount] = [:]
    return covers(general.globals, special.globals, &chosen)
      && covers(general.locals ?? [:], special.locals ?? [:], &chosen)
  }

  private func covers(
    _ general: [String: CheckState.Variable], _ special: [String: CheckState.Variable],
    _ chosen: inout [Amount.Symbol: Amount]
  ) -> Bool {
    for (name, variable) in special {
      guard let known = general[name], !known.isSet || variable.isSet,
        covers(known.known, variable.known, &chosen)
      else { return false }
    }
    return general.allSatisfy { special[$0.key] != nil || !$0.value.isSet }
  }

  private func covers(_ a: Amount, _ b: Amount, _ chosen: inout [Amount.Symbol: Amount]) -> Bool {
    if let symbol = a.symbol, free.contains(symbol) {
      if let known = chosen[symbol] { return known == b }
      chosen[symbol] = b
      return true
    }
    return a == b
  }

  private func covers(_ a: Extent, _ b: Extent, _ chosen: inout [Amount.Symbol: Amount]) -> Bool {
    covers(a.rows, b.rows, &chosen) && covers(a.columns, b.columns, &chosen)
  }

  private func covers(_ a: Known, _ b: Known, _ chosen: inout [Amount.Symbol: Amount]) -> Bool {
    switch (a, b) {
    case (.anything, _), (.nothing, .nothing): return true
    case (.boolean(let x), .boolean(let y)): return x == nil || x == y
    case (.number(let x), .number(let y)): return covers(x, y, &chosen)
    case (.text(let x), .text(let y)): return x == nil || x == y
    case (.matrix(let x), .matrix(let y)):
      guard x.isLogical == nil || x.isLogical == y.isLogical, !x.isSurely || y.isSurely,
        covers(x.extent, y.extent, &chosen)
      else { return false }
      guard let first = x.elements else { return true }
      guard let second = y.elements, first.count == second.count else { return false }
      return zip(first, second).allSatisfy { covers($0, $1, &chosen) }
    case (.matrix(let x), _) where b.isNumeric && !x.isSurely && x.isLogical == nil:
      guard let other = b.extent, x.elements == nil else { return false }
      return covers(x.extent, other, &chosen)
    case (.range(let s, let d, let n), .range(let t, let e, let m)):
      return covers(s, t, &chosen) && covers(d, e, &chosen) && covers(n, m, &chosen)
    case (.list(let x), .list(let y)):
      guard covers(x.count, y.count, &chosen) else { return false }
      if let first = x.elements {
        guard let second = y.elements, first.count == second.count else { return false }
        return zip(first, second).allSatisfy { covers($0, $1, &chosen) }
      }
      if x.element.isAnything { return true }
      if let second = y.elements {
        return second.allSatisfy { covers(x.element, $0, &chosen) }
      }
      return covers(x.element, y.element, &chosen)
    case (.record(let x), .record(let y)):
      guard !x.isComplete || (y.isComplete && x.keys == y.keys) else { return false }
      return zip(x.keys, x.values).allSatisfy { key, value in
        y[key].map { covers(value, $0, &chosen) } ?? false
      }
    case (.function(.unknown), .function): return true
    case (.function(.callable(let x)), .function(.callable(let y))): return x === y
    case (.function(.user(let x)), .function(.user(let y))): return x === y
    case (.object(let x), .object(let y)):
      return x.kind == y.kind && x.object == nil
        && x.fields.allSatisfy { name, value in
          y.fields[name].map { covers(value, $0, &chosen) } ?? false
        }
    default: return false
    }
  }

  // MARK: Widening

  /// A value of the same kind, of which nothing else is known.
  mutating func widened(_ known: Known) -> Known {
    switch known {
    case .anything, .nothing: return known
    case .boolean: return .boolean(nil)
    case .number: return .number(fresh(isCount: false))
    case .text: return .text(nil)
    case .matrix(let facts):
      return .matrix(
        Known.MatrixFacts(
          extent: Extent(fresh(isCount: true), fresh(isCount: true)), isLogical: facts.isLogical,
          isSurely: facts.isSurely))
    case .list: return .list(Known.ListFacts(count: fresh(isCount: true)))
    case .record: return .record(Known.RecordFacts(keys: [], values: [], isComplete: false))
    case .function: return .function(.unknown)
    case .range, .object: return .anything
    }
  }

  private mutating func fresh(isCount: Bool) -> Amount {
    let new = isCount ? symbols.count() : symbols.number()
    if let symbol = new.symbol { free.insert(symbol) }
    return new
  }
}

extension Known.ListFacts {
  /// What every element is.
  func anyElement(_ joiner: inout Joiner) -> Known {
    guard let elements else { return element }
    guard let first = elements.first else { return .anything }
    return elements.dropFirst().reduce(first) { joiner.join($0, $1) }
  }
}
