import Matrices
import Vocabulary

/// The shapes that builtins declare: which arguments fit, and what comes out.
extension Checker {
  /// A case with the sizes that its letters stand for.
  private struct Bindings {
    var letters: [String: Amount] = [:]
    var isCertain = true
    /// What has to be equal for the case to fit.
    var equal: [(Amount, Amount)] = []
  }

  /// The result of a builtin by its `shapes:` text.
  func shaped(
    _ builtin: Builtin, _ given: [Given], _ bound: [Int?], _ calleeRange: SourceRange
  ) -> Known {
    guard let rules = shapeRules(builtin), !rules.isEmpty else { return result(of: builtin) }
    var results: [Known] = []
    let most = rules.map { rule in rule.inputs.count(where: { $0.text != nil }) }.max() ?? 0
    var isBroad = true
    for rule in rules {
      guard let bindings = bindings(rule, builtin, given, bound, most) else { continue }
      if bindings.isCertain && results.isEmpty || rules.count == 1 {
        for (a, b) in bindings.equal { learn(a, b) }
      }
      results.append(result(rule, bindings, builtin, given, bound, &isBroad))
      if bindings.isCertain { break }
    }
    if !isBroad, results.count == 1 { refuseBroadcast(builtin, given, calleeRange) }
    guard let first = results.first else {
      refuse(builtin, rules, given, bound, calleeRange)
      return result(of: builtin)
    }
    var joiner = Joiner(symbols)
    return results.dropFirst().reduce(first) { joiner.join($0, $1) }
  }

  private func shapeRules(_ builtin: Builtin) -> [ShapeRule]? {
    if let known = rulesOfBuiltins[builtin.name] { return known }
    let rules = builtin.shapes.isEmpty ? [] : ShapeRule.parse(builtin.shapes) ?? []
    rulesOfBuiltins[builtin.name] = rules
    return rules
  }

  /// What is known of a result by its kind alone.
  private func result(of builtin: Builtin) -> Known {
    switch builtin.resultKind {
    case .number: .number(symbols.number())
    case .boolean: .boolean(nil)
    case .text: .text(nil)
    case .matrix:
      .matrix(Known.MatrixFacts(extent: unknownExtent(), isLogical: nil, isSurely: false))
    case .list: .list(Known.ListFacts(count: symbols.count()))
    case .record: .record(Known.RecordFacts(keys: [], values: [], isComplete: false))
    case .nothing, .range, .function, .object, nil: .anything
    }
  }

  // MARK: Fitting

  private func bindings(
    _ rule: ShapeRule, _ builtin: Builtin, _ given: [Given], _ bound: [Int?], _ most: Int
  ) -> Bindings? {
    var bindings = Bindings()
    let parameters = builtin.signature.parameters
    var values: [Known?] = []
    for (info, place) in zip(parameters, bound) where info.isPositional && !info.takesRest {
      values.append(place.map { given[$0].known })
    }
    if let rest = parameters.firstIndex(where: \.takesRest) {
      let before = parameters[..<rest].count(where: \.isPositional)
      values = Array(values.prefix(before))
      values += given.filter { $0.name == nil }.dropFirst(before).map { $0.known }
    }
    var position = 0
    var inputs = rule.inputs.filter { if case .parameter = $0 { false } else { true } }
    if rule.repeats {
      // A list of parts instead of parts: nothing is known.
      if values.contains(where: { if case .list? = $0 { true } else { false } }) { return nil }
      guard let last = inputs.last else { return nil }
      while inputs.count > values.count, inputs.count > 1 { inputs.removeLast() }
      while inputs.count < values.count { inputs.append(last) }
    }
    // A case with fewer inputs is for fewer arguments, where another one has as many.
    let known = values.count(where: { $0 != nil })
    guard rule.repeats || known <= inputs.count || known > most else { return nil }
    for input in inputs {
      let value = position < values.count ? values[position] : nil
      guard let value else { return nil }
      if rule.repeats { bindings.letters = bindings.letters.filter { shared($0.key, rule) } }
      guard fits(input, value, &bindings) else { return nil }
      position += 1
    }
    for case .parameter(let name, let wanted) in rule.inputs {
      guard let place = parameters.firstIndex(where: { $0.name == name }) else { return nil }
      let known = bound[place].map { given[$0].known } ?? parameters[place].standard.map(Known.init)
      switch known ?? .nothing {
      case .text(let text?): if text != wanted { return nil }
      case .boolean(let truth?): if "\(truth)" != wanted { return nil }
      case .number(let amount):
        guard let number = amount.value else {
          bindings.isCertain = false
          continue
        }
        if NumberFormat.short(number) != wanted { return nil }
      case .nothing: if wanted != "nothing" { return nil }
      case .text, .boolean, .anything: bindings.isCertain = false
      default: if wanted != "given" { return nil }
      }
    }
    return bindings
  }

