import Glibc

/// How the numbers of a matrix, or of one of its columns, are written so that their decimal points
/// stand below each other.
///
/// - Whole numbers are written whole, and so are numbers that six digits cannot tell from them:
///   the rounding of a computation is not shown in a matrix where a single number hides it.
/// - Others share a number of decimals, at most four below 1 and fewer above, without the zeros
///   that all of them would end in. A number that is exactly 0 is written `0`, so that it can be
///   told from a small one.
/// - Where the largest is 10⁵ or more, or below 10⁻³, a power of ten is taken out; where they also
///   spread over more than five powers of ten, each is written by itself.
enum NumberStyle: Equatable {
  case whole
  case fixed(decimals: Int)
  case scaled(exponent: Int, decimals: Int)
  case general

  /// The style that suits the numbers; `mayScale` where there is a place to write the factor.
  init(for numbers: [Double], mayScale: Bool = true) {
    let finite = numbers.filter(\.isFinite)
    let largest = finite.reduce(0) { max($0, abs($1)) }
    if largest < 1e15, finite.allSatisfy(Self.looksWhole) {
      self = .whole
      return
    }
    if largest >= 1e-3 && largest < 1e5 {
      let digits = Int(log10(largest).rounded(.down)) + 1
      self = .fixed(
        decimals: Self.neededDecimals(finite, atMost: digits > 0 ? 5 - digits : 4 - digits))
      return
    }
    let smallest = finite.reduce(Double.infinity) { $1 == 0 ? $0 : min($0, abs($1)) }
    let exponent = Int(log10(largest).rounded(.down))
    // Below the smallest power of ten a double can hold, dividing would lose digits.
    if !mayScale || largest / smallest >= 1e5 || abs(exponent) > 300 {
      self = .general
      return
    }
    let scale = pow(10, Double(exponent))
    self = .scaled(
      exponent: exponent, decimals: Self.neededDecimals(finite.map { $0 / scale }, atMost: 4))
  }

  private static func looksWhole(_ number: Double) -> Bool {
    number == number.rounded()
      || NumberFormat.short(number).utf8.allSatisfy {
        $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "e")
      }
  }

  /// The fewest decimals that show the numbers as `atMost` decimals would.
  private static func neededDecimals(_ numbers: [Double], atMost: Int) -> Int {
    var needed = 1
    for number in numbers {
      var text = NumberFormat.fixed(number, decimals: atMost).utf8[...]
      while needed < atMost, text.last == UInt8(ascii: "0") { text = text.dropLast() }
      guard let point = text.firstIndex(of: UInt8(ascii: ".")) else { continue }
      needed = max(needed, text.distance(from: point, to: text.endIndex) - 1)
      if needed >= atMost { return atMost }
    }
    return min(needed, atMost)
  }

  /// One number in this style.
  func text(of number: Double) -> String {
    guard number.isFinite, number != 0 else { return NumberFormat.short(number) }
    switch self {
    case .whole: return NumberFormat.short(number)
    case .general: return NumberFormat.short(number, digits: 5)
    case .fixed(let decimals): return Self.decimal(number, decimals)
    case .scaled(let exponent, let decimals):
      return Self.decimal(number / pow(10, Double(exponent)), decimals)
    }
  }

  /// Without the sign of a negative number that rounds to zero.
  private static func decimal(_ number: Double, _ decimals: Int) -> String {
    let text = NumberFormat.fixed(number, decimals: decimals)
    let isZero = text.utf8.allSatisfy { !(UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
    return isZero && text.hasPrefix("-") ? String(text.dropFirst()) : text
  }
}
