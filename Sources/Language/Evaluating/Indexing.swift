import Matrices
import Vocabulary

/// Reads and writes parts of values. Positions count from 1 here and from 0 below.
enum Indexing {
  /// An index of one dimension, checked against its length.
  enum Selection {
    case one(Int)
    case all(Int)
    case some([Int])
    /// Neighbours, which a matrix can share instead of copying.
    case span(Range<Int>)

    var count: Int {
      switch self {
      case .one: 1
      case .all(let length): length
      case .some(let positions): positions.count
      case .span(let range): range.count
      }
    }

    var positions: [Int] {
      switch self {
      case .one(let position): [position]
      case .all(let length): Array(0..<length)
      case .some(let positions): positions
      case .span(let range): Array(range)
      }
    }
  }

  /// What stands in an index: `:` or a value.
  enum Index {
    case everything
    case value(Value)

    /// Whether it is a text, the key of a field.
    var isKey: Bool { if case .value(.text) = self { true } else { false } }
  }

  /// Slices of at most this many elements get memory of their own, so that keeping a row of a
  /// matrix does not force the next write to copy all of it.
  private static let worthSharing = 1 << 14

  // MARK: Positions

  /// A number as a position in a dimension of this length.
  static func position(_ number: Double, _ length: Int, dimension: Int) throws(IndexError) -> Int {
    guard let whole = Int(exactly: number) else { throw .fraction(number) }
    if whole == 0 { throw .zero }
    if whole < 0 { throw .negative(number) }
    if whole > length { throw .beyond(number, length: length, dimension: dimension) }
    return whole - 1
  }

  static func selection(_ index: Index, _ length: Int, dimension: Int) throws(IndexError)
    -> Selection
  {
    guard case .value(let value) = index else { return .all(length) }
    switch value {
    case .number(let number): return .one(try position(number, length, dimension: dimension))
    case .range(let range):
      if range.count == 0 { return .some([]) }
      let first = try position(range.start, length, dimension: dimension)
      let last = try position(range[range.count - 1], length, dimension: dimension)
      if range.step == 1, last - first + 1 == range.count { return .span(first..<last + 1) }
      var positions: [Int] = []
      positions.reserveCapacity(range.count)
      for place in 0..<range.count {
        positions.append(try position(range[place], length, dimension: dimension))
      }
      return .some(positions)
    case .matrix(let matrix) where matrix.isLogical:
      guard matrix.count == length else { throw .mask(given: matrix.count, length: length) }
      return .some(matrix.nonZeroPositions)
    case .matrix(let matrix):
      var positions: [Int] = []
      positions.reserveCapacity(matrix.count)
      for number in matrix.elements {
        positions.append(try position(number, length, dimension: dimension))
      }
      return .some(positions)
    case .list(let list):
      var positions: [Int] = []
      positions.reserveCapacity(list.count)
      if case .boolean? = list.first {
        // What `map` answers with truth values is a mask.
        guard list.count == length else { throw .mask(given: list.count, length: length) }
        for (place, element) in list.enumerated() {
          guard case .boolean(let truth) = element else { throw .type(element.label) }
          if truth { positions.append(place) }
        }
        return .some(positions)
      }
      for element in list {
        guard case .number(let number) = element else { throw .type(element.label) }
        positions.append(try position(number, length, dimension: dimension))
      }
      return .some(positions)
    case .boolean(let truth):
      guard length == 1 else { throw .mask(given: 1, length: length) }
      return .some(truth ? [0] : [])
    case .object where value.isTraced:
      return try selection(.value(value.plain), length, dimension: dimension)
    case .nothing, .text, .record, .function, .object: throw .type(value.label)
    }
  }

  // MARK: Reading