  /// Whether a letter means the same size in all parts that repeat.
  private func shared(_ letter: String, _ rule: ShapeRule) -> Bool {
    rule.inputs.allSatisfy { input in
      guard case .matrix(let rows, let columns) = input else { return true }
      return rows == .name(letter) || columns == .name(letter)
    }
  }

  private func fits(_ input: ShapeRule.Input, _ value: Known, _ bindings: inout Bindings) -> Bool {
    switch input {
    case .matrix(let rows, let columns):
      if value.isAnything {
        bindings.isCertain = false
        return bind(rows, symbols.count(), &bindings) && bind(columns, symbols.count(), &bindings)
      }
      guard let extent = value.extent else { return false }
      return bind(rows, extent.rows, &bindings) && bind(columns, extent.columns, &bindings)
    case .row(let names):
      if value.isAnything { bindings.isCertain = false }
      guard value.isNumeric || value.isAnything else { return false }
      if let extent = value.extent {
        if let shape = extent.shape, shape.count != names.count { return false }
        if extent.shape == nil { bindings.isCertain = false }
      }
      var elements: [Amount]?
      if case .matrix(let facts) = value { elements = facts.elements }
      for (place, name) in names.enumerated() {
        guard bind(name, elements.map { count($0[place]) } ?? symbols.count(), &bindings) else {
          return false
        }
      }
      return true
    case .count(let letter):
      switch value {
      case .number(let amount): bindings.letters[letter] = count(amount)
      case .anything, .boolean, .matrix:
        if let extent = value.extent, isNotSingle(extent) { return false }
        bindings.letters[letter] = symbols.count()
        if case .boolean = value {} else { bindings.isCertain = false }
      default: return false
      }
      return true
    case .kind(let words): return fits(words, value, &bindings)
    case .parameter: return true
    }
  }

  private func fits(_ words: String, _ value: Known, _ bindings: inout Bindings) -> Bool {
    if value.isAnything {
      bindings.isCertain = words == "value"
      return true
    }
    switch words {
    case "value": return true
    case "number", "text", "list", "record", "function", "range", "nothing", "boolean":
      if words == "number", case .matrix(let facts) = value {
        bindings.isCertain = false
        return !isNotSingle(facts.extent)
      }
      if words == "range", case .matrix(let facts) = value, !facts.isSurely {
        bindings.isCertain = false
        return true
      }
      return value.kind?.rawValue == words
    default:
      // A model, a network, a layer, by the last word of its kind.
      guard case .object(let facts) = value else { return false }
      guard let kind = facts.kind else {
        bindings.isCertain = false
        return true
      }
      return kind == words || kind.hasSuffix(" \(words)") || words.hasSuffix(kind)
    }
  }

  /// A number as a number of rows or columns.
  private func count(_ amount: Amount) -> Amount {
    let amount = state.reduced(amount)
    if symbols.isWhole(amount) { return amount }
    guard let symbol = amount.symbol else { return symbols.count() }
    if let known = countsOfNumbers[symbol] { return known }
    let new = symbols.count()
    countsOfNumbers[symbol] = new
    return new
  }

  /// Takes a size of a pattern for an amount, or compares it.
  private func bind(_ size: ShapeRule.Size, _ given: Amount, _ bindings: inout Bindings) -> Bool {
    let amount = state.reduced(given)
    let known: Amount
    switch size {
    case .literal(let number): known = Amount(number)
    case .name(let letter):
      guard let bound = bindings.letters[letter] else {
        bindings.letters[letter] = amount
        return true
      }
      known = bound
    case .sum, .product, .least:
      bindings.isCertain = false
      return true
    }
    if symbols.differ(known, amount) { return false }
    if known != amount {
      bindings.isCertain = false
      bindings.equal.append((known, amount))
    }
    return true
  }

  // MARK: Results

