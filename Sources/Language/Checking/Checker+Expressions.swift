import Matrices
import Vocabulary

/// What is known of the value of an expression.
extension Checker {
  func expression(_ expression: Expression) throws -> Known {
    try step()
    guard state.isReachable else { return .anything }
    switch expression.kind {
    case .number(let number): return .number(Amount(number))
    case .boolean(let truth): return .boolean(truth)
    case .nothing: return .nothing
    case .text(let pieces): return try text(pieces)
    case .name(let name): return read(name, expression.range)
    case .end:
      guard let length = ends.last ?? nil else { return .number(symbols.count()) }
      return .number(length)
    case .everything, .wrong: return .anything
    case .matrix(let rows): return try matrix(rows)
    case .list(let elements):
      let known = try elements.map { try self.expression($0) }
      let facts = Known.ListFacts(
        count: Amount(known.count), elements: known.count <= Known.mostElements ? known : nil)
      return Known.list(facts).trimmed()
    case .record(let fields):
      var facts = Known.RecordFacts(keys: [], values: [])
      for (key, _, value) in fields {
        facts.keys.append(key)
        facts.values.append(try self.expression(value))
      }
      return Known.record(facts).trimmed()
    case .spread(let parts):
      for part in parts { _ = try self.expression(part.value) }
      return .anything
    case .calculation(let operation, let sign, let left, let right):
      return try calculation(operation, sign, left, right, expression.range)
    case .negate(let inside): return try negated(inside, expression.range)
    case .not(let inside): return try inverted(inside, expression.range)
    case .transpose(let inside): return try transposed(inside, expression.range)
    case .andThen(let a, let b): return try shortCircuit(a, b, isAnd: true)
    case .orElse(let a, let b): return try shortCircuit(a, b, isAnd: false)
    case .range(let start, let step, let end): return try range(start, step, end)
    case .call(let callee, let arguments):
      return try call(callee, nil, arguments, expression.range)
    case .pipe(let first, let callee, let arguments):
      return try call(callee, first, arguments, expression.range)
    case .index(let base, let indices, let usesEnd):
      return try index(base, indices, usesEnd, expression.range)
    case .field(let base, let name, let nameRange): return try field(base, name, nameRange)
    case .function(let function): return self.function(function, named: nil)
    case .conditional(let branches, let otherwise): return try conditional(branches, otherwise)
    case .loop(let pattern, let over, let body):
      return try loop(pattern, over: over, body, expression.range)
    case .whileLoop(let condition, let body): return try whileLoop(condition, body)
    case .attempt(let body, let name, let nameRange, let handler):
      return try attempt(body, name, nameRange, handler)
    case .parenthesized(let inside): return try self.expression(inside)
    }
  }

  private func text(_ pieces: [Expression.Piece]) throws -> Known {
    var whole: String? = ""
    for piece in pieces {
      switch piece {
      case .letters(let letters): whole = whole.map { $0 + letters }
      case .hole(let inside, _):
        _ = try expression(inside)
        whole = nil
      }
    }
    return .text(whole)
  }

  private func shortCircuit(_ a: Expression, _ b: Expression, isAnd: Bool) throws -> Known {
    func side(_ expression: Expression) throws -> Bool? {
      let known = reduced(try self.expression(expression))
      switch known {
      case .boolean(let truth): return truth
      case .anything: return nil
      case .matrix(let facts) where !isNotSingle(facts.extent): return nil
      default:
        report(
          .truth(operand(expression, known), sign: isAnd ? "&&" : "||"), at: expression.inner.range)
        return nil
      }
    }
    let first = try side(a)
    if let first, first != isAnd { return .boolean(first) }
    if first == isAnd { return .boolean(try side(b)) }
    _ = try guarded { try side(b) }
    return .boolean(nil)
  }

  private func range(_ start: Expression, _ step: Expression?, _ end: Expression) throws -> Known {
    func bound(_ expression: Expression) throws -> Amount? {
      let known = reduced(try self.expression(expression))
      switch known {
      case .number(let amount): return amount
      case .anything, .boolean: return nil
      case .matrix(let facts) where !isNotSingle(facts.extent): return nil
      default:
        report(.rangeOperand(operand(expression, known)), at: expression.inner.range)
        return nil
      }
    }
    let first = try bound(start) ?? symbols.number()
    let by = try step.map { try bound($0) ?? symbols.number() } ?? .one
    let last = try bound(end) ?? symbols.number()
    if let step, by == .zero { report(.rangeStep, at: step.inner.range) }
    var count = symbols.count()
    if let a = first.value, let b = by.value, let c = last.value, b != 0, a.isFinite, c.isFinite,
      b.isFinite
    {
      count = Amount(NumberRange(from: a, to: c, by: b).count)
    } else if by == .one, symbols.isWhole(first), symbols.isWhole(last) {
      let length = last - first + .one
      if symbols.least(length) >= 0 { count = length }
    }
    return .range(start: first, step: by, count: count)
  }

  // MARK: Matrices

