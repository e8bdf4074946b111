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
      case 1: gather1(kept, places, values, factor + column, stride, sum + column)
      case 2: gather2(kept, places, values, factor + column, stride, sum + column)
      case 3: gather3(kept, places, values, factor + column, stride, sum + column)
      default: gather4(kept, places, values, factor + column, stride, sum + column)
      }
      column += 4 * width
    }
  }

  /// The same, one vector of columns wide.
  @inline(__always)
  private static func gather1<S: VectorScalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    var (a0, b0) = (load(sum, 0), S.Vector(repeating: 0))
    var i = kept.lowerBound
    while i &+ 1 < kept.upperBound {
      a0.addProduct(
        S.Vector(repeating: values[i]), load(factor + Int(places[i]) &* stride, 0))
      b0.addProduct(
        S.Vector(repeating: values[i &+ 1]), load(factor + Int(places[i &+ 1]) &* stride, 0))
      i &+= 2
    }
    if i < kept.upperBound {
      a0.addProduct(
        S.Vector(repeating: values[i]), load(factor + Int(places[i]) &* stride, 0))
    }
    store(a0 + b0, sum, 0)
  }

  /// The same, two vectors wide.
  @inline(__always)
  private static func gather2<S: VectorScalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var (a0, a1) = (load(sum, 0), load(sum, width))
    var (b0, b1) = (S.Vector(repeating: 0), S.Vector(repeating: 0))
    var i = kept.lowerBound
    while i < kept.upperBound {
      let x = S.Vector(repeating: values[i])
      let row = factor + Int(places[i]) &* stride
      a0.addProduct(x, load(row, 0))
      a1.addProduct(x, load(row, width))
      if i &+ 1 < kept.upperBound {
        let y = S.Vector(repeating: values[i &+ 1])
        let next = factor + Int(places[i &+ 1]) &* stride
        b0.addProduct(y, load(next, 0))
        b1.addProduct(y, load(next, width))
      }
      i &+= 2
    }
    store(a0 + b0, sum, 0)
    store(a1 + b1, sum, width)
  }

  /// The same, three vectors wide.
  @inline(__always)
  private static func gather3<S: VectorScalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var (a0, a1, a2) = (load(sum, 0), load(sum, width), load(sum, 2 * width))
    for i in kept {
      let x = S.Vector(repeating: values[i])
      let row = factor + Int(places[i]) &* stride
      a0.addProduct(x, load(row, 0))
      a1.addProduct(x, load(row, width))
      a2.addProduct(x, load(row, 2 * width))
    }
    store(a0, sum, 0)
    store(a1, sum, width)
    store(a2, sum, 2 * width)
  }

  /// The same, four vectors wide.
  @inline(__always)
  private static func gather4<S: VectorScalar>(
    _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
    _ factor: UnsafePointer<S>, _ stride: Int, _ sum: UnsafeMutablePointer<S>
  ) {
    let width = S.Vector.scalarCount
    var (a0, a1) = (load(sum, 0), load(sum, width))
    var (a2, a3) = (load(sum, 2 * width), load(sum, 3 * width))
    for i in kept {
      let x = S.Vector(repeating: values[i])
      let row = factor + Int(places[i]) &* stride
      a0.addProduct(x, load(row, 0))
      a1.addProduct(x, load(row, width))
      a2.addProduct(x, load(row, 2 * width))
      a3.addProduct(x, load(row, 3 * width))
    }
    store(a0, sum, 0)
    store(a1, sum, width)
    store(a2, sum, 2 * width)
    store(a3, sum, 3 * width)
  }
}
