import Matrices
import Vocabulary

extension StandardLibrary {
  /// Numbers that characterise a matrix.
  static let properties: [Builtin] = [
    Builtin(
      "rank", in: .ask, "The number of linearly independent rows, by singular values.",
      Parameter<Matrix>("x", "a matrix"),
      Parameter<Double?>(
        "tolerance", "smaller singular values count as 0; max(m, n) ε σ₁ without it",
        in: .atLeast(0)),
      shapes: "m×n → number", seeAlso: ["svd", "cond"],
      examples: [Example("rank([1, 2; 2, 4])", prints: "1")]
    ) { x, tolerance in try decompose(x) { try $0.rank(tolerance: tolerance) } },
    Builtin(
      "cond", in: .ask,
      "The largest over the smallest singular value: how much a solution may amplify errors.",
      Parameter<Matrix>("x", "a matrix"),
      shapes: "m×n → number", math: "σ₁ / σₖ", seeAlso: ["rank", "svd", "solve"],
      examples: [
        Example("cond([2, 0; 0, 4])", prints: "2"), Example("cond([1, 2; 0, 0])", prints: "Inf"),
      ]
    ) { x in try decompose(x) { try $0.conditionNumber() } },
    Builtin(
      "norm", in: .ask,
      "The Frobenius norm, the length of all elements as one vector; other norms by their name.",
      Parameter<Matrix>("x", "a vector or matrix"),
      Parameter<Value>(
        "kind", "\"fro\", 2 (the largest stretch), 1 or inf", default: .text("fro"),
        positional: true),
      shapes: "m×n → number",
      math: "fro: √Σ x²; 2: σ₁ of a matrix; 1: largest column sum of |x|; inf: largest row sum",
      seeAlso: ["abs", "svd", "cond"],
      examples: [
        Example("norm([3, 4])", prints: "5"), Example("norm([3, 0; 0, 4])", prints: "5"),
        Example("norm([3, 0; 0, 4], 2)", prints: "4"),
        Example("norm([1, -2; 3, 4], 1)", prints: "6"),
      ]
    ) { x, kind in try norm(x, kind) },
    Builtin(
      "trace", in: .ask, "The sum of the diagonal.",
      Parameter<Matrix>("x", "a square matrix"),
      shapes: "n×n → number", math: "Σ xᵢᵢ", seeAlso: ["diag", "det"],
      examples: [Example("trace([1, 2; 3, 4])", prints: "5")]
    ) { x -> Double in
      guard x.shape.isSquare else { throw ShapeError.square(x.shape) }
      return x.diagonal.total(.sum)
    },
    Builtin(
      "det", in: .ask, "The determinant of a square matrix.",
      Parameter<Matrix>("x", "a square matrix"),
      shapes: "n×n → number", math: "LU with pivoting", seeAlso: ["lu", "inv", "trace"],
      examples: [Example("det([2, 1; 1, 3])", prints: "5")]
    ) { x in try decomposeSquare(x) { try $0.determinant() } },
    Builtin(
      "logdet", in: .ask,
      "The logarithm of the size of the determinant, where the determinant itself would overflow.",
      Parameter<Matrix>("x", "a square matrix"),
      shapes: "n×n → number", math: "ln |det x|, by LU with pivoting; −∞ of a singular matrix",
      seeAlso: ["det", "chol"],
      examples: [Example("exp(logdet([2, 0; 0, 3]))", prints: "6")]
    ) { x in try decomposeSquare(x) { try $0.logDeterminant().logarithm } },
  ]

  private static func norm(_ x: Matrix, _ kind: Value) throws -> Double {
    let sizes = { (axis: Axis) in
      x.isEmpty ? 0 : x.reduced(.sumOfMagnitudes, along: axis).total(.maximum)
    }
    switch kind {
    case .number(2):
      if x.shape.isVector { return x.frobeniusNorm }
      return try decompose(x) { try $0.singularValues().elements.first ?? 0 }
    case .number(1): return x.shape.isVector ? x.total(.sumOfMagnitudes) : sizes(.rows)
    case .number(.infinity):
      return x.shape.isVector && !x.isEmpty ? x.mapped(.abs).total(.maximum) : sizes(.columns)
    case .text("fro"): return x.frobeniusNorm
    case .nothing, .boolean, .number, .text, .matrix, .range, .list, .record, .function, .object:
      throw Problem(.value, "'kind' is one of 2, 1, inf, \"fro\"", at: "kind", label: kind.label)
    }
  }
}
