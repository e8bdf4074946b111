/// A way to make one number of many. Sums are kept in 64 bits whatever the precision, in an order
/// that depends on the shape alone.
package enum Reduction: String, Sendable, CaseIterable {
  case sum, product, mean
  /// The smallest and the largest; NaN wins, so that it is never lost.
  case minimum, maximum
  case sumOfSquares, sumOfMagnitudes
  /// How many elements are not 0.
  case count
  /// 1 when some, when every element is not 0.
  case any, all

  /// Whether the result is a truth value.
  package var isLogical: Bool { self == .any || self == .all }
}

extension Matrix {
  /// The reduction of every column (`.rows`: down the rows, result 1×n) or of every row
  /// (`.columns`: along the columns, result m×1), in the precision of the matrix. Without elements
  /// a sum is 0, a product 1, a minimum ∞, a mean NaN.
  package func reduced(_ reduction: Reduction, along axis: Axis) -> Matrix {
    let length = axis == .rows ? rows : columns
    let values = reduced(axis, Kernels.fold(of: reduction)).map {
      reduction.finished($0, count: length)
    }
    var result = axis == .rows ? Matrix(row: values) : Matrix(column: values)
    result = result.converted(to: precision)
    result.isLogical = reduction.isLogical
    return result
  }

  /// The reduction of all elements.
  package func total(_ reduction: Reduction) -> Double {
    let value: Double
    switch precision {
    case .double: value = Kernels.total(self, Kernels.fold(of: reduction), Double.self)
    case .single: value = Kernels.total(self, Kernels.fold(of: reduction), Float.self)
    }
    return reduction.finished(value, count: count)
  }

  private func reduced(_ axis: Axis, _ fold: Kernels.Folding) -> [Double] {
    switch precision {
    case .double: Kernels.reduced(self, axis, fold, Double.self)
    case .single: Kernels.reduced(self, axis, fold, Float.self)
    }
  }

  /// `Σ x²`.
  package var sumOfSquares: Double { total(.sumOfSquares) }

  /// `Σ xᵢ yᵢ` over all elements of two matrices of one shape.
  package func dot(_ other: Matrix) -> Double {
    precondition(shape == other.shape)
    let precision = Precision.joined(precision, other.precision)
    let (a, b) = (converted(to: precision), other.converted(to: precision).relaid(like: self))
    switch precision {
    case .double: return Kernels.dot(a, b, Double.self)
    case .single: return Kernels.dot(a, b, Float.self)
    }
  }

  /// The Frobenius norm `√Σ x²`, without overflow on the way.
  package var frobeniusNorm: Double {
    let squares = sumOfSquares
    if squares.isNormal { return squares.squareRoot() }
    let largest = Swift.max(abs(total(.maximum)), abs(total(.minimum)))
    if count == 0 || largest == 0 || !largest.isFinite { return count == 0 ? 0 : largest }
    return largest * (converted(to: .double) / largest).sumOfSquares.squareRoot()
  }

  /// The variance of every column or row: `Σ (x − mean)² / (n − 1)`; NaN for fewer than two.
  package func variance(along axis: Axis) -> Matrix {
    let length = Double(axis == .rows ? rows : columns)
    let centered = Matrix.combine(.subtract, self, reduced(.mean, along: axis))
    let squares = centered.reduced(axis, Kernels.fold(of: .sumOfSquares))
    let sums = centered.reduced(axis, Kernels.fold(of: .sum))
    // The second term takes back what rounding the mean has added.
    let values = zip(squares, sums).map {
      length < 2 ? .nan : ($0 - $1 * $1 / length) / (length - 1)
    }
    return (axis == .rows ? Matrix(row: values) : Matrix(column: values)).converted(to: precision)
  }

  /// The variance of all elements; NaN for fewer than two.
  package var variance: Double {
    guard count > 1 else { return .nan }
    let centered = self - total(.mean)
    let sum = centered.total(.sum)
    return (centered.sumOfSquares - sum * sum / Double(count)) / Double(count - 1)
  }

  /// The position, counted from 0, of the smallest element of every column or row; the first of
  /// equal ones, the first NaN where there is one. The axis must have elements.
  package func argMinimum(along axis: Axis) -> [Int] { extremes(axis) { $0 < $1 } }

  /// The position of the largest element of every column or row, as `argMinimum`.
  package func argMaximum(along axis: Axis) -> [Int] { extremes(axis) { $0 > $1 } }

  /// The row-major position of the smallest element: the first of equal ones, or the first NaN.
  package var argMinimum: Int { reshaped(1, count).argMinimum(along: .columns)[0] }

  /// The row-major position of the largest element: the first of equal ones, or the first NaN.
  package var argMaximum: Int { reshaped(1, count).argMaximum(along: .columns)[0] }

  @inline(__always)
  private func extremes(_ axis: Axis, _ isBetter: (Double, Double) -> Bool) -> [Int] {
    precondition(axis == .rows ? rows > 0 : columns > 0)
    switch precision {
    case .double: return Kernels.extremes(self, axis, Double.self, isBetter)
    case .single: return Kernels.extremes(self, axis, Float.self, isBetter)
    }
  }

  /// The running sums down every column or along every row, kept in 64 bits.
  package func cumulativeSum(along axis: Axis) -> Matrix {
    if axis == .rows { return transposed.cumulativeSum(along: .columns).transposed }
    var result = Kernels.copied(rowMajor())
    switch precision {
    case .double: Kernels.accumulate(&result, Double.self)
    case .single: Kernels.accumulate(&result, Float.self)
    }
    result.isLogical = false
    return result
  }

  /// The first element in row-major order that is NaN or infinite.
  package var firstNonFinite: (row: Int, column: Int)? {
    first { x in !(x - x == 0) }
  }

  /// The first element in row-major order that is NaN.
  package var firstNaN: (row: Int, column: Int)? { first { $0.isNaN } }

  /// The first element in row-major order below 0.
  package var firstNegative: (row: Int, column: Int)? { first { $0 < 0 } }

  @inline(__always)
  private func first(where isWanted: (Double) -> Bool) -> (row: Int, column: Int)? {
    var place: Int?
    switch precision {
    case .double: place = Kernels.first(self, Double.self, isWanted)
    case .single: place = Kernels.first(self, Float.self, isWanted)
    }
    if isTransposed && place != nil && rows > 1 && columns > 1 {
      return rowMajor().first(where: isWanted)
    }
    return place.map { ($0 / columns, $0 % columns) }
  }

  /// The row-major positions of the elements that are not 0, in order.
  package var nonZeroPositions: [Int] {
    let source = rowMajor()
    switch precision {
    case .double: return Kernels.nonZeroPositions(source, Double.self)
    case .single: return Kernels.nonZeroPositions(source, Float.self)
    }
  }
}

extension Reduction {
  /// What becomes of the folded value of `count` elements.
  fileprivate func finished(_ value: Double, count: Int) -> Double {
    switch self {
    case .mean: value / Double(count)
    case .any: value > 0 ? 1 : 0
    case .all: value == Double(count) ? 1 : 0
    case .sum, .product, .minimum, .maximum, .sumOfSquares, .sumOfMagnitudes, .count: value
    }
  }
}
