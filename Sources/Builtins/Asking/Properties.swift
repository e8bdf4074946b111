import Matrices
import Vocabulary

extension StandardLibrary {
  /// Numbers that characterise a matrix.
  static let properties: [Builtin] = [
    Builtin(
      "trace", in: .ask, "The sum of the diagonal.",
      Parameter<Matrix>("x", "a square matrix"),
      shapes: "n×n → number", math: "Σ xᵢᵢ", seeAlso: ["diag", "det"],
      examples: [Example("trace([1, 2; 3, 4])", prints: "5")]
    ) { x -> Double in
      guard x.shape.isSquare else { throw ShapeError.square(x.shape) }
      return x.diagonal.total(.sum)
    }
  ]
}
