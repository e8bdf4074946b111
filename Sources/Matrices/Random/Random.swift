import Glibc

/// A counter-based generator: Philox 4×32 with 10 rounds (Salmon, Moraes, Dror & Shaw, "Parallel
/// random numbers: as easy as 1, 2, 3", SC 2011).
///
/// The number at a position depends only on the seed, the stream and the position, so filling a
/// matrix gives the same bits on any number of threads, and f32 matrices hold the rounded numbers
/// of f64 ones.
package struct Random: Sendable, Equatable {
  package let seed: UInt64
  package let stream: UInt32
  /// Blocks of 128 bits used so far.
  package private(set) var position: UInt64 = 0

  package init(seed: UInt64, stream: UInt32 = 0) {
    self.seed = seed
    self.stream = stream
  }

  /// The seed of a session in which nobody chose one.
  package static let defaultSeed: UInt64 = 42

  /// 128 random bits for a position.
  @inline(__always)
  static func block(seed: UInt64, stream: UInt32, position: UInt64) -> SIMD4<UInt32> {
    philox(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32), stream,
        0),
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
  }

  /// The generator itself: ten rounds that scramble a counter with a key.
  @inline(__always)
  package static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (counter, key) = (counter, key)
    for _ in 0..<10 {
      let (high0, low0) = counter.x.wide(0xD251_1F53)
      let (high1, low1) = counter.z.wide(0xCD9E_8D57)
      counter = SIMD4(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0)
      key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return counter
  }

  /// 64 random bits.
  package mutating func next() -> UInt64 {
    let bits = Self.block(seed: seed, stream: stream, position: position)
    position += 1
    return UInt64(bits.x) << 32 | UInt64(bits.y)
  }

  /// A number in [0, 1).
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number in `0..<bound`, without bias.
  package mutating func below(_ bound: Int) -> Int {
    let bound = UInt64(bound)
    let limit = UInt64.max - UInt64.max % bound
    while true {
      let bits = next()
      if bits < limit { return Int(bits % bound) }
    }
  }

  /// `0..<count` in random order (Fisher–Yates).
  package mutating func permutation(_ count: Int) -> [Int] { shuffled(Array(0..<count)) }

  /// The same for counts that fill the memory. Throws `Interrupted`.
  package mutating func longPermutation(_ count: Int) throws -> [Int] {
    let order = [Int](unsafeUninitializedCapacity: count) { places, filled in
      while filled < count {
        if filled & 0xFFFF == 0, Interrupt.isRequested { return }
        places[filled] = filled
        filled += 1
      }
    }
    try Interrupt.check()
    return shuffled(order)
  }

  private mutating func shuffled(_ places: consuming [Int]) -> [Int] {
    var order = places
    let count = order.count
    for i in stride(from: count - 1, to: 0, by: -1) {
      if i & 0xFFFF == 0, Interrupt.abandonsKernels { return order }
      order.swapAt(i, below(i + 1))
    }
    return order
  }

  /// An independent generator, whatever this one has given so far.
  package func split(_ stream: UInt32) -> Random {
    Random(seed: seed, stream: self.stream &* 0x9E37_79B9 &+ stream &+ 1)
  }

  /// A matrix of numbers uniform in [0, 1).
  package mutating func uniform(_ rows: Int, _ columns: Int, _ precision: Precision = .double)
    -> Matrix
  {
    fill(rows, columns, precision) { first, second in
      (Double(first >> 11) * 0x1p-53, Double(second >> 11) * 0x1p-53)
    }
  }

  /// A matrix of normal numbers with mean 0 and deviation 1 (Box & Muller 1958).
  package mutating func normal(_ rows: Int, _ columns: Int, _ precision: Precision = .double)
    -> Matrix
  {
    fill(rows, columns, precision) { first, second in
      let radius = (-2 * log(Double((first >> 11) + 1) * 0x1p-53)).squareRoot()
      let angle = 2 * Double.pi * Double(second >> 11) * 0x1p-53
      return (radius * cos(angle), radius * sin(angle))
    }
  }

  /// A matrix of whole numbers even in a range whose width is below 2⁵³.
  package mutating func whole(in range: ClosedRange<Int>, _ rows: Int, _ columns: Int) -> Matrix {
    var result = Matrix(uninitialized: Shape(rows, columns), .double)
    let count = result.count
    let width = range.upperBound - range.lowerBound + 1
    result.write(Double.self) { target in
      for i in 0..<count {
        if i & 0xFFFF == 0, Interrupt.abandonsKernels { return }
        target[i] = Double(range.lowerBound + below(width))
      }
    }
    return result
  }

  private mutating func fill(
    _ rows: Int, _ columns: Int, _ precision: Precision,
    _ pair: (UInt64, UInt64) -> (Double, Double)
  ) -> Matrix {
    var result = Matrix(uninitialized: Shape(rows, columns), precision)
    let count = result.count
    switch precision {
    case .double:
      result.write(Double.self) { target in
        pairs(count, pair) { target[$0] = $1 }
      }
    case .single:
      result.write(Float.self) { target in
        pairs(count, pair) { target[$0] = Float($1) }
      }
    }
    position += UInt64((count + 1) / 2)
    return result
  }

  @inline(__always)
  private func pairs(
    _ count: Int, _ pair: (UInt64, UInt64) -> (Double, Double), _ put: (Int, Double) -> Void
  ) {
    Kernels.inChunks((count + 1) / 2) { range in
      for i in range {
        let bits = Self.block(seed: seed, stream: stream, position: position &+ UInt64(i))
        let (a, b) = pair(
          UInt64(bits.x) << 32 | UInt64(bits.y), UInt64(bits.z) << 32 | UInt64(bits.w))
        put(2 * i, a)
        if 2 * i + 1 < count { put(2 * i + 1, b) }
      }
    }
  }
}

extension UInt32 {
  /// The two halves of a 64-bit product.
  @inline(__always)
  fileprivate func wide(_ other: UInt32) -> (high: UInt32, low: UInt32) {
    let product = UInt64(self) * UInt64(other)
    return (UInt32(truncatingIfNeeded: product >> 32), UInt32(truncatingIfNeeded: product))
  }
}
