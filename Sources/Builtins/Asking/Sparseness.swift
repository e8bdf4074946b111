import Matrices
import Vocabulary

extension StandardLibrary {
  static let sparseness = Builtin(
    "sparseness", in: .ask,
    "How few numbers carry a vector: 1 when one does, 0 when all are equal.",
    Parameter<Matrix>("x", "a vector, or a matrix of parts"),
    Parameter.dimension,
    shapes: "m×n, dim=1 → 1×n; m×n, dim=2 → m×1; m×n → number",
    math: "(√n − Σ|x| / √Σx²) / (√n − 1) of n numbers (Hoyer 2004); NaN of zeros alone",
    seeAlso: ["nmf", "nmf_layer", "nnz", "norm"],
    examples: [
      Example("sparseness([0, 0, 3, 0])", prints: "1"),
      Example("round(sparseness([1, 0; 1, 2], dim=1))", prints: "0  1"),
      Example("round(sparseness([1, 2, 3, 4]), 3)", prints: "0.174"),
    ]
  ) { x, dimension -> Value in
    let axis = dimension.flatMap(Axis.init)
    try need(2, of: x, axis, for: "sparseness")
    let count = axis.map { $0 == .rows ? x.rows : x.columns } ?? x.count
    let vectors = axis == nil ? x.reshaped(1, x.count) : x
    let along = axis ?? .columns
    let lengths = vectors.times(vectors).reduced(.sum, along: along).mapped(.sqrt)
    let sums = vectors.reduced(.sumOfMagnitudes, along: along)
    let root = Double(count).squareRoot()
    let found = (sums.over(lengths) * -1 + root) / (root - 1)
    return axis == nil ? .number(found[0, 0]) : .matrix(found)
  }
}
