import Matrices

/// Sums, and their opposite: repeating.
extension Trace {
  /// The sum of all elements, a number: `dA = g` everywhere.
  package var total: Trace {
    guard case .matrix(let matrix) = value else { return self }
    return Self.record(.number(matrix.total(.sum)), self, by: .total)
  }

  /// The sums of the columns (`.rows`) or of the rows (`.columns`).
  package func sum(along axis: Axis) -> Trace {
    let sums = value.matrix.reduced(.sum, along: axis)
    return Self.record(.matrix(sums), asMatrix, by: .sum)
  }

  /// The sum of all elements, or along an axis.
  package func sum(along axis: Axis?) -> Trace {
    if let axis { sum(along: axis) } else { total }
  }

  /// A number, row or column repeated to a shape that it fits.
  package func repeated(to shape: Shape, _ precision: Precision? = nil) -> Trace {
    switch value {
    case .number(let number):
      let filled = Matrix.filled(shape.rows, shape.columns, with: number, precision ?? .double)
      return Self.record(.matrix(filled), self, by: .plus)
    case .matrix(let matrix):
      if matrix.shape == shape { return self }
      return Self.record(.matrix(matrix.repeated(to: shape)), self, by: .plus)
    }
  }

  /// A slope with an element for each of a value: the lazy number that stands for all, spread out.
  func filling(_ wanted: Quantity) -> Trace {
    switch wanted {
    case .number: return value.isNumber ? self : total
    case .matrix(let matrix):
      return repeated(to: matrix.shape, matrix.precision).converted(to: matrix.precision)
    }
  }

  /// A number as a 1×1 matrix.
  package var asMatrix: Trace {
    guard case .number(let number) = value else { return self }
    return Self.record(.matrix(Matrix(number)), self, by: .plus)
  }

  /// Sums over what broadcasting has repeated: of a slope of a result of shape `whole`, the part of
  /// an operand. One number, row or column stands for elements that are all equal.
  func folded(onto operand: Quantity, from whole: Shape) -> Trace {
    switch (value, operand) {
    case (.number, .number): return whole.count == 1 ? self : self .* Double(whole.count)
    case (.number, .matrix(let matrix)):
      let times = whole.count / max(matrix.count, 1)
      return times == 1 ? self : self .* Double(times)
    case (.matrix(let part), .number):
      let times = whole.count / max(part.count, 1)
      return times == 1 ? total : total .* Double(times)
    case (.matrix(let part), .matrix(let matrix)):
      if part.shape == matrix.shape && matrix.shape == whole { return self }
      var (result, times) = (self, 1)
      if matrix.rows != whole.rows {
        if part.rows == whole.rows {
          result = result.sum(along: .rows)
        } else {
          times *= whole.rows
        }
      }
      if matrix.columns != whole.columns {
        if part.columns == whole.columns {
          result = result.sum(along: .columns)
        } else {
          times *= whole.columns
        }
      }
      if times != 1 { result = result .* Double(times) }
      return result.repeated(to: matrix.shape)
    }
  }

  /// The running sums down every column or along every row.
  package func cumulativeSum(along axis: Axis) -> Trace {
    Self.record(
      .matrix(value.matrix.cumulativeSum(along: axis)), asMatrix, by: .cumulativeSum(axis))
  }

  /// `eˣ / Σ eˣ` along an axis.
  package func softmax(along axis: Axis) -> Trace {
    Self.record(.matrix(value.matrix.softmax(along: axis)), asMatrix, by: .softmax(axis))
  }

  /// The mean of all elements, or along an axis.
  package func mean(along axis: Axis?) -> Trace {
    let length = axis == nil ? shape.count : axis == .rows ? shape.rows : shape.columns
    return sum(along: axis) ./ Double(length)
  }
}

extension Quantity {
  var isNumber: Bool { if case .number = self { true } else { false } }
  package var isMatrix: Bool { if case .matrix = self { true } else { false } }
}

