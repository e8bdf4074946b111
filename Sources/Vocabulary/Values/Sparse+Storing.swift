import Matrices

extension Sparse: Storable {
  package static let storedKind = "sparse matrix"

  package var stored: Record {
    let (rows, columns, values) = matrix.triplets
    func column(_ numbers: [Int32]) -> Value { .matrix(Matrix(column: numbers.map(Double.init))) }
    return Record([
      ("shape", .list([.number(Double(matrix.rows)), .number(Double(matrix.columns))])),
      ("rows", column(rows)), ("columns", column(columns)),
      ("values", .matrix(Matrix(column: values).converted(to: matrix.precision))),
      ("logical", .boolean(matrix.isLogical)),
    ])
  }

  package static func restored(from parts: Parts, _ context: Context) throws -> Sparse {
    let sizes = try parts("shape", as: [Value].self).compactMap(Int.from)
    guard sizes.count == 2, sizes.allSatisfy({ (0...Matrix.largestDimension).contains($0) }) else {
      throw Parts.damage("a sparse matrix without a shape")
    }
    // The lines are counted before anything else.
    guard Matrix.canAllocate(Shape(2 * (sizes[0] + 1), 1)),
      Matrix.canAllocate(Shape(2 * (sizes[1] + 1), 1))
    else { throw Parts.damage("a sparse matrix too large for memory") }
    func places(_ name: String, below count: Int) throws -> [Int32] {
      let numbers = try parts.numbers(name)
      let places = numbers.compactMap { Int32(exactly: $0) }
      guard places.count == numbers.count, places.allSatisfy({ $0 >= 0 && $0 < count }) else {
        throw Parts.damage("an element outside of a sparse matrix")
      }
      return places
    }
    let (rows, columns) = (
      try places("rows", below: sizes[0]), try places("columns", below: sizes[1])
    )
    let values: Matrix = try parts("values")
    guard rows.count == values.count, columns.count == values.count else {
      throw Parts.damage("elements of a sparse matrix without a place or a number")
    }
    var matrix = SparseMatrix(
      Shape(sizes[0], sizes[1]), rows: rows, columns: columns, values: values.elements,
      values.precision)
    matrix.isLogical = try parts("logical")
    return Sparse(matrix)
  }
}
