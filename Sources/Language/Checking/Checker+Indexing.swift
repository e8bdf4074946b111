import Matrices
import Vocabulary

/// Reading and writing parts of values. The rules are those of `Indexing`.
extension Checker {
  /// What an index selects from a dimension.
  private enum Selection {
    case one
    case several(Amount)
  }

  func index(
    _ base: Expression, _ indices: [Expression], _ usesEnd: Bool, _ range: SourceRange
  ) throws -> Known {
    let container = reduced(try expression(base))
    let values = try self.indices(indices, in: container)
    if case .number = container {
      report(.notIndexable(operand(base, container)), at: range)
      return .anything
    }
    switch container {
    case .boolean, .nothing, .function:
      report(.notIndexable(operand(base, container)), at: range)
      return .anything
    default:
      return part(of: container, indices, values) { self.operand(base, container) }
    }
  }

  /// The values of indices; `nil` for `:`.
  private func indices(_ indices: [Expression], in container: Known) throws -> [Known?] {
    var values: [Known?] = []
    for (place, index) in indices.enumerated() {
      if case .everything = index.kind {
        values.append(nil)
        continue
      }
      ends.append(length(of: container, place, of: indices.count))
      defer { ends.removeLast() }
      values.append(reduced(try expression(index)))
    }
    return values
  }

  /// What `end` means in one of the indices of a value.
  private func length(of container: Known, _ place: Int, of count: Int) -> Amount? {
    switch container {
    case .list(let facts): return facts.count
    case .text(let text): return text.map { Amount($0.count) }
    default:
      guard let extent = container.extent else { return nil }
      if count > 1 { return place == 0 ? extent.rows : extent.columns }
      if extent.rows == .one { return extent.columns }
      if extent.columns == .one { return extent.rows }
      return extent.shape.map { Amount($0.count) }
    }
  }

  /// A part of a value that has some; `operand` is the whole in an error.
  private func part(
    of container: Known, _ indices: [Expression], _ values: [Known?],
    _ operand: () -> Fault.Operand
  ) -> Known {
    func refuse(_ error: IndexError, _ place: Int) -> Known {
      let index = values[place].map { self.operand(indices[place], $0) }
      report(
        .index(error, of: operand(), index: index, position: place),
        at: indices[place].range)
      return .anything
    }
    switch container {
    case .anything: return .anything
    case .record(let facts):
      guard indices.count == 1 else {
        return refuse(.dimensions(given: indices.count, allowed: 1), 1)
      }
      switch values[0] {
      case .text(let key?)?:
        if let value = facts[key] { return value }
        return facts.isComplete ? refuse(.key(key, known: facts.keys), 0) : .anything
      case .text?, .anything?: return .anything
      default: return refuse(.needsKey, 0)
      }
    case .object(let facts):
      if case .text(let key?)? = values[0], indices.count == 1 {
        return facts.fields[key] ?? .anything
      }
      return .anything
    case .list(let facts):
      guard indices.count == 1 else {
        return refuse(.dimensions(given: indices.count, allowed: 1), 1)
      }
      let (selection, error) = select(values[0], facts.count, dimension: 0)
      if let error { return refuse(error, 0) }
      guard case .one? = selection else {
        if case .several(let count)? = selection {
          return .list(Known.ListFacts(count: count))
        }
        return .anything
      }
      if let elements = facts.elements, case .number(let amount)? = values[0],
        let position = amount.whole, elements.indices.contains(position - 1)
      {
        return elements[position - 1]
      }
      var joiner = Joiner(symbols)
      return facts.anyElement(&joiner)
    case .text(let text):
      guard indices.count == 1 else {
        return refuse(.dimensions(given: indices.count, allowed: 1), 1)
      }
      let length = text.map { Amount($0.count) } ?? symbols.count()
      if let error = select(values[0], length, dimension: 0).error { return refuse(error, 0) }
      return .text(nil)
    case .matrix, .range:
      guard let extent = container.extent else { return .anything }
      return elements(of: container, extent, values, refuse)
    case .number, .boolean, .nothing, .function: return .anything
    }
  }

