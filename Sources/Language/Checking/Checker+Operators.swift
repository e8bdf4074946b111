import Matrices
import Vocabulary

/// Operators: what their results are, and which operands they refuse. The rules are those of
/// `Arithmetic`, on shapes instead of values.
extension Checker {
  // MARK: Sizes

  /// Whether a value of this shape certainly has not exactly one element.
  func isNotSingle(_ extent: Extent) -> Bool {
    symbols.differ(extent.rows, .one) || symbols.differ(extent.columns, .one)
  }

  func unknownExtent() -> Extent { Extent(symbols.count(), symbols.count()) }

  /// What has not failed has taught that two sizes are equal.
  func learn(_ a: Amount, _ b: Amount) {
    let difference = state.reduced(a) - state.reduced(b)
    guard symbols.isWhole(difference),
      let term = difference.terms.last(where: { abs($0.factor) == 1 })
    else { return }
    // factor · symbol + rest = 0
    let rest = difference - Amount(symbol: term.symbol) * term.factor
    let value = rest * -term.factor
    guard value.value.map({ $0 >= 0 }) ?? true else { return }
    let known = [term.symbol: value]
    for (symbol, amount) in state.equal { state.equal[symbol] = amount.replacing(known) }
    state.equal[term.symbol] = value
  }

  /// How two shapes go together.
  enum Fit {
    case fits(Extent)
    case fails(Misfit.Rule)
  }

  /// Equal shapes, or one element on a side.
  func equalFit(_ a: Extent, _ b: Extent) -> Fit {
    if a == b || b == .single { return .fits(a) }
    if a == .single { return .fits(b) }
    let (aIsMany, bIsMany) = (isNotSingle(a), isNotSingle(b))
    if symbols.differ(a.rows, b.rows) || symbols.differ(a.columns, b.columns) {
      if aIsMany && bIsMany { return .fails(.unequal) }
    } else if aIsMany && bIsMany {
      learn(a.rows, b.rows)
      learn(a.columns, b.columns)
    }
    return .fits(aIsMany ? a : bIsMany ? b : unknownExtent())
  }

  /// Rows and columns of length 1 are repeated.
  func broadcastFit(_ a: Extent, _ b: Extent) -> Fit {
    guard let rows = stretched(a.rows, b.rows), let columns = stretched(a.columns, b.columns) else {
      return .fails(.broadcast)
    }
    return .fits(Extent(rows, columns))
  }

  private func stretched(_ a: Amount, _ b: Amount) -> Amount? {
    if a == b || b == .one { return a }
    if a == .one { return b }
    let (aIsMany, bIsMany) = (symbols.differ(a, .one), symbols.differ(b, .one))
    if aIsMany && bIsMany {
      if symbols.differ(a, b) { return nil }
      learn(a, b)
    }
    return aIsMany ? a : bIsMany ? b : symbols.count()
  }

  private func productFit(_ a: Extent, _ b: Extent) -> Fit {
    if a == .single { return .fits(b) }
    if b == .single { return .fits(a) }
    if a.columns == b.rows { return .fits(Extent(a.rows, b.columns)) }
    let (aIsMany, bIsMany) = (isNotSingle(a), isNotSingle(b))
    if symbols.differ(a.columns, b.rows) {
      if aIsMany && bIsMany { return .fails(.inner) }
      return .fits(aIsMany ? a : bIsMany ? b : unknownExtent())
    }
    if aIsMany && bIsMany {
      learn(a.columns, b.rows)
      return .fits(Extent(a.rows, b.columns))
    }
    return .fits(
      Extent(aIsMany ? a.rows : symbols.count(), bIsMany ? b.columns : symbols.count()))
  }

  // MARK: Calculations

  func calculation(
    _ operation: Operator, _ sign: SourceRange, _ left: Expression, _ right: Expression,
    _ range: SourceRange
  ) throws -> Known {
    let before = wanted
    defer { wanted = before }
    let passesOn = [.add, .subtract, .dotTimes, .dotOver].contains(operation)
    wanted = nil
    if passesOn, case .calculation = left.inner.kind { wanted = shape(of: right) }
    let a = reduced(try expression(left))
    wanted = nil
    if passesOn, case .calculation = right.inner.kind { wanted = shape(of: left) }
    let b = reduced(try expression(right))
    wanted = before
    return calculate(operation, sign, left, a, right, b, range)
  }

  /// The shape of a variable beside a calculation.
  private func shape(of expression: Expression) -> (code: String, extent: Extent)? {
    guard case .name(let name) = expression.inner.kind, let known = variable(name)?.known,
      let extent = reduced(known).extent
    else { return nil }
    return (expression.inner.range.text, extent)
  }

