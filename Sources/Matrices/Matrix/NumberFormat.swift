import CFormat
import Glibc

/// How numbers are written for people.
package enum NumberFormat {
  /// At most six significant digits; whole numbers whole: `3`, `0.125`, `2.5e-07`, `NaN`, `Inf`.
  package static func short(_ number: Double, digits: Int = 6) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Inf" : "Inf" }
    if number == number.rounded(), abs(number) < 1e15 { return whole(number) }
    return written("%.*g", digits, number)
  }

  /// A fixed number of decimals.
  package static func fixed(_ number: Double, decimals: Int) -> String {
    if !number.isFinite { return short(number) }
    return written("%.*f", decimals, number)
  }

  /// All digits needed to read the same number back.
  package static func exact(_ number: Double) -> String {
    if number == number.rounded(), abs(number) < 1e15 { return whole(number) }
    if !number.isFinite { return short(number) }
    return "\(number)"
  }

  private static func whole(_ number: Double) -> String { number == 0 ? "0" : "\(Int64(number))" }

  /// C's `printf` of a number; the format asks for the digits first: `%+.*f`.
  package static func written(_ format: StaticString, _ digits: Int, _ number: Double) -> String {
    // Numbers of 300 digits come to a second try.
    text(format, digits, number, room: 64) ?? text(format, digits, number, room: 400 + digits) ?? ""
  }

  private static func text(
    _ format: StaticString, _ digits: Int, _ number: Double, room: Int
  ) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = format.withUTF8Buffer { letters in
        letters.withMemoryRebound(to: CChar.self) {
          Int(mfs_print(start, room, $0.baseAddress, Int32(clamping: digits), number))
        }
      }
      guard count >= 0, count < room else { return nil }
      return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
  }
}
