/// What the loops of this folder need from their element type. Every file here is compiled twice:
/// in `Matrices` for AVX2, and in `WideKernels` (which has links to the files) for AVX-512.
protocol VectorScalar: BinaryFloatingPoint, VectorMath, VectorComparisons, Sendable {
  /// The first lanes of a vector, fewer than it has; the rest is 0.
  static func first(_ lanes: Int, of start: UnsafePointer<Self>) -> Vector
  /// Writes the first lanes of a vector, fewer than it has.
  static func write(_ lanes: Int, of vector: Vector, to start: UnsafeMutablePointer<Self>)
  /// The sums of the lanes of four vectors, halves first.
  static func sums(_ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector) -> SIMD4<Self>
  /// Writes four rows of four numbers as columns; rows are `step` and `pitch` numbers apart.
  static func transposeFour(
    _ start: UnsafePointer<Self>, _ step: Int, to into: UnsafeMutablePointer<Self>, _ pitch: Int)
}

/// The sums of four vectors of four numbers.
@inline(__always)
private func sumsOfFour<S: SIMDScalar & FloatingPoint>(
  _ a: SIMD4<S>, _ b: SIMD4<S>, _ c: SIMD4<S>, _ d: SIMD4<S>
) -> SIMD4<S> {
  let all = SIMD16(
    lowHalf: SIMD8(lowHalf: a, highHalf: b), highHalf: SIMD8(lowHalf: c, highHalf: d))
  let pairs = all.evenHalf + all.oddHalf
  return pairs.evenHalf + pairs.oddHalf
}

// Parts are read and written by halves, quarters and so on: a choice each, and no loop.

extension Float: VectorScalar {
  @inline(__always)
  static func sums(
    _ a: SIMD16<Float>, _ b: SIMD16<Float>, _ c: SIMD16<Float>, _ d: SIMD16<Float>
  ) -> SIMD4<Float> {
    @inline(__always)
    func four(_ x: SIMD16<Float>) -> SIMD4<Float> {
      let eight = x.lowHalf + x.highHalf
      return eight.lowHalf + eight.highHalf
    }
    return sumsOfFour(four(a), four(b), four(c), four(d))
  }

  @inline(__always)
  static func first(_ lanes: Int, of start: UnsafePointer<Float>) -> SIMD16<Float> {
    if lanes & 8 == 0 {
      return SIMD16(lowHalf: firstOfEight(lanes, start), highHalf: SIMD8())
    }
    return SIMD16(
      lowHalf: UnsafeRawPointer(start).loadUnaligned(as: SIMD8<Float>.self),
      highHalf: firstOfEight(lanes & 7, start + 8))
  }

  @inline(__always)
  private static func firstOfEight(_ lanes: Int, _ start: UnsafePointer<Float>) -> SIMD8<Float> {
    if lanes & 4 == 0 {
      return SIMD8(lowHalf: firstOfFour(lanes, start), highHalf: SIMD4())
    }
    return SIMD8(
      lowHalf: UnsafeRawPointer(start).loadUnaligned(as: SIMD4<Float>.self),
      highHalf: firstOfFour(lanes & 3, start + 4))
  }

  @inline(__always)
  private static func firstOfFour(_ lanes: Int, _ start: UnsafePointer<Float>) -> SIMD4<Float> {
    switch lanes {
    case 0: SIMD4()
    case 1: SIMD4(start[0], 0, 0, 0)
    case 2: SIMD4(start[0], start[1], 0, 0)
    default: SIMD4(start[0], start[1], start[2], 0)
    }
  }

  @inline(__always)
  static func write(
    _ lanes: Int, of vector: SIMD16<Float>, to start: UnsafeMutablePointer<Float>
  ) {
    var (into, eight) = (UnsafeMutableRawPointer(start), vector.lowHalf)
    if lanes & 8 != 0 {
      into.storeBytes(of: eight, as: SIMD8<Float>.self)
      into += 32
      eight = vector.highHalf
    }
    var four = eight.lowHalf
    if lanes & 4 != 0 {
      into.storeBytes(of: four, as: SIMD4<Float>.self)
      into += 16
      four = eight.highHalf
    }
    var two = four.lowHalf
    if lanes & 2 != 0 {
      into.storeBytes(of: two, as: SIMD2<Float>.self)
      into += 8
      two = four.highHalf
    }
    if lanes & 1 != 0 { into.storeBytes(of: two[0], as: Float.self) }
  }