  private func matrix(_ rows: [[Expression]]) throws -> Known {
    var bands: [(extent: Extent, row: Int)] = []
    var elements: [Amount]? = []
    var isSound = true
    for (place, row) in rows.enumerated() {
      var parts: [(extent: Extent, expression: Expression, known: Known)] = []
      for element in row {
        let known = reduced(try expression(element))
        switch known {
        case .number(let amount): elements?.append(amount)
        case .boolean, .matrix, .range: elements = nil
        case .anything:
          (elements, isSound) = (nil, false)
          continue
        default:
          report(.blockType(operand(element, known)), at: element.inner.range)
          (elements, isSound) = (nil, false)
          continue
        }
        guard let extent = known.extent else { continue }
        // A block without elements beside others takes no room.
        if row.count > 1, mayBeEmpty(extent) {
          if extent.shape != Shape(0, 0) { isSound = false }
          continue
        }
        if let first = parts.first {
          if symbols.differ(first.extent.rows, extent.rows) {
            refuse(.besides, first.extent, extent, first.expression, first.known, element, known)
            isSound = false
          } else {
            learn(first.extent.rows, extent.rows)
          }
        }
        parts.append((extent, element, known))
      }
      guard isSound else { continue }
      let columns = parts.reduce(Amount.zero) { $0 + $1.extent.columns }
      let band = Extent(parts.first?.extent.rows ?? .zero, columns)
      if rows.count > 1, mayBeEmpty(band) {
        if band.shape != Shape(0, 0) { isSound = false }
        continue
      }
      if let first = bands.first {
        if symbols.differ(first.extent.columns, band.columns) {
          if attempts == 0 { refuseRows(rows, first.row, first.extent, place, band) }
          isSound = false
        } else {
          learn(first.extent.columns, band.columns)
        }
      }
      bands.append((band, place))
    }
    guard isSound else {
      return .matrix(Known.MatrixFacts(extent: unknownExtent(), isLogical: nil))
    }
    let extent = Extent(
      bands.reduce(Amount.zero) { $0 + $1.extent.rows }, bands.first?.extent.columns ?? .zero)
    var facts = Known.MatrixFacts(extent: extent, isLogical: elements == nil ? nil : false)
    if let elements, elements.count <= 4, rows.count == 1 || rows.allSatisfy({ $0.count == 1 }) {
      facts.elements = elements
    }
    return .matrix(facts)
  }

  /// Whether both dimensions may be 0: such a block is left out.
  private func mayBeEmpty(_ extent: Extent) -> Bool {
    !symbols.differ(extent.rows, .zero) && !symbols.differ(extent.columns, .zero)
  }

  private func refuse(
    _ rule: Misfit.Rule, _ a: Extent, _ b: Extent, _ left: Expression, _ first: Known,
    _ right: Expression, _ second: Known
  ) {
    let letters = letters(a, b)
    report(
      .blockSizes(
        Misfit(rule, Misfit.Sizes(a, letters), Misfit.Sizes(b, letters)), operand(left, first),
        operand(right, second)), at: right.inner.range)
  }

  private func refuseRows(
    _ rows: [[Expression]], _ first: Int, _ a: Extent, _ second: Int, _ b: Extent
  ) {
    let names = letters(a, b)
    func row(_ place: Int, _ extent: Extent) -> Fault.Operand {
      let parts = rows[place]
      let range = (parts.first?.inner.range).map { start in
        parts.last.map { start.joined($0.inner.range) } ?? start
      }
      var operand = operand(
        .matrix(Known.MatrixFacts(extent: extent)),
        at: range ?? SourceRange(SourceText(name: "", text: ""), 0, 0))
      operand.short = extent.text(names)
      return operand
    }
    let right = row(second, b)
    report(
      .blockSizes(
        Misfit(.above, Misfit.Sizes(a, names), Misfit.Sizes(b, names)), row(first, a), right),
      at: right.range)
  }

  /// Letters for the sizes of two shapes.
  func letters(_ a: Extent, _ b: Extent) -> (Amount.Symbol) -> String {
    let amounts = [a.rows, a.columns, b.rows, b.columns]
    return Symbols.letters(Set(amounts.flatMap { $0.terms.map(\.symbol) }))
  }

  // MARK: Fields

  private func field(_ base: Expression, _ name: String, _ nameRange: SourceRange) throws -> Known {
    let container = reduced(try expression(base))
    return field(name, nameRange, of: container) { self.operand(base, container) }
  }

  func field(
    _ name: String, _ nameRange: SourceRange, of container: Known, operand: () -> Fault.Operand
  ) -> Known {
    switch container {
    case .anything: return .anything
    case .record(let facts):
      if let value = facts[name] { return value }
      if facts.isComplete {
        report(.noField(name, at: nameRange, of: operand(), known: facts.keys), at: nameRange)
      }
      return .anything
    case .object(let facts):
      if let object = facts.object {
        if let value = object.field(name) { return Known(value) }
        report(
          .noField(name, at: nameRange, of: operand(), known: object.fieldNames), at: nameRange)
        return .anything
      }
      if let value = facts.fields[name] { return value }
      if let names = facts.fieldNames, !names.contains(name) {
        report(.noField(name, at: nameRange, of: operand(), known: names), at: nameRange)
      }
      return .anything
    default:
      report(.noField(name, at: nameRange, of: operand(), known: []), at: nameRange)
      return .anything
    }
  }
}
