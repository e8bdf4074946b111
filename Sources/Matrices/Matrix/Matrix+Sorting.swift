extension Matrix {
  /// Every column (`.rows`) or row (`.columns`) in ascending or descending order; NaN comes last.
  package func sorted(along axis: Axis, descending: Bool = false) -> Matrix {
    if axis == .rows {
      return transposed.sorted(along: .columns, descending: descending).transposed
    }
    let source = rowMajor()
    var result = Matrix(uninitialized: shape, precision)
    switch precision {
    case .double: Kernels.sort(source, into: &result, descending: descending, Double.self)
    case .single: Kernels.sort(source, into: &result, descending: descending, Float.self)
    }
    result.isLogical = isLogical
    result.storage.columnNames = columnNames
    return result
  }

  /// Where the elements of the sorted columns or rows stood, counted from 0: a matrix of whole
  /// numbers of the same shape. Equal elements keep their order.
  package func sortingOrder(along axis: Axis, descending: Bool = false) -> Matrix {
    if axis == .rows {
      return transposed.sortingOrder(along: .columns, descending: descending).transposed
    }
    let source = rowMajor()
    var result = Matrix(uninitialized: shape, .double)
    switch precision {
    case .double: Kernels.order(source, into: &result, descending: descending, Double.self)
    case .single: Kernels.order(source, into: &result, descending: descending, Float.self)
    }
    return result
  }

  /// The different elements in ascending order, as a column; NaN counts once, and last.
  package var distinctElements: Matrix {
    let sorted = reshaped(1, count).sorted(along: .columns)
    var result =
      switch precision {
      case .double: Kernels.distinct(sorted, Double.self)
      case .single: Kernels.distinct(sorted, Float.self)
      }
    result.isLogical = isLogical
    return result
  }

  /// The quantiles of every column (result: one row for each of `parts`) or of every row (one
  /// column each): between neighbours in the sorted order the value is interpolated, as R and
  /// NumPy do by default. NaN where there is a NaN. The axis must have elements.
  package func quantiles(_ parts: [Double], along axis: Axis) -> Matrix {
    if axis == .rows { return transposed.quantiles(parts, along: .columns).transposed }
    precondition(columns > 0)
    let source = rowMajor()
    var result = Matrix(uninitialized: Shape(rows, parts.count), precision)
    switch precision {
    case .double: Kernels.quantiles(source, parts, into: &result, Double.self)
    case .single: Kernels.quantiles(source, parts, into: &result, Float.self)
    }
    return result
  }

  /// The covariance of the columns: `(X − mean)ᵀ (X − mean) / (n − 1)`, one product.
  package var covariance: Matrix {
    let centered = Matrix.combine(.subtract, self, reduced(.mean, along: .rows))
    return centered.transposed * centered / Double(rows - 1)
  }

  /// The correlation of the columns: covariances over the products of deviations, 1 on the
  /// diagonal; NaN where a column is constant.
  package var correlation: Matrix {
    if let power = powerOfTwo { return power.dividing(self).correlation }
    let covariance = covariance
    let spread = covariance.diagonal.mapped(.sqrt)
    var result = covariance.over(spread * spread.transposed).clamped(-1, 1)
    for i in 0..<columns where spread[i] > 0 { result[i, i] = 1 }
    return result
  }

  /// The diagonal as a column.
  package var diagonal: Matrix {
    selecting(positions: (0..<min(rows, columns)).map { $0 * columns + $0 })
  }

  /// A square matrix with the elements of this one on its diagonal, zeros elsewhere.
  package var asDiagonal: Matrix {
    var result = Matrix.zeros(count, count, precision)
    result.replace(positions: (0..<count).map { $0 * count + $0 }, with: reshaped(count, 1))
    return result
  }
}
