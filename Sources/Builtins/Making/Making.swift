import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins that make matrices.
  static let making: [Builtin] =
    [filled("zeros", with: 0), filled("ones", with: 1)] + shapes + joints + precisions + chances

  /// A builtin that makes a matrix of equal numbers.
  private static func filled(_ name: String, with value: Double) -> Builtin {
    Builtin(
      name, in: .make, "A matrix of \(name).",
      Parameter<Matrix>("rows", "the number of rows, or the size of a matrix: size(x)"),
      Parameter<Int?>(positional: "columns", "the number of columns", in: .atLeast(0)),
      Parameter.precision,
      shapes: "m, n → m×n; [m, n] → m×n",
      seeAlso: ["zeros", "ones", "eye", "rand"].filter { $0 != name },
      examples: [
        Example(
          "\(name)(2, 3)",
          prints: value == 0 ? "0  0  0\n0  0  0" : "1  1  1\n1  1  1"),
        Example("size(\(name)(size([1, 2; 3, 4; 5, 6])))", prints: "3  2"),
      ]
    ) { rows, columns, precision in
      let precision = Sizes.precision(precision)
      let shape = try Sizes.shape(rows, columns, precision, for: name)
      return Matrix.filled(shape.rows, shape.columns, with: value, precision)
    }
  }

  private static let shapes: [Builtin] = [
    Builtin(
      "eye", in: .make, "The identity: ones on the diagonal, zeros elsewhere.",
      Parameter<Int>("n", "the number of rows and columns", in: .atLeast(0)),
      Parameter.precision,
      shapes: "n → n×n", seeAlso: ["diag", "zeros"],
      examples: [Example("eye(3)", prints: "1  0  0\n0  1  0\n0  0  1")]
    ) { n, precision in
      let precision = Sizes.precision(precision)
      _ = try Sizes.fitting(n, n, precision)
      return Matrix.identity(n, precision)
    },
    Builtin(
      "diag", in: .make,
      "A vector becomes the diagonal of a matrix, the diagonal of a matrix becomes a column.",
      Parameter<Matrix>("x", "a vector or a matrix"),
      shapes: "n×1 → n×n; 1×n → n×n; m×n → min(m, n)×1", seeAlso: ["eye", "trace"],
      examples: [
        Example("diag([1, 2])", prints: "1  0\n0  2"),
        Example("diag([1, 2; 3, 4])'", prints: "1  4"),
      ]
    ) { x in
      guard x.shape.isVector else { return x.diagonal }
      _ = try Sizes.fitting(x.count, x.count, x.precision)
      return x.asDiagonal
    },
    Builtin(
      "linspace", in: .make, "Evenly spaced numbers from one to another, both included.",
      Parameter<Double>("from", "the first number"),
      Parameter<Double>("to", "the last number"),
      Parameter<Int>(
        "count", "how many", default: 100, in: .atLeast(1), positional: true),
      shapes: "→ 1×count", math: "xᵢ = from + (i − 1) (to − from) / (count − 1)",
      examples: [Example("linspace(0, 2, 5)", prints: "0  0.5  1.0  1.5  2.0")]
    ) { from, to, count in
      _ = try Sizes.fitting(1, count)
      return Matrix.spaced(from: from, to: to, count: count)
    },
    Builtin(
      "reshape", in: .make, "The same elements, row after row, in another shape.",
      Parameter<Matrix>("x", "the matrix"),
      Parameter<Int>("rows", "the new number of rows", in: .atLeast(0)),
      Parameter<Int>("columns", "the new number of columns", in: .atLeast(0)),
      shapes: "m×n, p, q → p×q", seeAlso: ["repeat"],
      examples: [Example("reshape(1:6, 2, 3)", prints: "1  2  3\n4  5  6")]
    ) { x, rows, columns in
      let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
      guard !overflow, count == x.count, max(rows, columns) <= Matrix.largestDimension else {
        throw Problem(
          .shape, "the new shape needs as many elements as the old one", at: "x",
          label: "\(x.label), \(x.count) elements",
          help: rows > 0 && x.count % rows == 0
            ? "reshape(x, \(rows), \(x.count / rows)) fits" : nil)
      }
      return x.reshaped(rows, columns)
    },
    Builtin(
      "list", in: .make,
      "The parts of a value as a list: elements of a vector or range, columns of a matrix, values of a record, letters of a text.",
      Parameter<Value>("x", "the value to take apart"),
      shapes: "value → list", seeAlso: ["keys", "values"],
      examples: [
        Example("list([3, 4])", prints: "{3, 4}"),
        Example("list([1, 2; 3, 4])", prints: "{[1; 3], [2; 4]}"),
      ]
    ) { x -> [Value] in
      switch x {
      case .list(let list): return list
      case .record(let record): return record.values
      case .text, .range, .matrix: return try Sequences.elements(of: x, "x")
      case .number, .boolean: return [x]
      case .object where x.isTraced: return x.tracedParts
      case .nothing: return []
      case .function, .object:
        throw Problem(.type, "'x' needs a value with parts", at: "x", label: x.label)
      }
    },
  ]

  private static let joints: [Builtin] = [
    Builtin(
      "hcat", in: .make, "Matrices side by side.",
      Parameter<Rest>("parts", "matrices with equally many rows"),
      shapes: "m×a, m×b, … → m×(a+b+…)", seeAlso: ["vcat", "repeat"],
      examples: [Example("hcat([1; 2], [3; 4])", prints: "1  3\n2  4")]
    ) { parts in
      try joined(parts.values, isBeside: true)
    },
    Builtin(
      "vcat", in: .make, "Matrices one above the other.",
      Parameter<Rest>("parts", "matrices with equally many columns"),
      shapes: "a×n, b×n, … → (a+b+…)×n", seeAlso: ["hcat", "repeat"],
      examples: [Example("vcat([1, 2], [3, 4])", prints: "1  2\n3  4")]
    ) { parts in
      try joined(parts.values, isBeside: false)
    },
  ]

  /// The parts as one matrix. A single list counts as its elements; 0×0 parts are left out, so that
  /// a loop may start from `[]`.
  static func joined(_ parts: [Value], isBeside: Bool) throws -> Matrix {
    var values = parts
    if case .list(let list)? = values.first, values.count == 1 { values = list }
    let matrices = try values.enumerated().map { place, value in
      if place % 4096 == 0 { try Interrupt.check() }
      guard let matrix = Matrix.from(value) else {
        throw Problem(.type, "'parts' needs matrices", at: "parts", label: value.label)
      }
      return matrix
    }.filter { $0.shape != Shape(0, 0) }
    guard let first = matrices.first else { return .zeros(0, 0) }
    var length = 0
    for matrix in matrices {
      if isBeside && matrix.rows != first.rows {
        throw ShapeError.besides(first.shape, matrix.shape)
      }
      if !isBeside && matrix.columns != first.columns {
        throw ShapeError.above(first.shape, matrix.shape)
      }
      length += isBeside ? matrix.columns : matrix.rows
    }
    _ = try isBeside ? Sizes.fitting(first.rows, length) : Sizes.fitting(length, first.columns)
    return isBeside ? .besides(matrices) : .above(matrices)
  }

  private static let precisions: [Builtin] = [
    (Precision.single, "float32", "32", "half the memory, about 7 digits"),
    (.double, "float64", "64", "about 16 digits"),
  ].map { precision, name, bits, cost in
    Builtin(
      name, in: .make, "The matrix in \(bits)-bit numbers: \(cost).",
      Parameter<Matrix>("x", "the matrix"),
      shapes: "m×n → m×n", seeAlso: [precision == .single ? "float64" : "float32"],
      examples: [Example("\(name)([1, 2; 3, 4])", prints: "1  2\n3  4")]
    ) { x in
      x.converted(to: precision)
    }
  }
}
