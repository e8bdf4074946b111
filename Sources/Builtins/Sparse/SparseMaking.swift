import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins between sparse matrices and others.
  static let sparse: [Builtin] = [
    Builtin(
      "sparse", in: .make,
      "A matrix that stores only what is not 0: of a matrix, or of triplets row, column, value.",
      Parameter<Value>("x", "a matrix, row numbers, or a table: rows, columns, values"),
      Parameter<Matrix?>(positional: "columns", "column numbers, one a row number, from 1"),
      Parameter<Matrix?>(
        positional: "values", "the numbers there, or one for all; left out: 1"),
      Parameter<Value>(
        "size", "rows and columns, as in {1000, 500}; left out: as far as the numbers go",
        default: .nothing),
      shapes: "m×n → sparse m×n; value, value → sparse p×q; value, value, value → sparse p×q; "
        + "record → sparse p×q",
      math: """
        values at one place are added. Memory and time follow the number of stored elements; \
        S * A, A * S, S', S .* A, S + S, S > 0, S[i, :] and most reductions work on it as on any \
        matrix, nmf and svd without ever making all elements. What has no sparse result says so: \
        full(S) is the way back
        """,
      seeAlso: ["full", "nnz", "find", "spy", "nmf", "read"],
      examples: [
        Example("S = sparse([0, 2; 0, 0; 3, 0]); nnz(S)", prints: "2"),
        Example("full(sparse([1, 3, 1], [2, 1, 2], [5, 7, 1]))", prints: "0  6\n0  0\n7  0"),
        Example("size(sparse([1, 2], [1, 2], size={1000, 500}))", prints: "1000  500"),
      ]
    ) { x, columns, values, size -> SparseMatrix in
      if let columns { return try Triplets(x, columns, values).matrix(size: size) }
      if values != nil {
        throw Problem(.type, "row numbers, column numbers and values belong together", at: "values")
      }
      if case .record(let record) = x { return try Triplets(record).matrix(size: size) }
      if case .nothing = size {
      } else if Matrix.from(x)?.columnNames == nil {
        throw Problem(.type, "'size' is for triplets", at: "size", label: size.label)
      }
      guard let matrix = AnyMatrix.from(x) else {
        throw Problem(
          .type, "'x' needs a matrix, row numbers or a record of columns", at: "x", label: x.label)
      }
      switch matrix {
      case .sparse(let matrix): return matrix
      case .dense(let matrix):
        // What `write` makes of a sparse matrix.
        if matrix.columnNames == ["row", "column", "value"] {
          let columns = (0..<3).map { matrix.selecting(columns: [$0]) }
          return try Triplets(.matrix(columns[0]), columns[1], columns[2]).matrix(size: size)
        }
        return SparseMatrix(matrix)
      }
    },
    Builtin(
      "full", in: .make, "A sparse matrix with all its elements, the zeros too.",
      Parameter<AnyMatrix>("x", "a sparse matrix; any other stays as it is"),
      shapes: "m×n → m×n", seeAlso: ["sparse"],
      examples: [Example("full(sparse([2, 1], [1, 2], [3, 4]))", prints: "0  4\n3  0")]
    ) { x -> Matrix in
      switch x {
      case .dense(let matrix): return matrix
      case .sparse(let matrix):
        guard Matrix.canAllocate(matrix.shape, matrix.precision) else {
          throw Problem(
            .computation, "memory has no room for all elements", at: "x", label: matrix.label,
            help: "take a part first, as in full(x[1:100, :])")
        }
        return matrix.full
      }
    },
  ]
}

/// Rows, columns and values as a user gives them, counted from 1.
private struct Triplets {
  private let rows: [Int32]
  private let columns: [Int32]
  private let values: Matrix

  init(_ rows: Value, _ columns: Matrix, _ values: Matrix?) throws {
    guard let given = Matrix.from(rows) else {
      throw Problem(.type, "'x' needs row numbers", at: "x", label: rows.label)
    }
    try self.init(given, columns, values, names: ["x", "columns", "values"])
  }