  @inline(__always)
  static func transposeFour(
    _ start: UnsafePointer<Float>, _ step: Int, to into: UnsafeMutablePointer<Float>, _ pitch: Int
  ) {
    func row(_ index: Int) -> SIMD4<Float> {
      UnsafeRawPointer(start + index * step).loadUnaligned(as: SIMD4<Float>.self)
    }
    func put(_ column: SIMD4<Float>, _ index: Int) {
      UnsafeMutableRawPointer(into + index * pitch).storeBytes(of: column, as: SIMD4<Float>.self)
    }
    // Every second number twice is every fourth: a column of the four rows in a line.
    let line = SIMD16(
      lowHalf: SIMD8(lowHalf: row(0), highHalf: row(1)),
      highHalf: SIMD8(lowHalf: row(2), highHalf: row(3)))
    put(line.evenHalf.evenHalf, 0)
    put(line.oddHalf.evenHalf, 1)
    put(line.evenHalf.oddHalf, 2)
    put(line.oddHalf.oddHalf, 3)
  }
}

extension Double: VectorScalar {
  @inline(__always)
  static func sums(
    _ a: SIMD8<Double>, _ b: SIMD8<Double>, _ c: SIMD8<Double>, _ d: SIMD8<Double>
  ) -> SIMD4<Double> {
    @inline(__always)
    func four(_ x: SIMD8<Double>) -> SIMD4<Double> { x.lowHalf + x.highHalf }
    return sumsOfFour(four(a), four(b), four(c), four(d))
  }

  @inline(__always)
  static func first(_ lanes: Int, of start: UnsafePointer<Double>) -> SIMD8<Double> {
    if lanes & 4 == 0 {
      return SIMD8(lowHalf: firstOfFour(lanes, start), highHalf: SIMD4())
    }
    return SIMD8(
      lowHalf: UnsafeRawPointer(start).loadUnaligned(as: SIMD4<Double>.self),
      highHalf: firstOfFour(lanes & 3, start + 4))
  }

  @inline(__always)
  private static func firstOfFour(_ lanes: Int, _ start: UnsafePointer<Double>) -> SIMD4<Double> {
    switch lanes {
    case 0: SIMD4()
    case 1: SIMD4(start[0], 0, 0, 0)
    case 2: SIMD4(start[0], start[1], 0, 0)
    default: SIMD4(start[0], start[1], start[2], 0)
    }
  }

  @inline(__always)
  static func write(
    _ lanes: Int, of vector: SIMD8<Double>, to start: UnsafeMutablePointer<Double>
  ) {
    var (into, four) = (UnsafeMutableRawPointer(start), vector.lowHalf)
    if lanes & 4 != 0 {
      into.storeBytes(of: four, as: SIMD4<Double>.self)
      into += 32
      four = vector.highHalf
    }
    var two = four.lowHalf
    if lanes & 2 != 0 {
      into.storeBytes(of: two, as: SIMD2<Double>.self)
      into += 16
      two = four.highHalf
    }
    if lanes & 1 != 0 { into.storeBytes(of: two[0], as: Double.self) }
  }

  @inline(__always)
  static func transposeFour(
    _ start: UnsafePointer<Double>, _ step: Int, to into: UnsafeMutablePointer<Double>, _ pitch: Int
  ) {
    func row(_ index: Int) -> SIMD4<Double> {
      UnsafeRawPointer(start + index * step).loadUnaligned(as: SIMD4<Double>.self)
    }
    func put(_ column: SIMD4<Double>, _ index: Int) {
      UnsafeMutableRawPointer(into + index * pitch).storeBytes(of: column, as: SIMD4<Double>.self)
    }
    // Every second number twice is every fourth: a column of the four rows in a line.
    let line = SIMD16(
      lowHalf: SIMD8(lowHalf: row(0), highHalf: row(1)),
      highHalf: SIMD8(lowHalf: row(2), highHalf: row(3)))
    put(line.evenHalf.evenHalf, 0)
    put(line.oddHalf.evenHalf, 1)
    put(line.evenHalf.oddHalf, 2)
    put(line.oddHalf.oddHalf, 3)
  }
}

/// Reads a vector at any address.
@inline(__always)
func load<S: VectorScalar>(_ pointer: UnsafePointer<S>, _ index: Int) -> S.Vector {
  UnsafeRawPointer(pointer + index).loadUnaligned(as: S.Vector.self)
}

/// Writes a vector at any address.
@inline(__always)
func store<S: VectorScalar>(_ vector: S.Vector, _ pointer: UnsafeMutablePointer<S>, _ index: Int) {
  UnsafeMutableRawPointer(pointer + index).storeBytes(of: vector, as: S.Vector.self)
}

/// Reads the first lanes of a vector; the rest is 0.
@inline(__always)
func loadPart<S: VectorScalar>(_ pointer: UnsafePointer<S>, _ index: Int, _ lanes: Int)
  -> S.Vector
{
  lanes == S.Vector.scalarCount ? load(pointer, index) : S.first(lanes, of: pointer + index)
}

/// Writes the first lanes of a vector.
@inline(__always)
func storePart<S: VectorScalar>(
  _ vector: S.Vector, _ pointer: UnsafeMutablePointer<S>, _ index: Int, _ lanes: Int
) {
  if lanes == S.Vector.scalarCount {
    store(vector, pointer, index)
  } else {
    S.write(lanes, of: vector, to: pointer + index)
  }
}
