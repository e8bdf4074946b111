/// How several elements that fall on one pixel become one number.
package enum Resampling: Sendable, CaseIterable {
  /// Their mean, weighted by how much of each lies on the pixel.
  case mean
  /// The one of largest magnitude, so that a single spike in a sparse matrix stays visible.
  case peak
}

extension Matrix {
  /// The matrix as a picture of another size, in 64-bit numbers: pixels that cover several
  /// elements summarize them, a pixel smaller than an element repeats it. Elements that are not
  /// finite are left out; a pixel with nothing else is NaN. One pass over the elements, on the
  /// calling thread alone, because pictures are drawn while the pool works for somebody else.
  package func resampled(to shape: Shape, by method: Resampling = .mean) -> Matrix {
    guard !isEmpty, !shape.isEmpty else { return .zeros(shape.rows, shape.columns) }
    switch precision {
    case .double: return Kernels.resample(self, to: shape, by: method, Double.self)
    case .single: return Kernels.resample(self, to: shape, by: method, Float.self)
    }
  }
}

extension Kernels {
  /// The elements of one dimension that a pixel covers: all of `first..<first + weights.count`,
  /// each with its share.
  private struct Cover {
    var first: Int
    var weights: [Double]

    /// The covers of `pixels` pixels laid over `count` elements.
    static func all(_ count: Int, pixels: Int) -> [Cover] {
      let scale = Double(count) / Double(pixels)
      return (0..<pixels).map { pixel in
        guard pixels < count else {
          let nearest = min(count - 1, Int((Double(pixel) + 0.5) * scale))
          return Cover(first: nearest, weights: [1])
        }
        let (start, end) = (Double(pixel) * scale, Double(pixel + 1) * scale)
        let first = min(count - 1, Int(start))
        let last = min(count - 1, max(first, Int(end.rounded(.up)) - 1))
        let weights = (first...last).map { place in
          max(min(end, Double(place + 1)) - max(start, Double(place)), 1e-12)
        }
        return Cover(first: first, weights: weights)
      }
    }
  }

  static func resample<S: Scalar>(
    _ matrix: Matrix, to shape: Shape, by method: Resampling, _: S.Type
  ) -> Matrix {
    if matrix.isTransposed {
      return resample(matrix.transposed, to: shape.transposed, by: method, S.self)
        .transposed.rowMajor()
    }
    let down = Cover.all(matrix.rows, pixels: shape.rows)
    let along = Cover.all(matrix.columns, pixels: shape.columns)
    let columns = matrix.columns
    // For one row of pixels: the weighted sums of every column, and the weights that were finite.
    var sums = [Double](repeating: 0, count: columns)
    var shares = sums
    var result = Matrix(uninitialized: shape, .double)
    result.write(Double.self) { target in
      matrix.read(S.self) { source in
        for (row, cover) in down.enumerated() {
          for place in 0..<columns { (sums[place], shares[place]) = (0, 0) }
          for (step, weight) in cover.weights.enumerated() {
            let line = source + (cover.first + step) * columns
            gather(line, columns, weight, method, &sums, &shares)
          }
          for (column, cover) in along.enumerated() {
            target[row * shape.columns + column] = reduce(cover, method, sums, shares)
          }
        }
      }
    }
    return result
  }

  @inline(__always)
  private static func gather<S: Scalar>(
    _ line: UnsafePointer<S>, _ columns: Int, _ weight: Double, _ method: Resampling,
    _ sums: inout [Double], _ shares: inout [Double]
  ) {
    switch method {
    case .mean:
      for place in 0..<columns {
        let value = Double(line[place])
        let isFinite = value - value == 0
        sums[place] += isFinite ? value * weight : 0
        shares[place] += isFinite ? weight : 0
      }
    case .peak:
      for place in 0..<columns {
        let value = Double(line[place])
        guard value - value == 0 else { continue }
        if shares[place] == 0 || abs(value) > abs(sums[place]) { sums[place] = value }
        shares[place] = 1
      }
    }
  }

  private static func reduce(
    _ cover: Cover, _ method: Resampling, _ sums: [Double], _ shares: [Double]
  ) -> Double {
    var (sum, share) = (0.0, 0.0)
    for (step, weight) in cover.weights.enumerated() {
      let place = cover.first + step
      switch method {
      case .mean:
        sum += sums[place] * weight
        share += shares[place] * weight
      case .peak where shares[place] > 0:
        if share == 0 || abs(sums[place]) > abs(sum) { sum = sums[place] }
        share = 1
      case .peak: break
      }
    }
    guard share > 0 else { return .nan }
    return method == .mean ? sum / share : sum
  }
}

extension Matrix {
  /// The smallest and largest finite element and how many are not finite; `nil` bounds when no
  /// element is finite.
  package var finiteBounds: (bounds: ClosedRange<Double>?, others: Int) {
    switch precision {
    case .double: Kernels.finiteBounds(self, Double.self)
    case .single: Kernels.finiteBounds(self, Float.self)
    }
  }
}

extension Kernels {
  static func finiteBounds<S: Scalar>(_ matrix: Matrix, _: S.Type) -> (
    bounds: ClosedRange<Double>?, others: Int
  ) {
    var (low, high, others) = (S.infinity, -S.infinity, 0)
    matrix.read(S.self) { source in
      for place in 0..<matrix.count {
        let value = source[place]
        let isFinite = value - value == 0
        low = isFinite && value < low ? value : low
        high = isFinite && value > high ? value : high
        others += isFinite ? 0 : 1
      }
    }
    return (low <= high ? Double(low)...Double(high) : nil, others)
  }
}
