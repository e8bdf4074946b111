import Matrices

/// The independent check of gradients: `∂f/∂xᵢ ≈ (f(x + h eᵢ) − f(x − h eᵢ)) / 2h`.
package enum CentralDifferences {
  /// The gradient of `f` at `x`, two evaluations an element. The step of an element is
  /// `step · max(1, |xᵢ|)`; with the default, errors are about 1e-9 in f64.
  package static func gradient(
    at x: Matrix, step: Double = 1e-6, of f: (Matrix) throws -> Double
  ) rethrows -> Matrix {
    var point = x.converted(to: .double).rowMajor()
    var slope = Matrix.zeros(x.rows, x.columns)
    for index in 0..<x.count {
      let value = point[index]
      let width = step * max(1, abs(value))
      point[index] = value + width
      let above = try f(point)
      point[index] = value - width
      let below = try f(point)
      point[index] = value
      slope[index] = (above - below) / (2 * width)
    }
    return slope
  }

  /// The largest difference of two gradients, relative to the largest element of either (and at
  /// least to 1e-3, so that vanishing gradients compare as equal).
  package static func largestError(_ gradient: Matrix, _ other: Matrix) -> Double {
    let (a, b) = (gradient.elements, other.elements)
    let scale = (a + b).reduce(1e-3) { max($0, abs($1)) }
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
  }
}