  /// `container[indices]`; `nil` when the container cannot be indexed.
  static func read(_ container: Value, _ indices: [Index]) throws(IndexError) -> Value? {
    switch container {
    case .matrix(let matrix): return try read(matrix, indices)
    case .range(let range): return try read(range, indices)
    case .list(let list):
      try requireOne(indices)
      if list.isEmpty, case .value(.text(let key)) = indices[0] { throw .key(key, known: []) }
      switch try selection(indices[0], list.count, dimension: 0) {
      case .one(let position): return list[position]
      case .all: return container
      case .some(let positions): return .list(positions.map { list[$0] })
      case .span(let range): return .list(Array(list[range]))
      }
    case .text(let text):
      try requireOne(indices)
      let letters = Array(text)
      switch try selection(indices[0], letters.count, dimension: 0) {
      case .one(let position): return .text(String(letters[position]))
      case .all: return container
      case .some(let positions): return .text(String(positions.map { letters[$0] }))
      case .span(let range): return .text(String(letters[range]))
      }
    case .record(let record):
      try requireOne(indices)
      let key = try key(indices[0])
      guard let value = record[key] else { throw .key(key, known: record.keys) }
      return value
    case .object(let object):
      if let traced = container.handle { return try read(traced, indices) }
      if let matrix = container.sparse { return try read(matrix, indices) }
      try requireOne(indices)
      let key = try key(indices[0])
      guard let value = object.field(key) else { throw .key(key, known: object.fieldNames) }
      return value
    case .number, .boolean, .nothing, .function: return nil
    }
  }

  private static func requireOne(_ indices: [Index]) throws(IndexError) {
    guard indices.count == 1 else { throw .dimensions(given: indices.count, allowed: 1) }
  }

  private static func key(_ index: Index) throws(IndexError) -> String {
    guard case .value(.text(let key)) = index else { throw .needsKey }
    return key
  }

  private static func read(_ range: NumberRange, _ indices: [Index]) throws(IndexError) -> Value {
    if indices.count == 2, let matrix = Matrix.from(.range(range)) {
      return try read(matrix, indices)
    }
    try requireOne(indices)
    switch try selection(indices[0], range.count, dimension: 0) {
    case .one(let position): return .number(range[position])
    case .all: return .range(range)
    case .some(let positions): return .matrix(Matrix(row: positions.map { range[$0] }))
    case .span(let part):
      return .range(
        NumberRange(
          from: range[part.lowerBound], to: range[part.upperBound - 1], by: range.step))
    }
  }

  private static func read(_ matrix: Matrix, _ indices: [Index]) throws(IndexError) -> Value {
    switch indices.count {
    case 1: return try readOne(matrix, indices[0])
    case 2:
      let rows = try selection(indices[0], matrix.rows, dimension: 1)
      let columns = try selection(indices[1], matrix.columns, dimension: 2)
      if case .one(let row) = rows, case .one(let column) = columns {
        let element = matrix[row, column]
        return matrix.isLogical ? .boolean(element != 0) : .number(element)
      }
      return .matrix(slice(matrix, rows, columns))
    default: throw .dimensions(given: indices.count, allowed: 2)
    }
  }

  private static func slice(_ matrix: Matrix, _ rows: Selection, _ columns: Selection) -> Matrix {
    var part: Matrix
    switch rows {
    case .all: part = matrix
    case .one(let row): part = matrix.rows(in: row..<row + 1)
    case .span(let range): part = matrix.rows(in: range)
    case .some(let positions): part = matrix.selecting(rows: positions)
    }
    switch columns {
    case .all: break
    case .one, .some, .span: return part.selecting(columns: columns.positions)
    }
    if case .all = rows { return part }
    if part.count <= worthSharing { part.detach() }
    return part
  }

  /// One index into a matrix: a mask of its shape, or a position in a vector.
  private static func readOne(_ matrix: Matrix, _ index: Index) throws(IndexError) -> Value {
    if case .value(.matrix(let mask)) = index, mask.isLogical, !isVector(matrix) {
      guard mask.shape == matrix.shape else {
        throw .maskShape(given: mask.shape, wanted: matrix.shape)
      }
      return .matrix(matrix.selecting(positions: mask.nonZeroPositions))
    }
    guard isVector(matrix) else { throw .oneOfMatrix(matrix.shape) }
    let isRow = matrix.rows == 1
    switch try selection(index, matrix.count, dimension: 0) {
    case .one(let position):
      let element = isRow ? matrix[0, position] : matrix[position, 0]
      return matrix.isLogical ? .boolean(element != 0) : .number(element)
    case .all: return .matrix(matrix)
    case .some(let positions):
      return .matrix(
        isRow ? matrix.selecting(columns: positions) : matrix.selecting(rows: positions))
    case .span(let range):
      return .matrix(
        slice(matrix, isRow ? .all(1) : .span(range), isRow ? .span(range) : .all(1)))
    }
  }

  static func isVector(_ matrix: Matrix) -> Bool {
    matrix.rows == 1 || matrix.columns == 1
  }

  // MARK: Writing

