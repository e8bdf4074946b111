/// HMAC-SHA-256 (FIPS 198-1, FIPS 180-4): a fingerprint of a message that nobody can compute, or
/// check a guess against, without the key.
package struct KeyedHash: Sendable {
  /// The states after the two padded keys, so that a short message costs two blocks.
  private let inner: SHA256
  private let outer: SHA256

  package init(key: [UInt8]) {
    var key = key
    if key.count > SHA256.blockSize {
      var hash = SHA256()
      hash.take(key)
      key = hash.digest()
    }
    key += Array(repeating: 0, count: SHA256.blockSize - key.count)
    (inner, outer) = (Self.started(key, 0x36), Self.started(key, 0x5C))
  }

  private static func started(_ key: [UInt8], _ pad: UInt8) -> SHA256 {
    var hash = SHA256()
    hash.take(key.map { $0 ^ pad })
    return hash
  }

  /// The 32 bytes that belong to a message.
  package func code(of message: some Sequence<UInt8>) -> [UInt8] {
    var (first, second) = (inner, outer)
    first.take(message)
    second.take(first.digest())
    return second.digest()
  }
}

/// SHA-256 (FIPS 180-4).
package struct SHA256: Sendable {
  static let blockSize = 64

  package init() {}

  private var state: SIMD8<UInt32> = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB,
    0x5BE0_CD19,
  ]
  private var words = SIMD16<UInt32>()
  private var count = 0

  package mutating func take(_ bytes: some Sequence<UInt8>) { for byte in bytes { take(byte) } }

  private mutating func take(_ byte: UInt8) {
    let (word, place) = (count / 4 & 15, count & 3)
    words[word] = (place == 0 ? 0 : words[word]) | UInt32(byte) << UInt32(24 - 8 * place)
    count += 1
    if count % Self.blockSize == 0 { mix() }
  }

  /// The 32 bytes of what was taken.
  package func digest() -> [UInt8] {
    var last = self
    let bits = UInt64(count) * 8
    last.take(0x80)
    while last.count % Self.blockSize != 56 { last.take(0) }
    last.take((0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) })
    return (0..<32).map {
      UInt8(truncatingIfNeeded: last.state[$0 / 4] >> UInt32(24 - 8 * ($0 & 3)))
    }
  }

  /// One block into the state; the 64 words are made 16 at a time.
  private mutating func mix() {
    var now = state
    var w = words
    for round in 0..<64 {
      let place = round & 15
      if round >= 16 {
        let (x, y) = (w[(place + 1) & 15], w[(place + 14) & 15])
        let first = Self.turn(x, 7) ^ Self.turn(x, 18) ^ x >> 3
        let second = Self.turn(y, 17) ^ Self.turn(y, 19) ^ y >> 10
        w[place] = w[place] &+ first &+ w[(place + 9) & 15] &+ second
      }
      let (a, e) = (now[0], now[4])
      let mixed = Self.turn(e, 6) ^ Self.turn(e, 11) ^ Self.turn(e, 25)
      let chosen = e & now[5] ^ ~e & now[6]
      let added = now[7] &+ mixed &+ chosen &+ Self.constants[round] &+ w[place]
      let spread = Self.turn(a, 2) ^ Self.turn(a, 13) ^ Self.turn(a, 22)
      let majority = a & now[1] ^ a & now[2] ^ now[1] & now[2]
      now = [
        added &+ spread &+ majority, a, now[1], now[2], now[3] &+ added, e, now[5], now[6],
      ]
    }
    state &+= now
  }

  private static func turn(_ word: UInt32, _ bits: UInt32) -> UInt32 {
    word >> bits | word << (32 - bits)
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = {
    var primes: [UInt64] = []
    var number: UInt64 = 2
    while primes.count < 64 {
      if primes.allSatisfy({ number % $0 != 0 }) { primes.append(number) }
      number += 1
    }
    return primes.map { prime in
      // The whole cube root of prime · 2⁹⁶, bit by bit, in products of three 64-bit halves.
      var root: UInt64 = 0
      for bit in stride(from: 34, through: 0, by: -1) {
        let next = root | 1 << UInt64(bit)
        let square = next.multipliedFullWidth(by: next)
        let low = square.low.multipliedFullWidth(by: next)
        let high = square.high &* next &+ low.high
        // prime · 2⁹⁶ has the upper word prime · 2³² and the lower word 0.
        if high < prime << 32 || high == prime << 32 && low.low == 0 { root = next }
      }
      return UInt32(truncatingIfNeeded: root)
    }
  }()
}
