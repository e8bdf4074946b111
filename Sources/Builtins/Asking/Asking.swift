import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins that ask what a value is.
  static let asking: [Builtin] = sizes + tests + properties + [sparseness]

  private static let sizes: [Builtin] = [
    Builtin(
      "size", in: .ask, "The numbers of rows and columns.",
      Parameter<Matrix>("x", "a matrix, number or range"),
      shapes: "m×n → [m, n]", seeAlso: ["rows", "cols", "length"],
      examples: [Example("size([1, 2; 3, 4; 5, 6])", prints: "3  2")]
    ) { x in Matrix(row: [Double(x.rows), Double(x.columns)]) },
    Builtin(
      "rows", in: .ask, "The number of rows.",
      Parameter<Matrix>("x", "a matrix, number or range"),
      shapes: "m×n → m", seeAlso: ["cols", "size"],
      examples: [Example("rows([1, 2; 3, 4; 5, 6])", prints: "3")]
    ) { x in x.rows },
    Builtin(
      "cols", in: .ask, "The number of columns.",
      Parameter<Matrix>("x", "a matrix, number or range"),
      shapes: "m×n → n", seeAlso: ["rows", "size"],
      examples: [Example("cols([1, 2; 3, 4; 5, 6])", prints: "2")]
    ) { x in x.columns },
    Builtin(
      "length", in: .ask,
      "How many elements: of a matrix or range, values of a list or record, letters of a text.",
      Parameter<Value>("x", "the value to count in"),
      shapes: "m×n → m·n; value → number", seeAlso: ["size", "nnz"],
      examples: [
        Example("length([1, 2; 3, 4; 5, 6])", prints: "6"),
        Example("length({1, \"a\"})", prints: "2"),
        Example("length(\"factor\")", prints: "6"),
      ]
    ) { x -> Int in
      switch x {
      case .nothing: return 0
      case .boolean, .number: return 1
      case .text(let text): return text.count
      case .matrix(let matrix): return matrix.count
      case .range(let range): return range.count
      case .list(let list): return list.count
      case .record(let record): return record.count
      case .function, .object:
        throw Problem(.type, "'x' needs a value with elements", at: "x", label: x.label)
      }
    },
    Builtin(
      "nnz", in: .ask, "How many elements are not 0.",
      Parameter<Matrix>("x", "the matrix"),
      shapes: "m×n → number", seeAlso: ["find", "length"],
      examples: [Example("nnz([1, 0; 0, 4])", prints: "2")]
    ) { x in x.total(.count) },
    Builtin(
      "type", in: .ask, "What kind of value it is.",
      Parameter<Value>("x", "any value"),
      shapes: "value → text",
      examples: [
        Example("type(1:3)", prints: "\"range\""), Example("type([1, 2])", prints: "\"matrix\""),
      ]
    ) { x in x.typeName },
    Builtin(
      "names", in: .ask, "The names of the columns of a matrix, or of the fields of a record.",
      Parameter<Value>("x", "a matrix with named columns, or a record"),
      shapes: "value → list", seeAlso: ["keys", "read"],
      examples: [Example("names({rank = 3, loss = \"kl\"})", prints: "{\"rank\", \"loss\"}")]
    ) { x -> [Value] in
      switch x {
      case .matrix(let matrix): return (matrix.columnNames ?? []).map { .text($0) }
      case .record(let record): return record.keys.map { .text($0) }
      case .object(let object): return object.fieldNames.map { .text($0) }
      case .nothing, .boolean, .number, .text, .range, .list, .function:
        throw Problem(.type, "'x' needs a matrix or a record", at: "x", label: x.label)
      }
    },
  ]

  private static let tests: [Builtin] = [
    truth(
      "all", .all, "Whether every element is not 0; true of no elements.",
      examples: [
        Example("all([1, 2, 0])", prints: "false"),
        Example("all([1, 0; 2, 3], dim=1)", prints: "true  false"),
      ]),
    truth(
      "any", .any, "Whether some element is not 0; false of no elements.",
      examples: [
        Example("any([1, 2, 0])", prints: "true"),
        Example("any([0, 0; 2, 3], dim=2)'", prints: "false  true"),
      ]),
    Builtin(
      "isnan", in: .ask, "Whether each element is NaN (not a number).",
      Parameter<Numbers>("x", "a number or matrix"),
      shapes: "m×n → m×n true/false", seeAlso: ["any", "where"],
      examples: [
        Example("isnan([1, nan])", prints: "false  true"), Example("isnan(0 / 0)", prints: "true"),
      ]
    ) { x in x.mapped(.isNaN) },
    Builtin(
      "find", in: .ask,
      "The positions of the elements that are not 0, counted from 1 row after row.",
      Parameter<Matrix>("x", "a matrix, often of truth values"),
      shapes: "m×n → 1×k", seeAlso: ["nnz", "where", "argmax"],
      examples: [
        Example("find([5, 0, 7] > 1)", prints: "1  3"),
        Example("find([0, 1; 1, 0])", prints: "2  3"),
      ]
    ) { x in
      let positions = x.nonZeroPositions
      try Interrupt.check()
      return Matrix(row: positions.map { Double($0 + 1) })
    },
  ]

  /// A builtin that asks all elements, or every column or row.
  private static func truth(
    _ name: String, _ reduction: Reduction, _ summary: String, examples: [Example]
  ) -> Builtin {
    Builtin(
      name, in: .ask, summary, Parameter<Matrix>("x", "a matrix, often of truth values"),
      Parameter.dimension,
      shapes: "m×n, dim=1 → 1×n true/false; m×n, dim=2 → m×1 true/false; m×n → true/false",
      seeAlso: [name == "all" ? "any" : "all", "find"], examples: examples
    ) { x, dimension -> Value in
      guard let axis = dimension.flatMap(Axis.init) else {
        return .boolean(x.total(reduction) != 0)
      }
      return .matrix(x.reduced(reduction, along: axis))
    }
  }
}