  /// Puts a value into a part of a matrix or list, in place when nobody else has it.
  static func write(_ value: Value, into container: inout Value, _ indices: [Index]) throws {
    if case .object = value, try writeTraced(value, into: &container, indices) { return }
    switch container {
    case .matrix(var matrix):
      container = .nothing
      defer { container = .matrix(matrix) }
      try write(value, into: &matrix, indices)
    case .range:
      guard var matrix = Matrix.from(container) else { throw AssignmentError.type }
      try write(value, into: &matrix, indices)
      container = .matrix(matrix)
    case .list(let list) where list.isEmpty && indices.first?.isKey ?? false:
      // `{}` is a record without fields as well.
      container = .record(Record())
      try write(value, into: &container, indices)
    case .list(var list):
      container = .nothing
      defer { container = .list(list) }
      try write(value, into: &list, indices)
    case .record(var record):
      try requireOne(indices)
      let key = try key(indices[0])
      container = .nothing
      record[key] = value
      container = .record(record)
    case .text: throw AssignmentError.immutable("text")
    case .object(let object):
      if try writeTraced(value, into: &container, indices) { return }
      throw AssignmentError.immutable(object.kind)
    case .number, .boolean, .nothing, .function: throw AssignmentError.path
    }
  }

  private static func write(_ value: Value, into list: inout [Value], _ indices: [Index]) throws {
    try requireOne(indices)
    let selected: Selection
    do { selected = try selection(indices[0], list.count, dimension: 0) } catch {
      throw growth(error, isList: true)
    }
    if case .one(let position) = selected {
      list[position] = value
      return
    }
    let positions = selected.positions
    guard case .list(let values) = value else {
      for position in positions { list[position] = value }
      return
    }
    guard values.count == positions.count else {
      throw AssignmentError.count(given: values.count, wanted: positions.count)
    }
    for (position, element) in zip(positions, values) { list[position] = element }
  }

  /// An index behind the end, said of an assignment: nothing grows by being assigned to.
  private static func growth(_ error: IndexError, isList: Bool) -> any Error {
    if case .beyond(let number, let length, let dimension) = error {
      return AssignmentError.beyond(number, length: length, dimension: dimension, isList: isList)
    }
    return error
  }

  static func write(_ value: Value, into matrix: inout Matrix, _ indices: [Index]) throws {
    let rows: Selection
    let columns: Selection
    do {
      switch indices.count {
      case 1:
        if case .value(.matrix(let mask)) = indices[0], mask.isLogical, !isVector(matrix) {
          guard mask.shape == matrix.shape else {
            throw IndexError.maskShape(given: mask.shape, wanted: matrix.shape)
          }
          return try write(value, into: &matrix, positions: mask.nonZeroPositions)
        }
        guard isVector(matrix) else { throw IndexError.oneOfMatrix(matrix.shape) }
        let selected = try selection(indices[0], matrix.count, dimension: 0)
        (rows, columns) = matrix.rows == 1 ? (.one(0), selected) : (selected, .one(0))
      case 2:
        rows = try selection(indices[0], matrix.rows, dimension: 1)
        columns = try selection(indices[1], matrix.columns, dimension: 2)
      default: throw IndexError.dimensions(given: indices.count, allowed: 2)
      }
    } catch let error as IndexError { throw growth(error, isList: false) }
    if case .one(let row) = rows, case .one(let column) = columns, let number = Double.from(value) {
      matrix[row, column] = number
      if case .boolean = value {} else if matrix.isLogical { matrix.isLogical = false }
      return
    }
    guard var new = Matrix.from(value) else { throw AssignmentError.type }
    let wanted = Shape(rows.count, columns.count)
    if new.count != 1 && new.shape != wanted {
      // A row put into a column of a vector, or the other way round, is what was meant.
      guard indices.count == 1, new.count == wanted.count, isVector(new) else {
        throw AssignmentError.shape(given: new.shape, wanted: wanted)
      }
      new = new.reshaped(wanted.rows, wanted.columns)
    }
    if wanted.isEmpty { return }
    matrix.replace(rows: rows.positions, columns: columns.positions, with: new)
  }

  private static func write(_ value: Value, into matrix: inout Matrix, positions: [Int]) throws {
    guard let new = Matrix.from(value) else { throw AssignmentError.type }
    guard new.count == 1 || new.count == positions.count else {
      throw AssignmentError.count(given: new.count, wanted: positions.count)
    }
    if !positions.isEmpty { matrix.replace(positions: positions, with: new) }
  }
}
