import Matrices

/// Between which numbers each of a row of parameters stays.
struct Bounds {
  private let lowest: Matrix
  private let highest: Matrix

  /// Nothing where nothing is asked for.
  ///
  /// - Parameters:
  ///   - parameters: all of them, whose precision the bounds have as well.
  ///   - parts: places among them with what is asked of these, which are only bounds.
  init?(_ parameters: Parameters, _ parts: [(places: Range<Int>, constraint: Constraint)]) {
    if parts.isEmpty { return nil }
    let all = Matrix.zeros(1, parameters.all.columns, parameters.precision)
    let (low, high) = (all - .infinity, all + .infinity)
    for (places, constraint) in parts {
      guard let bounds = constraint.bounds else { continue }
      low.withBlock { $0.columns(in: places).fill(bounds.0) }
      high.withBlock { $0.columns(in: places).fill(bounds.1) }
    }
    (lowest, highest) = (low.converted(to: .double), high.converted(to: .double))
  }

  /// The nearest place within the bounds.
  func nearest(to x: Matrix) -> Matrix {
    .combine(.minimum, .combine(.maximum, x, lowest), highest)
  }

  /// 1 where a step against the gradient stays within the bounds, 0 where one of them stops it.
  func free(at x: Matrix, _ gradient: Matrix) -> Matrix {
    let low = Matrix.combine(.lessOrEqual, x, lowest)
      .times(.combine(.greater, gradient, 0))
    let high = Matrix.combine(.greaterOrEqual, x, highest)
      .times(.combine(.less, gradient, 0))
    return .combine(.subtract, 1, low) - high
  }
}

extension Constraint {
  /// The smallest and the largest number, where that is all that is asked.
  var bounds: (Double, Double)? {
    switch self {
    case .nonnegative: (0, .infinity)
    case .box(let low, let high): (low, high)
    case .simplex, .unit, .parts: nil
    }
  }
}