extension Rule {
  /// The sum of all elements: every element gets the slope.
  package static let total = Rule { $0.slope }

  /// Sums along an axis: every element gets the slope of its sum.
  package static let sum = Rule { p in
    if case .number = p.slope.value { return p.slope }
    return p.slope.repeated(to: p.a.shape)
  }

  /// The mean of all elements, or along an axis: every element its part of the slope.
  package static func mean(of count: Int) -> Rule {
    Rule { try sum.left($0) ./ Double(count) }
  }

  /// The variance over n − 1: `2 (a − mean) / (n − 1)`.
  package static func variance(along axis: Axis?, count: Int) -> Rule {
    Rule { p in
      (2 / Double(count - 1)) .* p.slope .* (p.a - p.a.mean(along: axis))
    }
  }

  /// The standard deviation y over n − 1: `(a − mean) / (n − 1) y`.
  package static func deviation(along axis: Axis?, count: Int) -> Rule {
    Rule { p in
      p.slope ./ (Double(count - 1) .* p.y) .* (p.a - p.a.mean(along: axis))
    }
  }

  /// The product of all elements, or along an axis: the product of the others.
  package static func product(along axis: Axis?) -> Rule {
    Rule { p in
      if p.a.value.matrix.total(.count) == Double(p.a.shape.count) { return p.slope .* p.y ./ p.a }
      // With zeros among them the others are multiplied from both sides, without a division.
      switch axis {
      case .columns: return p.slope .* p.a.productOfOthers
      case .rows: return p.slope .* p.a.transposed.productOfOthers.transposed
      case nil:
        let line = p.a.asMatrix.reshaped(1, p.a.shape.count).productOfOthers
        return p.slope .* line.reshaped(p.a.shape.rows, p.a.shape.columns)
      }
    }
  }

  /// Running sums: the slopes from an element on, `Σg − cumsum(g) + g`.
  package static func cumulativeSum(_ axis: Axis) -> Rule {
    Rule { p in
      let slope = p.full
      return slope.sum(along: axis) - slope.cumulativeSum(along: axis) + slope
    }
  }

  /// Softmax: `y ∘ (g − Σ g y)`.
  package static func softmax(_ axis: Axis) -> Rule {
    Rule { p in
      let weighted = p.slope .* p.y
      return weighted - p.y .* weighted.sum(along: axis)
    }
  }

  /// The logarithm of the sum of exponentials: `softmax(a)`.
  package static func logSumExp(_ axis: Axis?) -> Rule {
    Rule { p in p.slope .* (p.a - p.y).mapped(.exp) }
  }

  /// The length of all elements as one vector: `a / y`, and 0 at 0.
  package static let norm = Rule { p in
    if case .number(0) = p.y.value { return p.a.zero }
    return (p.slope ./ p.y) .* p.a
  }
}

extension Trace {
  /// For every element the product of the others in its row, without a division: products from the
  /// left and from the right by doubling.
  fileprivate var productOfOthers: Trace {
    exclusiveProducts .* reversed.exclusiveProducts.reversed
  }

  private var reversed: Trace {
    picked(rows: Array(0..<shape.rows), columns: Array((0..<shape.columns).reversed()))
  }

  /// The product of the elements to the left.
  private var exclusiveProducts: Trace {
    var result = shifted(by: 1)
    var width = 1
    while width < shape.columns {
      result = result .* result.shifted(by: width)
      width *= 2
    }
    return result
  }

  /// Every row moved to the right, with ones on the left.
  private func shifted(by width: Int) -> Trace {
    let (rows, columns) = (shape.rows, shape.columns)
    let ones = Trace(.ones(rows, min(width, columns), value.precision))
    if width >= columns { return ones }
    let rest = picked(rows: Array(0..<rows), columns: Array(0..<columns - width))
    return Trace.joined([[ones, rest]])
  }
}
