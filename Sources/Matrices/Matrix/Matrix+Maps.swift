/// A function of one element.
package enum ElementwiseFunction: String, Sendable, CaseIterable {
  case exp, log, sqrt, square, reciprocal, negate
  case abs, sign, floor, ceil, round
  case sin, cos, tan, tanh, sigmoid, relu
  case asin, acos, atan, sinh, cosh, erf
  case log1p, expm1, softplus
  case not, isNaN, isFinite

  /// Whether the result is a truth value.
  package var isLogical: Bool { self == .not || self == .isNaN || self == .isFinite }

  /// The function of a single number: the same bits as for an element of a matrix.
  package func callAsFunction(_ x: Double) -> Double { Kernels.mapped(x, self) }
}

extension Matrix {
  /// The function of every element: one pass, one new matrix of the same layout.
  package func mapped(_ function: ElementwiseFunction) -> Matrix {
    var result = Matrix(uninitialized: shape, precision, transposed: isTransposed)
    switch precision {
    case .double: Kernels.map(self, function, into: &result, Double.self)
    case .single: Kernels.map(self, function, into: &result, Float.self)
    }
    result.isLogical = function.isLogical
    return result
  }

  /// Replaces every element by its function, in place.
  package mutating func map(_ function: ElementwiseFunction) {
    switch precision {
    case .double: Kernels.map(&self, function, Double.self)
    case .single: Kernels.map(&self, function, Float.self)
    }
    isLogical = function.isLogical
  }

  /// Every element brought into `lowest … highest`; NaN stays.
  package func clamped(_ lowest: Double, _ highest: Double) -> Matrix {
    var result = self
    result.clamp(lowest, highest)
    return result
  }

  /// Brings every element into `lowest … highest`, in place; NaN stays.
  package mutating func clamp(_ lowest: Double, _ highest: Double) {
    switch precision {
    case .double: Kernels.clamp(&self, lowest, highest)
    case .single: Kernels.clamp(&self, Float(lowest), Float(highest))
    }
    isLogical = false
  }

  /// `eˣ / Σ eˣ` along an axis: `.columns` makes every row sum to 1, `.rows` every column. The
  /// largest element is subtracted first, so nothing overflows.
  package func softmax(along axis: Axis) -> Matrix {
    if axis == .rows { return transposed.softmax(along: .columns).transposed }
    let source = rowMajor()
    var result = Matrix(uninitialized: shape, precision)
    switch precision {
    case .double: Kernels.softmax(source, into: &result, Double.self)
    case .single: Kernels.softmax(source, into: &result, Float.self)
    }
    return result
  }

  /// Replaces every row by its softmax, in place.
  package mutating func normalizeBySoftmax() {
    if isTransposed { self = rowMajor() }
    switch precision {
    case .double: Kernels.softmax(&self, Double.self)
    case .single: Kernels.softmax(&self, Float.self)
    }
    isLogical = false
  }

  /// The elements of `a` where `mask` is not 0, else those of `b`; 1×1, 1×n and m×1 operands are
  /// repeated to the shape of the mask or of each other. Shapes must fit.
  package static func choose(_ mask: Matrix, _ a: Matrix, _ b: Matrix) -> Matrix {
    guard let inner = try? Shape.broadcast(a.shape, b.shape),
      let shape = try? Shape.broadcast(mask.shape, inner)
    else { preconditionFailure("shapes \(mask.shape), \(a.shape) and \(b.shape) do not fit") }
    let precision = Precision.joined(a.precision, b.precision)
    let wanted = mask.converted(to: precision).repeated(to: shape).rowMajor()
    let first = a.converted(to: precision).repeated(to: a.count == 1 ? a.shape : shape).rowMajor()
    let second = b.converted(to: precision).repeated(to: b.count == 1 ? b.shape : shape).rowMajor()
    var result = Matrix(uninitialized: shape, precision)
    result.isLogical = a.isLogical && b.isLogical
    if result.isEmpty { return result }
    switch precision {
    case .double: Kernels.choose(wanted, first, second, into: &result, Double.self)
    case .single: Kernels.choose(wanted, first, second, into: &result, Float.self)
    }
    return result
  }

  /// A 1×1, 1×n or m×1 matrix repeated to a shape that it fits.
  package func repeated(to wanted: Shape) -> Matrix {
    if shape == wanted { return self }
    var copy = Matrix.combine(.add, self, .zeros(wanted.rows, wanted.columns, precision))
    copy.isLogical = isLogical
    return copy
  }
}
