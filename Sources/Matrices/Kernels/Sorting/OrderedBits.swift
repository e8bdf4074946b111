/// Numbers as whole numbers of the same order, so that they can be sorted by their bits.
protocol OrderedBits {
  associatedtype Key: FixedWidthInteger & UnsignedInteger & Sendable
  /// The bits, reordered: −∞ is small, ∞ large, and NaN, whatever its sign, the largest of all.
  static func key(_ x: Self) -> Key
  static func number(_ key: Key) -> Self
  /// The whole number nearest to one between 0 and 2²³ − 1: the last bits of a sum that has none
  /// behind the point.
  static func whole(_ x: Self) -> UInt32
  /// Whether two numbers are equal, denormal ones too where the processor takes them for 0.
  static func areSame(_ a: Self, _ b: Self) -> Bool
}

extension Double: OrderedBits {
  @inline(__always)
  static func key(_ x: Double) -> UInt64 {
    let bits = Int64(bitPattern: x.bitPattern)
    let key = UInt64(bitPattern: bits ^ ((bits >> 63) | Int64.min))
    return x == x ? key : .max
  }
  @inline(__always)
  static func number(_ key: UInt64) -> Double {
    let bits = Int64(bitPattern: key)
    return Double(bitPattern: UInt64(bitPattern: bits ^ (~(bits >> 63) | Int64.min)))
  }
  @inline(__always)
  static func whole(_ x: Double) -> UInt32 {
    UInt32(truncatingIfNeeded: (x + 0x1p52).bitPattern)
  }
  @inline(__always)
  static func areSame(_ a: Double, _ b: Double) -> Bool {
    a.bitPattern == b.bitPattern || (a.bitPattern | b.bitPattern) << 1 == 0
  }
}

extension Float: OrderedBits {
  @inline(__always)
  static func key(_ x: Float) -> UInt32 {
    let bits = Int32(bitPattern: x.bitPattern)
    let key = UInt32(bitPattern: bits ^ ((bits >> 31) | Int32.min))
    return x == x ? key : .max
  }
  @inline(__always)
  static func number(_ key: UInt32) -> Float {
    let bits = Int32(bitPattern: key)
    return Float(bitPattern: UInt32(bitPattern: bits ^ (~(bits >> 31) | Int32.min)))
  }
  @inline(__always)
  static func whole(_ x: Float) -> UInt32 { (x + 0x1p23).bitPattern & 0x7f_ffff }
  @inline(__always)
  static func areSame(_ a: Float, _ b: Float) -> Bool {
    a.bitPattern == b.bitPattern || (a.bitPattern | b.bitPattern) << 1 == 0
  }
}
