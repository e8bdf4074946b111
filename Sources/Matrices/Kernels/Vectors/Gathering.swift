import KernelTables

/// Sums of rows of a factor: the innermost loops of products with a sparse matrix. Up to four vectors
/// of columns stay in registers; where fewer do, two elements at once keep the multipliers busy.
extension Kernels {
  /// The sums of some lines.
  static func gather<S: VectorScalar>(_ lines: GatheredLines<S>) {
    var sum = lines.sums
    for line in lines.lines {
      let kept = Range(uncheckedBounds: (lines.begins[line], lines.ends[line]))
      if !kept.isEmpty {
        gather(kept, lines.places, lines.values, lines.factor, lines.stride, sum)
      }
      sum += lines.stride
    }
  }

  /// `sum += Σ x · (row of the factor)` over the kept elements of a line.
  @inline(__always)
  static func gather<S: VectorScalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var column = 0
    while column < stride {
      switch (stride - column) / width {
      case 1:
        gatherPairs(kept, places, values, factor + column, stride, sum + column, OneVector.self)
      case 2:
        gatherPairs(kept, places, values, factor + column, stride, sum + column, TwoVectors.self)
      case 3: gather(kept, places, values, factor + column, stride, sum + column, ThreeVectors.self)
      default: gather(kept, places, values, factor + column, stride, sum + column, FourVectors.self)
      }
      column += 4 * width
    }
  }

  /// The same for as many vectors of columns as a row of a tile has.
  @inline(__always)
  private static func gather<R: TileRow>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<R.S>,
    _ factor: UnsafePointer<R.S>, _ stride: Int, _ target: UnsafeMutablePointer<R.S>, _: R.Type
  ) {
    var sum = R(UnsafePointer(target))
    for i in kept { sum.add(values[i], R(factor + Int(places[i]) &* stride)) }
    sum.put(target, 0, R.S.Vector.scalarCount, .plain)
  }

  /// The same with two elements at once.
  @inline(__always)
  private static func gatherPairs<R: TileRow>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<R.S>,
    _ factor: UnsafePointer<R.S>, _ stride: Int, _ target: UnsafeMutablePointer<R.S>, _: R.Type
  ) {
    var (sum, other) = (R(UnsafePointer(target)), R())
    var i = kept.lowerBound
    while i &+ 1 < kept.upperBound {
      sum.add(values[i], R(factor + Int(places[i]) &* stride))
      other.add(values[i &+ 1], R(factor + Int(places[i &+ 1]) &* stride))
      i &+= 2
    }
    if i < kept.upperBound { sum.add(values[i], R(factor + Int(places[i]) &* stride)) }
    sum.add(1, other)
    sum.put(target, 0, R.S.Vector.scalarCount, .plain)
  }
}
