import Matrices

/// Taking apart and putting together. Positions count from 0.
extension Trace {
  /// The crossings of rows and columns, in the given order.
  package func picked(rows: [Int], columns: [Int]) -> Trace {
    let source = value.matrix
    var part = rows.areAll(source.rows) ? source : source.selecting(rows: rows)
    if !columns.areAll(source.columns) { part = part.selecting(columns: columns) }
    return Self.record(.matrix(part), asMatrix, by: .picking(rows, columns))
  }

  /// One element, a number.
  package func element(_ row: Int, _ column: Int) -> Trace {
    Self.record(
      .number(value.matrix[row, column]), asMatrix, by: .picking([row], [column]))
  }

  /// The elements at row-major positions, as a column.
  package func picked(positions: [Int]) -> Trace {
    reshaped(shape.count, 1).picked(rows: positions, columns: [0])
  }

  /// The elements on and below a diagonal, or on and above it, with zeros elsewhere.
  package func triangle(isLower: Bool, from diagonal: Int) -> Trace {
    Self.record(
      .matrix(value.matrix.triangle(isLower: isLower, from: diagonal)), asMatrix,
      by: Rule { $0.full.triangle(isLower: isLower, from: diagonal) })
  }

  /// What a loop goes through: the elements of a vector, the columns of a matrix, a number itself.
  package var parts: [Trace] {
    guard case .matrix(let matrix) = value else { return [self] }
    if matrix.shape.isVector { return elements }
    let rows = Array(0..<matrix.rows)
    return (0..<matrix.columns).map { picked(rows: rows, columns: [$0]) }
  }

  /// All elements, row after row.
  package var elements: [Trace] {
    let columns = max(shape.columns, 1)
    return (0..<shape.count).map { element($0 / columns, $0 % columns) }
  }

  /// Zeros of a shape, with these elements added at the crossings of rows and columns: the opposite
  /// of picking.
  package func placed(rows: [Int], columns: [Int], in shape: Shape) -> Trace {
    var whole = Matrix.zeros(shape.rows, shape.columns, value.precision)
    whole.add(value.matrix, rows: rows, columns: columns)
    return Self.record(
      .matrix(whole), asMatrix, by: Rule { $0.full.picked(rows: rows, columns: columns) })
  }

  /// Zeros of a shape, with these elements added at row-major positions.
  package func placed(positions: [Int], in shape: Shape) -> Trace {
    reshaped(positions.count, 1).placed(
      rows: positions, columns: [0], in: Shape(shape.count, 1)
    ).reshaped(shape.rows, shape.columns)
  }

  /// The crossings of rows and columns replaced; `part` has an element for each, or is a single one.
  package func replaced(rows: [Int], columns: [Int], with part: Trace) -> Trace {
    var whole = value.matrix
    whole.replace(rows: rows, columns: columns, with: part.value.matrix)
    return Self.record(.matrix(whole), self, part, by: .replacing(rows, columns))
  }

  /// The same elements, row after row, in another shape.
  package func reshaped(_ rows: Int, _ columns: Int) -> Trace {
    if case .matrix(let matrix) = value, matrix.shape == Shape(rows, columns) { return self }
    return Self.record(
      .matrix(value.matrix.reshaped(rows, columns)), asMatrix, by: .reshaping)
  }

  /// Blocks as one matrix: rows of blocks side by side, one above the other.
  package static func joined(_ rows: [[Trace]]) -> Trace {
    let bands = rows.map { row in
      row.count == 1 ? row[0].value.matrix : Matrix.besides(row.map(\.value.matrix))
    }
    let whole = bands.count == 1 ? bands[0] : Matrix.above(bands)
    return record(.matrix(whole), rows.flatMap { $0 }, by: .joining(rows.map { $0.map(\.shape) }))
  }
}

extension Rule {
  /// A part: its slope at its place, zeros elsewhere. What was taken twice adds up.
  package static func picking(_ rows: [Int], _ columns: [Int]) -> Rule {
    var rule = Rule { p in p.full.placed(rows: rows, columns: columns, in: p.a.shape) }
    rule.part = (rows, columns)
    return rule
  }

  /// A part replaced by another: the slope is that of the whole with zeros there, and of the part.
  package static func replacing(_ rows: [Int], _ columns: [Int]) -> Rule {
    Rule(
      { p in p.full.replaced(rows: rows, columns: columns, with: Trace(0)) },
      { p in
        p.full.picked(rows: rows, columns: columns).folded(
          onto: p.b.value, from: Shape(rows.count, columns.count))
      })
  }

  /// The same elements in another shape.
  package static let reshaping = Rule { p in
    if case .number = p.slope.value { return p.slope }
    return p.slope.reshaped(p.a.shape.rows, p.a.shape.columns)
  }

  /// Blocks of one matrix: each gets its part of the slope.
  package static func joining(_ shapes: [[Shape]]) -> Rule {
    var places: [(row: Int, column: Int)] = []
    var row = 0
    for band in shapes {
      var column = 0
      for shape in band {
        places.append((row, column))
        column += shape.columns
      }
      row += band.first?.rows ?? 0
    }
    return Rule { [places] p in
      if case .number = p.slope.value {
        return p.slope.folded(onto: p.a.value, from: p.a.shape)
      }
      let (row, column) = places[p.position]
      let part = p.slope.picked(
        rows: Array(row..<row + p.a.shape.rows),
        columns: Array(column..<column + p.a.shape.columns))
      return part.filling(p.a.value)
    }
  }

  /// Blocks that are all the same matrix, `down` times `along`.
  package static func tiling(_ down: Int, _ along: Int) -> Rule {
    Rule { p in
      let (rows, columns, slope) = (p.a.shape.rows, p.a.shape.columns, p.full)
      var result: Trace?
      for i in 0..<down {
        for j in 0..<along {
          let part = slope.picked(
            rows: Array(i * rows..<(i + 1) * rows),
            columns: Array(j * columns..<(j + 1) * columns))
          result = result.map { $0 + part } ?? part
        }
      }
      return result ?? p.a.zero
    }
  }

  /// A vector as the diagonal of a matrix, or the diagonal of a matrix as a column.
  package static let diagonal = Rule { p in
    let (from, to, slope) = (p.a.shape, p.y.shape, p.full)
    if from.isVector {
      let places = (0..<from.count).map { $0 * to.columns + $0 }
      return slope.picked(positions: places).reshaped(from.rows, from.columns)
    }
    let places = (0..<min(from.rows, from.columns)).map { $0 * from.columns + $0 }
    return slope.placed(positions: places, in: from)
  }

  /// The sum of the diagonal.
  package static let trace = Rule { p in
    p.slope .* Trace(.identity(p.a.shape.rows, p.a.value.precision))
  }

  /// Elements that were moved: the result has, row after row, those from `positions`.
  package static func moving(from positions: [Int]) -> Rule {
    Rule { p in p.full.asMatrix.placed(positions: positions, in: p.a.shape) }
  }
}

extension [Int] {
  /// Whether they are all indices of so many, in order.
  fileprivate func areAll(_ count: Int) -> Bool { self.count == count && elementsEqual(0..<count) }
}
