/// Where the numbers of a line belong when its range is cut into parts: a function that never falls.
protocol Cut<Number>: Sendable {
  associatedtype Number: Scalar
  func part(_ x: Number) -> UInt32
}

/// Parts of equal width. What lies outside belongs to the first or the last; NaN is last.
struct ValueCut<Number: Scalar>: Cut {
  let low: Number
  let scale: Number
  let last: Number

  /// `nil` where the range has no width, or none that can be calculated with.
  init?(from low: Number, to high: Number, _ parts: Int) {
    self.low = low
    scale = Number(parts) / (high - low)
    last = Number(parts - 1)
    guard scale.isFinite, scale > 0, low.isFinite else { return nil }
  }

  @inline(__always)
  func part(_ x: Number) -> UInt32 {
    let place = (x - low) * scale
    let bounded = place < last ? place : last
    return Number.whole(bounded > 0 ? bounded : 0)
  }
}

/// Parts of equally many bit patterns: narrow near zero, wide far from it.
struct KeyCut<Number: Scalar>: Cut {
  let cut: Distribution<Number.Key>
  let high: Number.Key

  init(from low: Number, to high: Number, bits: Int) {
    self.high = Number.key(high)
    cut = Distribution(from: Number.key(low), to: self.high, bits: bits)
  }

  @inline(__always)
  func part(_ x: Number) -> UInt32 {
    UInt32(truncatingIfNeeded: cut.part(min(max(Number.key(x), cut.low), high)))
  }
}

/// The cut of a long line into parts of about equal size, as a sample of its numbers tells.
enum LineCut<S: Scalar> {
  case values(ValueCut<S>, parts: Int)
  case keys(KeyCut<S>, parts: Int)

  /// Numbers of a part, so that it and its cells stay in a cache.
  private static var partSize: Int { 2_500 }

  init(_ count: Int, _ number: (Int) -> S) {
    let bits = min(12, max(4, Int.bitWidth - (count / Self.partSize).leadingZeroBitCount))
    var sample = (0..<4096).map { place in
      S.key(number(Int(truncatingIfNeeded: UInt(place) &* 2_654_435_761 % UInt(count))))
    }
    sample.sort()
    let numbers = sample.map { S.number($0) }
    let (low, high) = (numbers[4], numbers[numbers.count - 5])
    let byKeys = KeyCut<S>(from: low, to: high, bits: bits)
    if let byValues = ValueCut<S>(from: low, to: high, 1 << bits),
      Self.crowding(byValues, numbers, 1 << bits) <= Self.crowding(byKeys, numbers, 1 << bits)
    {
      self = .values(byValues, parts: 1 << bits)
    } else {
      self = .keys(byKeys, parts: 1 << bits)
    }
  }

  /// How unevenly a sample falls into parts: the sum of squares.
  private static func crowding<C: Cut>(_ cut: C, _ sample: [S], _ parts: Int) -> Int
  where C.Number == S {
    var sizes = [Int](repeating: 0, count: parts)
    for number in sample { sizes[Int(cut.part(number))] += 1 }
    return sizes.reduce(0) { $0 + $1 * $1 }
  }
}
