import Autodiff
import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins that compare neighbours, or two vectors.
  static let comparing: [Builtin] = [
    Builtin(
      "diff", in: .reduce,
      "Differences of neighbours: down every column, along a row vector; one fewer than elements.",
      Parameter<Matrix>("x", "a matrix"), Parameter.direction,
      shapes: "m×n, dim=1 → k×n; m×n, dim=2 → m×k; 1×n → 1×k; m×n → k×n",
      math: "yᵢ = xᵢ₊₁ − xᵢ", seeAlso: ["cumsum", "conv"],
      examples: [
        Example("diff([1, 4, 9, 16])", prints: "3  5  7"),
        Example("diff([1, 2; 4, 8])", prints: "3  6"),
      ]
    ) { x, dimension in differences(Trace(x), along: axis(dimension, of: x)).value.matrix },
    Builtin(
      "dot", in: .reduce, "The inner product of two vectors, rows or columns.",
      Parameter<Matrix>("x", "a vector"), Parameter<Matrix>("y", "a vector of the same length"),
      shapes: "1×n, 1×n → number; n×1, n×1 → number; m×n, p×q → number", math: "Σᵢ xᵢ yᵢ",
      seeAlso: ["sum", "norm", "kron"],
      examples: [
        Example("dot([1, 2, 3], [4, 5, 6])", prints: "32"),
        Example("dot([1; 2], [3, 4])", prints: "11"),
      ]
    ) { x, y -> Double in try innerProduct(Trace(x), Trace(y)).value.matrix[0, 0] },
  ]

  /// What is between neighbours.
  static func differences(_ x: Trace, along axis: Axis) -> Trace {
    let (x, shape) = (x.asMatrix, x.shape)
    let length = axis == .rows ? shape.rows : shape.columns
    let (first, second) = (Array(0..<max(length - 1, 0)), Array(1..<max(length, 1)))
    switch axis {
    case .rows:
      let all = Array(0..<shape.columns)
      return x.picked(rows: second, columns: all) - x.picked(rows: first, columns: all)
    case .columns:
      let all = Array(0..<shape.rows)
      return x.picked(rows: all, columns: second) - x.picked(rows: all, columns: first)
    }
  }

  /// The inner product of vectors however they lie, as a 1×1 matrix.
  static func innerProduct(_ x: Trace, _ y: Trace) throws -> Trace {
    for (name, vector) in [("x", x), ("y", y)] where !vector.shape.isVector {
      throw Problem(
        .shape, "'dot' is for vectors", at: name, label: vector.asMatrix.value.matrix.label,
        help: "X' * Y has the inner products of all columns, sum(X .* Y) that of all elements")
    }
    guard x.shape.count == y.shape.count else {
      throw Problem(
        .shape, "x and y need the same length",
        mentioning: [
          .init(parameter: "x", label: x.asMatrix.value.matrix.label),
          .init(parameter: "y", label: y.asMatrix.value.matrix.label),
        ])
    }
    let count = x.shape.count
    return x.asMatrix.reshaped(1, count) * y.asMatrix.reshaped(count, 1)
  }
}
