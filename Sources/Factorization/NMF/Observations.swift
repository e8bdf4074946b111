import Matrices

/// The matrix to be factorized, in the form in which products with thin factors are fastest.
package struct Observations: Sendable {
  package let matrix: Matrix
  /// `‖X‖²`.
  package let squares: Double
  /// The mean of all elements.
  package let mean: Double
  /// The elements that are not 0, when they are few enough to gain by it.
  package let compressed: CompressedMatrix?

  /// Below this part of elements that are not 0, products that skip zeros are taken for faster
  /// than dense ones. They are on images of digits, of which 19 % is not 0.
  private static let worthCompressing = 0.3

  package init(_ matrix: Matrix, rank: Int, always: Bool = false) {
    self.matrix = matrix.rowMajor()
    let census = self.matrix.census
    squares = census.sumOfSquares
    mean = census.sum / Double(max(matrix.count, 1))
    let density = Double(census.nonZeros) / Double(max(matrix.count, 1))
    let gains = density < Self.worthCompressing && matrix.count > 1 << 16
    compressed = gains || always ? CompressedMatrix(self.matrix, rank: rank) : nil
  }

  package var shape: Shape { matrix.shape }
  package var precision: Precision { matrix.precision }

  /// The elements that a product visits.
  package var visited: Int { compressed?.count ?? matrix.count }

  /// `X F`.
  package func times(_ factor: Matrix) -> Matrix {
    guard let compressed else { return matrix * factor }
    var result = Matrix.zeros(shape.rows, factor.columns, precision)
    compressed.times(factor, into: &result)
    return result
  }

  /// `Xᵀ F`.
  package func transposedTimes(_ factor: Matrix) -> Matrix {
    guard let compressed else { return matrix.transposed * factor }
    var result = Matrix.zeros(shape.columns, factor.columns, precision)
    compressed.transposedTimes(factor, into: &result)
    return result
  }

  /// `‖X − W Hᵀ‖²`, element by element, a block of rows at a time: one product and one pass.
  package func squaredResidual(_ factors: NMFFactors) -> Double {
    let (rows, columns) = (shape.rows, shape.columns)
    let block = max(1, (1 << 20) / max(columns, 1))
    var sum = 0.0
    for start in stride(from: 0, to: rows, by: block) {
      let range = start..<min(rows, start + block)
      var rest = matrix.rows(in: range)
      Matrix.product(
        factors.w.rows(in: range), factors.ht.transposed, into: &rest, scale: -1, keep: 1)
      sum += rest.sumOfSquares
    }
    return sum
  }
}