  func calculate(
    _ operation: Operator, _ sign: SourceRange, _ left: Expression, _ first: Known,
    _ right: Expression, _ second: Known, _ range: SourceRange
  ) -> Known {
    let (a, b) = (reduced(first), reduced(second))
    func refuse() -> Known {
      report(.operands(operation, operand(left, a), operand(right, b)), at: sign)
      return .anything
    }
    if case .number(let x) = a, case .number(let y) = b { return numbers(operation, x, y) }
    if let known = withoutNumbers(operation, a, b) { return known.0 ?? refuse() }
    if a.isAnything || b.isAnything {
      if a.isAnything && b.isAnything || a.isNumeric || b.isNumeric { return .anything }
      switch (operation, a.isAnything ? b : a) {
      case (.add, .text), (.add, .list), (_, .object), (_, .anything): return .anything
      case (_, .text), (_, .nothing), (_, .list), (_, .record), (_, .function):
        if operation == .equal || operation == .unequal {
          switch a.isAnything ? b : a {
          // What nobody knows may be a list of texts, or a text.
          case .text, .list: return .anything
          default: return .boolean(nil)
          }
        }
        if case .text = a.isAnything ? b : a, operation.isComparison { return .boolean(nil) }
        return refuse()
      default: return .anything
      }
    }
    if case .object = a { return .anything }
    if case .object = b { return .anything }
    guard let x = a.extent, let y = b.extent else { return refuse() }
    switch operation {
    case .divide where isNotSingle(y), .power where isNotSingle(y): return refuse()
    case .power: return power(a, x, b, sign, left, right) ?? refuse()
    default: break
    }
    let fit: Fit =
      switch operation {
      case .multiply: productFit(x, y)
      case .solve: solveFit(a, x, y)
      case .divide: .fits(x)
      case .dotTimes, .dotOver, .dotPower, .dotPlus, .dotMinus: broadcastFit(x, y)
      default: equalFit(x, y)
      }
    switch fit {
    case .fails(let rule):
      let letters = letters(x, y)
      let fix = ShapeFix.find(
        operation, left: ShapeFix.Part(left).sparse(a.isSparse), x,
        right: ShapeFix.Part(right).sparse(b.isSparse), y, wanted: wanted, letters)
      report(
        .sizes(
          Misfit(rule, Misfit.Sizes(x, letters), Misfit.Sizes(y, letters)), operation,
          operand(left, a), operand(right, b),
          fix: fix.map { Fault.Fix($0, replacing: range) }), at: sign)
      return .matrix(Known.MatrixFacts(extent: unknownExtent(), isLogical: nil, isSurely: false))
    case .fits(let extent):
      let isComparison = operation.isComparison || operation == .and || operation == .or
      return .matrix(
        Known.MatrixFacts(
          extent: extent, isLogical: isComparison ? true : nil, isSurely: false)
      ).sparseLike([a, b])
    }
  }

  private func numbers(_ operation: Operator, _ x: Amount, _ y: Amount) -> Known {
    if let a = x.value, let b = y.value {
      if let number = Arithmetic.number(operation, a, b) { return .number(Amount(number)) }
      return .boolean(Arithmetic.truth(operation, a, b))
    }
    let isWhole = symbols.isWhole(x) && symbols.isWhole(y)
    switch operation {
    case .add, .dotPlus: if isWhole { return exact(x + y) }
    case .subtract, .dotMinus: if isWhole { return exact(x - y) }
    case .multiply, .dotTimes:
      if isWhole, let factor = x.value { return exact(y * factor) }
      if isWhole, let factor = y.value { return exact(x * factor) }
      if isWhole, symbols.least(x) >= 0, symbols.least(y) >= 0 { return .number(symbols.count()) }
    case .equal, .unequal:
      guard isWhole else { return .boolean(nil) }
      if x == y { return .boolean(operation == .equal) }
      return .boolean(symbols.differ(x, y) ? operation == .unequal : nil)
    case .less, .greaterOrEqual, .greater, .lessOrEqual:
      guard isWhole else { return .boolean(nil) }
      let isMore = operation == .greater || operation == .lessOrEqual
      // Whether x < y, or y < x.
      let distance = isMore ? x - y : y - x
      let isStrict = operation == .less || operation == .greater
      if symbols.least(distance) >= 1 { return .boolean(isStrict) }
      if symbols.least(distance * -1) >= 0 { return .boolean(!isStrict) }
      return .boolean(nil)
    case .and, .or: return .boolean(nil)
    case .divide, .dotOver, .solve, .power, .dotPower, .remainder: break
    }
    return .number(symbols.number())
  }

  private func exact(_ amount: Amount) -> Known {
    .number(amount.isExact ? amount : symbols.number())
  }

