/// ChaCha20 (Bernstein 2008; RFC 8439): bits that nobody can foretell who has not got the key. Eight
/// blocks of 512 bits at a time, one in every lane.
///
/// The bits at a position depend on the key, the stream and the position alone, so noise is the
/// same on any number of threads. A stream must be used for one purpose only.
package struct ChaCha: Sendable {
  typealias Words = SIMD8<UInt32>

  private let key: SIMD8<UInt32>

  /// With a key from the system's own generator.
  package init() {
    var system = SystemRandomNumberGenerator()
    var key = SIMD8<UInt32>()
    for lane in key.indices { key[lane] = system.next() }
    self.key = key
  }

  package init(key: SIMD8<UInt32>) { self.key = key }

  /// With a key that everybody can make: for tests alone.
  package init(insecureSeed seed: UInt64) {
    key = [
      UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32), 0, 0, 0, 0, 0, 0,
    ]
  }

  /// The sixteen words of eight blocks, four rows of four as the cipher has them: lane n belongs
  /// to the n-th block.
  struct Blocks {
    var a: (Words, Words, Words, Words)
    var b: (Words, Words, Words, Words)
    var c: (Words, Words, Words, Words)
    var d: (Words, Words, Words, Words)

    /// The four quarter rounds down the columns.
    @inline(__always)
    mutating func mixColumns() {
      ChaCha.quarter(&a.0, &b.0, &c.0, &d.0)
      ChaCha.quarter(&a.1, &b.1, &c.1, &d.1)
      ChaCha.quarter(&a.2, &b.2, &c.2, &d.2)
      ChaCha.quarter(&a.3, &b.3, &c.3, &d.3)
    }

    /// The four quarter rounds along the diagonals.
    @inline(__always)
    mutating func mixDiagonals() {
      ChaCha.quarter(&a.0, &b.1, &c.2, &d.3)
      ChaCha.quarter(&a.1, &b.2, &c.3, &d.0)
      ChaCha.quarter(&a.2, &b.3, &c.0, &d.1)
      ChaCha.quarter(&a.3, &b.0, &c.1, &d.2)
    }

    @inline(__always)
    mutating func add(_ other: Blocks) {
      a = (a.0 &+ other.a.0, a.1 &+ other.a.1, a.2 &+ other.a.2, a.3 &+ other.a.3)
      b = (b.0 &+ other.b.0, b.1 &+ other.b.1, b.2 &+ other.b.2, b.3 &+ other.b.3)
      c = (c.0 &+ other.c.0, c.1 &+ other.c.1, c.2 &+ other.c.2, c.3 &+ other.c.3)
      d = (d.0 &+ other.d.0, d.1 &+ other.d.1, d.2 &+ other.d.2, d.3 &+ other.d.3)
    }
  }

  /// Eight blocks from a multiple of eight on.
  @inline(__always)
  func blocks(stream: UInt64, from block: UInt64) -> Blocks {
    func all(_ word: UInt32) -> Words { Words(repeating: word) }
    let counter = all(UInt32(truncatingIfNeeded: block)) &+ [0, 1, 2, 3, 4, 5, 6, 7]
    let start = Blocks(
      a: (all(0x6170_7865), all(0x3320_646E), all(0x7962_2D32), all(0x6B20_6574)),
      b: (all(key[0]), all(key[1]), all(key[2]), all(key[3])),
      c: (all(key[4]), all(key[5]), all(key[6]), all(key[7])),
      d: (
        counter, all(UInt32(truncatingIfNeeded: block >> 32)),
        all(UInt32(truncatingIfNeeded: stream)), all(UInt32(truncatingIfNeeded: stream >> 32))
      ))
    var state = start
    for _ in 0..<10 {
      state.mixColumns()
      state.mixDiagonals()
    }
    state.add(start)
    return state
  }

  @inline(__always)
  private static func quarter(
    _ a: inout Words, _ b: inout Words, _ c: inout Words, _ d: inout Words
  ) {
    a &+= b
    d = turned(d ^ a, 16)
    c &+= d
    b = turned(b ^ c, 12)
    a &+= b
    d = turned(d ^ a, 8)
    c &+= d
    b = turned(b ^ c, 7)
  }

  @inline(__always)
  private static func turned(_ words: Words, _ bits: UInt32) -> Words {
    words &<< Words(repeating: bits) | words &>> Words(repeating: 32 - bits)
  }

  /// The sixteen words of one block, as the cipher's test vectors list them.
  package func block(_ block: UInt64, stream: UInt64) -> [UInt32] {
    let lane = Int(block & 7)
    let found = blocks(stream: stream, from: block & ~7)
    return [found.a, found.b, found.c, found.d].flatMap {
      [$0.0[lane], $0.1[lane], $0.2[lane], $0.3[lane]]
    }
  }

  /// Which of `0..<count` are taken, each with the same probability and apart from the others.
  package func sample(_ count: Int, probability: Double, stream: UInt64, into taken: inout [Int]) {
    taken.removeAll(keepingCapacity: true)
    // 64 bits below this number have the probability, up to 2⁻⁵³ of it.
    let limit = probability >= 1 ? UInt64.max : UInt64(probability * 0x1p64)
    var place = 0
    while place < count {
      let found = blocks(stream: stream, from: UInt64(place / 64) * 8)
      for pair in [
        (found.a.0, found.a.1), (found.a.2, found.a.3), (found.b.0, found.b.1),
        (found.b.2, found.b.3), (found.c.0, found.c.1), (found.c.2, found.c.3),
        (found.d.0, found.d.1), (found.d.2, found.d.3),
      ] {
        for lane in 0..<8 where place + lane < count {
          let bits = UInt64(pair.0[lane]) << 32 | UInt64(pair.1[lane])
          if bits < limit || probability >= 1 { taken.append(place + lane) }
        }
        place += 8
      }
    }
  }
}
