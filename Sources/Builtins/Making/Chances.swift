import Matrices
import Vocabulary

extension StandardLibrary {
  /// Matrices drawn by chance.
  static let chances: [Builtin] = [
    drawing(
      "rand", "Numbers drawn evenly from 0 to 1 (1 excluded).",
      examples: [
        Example("size(rand(2, 3))", prints: "2  3"),
        Example("rand(1, 2, seed=1) == rand(1, 2, seed=1)", prints: "true  true"),
      ]
    ) { $0.uniform($1.rows, $1.columns, $2) },
    drawing(
      "randn", "Numbers drawn from the normal distribution with mean 0 and deviation 1.",
      examples: [Example("abs(mean(randn(1000, 1, seed=1))) < 0.1", prints: "true")]
    ) { $0.normal($1.rows, $1.columns, $2) },
    Builtin(
      "randint", in: .make, "Whole numbers drawn evenly between two, both included.",
      Parameter<Int>("low", "the smallest"),
      Parameter<Int>("high", "the largest"),
      Parameter<Int?>(positional: "rows", "rows; without it one number", in: .atLeast(0)),
      Parameter<Int>(
        "columns", "columns", default: 1, in: .atLeast(0), positional: true),
      Parameter.seed,
      shapes: "a, b, m, n → m×n; a, b, m → m×1; a, b → number", seeAlso: ["rand", "shuffle"],
      examples: [
        Example("randint(3, 3)", prints: "3"),
        Example("max(randint(1, 6, 100)) <= 6", prints: "true"),
      ],
      using: { context, low, high, rows, columns, seed -> Value in
        let (span, overflow) = high.subtractingReportingOverflow(low)
        guard high >= low else {
          throw Problem(
            .value, "'high' must be ≥ 'low'", at: "high", label: "the number \(high)")
        }
        guard !overflow, span < 1 << 53 else {
          throw Problem(.value, "the numbers must lie within 2^53 of each other", at: "high")
        }
        let shape = try Sizes.fitting(rows ?? 1, columns)
        let drawn = draw(context, seed) {
          $0.whole(in: low...high, shape.rows, shape.columns)
        }
        return rows == nil && columns == 1 ? .number(drawn[0, 0]) : .matrix(drawn)
      }
    ),
  ]

  /// A builtin that fills a matrix by chance; without sizes it gives one number.
  private static func drawing(
    _ name: String, _ summary: String, examples: [Example],
    _ fill: @escaping @Sendable (inout Random, Shape, Precision) -> Matrix
  ) -> Builtin {
    Builtin(
      name, in: .make, summary,
      Parameter<Matrix?>(
        positional: "rows", "rows, or the size of a matrix; without it one number"),
      Parameter<Int?>(positional: "columns", "columns", in: .atLeast(0)),
      Parameter.precision, Parameter.seed,
      shapes: "m, n → m×n; [m, n] → m×n; → number",
      math: "Philox 4×32-10: the numbers depend on the seed alone, not on the threads",
      seeAlso: ["rand", "randn", "randint", "seed"].filter { $0 != name }, examples: examples,
      using: { context, rows, columns, precision, seed -> Value in
        let precision = Sizes.precision(precision)
        guard let rows else {
          return .number(draw(context, seed) { fill(&$0, Shape(1, 1), .double) }[0, 0])
        }
        let shape = try Sizes.shape(rows, columns, precision, for: name)
        return .matrix(draw(context, seed) { fill(&$0, shape, precision) })
      })
  }

  /// Draws from the session's generator, or from one of its own where a seed is given.
  private static func draw(_ context: Context, _ seed: Int?, _ body: (inout Random) -> Matrix)
    -> Matrix
  {
    guard let seed else { return body(&context.random) }
    var random = Random(seed: UInt64(bitPattern: Int64(seed)))
    return body(&random)
  }
}