  /// Texts, lists, truth values, comparisons of anything: the result, `(nil)` where it is refused,
  /// `nil` where numbers are meant.
  private func withoutNumbers(_ operation: Operator, _ a: Known, _ b: Known) -> (Known?, Void)? {
    switch (operation, a, b) {
    case (.add, .text(let x), .text(let y)):
      let whole = x.flatMap { first in y.map { first + $0 } }
      return (.text(whole.flatMap { $0.utf8.count > Known.longestText ? nil : $0 }), ())
    case (.add, .list(let x), .list(let y)):
      var facts = Known.ListFacts(count: x.count + y.count)
      if let first = x.elements, let second = y.elements,
        first.count + second.count <= Known.mostElements
      {
        facts.elements = first + second
      } else {
        var joiner = Joiner(symbols)
        facts.element = joiner.join(x.anyElement(&joiner), y.anyElement(&joiner))
      }
      return (Known.list(facts).trimmed(), ())
    case (.less, .text, .text), (.lessOrEqual, .text, .text), (.greater, .text, .text),
      (.greaterOrEqual, .text, .text):
      return (.boolean(nil), ())
    case (.and, .boolean, .boolean), (.or, .boolean, .boolean): return (.boolean(nil), ())
    case (.equal, _, _), (.unequal, _, _):
      if a.isNumeric && b.isNumeric || a.isAnything || b.isAnything { return nil }
      return (equality(operation, a, b), ())
    default: return nil
    }
  }

  private func equality(_ operation: Operator, _ a: Known, _ b: Known) -> Known? {
    switch (a, b) {
    case (.nothing, .nothing): return .boolean(operation == .equal)
    case (.nothing, _), (_, .nothing): return .boolean(operation == .unequal)
    case (.text(let x), .text(let y)):
      return .boolean(x.flatMap { first in y.map { (first == $0) == (operation == .equal) } })
    case (.list(let facts), .text), (.text, .list(let facts)), (.list(let facts), .number),
      (.number, .list(let facts)), (.list(let facts), .boolean), (.boolean, .list(let facts)):
      return .matrix(
        Known.MatrixFacts(extent: Extent(facts.count, .one), isLogical: true))
    case (.list, .list), (.record, .record), (.function, .function), (.object, .object):
      return .boolean(nil)
    case (.object, _), (_, .object): return .boolean(nil)
    default: return nil
    }
  }

  private func power(
    _ a: Known, _ x: Extent, _ b: Known, _ sign: SourceRange, _ left: Expression,
    _ right: Expression
  ) -> Known? {
    if case .number = a { return .number(symbols.number()) }
    if x == .single {
      return .matrix(Known.MatrixFacts(extent: x, isLogical: nil, isSurely: false))
    }
    if isNotSingle(x) {
      if symbols.differ(x.rows, x.columns) {
        let letters = letters(x, x)
        report(
          .sizes(
            Misfit(.square, Misfit.Sizes(x, letters), Misfit.Sizes(x, letters)), .power,
            operand(left, a), operand(right, b), fix: nil), at: sign)
        return .matrix(Known.MatrixFacts(extent: x, isLogical: nil, isSurely: false))
      }
      learn(x.rows, x.columns)
      if case .number(let amount) = b, let number = amount.value,
        number.rounded() != number || abs(number) >= 1e9
      {
        return nil
      }
    }
    return .matrix(Known.MatrixFacts(extent: x, isLogical: nil, isSurely: false))
  }

  private func solveFit(_ a: Known, _ x: Extent, _ y: Extent) -> Fit {
    if case .number = a { return .fits(y) }
    guard isNotSingle(x) else { return .fits(x == .single ? y : unknownExtent()) }
    if symbols.differ(x.rows, y.rows) {
      return symbols.differ(x.rows, .one) || isNotSingle(y)
        ? .fails(.besides) : .fits(unknownExtent())
    }
    learn(x.rows, y.rows)
    return .fits(Extent(x.columns, y.columns))
  }

  // MARK: Signs before and behind

  func negated(_ inside: Expression, _ range: SourceRange) throws -> Known {
    let known = reduced(try expression(inside))
    switch known {
    case .number(let amount): return .number(amount * -1)
    case .boolean: return .number(symbols.number())
    case .matrix(var facts):
      (facts.elements, facts.isLogical) = (nil, nil)
      return .matrix(facts)
    case .range(_, _, let count): return .matrix(.one, count)
    case .anything, .object: return .anything
    default:
      report(.operand(sign: "-", operand(inside, known)), at: range)
      return .anything
    }
  }

  func inverted(_ inside: Expression, _ range: SourceRange) throws -> Known {
    let known = reduced(try expression(inside))
    switch known {
    case .boolean(let truth): return .boolean(truth.map { !$0 })
    case .number(let amount): return .boolean(amount.value.map { $0 == 0 })
    case .matrix(var facts):
      (facts.elements, facts.isLogical) = (nil, true)
      return .matrix(facts)
    case .range(_, _, let count):
      return .matrix(Known.MatrixFacts(extent: Extent(.one, count), isLogical: true))
    case .anything, .object: return .anything
    default:
      report(.operand(sign: "!", operand(inside, known)), at: range)
      return .anything
    }
  }

  func transposed(_ inside: Expression, _ range: SourceRange) throws -> Known {
    let known = reduced(try expression(inside))
    switch known {
    case .number, .boolean: return known
    case .matrix(var facts):
      facts.extent = facts.extent.transposed
      return .matrix(facts)
    case .range(_, _, let count): return .matrix(count, .one)
    case .anything, .object: return .anything
    default:
      report(.operand(sign: "'", operand(inside, known)), at: range)
      return .anything
    }
  }
}
