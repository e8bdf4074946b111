import Vocabulary

/// Numbers, decimal and hexadecimal.
extension Lexer {
  mutating func scanNumber(_ spaceBefore: Bool) {
    let start = place
    if byte() == UInt8(ascii: "0"), byte(1) | 0x20 == UInt8(ascii: "x") {
      return scanHexadecimal(spaceBefore)
    }
    takeDigits()
    if byte() == UInt8(ascii: "."), takesPoint() {
      place += 1
      takeDigits()
    }
    if byte() | 0x20 == UInt8(ascii: "e") {
      let sign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
      if Self.isDigit(byte(1 + sign)) {
        place += 1 + sign
        takeDigits()
      }
    }
    let digits = source.text(in: start..<place).filter { $0 != "_" }
    add(.number(Double(digits) ?? Double(digits + "0") ?? .nan), from: start, spaceBefore)
  }

  mutating func takeDigits() {
    while Self.isDigit(byte()) || byte() == UInt8(ascii: "_") && Self.isDigit(byte(1)) {
      place += 1
    }
  }

  /// Whether a point after digits belongs to the number: not in `2.*x`, `1..2` or `3.field`.
  func takesPoint() -> Bool {
    let next = byte(1)
    if Self.isDigit(next) { return true }
    if next | 0x20 == UInt8(ascii: "e") {
      return Self.isDigit(byte(2))
        || (byte(2) == UInt8(ascii: "-") || byte(2) == UInt8(ascii: "+"))
          && Self.isDigit(byte(3))
    }
    return !Self.startsName(next) && !"*/^+-.".utf8.contains(next)
  }

  mutating func scanHexadecimal(_ spaceBefore: Bool) {
    let start = place
    place += 2
    var number = 0.0
    var digits = 0
    while let digit = Self.hexadecimal(byte()) ?? (byte() == UInt8(ascii: "_") ? -1 : nil) {
      if digit >= 0 {
        number = number * 16 + Double(digit)
        digits += 1
      }
      place += 1
    }
    if digits == 0 { errors.append(SyntaxError(.emptyHexadecimal, at: range(start, place))) }
    add(.number(number), from: start, spaceBefore)
  }

  static func hexadecimal(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
