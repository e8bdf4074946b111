import Matrices
import Vocabulary

extension StandardLibrary {
  /// Quantiles, covariances and correlations.
  static let statistics: [Builtin] = [
    Builtin(
      "quantile", in: .reduce,
      "The element below which a share of the elements lies, between neighbours interpolated.",
      Parameter<Matrix>("x", "a matrix"),
      Parameter<Numbers>("share", "from 0 to 1, or several such numbers"),
      Parameter.dimension,
      shapes:
        "m×n, p×q, dim=1 → (p·q)×n; m×n, p×q, dim=2 → m×(p·q); m×n, number → number; m×n, p×q → 1×(p·q)",
      seeAlso: ["median", "sort"],
      examples: [
        Example("quantile([1, 2, 3, 4, 5], 0.25)", prints: "2"),
        Example("quantile([1, 2, 3, 4], [0, 0.5, 1])", prints: "1.0  2.5  4.0"),
      ]
    ) { x, share, dimension -> Value in
      let axis = dimension.flatMap(Axis.init)
      try need(1, of: x, axis, for: "quantile")
      let parts = share.matrix.elements
      if let wrong = parts.first(where: { !($0 >= 0 && $0 <= 1) }) {
        throw Problem(
          .value, "'share' must be 0 … 1", at: "share",
          label: "the number \(NumberFormat.short(wrong))",
          help: wrong > 1 && wrong <= 100
            ? "\(NumberFormat.short(wrong)) % is \(NumberFormat.short(wrong / 100))" : nil)
      }
      if let axis { return .matrix(x.quantiles(parts, along: axis)) }
      let values = x.reshaped(1, x.count).quantiles(parts, along: .columns)
      if case .single = share { return .number(values[0, 0]) }
      return .matrix(values)
    },
    relating(
      "cov", "The covariance of the columns, one sample a row, or of two vectors; over n − 1.",
      math: "(X − mean)ᵀ (X − mean) / (n − 1)",
      examples: [
        Example("cov([1, 2; 2, 4; 3, 6])", prints: "1  2\n2  4"),
        Example("cov([1, 2, 3], [2, 4, 6])", prints: "2"),
      ]
    ) { $0.covariance },
    relating(
      "corr",
      "The correlation of the columns, one sample a row, or of two vectors; NaN of a constant.",
      math: "cov(x, y) / (std(x) std(y))",
      examples: [
        Example("corr([1, 2; 2, 4; 3, 6])", prints: "1  1\n1  1"),
        Example("corr([1, 2, 3], [3, 2, 1])", prints: "-1"),
      ]
    ) { $0.correlation },
  ]

  private static func relating(
    _ name: String, _ summary: String, math: String, examples: [Example],
    _ relation: @escaping @Sendable (Matrix) -> Matrix
  ) -> Builtin {
    Builtin(
      name, in: .reduce, summary,
      Parameter<Matrix>("x", "a matrix with one sample a row, or a vector"),
      Parameter<Matrix?>(positional: "y", "a second vector of the same length"),
      shapes: "m×n, p×q → number; 1×n → number; m×n → n×n", math: math,
      seeAlso: [name == "cov" ? "corr" : "cov", "var"], examples: examples
    ) { x, y -> Value in
      if let y {
        guard x.shape.isVector, y.shape.isVector, x.count == y.count else {
          throw Problem(
            .shape, "\(name) of two needs vectors of equal length",
            mentioning: [
              .init(parameter: "x", label: x.label), .init(parameter: "y", label: y.label),
            ])
        }
        try need(2, of: x, nil, for: name)
        let columns = Matrix.besides([x.reshaped(x.count, 1), y.reshaped(y.count, 1)])
        return .number(relation(columns)[0, 1])
      }
      let samples = x.rows == 1 ? x.reshaped(x.count, 1) : x
      try need(2, of: samples, .rows, for: name)
      _ = try Sizes.fitting(samples.columns, samples.columns, samples.precision)
      return relation(samples).asValue
    }
  }
}