  /// The first three columns of a table.
  init(_ record: Record) throws {
    let matrices = record.values.map(Matrix.from)
    guard (2...3).contains(record.count), let rows = matrices[0], let columns = matrices[1],
      record.count == 2 || matrices[2] != nil
    else {
      throw Problem(
        .type, "a table of triplets has the columns rows, columns and values, all numbers",
        at: "x", label: Value.record(record).label,
        help: "ratings(T) keeps ids that are texts; sparse(T.a, T.b, T.c) chooses columns")
    }
    try self.init(
      rows, columns, record.count == 3 ? matrices[2] : nil, names: ["x", "x", "x"])
  }

  private init(_ rows: Matrix, _ columns: Matrix, _ values: Matrix?, names: [String]) throws {
    guard rows.count == columns.count else {
      throw Problem(
        .shape, "as many column numbers as row numbers are needed",
        mentioning: [
          .init(parameter: names[0], label: "\(rows.count) row numbers"),
          .init(parameter: names[1], label: "\(columns.count) column numbers"),
        ])
    }
    if let values, values.count != 1, values.count != rows.count {
      throw Problem(
        .shape, "as many values as row numbers are needed, or one for all", at: names[2],
        label: "\(values.count) values, \(rows.count) row numbers")
    }
    self.rows = try Self.places(rows, names[0], "row")
    self.columns = try Self.places(columns, names[1], "column")
    self.values = values ?? Matrix(1)
  }

  private static func places(_ given: Matrix, _ name: String, _ noun: String) throws -> [Int32] {
    let numbers = given.elements
    var places: [Int32] = []
    places.reserveCapacity(numbers.count)
    for (index, number) in numbers.enumerated() {
      if index & 0xFFFF == 0 { try Interrupt.check() }
      guard let whole = Int(exactly: number), whole >= 1, whole <= Matrix.largestDimension else {
        throw Problem(
          .value,
          number > Double(Matrix.largestDimension)
            ? "a matrix has at most \(Matrix.largestDimension) \(noun)s"
            : "\(noun) numbers are whole and count from 1", at: name,
          label: "element \(index + 1) is \(NumberFormat.short(number))",
          help: number == 0 ? "where they count from 0, add 1" : nil,
          remedy: number == 0 ? .rewriting(name, as: "$ + 1") : nil)
      }
      places.append(Int32(whole - 1))
    }
    return places
  }

  func matrix(size: Value) throws -> SparseMatrix {
    let reach = Shape(
      (rows.max().map { Int($0) + 1 }) ?? 0, (columns.max().map { Int($0) + 1 }) ?? 0)
    let shape = try Self.shape(size) ?? reach
    for (noun, places, most) in [
      ("row", rows, shape.rows), ("column", columns, shape.columns),
    ] {
      if let index = places.firstIndex(where: { Int($0) >= most }) {
        throw Problem(
          .value, "\(noun) \(places[index] + 1) is outside of the size \(shape)", at: "size",
          label: "element \(index + 1) of the \(noun) numbers",
          help: "size={\(reach.rows), \(reach.columns)} has room for all",
          remedy: .adding("size={\(reach.rows), \(reach.columns)}"))
      }
    }
    let numbers =
      values.count == 1
      ? [Double](repeating: values[0, 0], count: rows.count) : values.elements
    return SparseMatrix(
      shape, rows: rows, columns: columns, values: numbers,
      values.count == 1 && values.precision == .double ? .double : values.precision)
  }

  private static func shape(_ size: Value) throws -> Shape? {
    let sizes: [Double]
    switch size {
    case .nothing: return nil
    case .list(let list): sizes = list.compactMap(Double.from)
    default: sizes = Matrix.from(size)?.elements ?? []
    }
    let whole = sizes.compactMap { Int(exactly: $0) }
    guard sizes.count == 2, whole.count == 2,
      whole.allSatisfy({ $0 >= 0 && $0 <= Matrix.largestDimension })
    else {
      throw Problem(
        .value, "'size' needs rows and columns, of at most \(Matrix.largestDimension)", at: "size",
        label: size.label, help: "as in size={1000, 500}")
    }
    return Shape(whole[0], whole[1])
  }
}
