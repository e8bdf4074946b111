import KernelTables

extension Plane {
  @inline(__always)
  func row(_ index: Int) -> UnsafeMutablePointer<S> { start + index * stride }
}

/// The loops over elements. Every other file of the project speaks whole matrices.
///
/// A kernel takes raw pointers, works in vectors of `S.Vector` with the tail apart, and is
/// specialised for both precisions by the callers in this module.
enum Kernels {
  /// Writes `f(x)` for every element; tails are padded with zeros to a vector, so that an element
  /// gives the same bits wherever it stands.
  ///
  /// A closure with much in it is not moved into the loop: it is called for every vector, in halves of
  /// registers. What matters passes a function that is always moved (`@inline(__always)`).
  @inline(__always)
  static func transform<S: VectorScalar>(
    _ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>, _ count: Int,
    _ f: (S.Vector) -> S.Vector
  ) {
    var i = 0
    while i < count {
      let lanes = min(S.Vector.scalarCount, count - i)
      storePart(f(loadPart(x, i, lanes)), y, i, lanes)
      i += lanes
    }
  }

  /// Writes `f(z)` over `z`.
  @inline(__always)
  static func transform<S: VectorScalar>(
    _ z: UnsafeMutablePointer<S>, _ count: Int, _ f: (S.Vector) -> S.Vector
  ) {
    transform(UnsafePointer(z), z, count, f)
  }

  /// Writes `f(x, y)` over `x`.
  @inline(__always)
  static func merge<S: VectorScalar>(
    _ x: UnsafeMutablePointer<S>, _ y: UnsafePointer<S>, _ count: Int,
    _ f: (S.Vector, S.Vector) -> S.Vector
  ) {
    var i = 0
    while i < count {
      let lanes = min(S.Vector.scalarCount, count - i)
      storePart(f(loadPart(UnsafePointer(x), i, lanes), loadPart(y, i, lanes)), x, i, lanes)
      i += lanes
    }
  }

  /// Writes `exp(z − largest)` and returns the largest element and the sum of what was written.
  /// A NaN is never lost: it comes back with its power.
  @inline(__always)
  static func exponentials<S: VectorScalar>(
    of z: UnsafePointer<S>, into out: UnsafeMutablePointer<S>, _ count: Int
  ) -> (largest: S, total: S) {
    let width = S.Vector.scalarCount
    var largest = z[0]
    var i = 0
    if count >= width {
      var best: S.Vector = load(z, 0)
      i = width
      while i + width <= count {
        best = S.larger(load(z, i), best)
        i += width
      }
      for lane in 0..<width where best[lane] > largest || !(largest == largest) {
        largest = best[lane]
      }
    }
    while i < count {
      if z[i] > largest || !(largest == largest) { largest = z[i] }
      i += 1
    }
    let shift = S.Vector(repeating: largest)
    var sums = S.Vector()
    i = 0
    while i + width <= count {
      let power = S.exp(load(z, i) - shift)
      store(power, out, i)
      sums += power
      i += width
    }
    if i < count {
      var tail = S.Vector(repeating: -.infinity)
      for lane in 0..<count - i { tail[lane] = z[i + lane] - largest }
      tail = S.exp(tail)
      storePart(tail, out, i, count - i)
      sums += tail
    }
    return (largest, sums.sum())
  }

  /// Three passes over a row that stays in a cache: its largest element, powers and their sum, and
  /// the quotients.
  @inline(__always)
  static func softmaxRow<S: VectorScalar>(
    _ x: UnsafePointer<S>, _ row: UnsafeMutablePointer<S>, _ count: Int
  ) {
    let factor = S.Vector(repeating: 1 / exponentials(of: x, into: row, count).total)
    @inline(__always) func scaled(_ x: S.Vector) -> S.Vector { x * factor }
    transform(row, count, scaled)
  }
}
