extension Block {
  /// Adds normal numbers with a deviation to a 1×n block that begins at `first` (a multiple of 16)
  /// in the stream.
  ///
  /// Every number is half the sum of four by Box & Muller (1958): one alone has gaps between the
  /// numbers it can be, which tell an attacker what was added to; of a sum of four too many are
  /// possible (Holohan & Braghin, "Secure random sampling in differential privacy", 2021).
  package func addNoise(_ generator: ChaCha, stream: UInt64, first: Int, deviation: Double) {
    assert(rows == 1 && first % 16 == 0)
    switch precision {
    case .double: addNoise(generator, stream, first, deviation, Double.self)
    case .single: addNoise(generator, stream, first, deviation, Float.self)
    }
  }

  private func addNoise<S: Scalar>(
    _ generator: ChaCha, _ stream: UInt64, _ first: Int, _ deviation: Double, _: S.Type
  ) {
    let target = pointer(S.self)
    let half = SIMD8<Double>(repeating: deviation / 2)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 16) { numbers in
      guard let numbers = numbers.baseAddress else { return }
      for place in Swift.stride(from: 0, to: columns, by: 16) {
        let found = generator.blocks(stream: stream, from: UInt64((first + place) / 2))
        let (a, b) = Self.normals(found.a.0, found.a.1, found.a.2, found.a.3)
        let (c, d) = Self.normals(found.b.0, found.b.1, found.b.2, found.b.3)
        let (e, f) = Self.normals(found.c.0, found.c.1, found.c.2, found.c.3)
        let (g, h) = Self.normals(found.d.0, found.d.1, found.d.2, found.d.3)
        UnsafeMutableRawPointer(numbers).storeBytes(
          of: (a + c + (e + g)) * half, as: SIMD8<Double>.self)
        UnsafeMutableRawPointer(numbers + 8).storeBytes(
          of: (b + d + (f + h)) * half, as: SIMD8<Double>.self)
        let into = target + place
        if columns - place >= 16 {
          for lane in 0..<16 { into[lane] = S(Double(into[lane]) + numbers[lane]) }
        } else {
          for lane in 0..<columns - place { into[lane] = S(Double(into[lane]) + numbers[lane]) }
        }
      }
    }
  }

  /// Two times eight normal numbers from four words each.
  @inline(__always)
  private static func normals(
    _ word0: SIMD8<UInt32>, _ word1: SIMD8<UInt32>, _ word2: SIMD8<UInt32>,
    _ word3: SIMD8<UInt32>
  ) -> (SIMD8<Double>, SIMD8<Double>) {
    typealias Bits = SIMD8<UInt64>
    let radial = Bits(truncatingIfNeeded: word0) &<< 32 | Bits(truncatingIfNeeded: word1)
    let angular = Bits(truncatingIfNeeded: word2) &<< 32 | Bits(truncatingIfNeeded: word3)
    // Numbers in [1, 2) by their bits: what is left of 64 bits decides the quarter of the circle.
    let one = Bits(repeating: 0x3FF0_0000_0000_0000)
    func unit(_ bits: Bits) -> SIMD8<Double> {
      unsafeBitCast(bits &>> 12 | one, to: SIMD8<Double>.self)
    }
    let radius = (-2 * Double.log(2 - unit(radial))).squareRoot()
    // Within an eighth of a turn of the axis: |x| ≤ π/4.
    let x = (unit(angular) - 1.5) * (Double.pi / 2)
    let z = x * x
    var sine = SIMD8<Double>(repeating: -1 / 1_307_674_368_000)
    sine = SIMD8(repeating: 1 / 6_227_020_800).addingProduct(sine, z)
    sine = SIMD8(repeating: -1 / 39_916_800).addingProduct(sine, z)
    sine = SIMD8(repeating: 1 / 362_880).addingProduct(sine, z)
    sine = SIMD8(repeating: -1 / 5_040).addingProduct(sine, z)
    sine = SIMD8(repeating: 1 / 120).addingProduct(sine, z)
    sine = SIMD8(repeating: -1 / 6).addingProduct(sine, z)
    sine = x.addingProduct(x * z, sine)
    var cosine = SIMD8<Double>(repeating: 1 / 20_922_789_888_000)
    cosine = SIMD8(repeating: -1 / 87_178_291_200).addingProduct(cosine, z)
    cosine = SIMD8(repeating: 1 / 479_001_600).addingProduct(cosine, z)
    cosine = SIMD8(repeating: -1 / 3_628_800).addingProduct(cosine, z)
    cosine = SIMD8(repeating: 1 / 40_320).addingProduct(cosine, z)
    cosine = SIMD8(repeating: -1 / 720).addingProduct(cosine, z)
    cosine = SIMD8(repeating: 1 / 24).addingProduct(cosine, z)
    cosine = SIMD8(repeating: -0.5).addingProduct(cosine, z)
    cosine = 1 + cosine * z
    let sign = unsafeBitCast(angular &<< 63, to: SIMD8<Double>.self)
    let signed = unsafeBitCast(
      unsafeBitCast(radius, to: Bits.self) ^ unsafeBitCast(sign, to: Bits.self),
      to: SIMD8<Double>.self)
    let (across, along) = (signed * sine, signed * cosine)
    let turns = angular & 2 .!= 0
    return (
      along.replacing(with: across, where: turns), across.replacing(with: along, where: turns)
    )
  }
}

extension Matrix {
  /// Adds normal numbers with a deviation to every element, of the kind above, in 64 bits.
  package mutating func addNoise(_ generator: ChaCha, stream: UInt64, deviation: Double) {
    self = converted(to: .double).rowMajor()
    let count = count
    write(Double.self) { start in
      Block(UnsafeMutableRawPointer(start), 1, count, stride: count, .double)
        .addNoise(generator, stream: stream, first: 0, deviation: deviation)
    }
  }
}