  private func elements(
    of container: Known, _ extent: Extent, _ values: [Known?],
    _ refuse: (IndexError, Int) -> Known
  ) -> Known {
    var isLogical: Bool?
    if case .matrix(let facts) = container { isLogical = facts.isLogical }
    func result(_ extent: Extent) -> Known {
      Known.matrix(Known.MatrixFacts(extent: extent, isLogical: isLogical, isSurely: false))
        .sparseLike([container])
    }
    guard values.count <= 2 else {
      return refuse(.dimensions(given: values.count, allowed: 2), 2)
    }
    if values.count == 2 {
      let rows = select(values[0], extent.rows, dimension: 1)
      if let error = rows.error { return refuse(error, 0) }
      let columns = select(values[1], extent.columns, dimension: 2)
      if let error = columns.error { return refuse(error, 1) }
      if case .one? = rows.selection, case .one? = columns.selection {
        return isLogical == false ? .number(symbols.number()) : .anything
      }
      return result(Extent(amount(rows.selection), amount(columns.selection)))
    }
    let isRow = extent.rows == .one
    let isColumn = extent.columns == .one
    if case .matrix(let mask)?? = values.first, mask.isLogical == true {
      if let shape = extent.shape, let given = mask.extent.shape {
        if !shape.isVector, given != shape {
          return refuse(.maskShape(given: given, wanted: shape), 0)
        }
        if shape.isVector, given.count != shape.count {
          return refuse(.mask(given: given.count, length: shape.count), 0)
        }
      }
      if isRow { return result(Extent(.one, symbols.count())) }
      return result(Extent(symbols.count(), isColumn ? .one : symbols.count()))
    }
    if let shape = extent.shape, !shape.isVector {
      // A mask of unknown truth may select from a matrix, nothing else.
      switch values[0] {
      case .matrix(let facts)? where facts.isLogical == nil: return .anything
      case .anything?: return .anything
      default: return refuse(.oneOfMatrix(shape), 0)
      }
    }
    guard isRow || isColumn else { return .anything }
    let (selection, error) = select(values[0], isRow ? extent.columns : extent.rows, dimension: 0)
    if let error { return refuse(error, 0) }
    if case .one? = selection {
      if case .matrix(let facts) = container, let elements = facts.elements,
        case .number(let amount)? = values[0], let position = amount.whole,
        elements.indices.contains(position - 1)
      {
        return .number(elements[position - 1])
      }
      return isLogical == false ? .number(symbols.number()) : .anything
    }
    if values[0] == nil { return container }
    guard selection != nil else { return .anything }
    let count = amount(selection)
    return result(isRow ? Extent(.one, count) : Extent(count, .one))
  }

  private func amount(_ selection: Selection?) -> Amount {
    switch selection {
    case .one?: .one
    case .several(let count)?: count
    case nil: symbols.count()
    }
  }

  /// What an index selects from a dimension, and what is wrong with it.
  private func select(_ index: Known?, _ length: Amount, dimension: Int) -> (
    selection: Selection?, error: IndexError?
  ) {
    guard let index else { return (.several(length), nil) }
    switch index {
    case .number(let amount):
      guard let number = amount.value else { return (.one, nil) }
      return (.one, position(number, length, dimension))
    case .range(let start, let step, let count):
      guard let total = count.value else { return (.several(count), nil) }
      if total == 0 { return (.several(.zero), nil) }
      if let first = start.value {
        if let error = position(first, length, dimension) { return (nil, error) }
        if let by = step.value,
          let error = position(first + (total - 1) * by, length, dimension)
        {
          return (nil, error)
        }
      }
      return (.several(count), nil)
    case .matrix(let facts):
      guard facts.isLogical == false else { return (.several(symbols.count()), nil) }
      let extent = facts.extent
      if extent.rows == .one { return (.several(extent.columns), nil) }
      if extent.columns == .one { return (.several(extent.rows), nil) }
      return (.several(symbols.count()), nil)
    case .list(let facts):
      // Truth values are a mask.
      if case .number = facts.elements?.first ?? facts.element {
        return (.several(facts.count), nil)
      }
      return (.several(symbols.count()), nil)
    case .boolean, .anything: return (nil, nil)
    case .text, .nothing, .record, .function, .object:
      return (nil, .type(index.label(Symbols.letters(index.shownSymbols))))
    }
  }

  /// What is wrong with a number as a position.
  private func position(_ number: Double, _ length: Amount, _ dimension: Int) -> IndexError? {
    guard let whole = Int(exactly: number) else { return .fraction(number) }
    if whole == 0 { return .zero }
    if whole < 0 { return .negative(number) }
    if let most = length.whole, whole > most {
      return .beyond(number, length: most, dimension: dimension)
    }
    return nil
  }

  // MARK: Writing

