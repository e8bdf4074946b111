import Glibc

/// How numbers are written for people.
package enum NumberFormat {
  /// At most six significant digits; whole numbers whole: `3`, `0.125`, `2.5e-07`, `NaN`, `Inf`.
  package static func short(_ number: Double, digits: Int = 6) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Inf" : "Inf" }
    if number == number.rounded(), abs(number) < 1e15 { return whole(number) }
    return printf("%.*g", Int32(digits), number)
  }

  /// A fixed number of decimals.
  package static func fixed(_ number: Double, decimals: Int) -> String {
    if !number.isFinite { return short(number) }
    return printf("%.*f", Int32(decimals), number)
  }

  /// All digits needed to read the same number back.
  package static func exact(_ number: Double) -> String {
    if number == number.rounded(), abs(number) < 1e15 { return whole(number) }
    if !number.isFinite { return short(number) }
    return "\(number)"
  }

  private static func whole(_ number: Double) -> String { number == 0 ? "0" : "\(Int64(number))" }

  /// C's `printf` into text.
  package static func printf(_ format: String, _ arguments: any CVarArg...) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    var needed = withVaList(arguments) { Int(vsnprintf(&buffer, buffer.count, format, $0)) }
    if needed >= buffer.count {
      buffer = [CChar](repeating: 0, count: needed + 1)
      needed = withVaList(arguments) { Int(vsnprintf(&buffer, buffer.count, format, $0)) }
    }
    return String(decoding: buffer.prefix(needed).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
