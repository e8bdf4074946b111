import Glibc

/// Reads decimal numbers from bytes.
///
/// A number of up to 19 digits whose value is exact in 53 bits, with a power of ten up to 10²², is
/// one multiplication or division of two exact numbers and so correctly rounded (Clinger, "How to
/// read floating point numbers accurately", PLDI 1990). Everything else is left to `strtod`.
enum NumberScanner {
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The same, where it can be read without a check for its first use.
  static func withPowers<R>(_ body: (UnsafePointer<Double>) throws -> R) rethrows -> R {
    try powers.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("the table is not empty") }
      return try body(base)
    }
  }

  /// The number at the start of `bytes[start..<end]` and where it ends; `nil` if there is none.
  @inline(__always)
  static func scan(
    _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ powers: UnsafePointer<Double>
  ) -> (value: Double, end: Int)? {
    var place = start
    var isNegative = false
    if place < end, bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+") {
      isNegative = bytes[place] == UInt8(ascii: "-")
      place += 1
    }
    var mantissa: UInt64 = 0
    let firstDigit = place
    while place < end, bytes[place] &- 48 < 10 {
      mantissa = mantissa &* 10 &+ UInt64(bytes[place] &- 48)
      place += 1
    }
    var digits = place - firstDigit
    var exponent = 0
    if place < end, bytes[place] == UInt8(ascii: ".") {
      place += 1
      let firstDecimal = place
      while place < end, bytes[place] &- 48 < 10 {
        mantissa = mantissa &* 10 &+ UInt64(bytes[place] &- 48)
        place += 1
      }
      exponent = firstDecimal - place
      digits -= exponent
    }
    if digits == 0 { return word(bytes, firstDigit, end, isNegative) }
    if place < end, bytes[place] | 0x20 == UInt8(ascii: "e"),
      let (power, next) = self.exponent(bytes, place + 1, end)
    {
      exponent += power
      place = next
    }
    if digits <= 19, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
      let magnitude =
        exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
      return (isNegative ? -magnitude : magnitude, place)
    }
    return (slow(bytes, start, place), place)
  }

  /// The digits behind an `e`; `nil` if there are none, and the `e` is not part of the number.
  private static func exponent(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int)
    -> (Int, Int)?
  {
    var place = start
    var isNegative = false
    if place < end, bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+") {
      isNegative = bytes[place] == UInt8(ascii: "-")
      place += 1
    }
    let firstDigit = place
    var power = 0
    while place < end, bytes[place] &- 48 < 10 {
      // Beyond this everything is 0 or infinite.
      power = min(power * 10 + Int(bytes[place] &- 48), 100_000)
      place += 1
    }
    return place == firstDigit ? nil : (isNegative ? -power : power, place)
  }

  /// `inf`, `infinity` and `nan` in any case.
  private static func word(
    _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ isNegative: Bool
  ) -> (value: Double, end: Int)? {
    guard end - start >= 3 else { return nil }
    let letters = UnsafeBufferPointer(start: bytes + start, count: min(end - start, 8)).map {
      $0 | 0x20
    }
    if letters.starts(with: "infinity".utf8) {
      return (isNegative ? -.infinity : .infinity, start + 8)
    }
    if letters.starts(with: "inf".utf8) { return (isNegative ? -.infinity : .infinity, start + 3) }
    if letters.starts(with: "nan".utf8) { return (.nan, start + 3) }
    return nil
  }

  /// The C library's exact reading of what was found to be a number.
  private static func slow(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Double {
    let count = end - start
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { copy in
      for i in 0..<count { copy[i] = CChar(bitPattern: bytes[start + i]) }
      copy[count] = 0
      guard let address = copy.baseAddress else { return .nan }
      return strtod(address, nil)
    }
  }
}