  private func result(
    _ rule: ShapeRule, _ bindings: Bindings, _ builtin: Builtin, _ given: [Given],
    _ bound: [Int?], _ isBroad: inout Bool
  ) -> Known {
    var letters = bindings.letters
    func amount(_ size: ShapeRule.Size) -> Amount {
      switch size {
      case .literal(let number): return Amount(number)
      case .name(let name):
        if let known = letters[name] { return known }
        var known = symbols.count()
        if let definition = rule.definitions[name] {
          known = amount(definition)
        } else if let place = builtin.signature.parameters.firstIndex(where: { $0.name == name }) {
          let argument =
            bound[place].map { given[$0].known }
            ?? builtin.signature.parameters[place].standard.map(Known.init)
          if case .number(let number)? = argument { known = count(number) }
        }
        letters[name] = known
        return known
      case .sum(let parts):
        if parts.contains(.name("…")) { return total(rule, given) }
        return parts.reduce(.zero) { $0 + amount($1) }
      case .product(let parts):
        var product = Amount.one
        for part in parts {
          let next = amount(part)
          if let factor = next.value {
            product = product * factor
          } else if let factor = product.value {
            product = next * factor
          } else {
            return symbols.count()
          }
        }
        return product
      case .least(let a, let b):
        let (x, y) = (state.reduced(amount(a)), state.reduced(amount(b)))
        if let first = x.value, let second = y.value { return Amount(min(first, second)) }
        if x == y { return x }
        if symbols.least(y - x) >= 0 { return x }
        if symbols.least(x - y) >= 0 { return y }
        return symbols.count()
      }
    }
    func known(_ result: ShapeRule.Result) -> Known {
      switch result {
      case .matrix(let rows, let columns, let isLogical):
        return .matrix(
          Known.MatrixFacts(
            extent: Extent(amount(rows), amount(columns)), isLogical: isLogical ? true : nil,
            isSurely: false))
      case .sparse(let rows, let columns):
        return .matrix(
          Known.MatrixFacts(
            extent: Extent(amount(rows), amount(columns)), isLogical: nil, isSparse: true))
      case .number(let size): return .number(amount(size))
      case .row(let sizes):
        var facts = Known.MatrixFacts(extent: Extent(.one, Amount(sizes.count)))
        facts.elements = sizes.map(amount)
        return .matrix(facts)
      case .record(let fields):
        return .record(
          Known.RecordFacts(
            keys: fields.map(\.name), values: fields.map { known($0.result) }))
      case .kind(let words, let fields): return self.known(words, fields, known)
      case .broadcast(let a, let b):
        guard let x = known(a).extent, let y = known(b).extent else { return .anything }
        guard case .fits(let extent) = broadcastFit(state.reduced(x), state.reduced(y)) else {
          isBroad = false
          return .matrix(
            Known.MatrixFacts(extent: unknownExtent(), isLogical: nil, isSurely: false))
        }
        return .matrix(Known.MatrixFacts(extent: extent, isLogical: nil, isSurely: false))
      case .either(let a, let b):
        var joiner = Joiner(symbols)
        return joiner.join(known(a), known(b))
      }
    }
    let found = known(rule.result)
    if case .sparse = rule.result { return found }
    return builtin.name == "full" ? found : found.sparseLike(given.map { $0.known })
  }

  private func known(
    _ words: String, _ fields: [ShapeRule.Field], _ known: (ShapeRule.Result) -> Known
  ) -> Known {
    switch words {
    case "nothing": return .nothing
    case "number": return .number(symbols.number())
    case "boolean", "true/false": return .boolean(nil)
    case "text": return .text(nil)
    case "matrix":
      return .matrix(
        Known.MatrixFacts(extent: unknownExtent(), isLogical: nil, isSurely: false))
    case "list": return .list(Known.ListFacts(count: symbols.count()))
    case "record": return .record(Known.RecordFacts(keys: [], values: [], isComplete: false))
    case "function": return .function(.unknown)
    case "value": return .anything
    default:
      var facts = Known.ObjectFacts(kind: words)
      for field in fields { facts.fields[field.name] = known(field.result) }
      return .object(facts)
    }
  }

  /// The sum of the sizes that differ from part to part.
  private func total(_ rule: ShapeRule, _ given: [Given]) -> Amount {
    guard case .matrix(let rows, _)? = rule.inputs.first else { return symbols.count() }
    let sharesRows = rule.inputs.allSatisfy {
      if case .matrix(rows, _) = $0 { true } else { false }
    }
    var sum = Amount.zero
    for argument in given where argument.name == nil {
      guard let extent = argument.known.extent else { return symbols.count() }
      sum = sum + (sharesRows ? extent.columns : extent.rows)
    }
    return sum
  }

}