  /// `A[i] = value`, `r.field = value`, `A[i] += value`.
  func part(
    _ root: String, _ rootRange: SourceRange, _ steps: [Statement.Step], _ value: Expression,
    _ update: (operation: Operator, sign: SourceRange)?, _ range: SourceRange
  ) throws -> Known {
    let new = reduced(try expression(value))
    let whole = reduced(read(root, rootRange))
    let rootExpression = Expression(.name(root), rootRange)
    if steps.count == 1 {
      switch (steps[0], whole) {
      case (.field(let name, let nameRange), .record(var facts)):
        var stored = new
        if let update {
          let old = field(name, nameRange, of: whole) { self.operand(rootExpression, whole) }
          stored = calculate(
            update.operation, update.sign, Expression(.wrong, rootRange.joined(nameRange)), old,
            value, new, range)
        }
        if let place = facts.keys.firstIndex(of: name) {
          facts.values[place] = stored
        } else {
          facts.keys.append(name)
          facts.values.append(stored)
        }
        assign(root, Known.record(facts).trimmed(), at: range)
        return new
      case (.index(let indices, _, let place), .matrix),
        (.index(let indices, _, let place), .range):
        let values = try self.indices(indices, in: whole)
        write(new, value, whole, indices, values, rootExpression, place, isUpdate: update != nil)
        if let extent = whole.extent {
          assign(
            root,
            .matrix(Known.MatrixFacts(extent: extent, isLogical: nil)), at: range)
        }
        return new
      case (.index(let indices, _, _), .list(let facts)):
        let values = try self.indices(indices, in: whole)
        // A text makes a record of an empty list.
        let mayBeKey: Bool
        switch values.first {
        case .text??, .anything??: mayBeKey = facts.count.whole ?? 0 == 0
        default: mayBeKey = false
        }
        assign(
          root, mayBeKey ? .anything : .list(Known.ListFacts(count: facts.count)), at: range)
        return new
      case (.index(let indices, _, let place), .text), (.index(let indices, _, let place), .number):
        _ = try self.indices(indices, in: whole)
        let error: AssignmentError =
          if case .text = whole { .immutable("text") } else { .path }
        if update == nil {
          report(
            .assignment(error, of: operand(rootExpression, whole), value: operand(value, new)),
            at: place)
        }
        return new
      default: break
      }
    }
    // Deeper parts: the indices may be wrong by themselves; what is stored is not followed.
    for case .index(let indices, _, _) in steps { _ = try self.indices(indices, in: .anything) }
    assign(root, forgotten(whole, steps), at: range)
    return new
  }

  /// A value of which a part has changed.
  private func forgotten(_ whole: Known, _ steps: [Statement.Step]) -> Known {
    guard case .field(let name, _)? = steps.first, case .record(var facts) = whole,
      let place = facts.keys.firstIndex(of: name)
    else { return .anything }
    facts.values[place] = .anything
    return .record(facts)
  }

  private func write(
    _ new: Known, _ value: Expression, _ whole: Known, _ indices: [Expression], _ values: [Known?],
    _ root: Expression, _ range: SourceRange, isUpdate: Bool
  ) {
    guard let shape = whole.extent?.shape else { return }
    var positions: [Selection?] = []
    let lengths: [Int] =
      values.count == 2
      ? [shape.rows, shape.columns] : shape.isVector && values.count == 1 ? [shape.count] : []
    for (place, (index, length)) in zip(values, lengths).enumerated() {
      let dimension = lengths.count == 2 ? place + 1 : 0
      let (selection, error) = select(index, Amount(length), dimension: dimension)
      switch error {
      case .beyond(let number, let length, let dimension)? where !isUpdate:
        report(
          .assignment(
            .beyond(number, length: length, dimension: dimension, isList: false),
            of: operand(root, whole), value: operand(value, new)),
          at: range)
        return
      case let error?:
        report(
          .index(
            error, of: operand(root, whole), index: index.map { self.operand(indices[place], $0) },
            position: place), at: indices[place].range)
        return
      case nil: positions.append(selection)
      }
    }
    guard !isUpdate else { return }
    switch new {
    case .text, .list, .record, .function, .nothing:
      report(
        .assignment(.type, of: operand(root, whole), value: operand(value, new)), at: range)
      return
    default: break
    }
    guard lengths.count == 2, positions.count == 2, let given = new.extent?.shape,
      given.count != 1, let rows = amount(positions[0]).whole,
      let columns = amount(positions[1]).whole
    else { return }
    let wanted = Shape(rows, columns)
    if given != wanted {
      report(
        .assignment(
          .shape(given: given, wanted: wanted), of: operand(root, whole),
          value: operand(value, new)), at: range)
    }
  }
}
