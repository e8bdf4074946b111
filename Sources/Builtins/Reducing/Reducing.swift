import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins that make one number of many.
  static let reducing: [Builtin] = reductions.map(\.builtin) + extremes + running + statistics

  /// A reduction as a line of a table.
  private struct Entry {
    var name: String
    var summary: String
    var math = ""
    var related: [String]
    /// The smallest number of elements that has a result.
    var least = 0
    var examples: [Example]
    var total: @Sendable (Matrix) -> Double
    var along: @Sendable (Matrix, Axis) -> Matrix

    var builtin: Builtin {
      Builtin(
        name, in: .reduce, summary, Parameter<Matrix>("x", "a matrix"), Parameter.dimension,
        shapes: "m×n, dim=1 → 1×n; m×n, dim=2 → m×1; m×n → number", math: math, seeAlso: related,
        examples: examples
      ) { [name, least, total, along] x, dimension -> Value in
        let axis = dimension.flatMap(Axis.init)
        try need(least, of: x, axis, for: name)
        guard let axis else { return .number(total(x)) }
        return .matrix(along(x, axis))
      }
    }
  }

  private static let reductions: [Entry] = [
    Entry(
      name: "sum", summary: "The sum, kept in 64 bits; of no elements 0.", math: "Σ x",
      related: ["mean", "cumsum", "prod"],
      examples: [
        Example("sum([1, 2; 3, 4])", prints: "10"),
        Example("sum([1, 2; 3, 4], dim=1)", prints: "4  6"),
        Example("sum([1, 2; 3, 4], dim=2)'", prints: "3  7"),
      ], total: { $0.total(.sum) }, along: { $0.reduced(.sum, along: $1) }),
    Entry(
      name: "prod", summary: "The product; of no elements 1.", math: "Π x", related: ["sum"],
      examples: [Example("prod([2, 3, 4])", prints: "24")],
      total: { $0.total(.product) }, along: { $0.reduced(.product, along: $1) }),
    Entry(
      name: "mean", summary: "The mean.", math: "Σ x / n", related: ["median", "std"], least: 1,
      examples: [
        Example("mean([1, 2; 3, 4])", prints: "2.5"),
        Example("mean([1, 2; 3, 4], dim=1)", prints: "2  3"),
      ], total: { $0.total(.mean) }, along: { $0.reduced(.mean, along: $1) }),
    Entry(
      name: "var", summary: "The variance of a sample, over n − 1.",
      math: "Σ (x − mean)² / (n − 1)", related: ["std", "cov"], least: 2,
      examples: [Example("var([1, 2, 3, 4, 5])", prints: "2.5")],
      total: { $0.variance }, along: { $0.variance(along: $1) }),
    Entry(
      name: "std", summary: "The standard deviation of a sample, over n − 1.",
      math: "√(Σ (x − mean)² / (n − 1))", related: ["var"], least: 2,
      examples: [
        Example("std([2, 4, 4, 4, 5, 5, 7, 9])", prints: "2.13809"),
        Example("std([1, 10; 3, 10], dim=1)", prints: "1.4142  0"),
      ], total: { $0.variance.squareRoot() }, along: { $0.variance(along: $1).mapped(.sqrt) }),
    Entry(
      name: "median", summary: "The middle element, or the mean of the two in the middle.",
      related: ["mean", "quantile"], least: 1,
      examples: [Example("median([1, 9, 2, 8])", prints: "5")],
      total: { $0.reshaped(1, $0.count).quantiles([0.5], along: .columns)[0, 0] },
      along: { $0.quantiles([0.5], along: $1) }),
  ]

  /// Refuses what has fewer elements than a reduction needs.
  static func need(_ least: Int, of x: Matrix, _ axis: Axis?, for name: String) throws {
    let length =
      switch axis {
      case nil: x.count
      case .rows: x.rows
      case .columns: x.columns
      }
    try need(
      least, given: Double(length), for: name,
      label: x.isEmpty ? "empty \(x.shape) matrix" : x.label)
  }

  /// The same for so many elements of an `x` of any kind.
  static func need(_ least: Int, given count: Double, for name: String, label: String) throws {
    if count >= Double(least) { return }
    throw Problem(
      .value, "\(name) needs at least \(least == 1 ? "one element" : "\(least) elements")",
      at: "x", label: label)
  }

  private static let extremes: [Builtin] = [
    extreme(
      "min", .minimum, .minimum, "The smallest element, or the smaller of two; NaN wins.",
      examples: [
        Example("min([3, 1, 2])", prints: "1"), Example("min([3, 1, 2], 2)", prints: "2  1  2"),
        Example("min([3, 1; 2, 5], dim=1)", prints: "2  1"),
      ]),
    extreme(
      "max", .maximum, .maximum, "The largest element, or the larger of two; NaN wins.",
      examples: [
        Example("max([3, 1, 2])", prints: "3"), Example("max(3, 5)", prints: "5"),
        Example("max([3, 1; 2, 5], dim=2)'", prints: "3  5"),
      ]),
    position(
      "argmin", "The position of the smallest element",
      examples: [Example("argmin([3, 1, 2])", prints: "2")],
      total: { $0.argMinimum }, along: { $0.argMinimum(along: $1) }),
    position(
      "argmax", "The position of the largest element",
      examples: [
        Example("argmax([3, 1, 5])", prints: "3"),
        Example("argmax([3, 1; 2, 5], dim=2)'", prints: "1  2"),
      ],
      total: { $0.argMaximum }, along: { $0.argMaximum(along: $1) }),
  ]

  private static func extreme(
    _ name: String, _ reduction: Reduction, _ operation: ElementwiseOperation, _ summary: String,
    examples: [Example]
  ) -> Builtin {
    Builtin(
      name, in: .reduce, summary,
      Parameter<Numbers>("x", "a number or matrix"),
      Parameter<Numbers?>(positional: "y", "another, to compare element by element"),
      Parameter.dimension,
      shapes: "m×n, p×q → m×n ∘ p×q; m×n, dim=1 → 1×n; m×n, dim=2 → m×1; m×n → number",
      seeAlso: [name == "min" ? "max" : "min", "arg\(name)", "clamp"], examples: examples,
      operation: operation
    ) { x, y, dimension -> Value in
      if let y {
        if dimension != nil {
          throw Problem(
            .value, "'dim' needs one matrix, not two", at: "dim", help: "leave out dim or 'y'")
        }
        return try Numbers.combined(operation, x, y)
      }
      let (matrix, axis) = (x.matrix, dimension.flatMap(Axis.init))
      try need(1, of: matrix, axis, for: name)
      guard let axis else { return .number(matrix.total(reduction)) }
      return .matrix(matrix.reduced(reduction, along: axis))
    }
  }

  private static func position(
    _ name: String, _ summary: String, examples: [Example],
    total: @escaping @Sendable (Matrix) -> Int,
    along: @escaping @Sendable (Matrix, Axis) -> [Int]
  ) -> Builtin {
    Builtin(
      name, in: .reduce,
      "\(summary), counted from 1 row after row; the first of equal ones, or the first NaN.",
      Parameter<Matrix>("x", "a matrix"), Parameter.dimension,
      shapes: "m×n, dim=1 → 1×n; m×n, dim=2 → m×1; m×n → number",
      seeAlso: [String(name.dropFirst(3)), "find", "sort"], examples: examples
    ) { x, dimension -> Value in
      let axis = dimension.flatMap(Axis.init)
      try need(1, of: x, axis, for: name)
      guard let axis else { return .number(Double(total(x) + 1)) }
      let places = along(x, axis).map { Double($0 + 1) }
      return .matrix(axis == .rows ? Matrix(row: places) : Matrix(column: places))
    }
  }

  private static let running: [Builtin] = [
    Builtin(
      "cumsum", in: .reduce, "Running sums: down every column, along a row vector.",
      Parameter<Matrix>("x", "a matrix"), Parameter.direction,
      shapes: "m×n → m×n", math: "yᵢ = x₁ + … + xᵢ", seeAlso: ["sum"],
      examples: [
        Example("cumsum([1, 2, 3])", prints: "1  3  6"),
        Example("cumsum([1, 2; 3, 4], dim=1)", prints: "1  2\n4  6"),
      ]
    ) { x, dimension in x.cumulativeSum(along: axis(dimension, of: x)) },
    Builtin(
      "sort", in: .reduce,
      "Elements in ascending order, column by column (a row vector along); lists of numbers or of texts too. NaN comes last.",
      Parameter<Value>("x", "a matrix or a list"), Parameter.direction,
      Parameter<Bool>("descending", "the largest first", default: false),
      Parameter<Bool>(
        "order", "return a record of values and order: where each stood", default: false),
      Parameter<Function?>(
        "by", "what an element of a list is compared by: a function that answers a number or text"),
      shapes:
        "list, order=true → record; list → list; m×n, order=true → {values = m×n, order = m×n}; m×n → m×n",
      seeAlso: ["unique", "argmin", "quantile"],
      examples: [
        Example("sort([3, 1, 2])", prints: "1  2  3"),
        Example("sort([3, 1, 2], descending=true)", prints: "3  2  1"),
        Example("sort([30, 10, 20], order=true).order", prints: "2  3  1"),
        Example("sort({\"b\", \"a\"})", prints: "{\"a\", \"b\"}"),
        Example("sort({{\"a\", 3}, {\"b\", 1}}, by=x -> x[2])", prints: "{{\"b\", 1}, {\"a\", 3}}"),
      ],
      using: { context, x, dimension, descending, order, by -> Value in
        if case .list(let list) = x {
          let keys = try by.map { f in
            try list.map { element in
              try Interrupt.check()
              return try f.callable.call(Arguments([element]), context)
            }
          }
          return try sorted(list, by: keys, descending, order: order)
        }
        if let by {
          throw Problem(
            .type, "a matrix is compared by its elements alone", at: "by",
            label: Value.function(by.callable).label,
            help: "A[sort(A[:, 2], order=true).order, :] has the rows in the order of a column")
        }
        guard let matrix = Matrix.from(x) else {
          throw Problem(.type, "'x' needs a matrix or a list", at: "x", label: x.label)
        }
        let axis = axis(dimension, of: matrix)
        let values = matrix.sorted(along: axis, descending: descending)
        guard order else { return .matrix(values) }
        let places = matrix.sortingOrder(along: axis, descending: descending) + 1
        return .record(Record([("values", .matrix(values)), ("order", .matrix(places))]))
      }),
    Builtin(
      "unique", in: .reduce,
      "The different elements of a matrix or list in ascending order: a row of a row, else a column.",
      Parameter<Value>("x", "a matrix or a list of numbers or texts"),
      shapes: "list → list; 1×n → 1×k; m×n → k×1", seeAlso: ["sort", "nnz"],
      examples: [
        Example("unique([3, 1, 3, 2])", prints: "1  2  3"),
        Example("unique({\"b\", \"a\", \"b\"})", prints: "{\"a\", \"b\"}"),
      ]
    ) { x -> Value in
      if case .list(let list) = x {
        let inOrder = try sorted(list, by: nil, false, order: false)
        guard case .list(let sorted) = inOrder else { return x }
        var distinct: [Value] = []
        for value in sorted where distinct.last.map({ $0.label != value.label }) ?? true {
          distinct.append(value)
        }
        return .list(distinct)
      }
      guard let matrix = Matrix.from(x) else {
        throw Problem(.type, "'x' needs a matrix or a list", at: "x", label: x.label)
      }
      let distinct = matrix.distinctElements
      return .matrix(matrix.rows == 1 ? distinct.transposed.rowMajor() : distinct)
    },
  ]

  /// A list in the order of its elements, or of a key for each: texts or numbers.
  private static func sorted(
    _ list: [Value], by keys: [Value]?, _ descending: Bool, order: Bool
  ) throws -> Value {
    var places = Array(list.indices)
    let compared = keys ?? list
    let texts = compared.compactMap(String.from)
    let numbers = compared.compactMap(Double.from)
    if texts.count == list.count {
      places.sort {
        texts[$0] == texts[$1]
          ? $0 < $1 : descending ? texts[$0] > texts[$1] : texts[$0] < texts[$1]
      }
    } else if numbers.count == list.count {
      let order = Matrix(row: numbers).sortingOrder(along: .columns, descending: descending)
      // The places that a stop leaves behind are none.
      try Interrupt.check()
      places = order.elements.map { Int($0) }
    } else if let keys {
      let odd = keys.first { Double.from($0) == nil } ?? keys[0]
      throw Problem(
        .type, "'by' must answer numbers alone or texts alone, and answered \(odd.label)", at: "by")
    } else {
      throw Problem(
        .type, "'x' needs numbers alone or texts alone", at: "x", label: Value.list(list).label,
        help: "by=x -> x[1] says what is compared")
    }
    let values = Value.list(places.map { list[$0] })
    guard order else { return values }
    let positions = Matrix(row: places.map { Double($0 + 1) })
    return .record(Record([("values", values), ("order", .matrix(positions))]))
  }

  /// The axis a user has named; without one a row vector counts along, everything else down.
  static func axis(_ dimension: Int?, of x: Matrix) -> Axis {
    dimension.flatMap(Axis.init) ?? (x.rows == 1 ? .columns : .rows)
  }
}

extension Parameter where T == Int? {
  /// The direction of something that keeps the shape.
  static var direction: Parameter<Int?> {
    Parameter(
      "dim", "1 goes down the rows, 2 along them; without it along a row vector, else down",
      in: .between(1, 2))
  }
}
