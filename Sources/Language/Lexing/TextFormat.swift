import Matrices
import Vocabulary

/// The format of a hole in a text: `{x:8.3f}`. An optional alignment (`<`, `>`, `^`), a width
/// (with a leading 0: filled with zeros), `.` and digits, and a letter: `f` decimals, `e` powers of ten, `%` percent, `d`
/// whole, `x` hexadecimal; without a letter the digits are significant ones.
struct TextFormat: Equatable {
  enum Alignment: Character { case left = "<", right = ">", middle = "^" }
  enum Style: Character { case decimals = "f", powers = "e", percent = "%", whole = "d", hex = "x" }

  var alignment: Alignment?
  var fillsWithZeros = false
  var width = 0
  var digits: Int?
  var style: Style?

  /// Wider fields than this are not meant.
  private static let widest = 200

  init?(_ text: String) {
    var rest = Substring(text)
    if let first = rest.first, let wanted = Alignment(rawValue: first) {
      alignment = wanted
      rest.removeFirst()
    }
    if rest.first == "0" {
      fillsWithZeros = true
      rest.removeFirst()
    }
    let columns = rest.prefix { ("0"..."9").contains($0) }
    if !columns.isEmpty {
      guard let number = Int(columns), number <= Self.widest else { return nil }
      width = number
    }
    rest.removeFirst(columns.count)
    if rest.first == "." {
      rest.removeFirst()
      let places = rest.prefix { ("0"..."9").contains($0) }
      guard let number = Int(places), number <= 60 else { return nil }
      digits = number
      rest.removeFirst(places.count)
    }
    if let letter = rest.first {
      guard rest.count == 1, let wanted = Style(rawValue: letter) else { return nil }
      style = wanted
    }
    if text.isEmpty { return nil }
  }

  /// A number in this format.
  func text(of number: Double) -> String {
    var shown: String
    if !number.isFinite {
      shown = NumberFormat.short(number)
    } else {
      switch style {
      case .decimals: shown = NumberFormat.fixed(number, decimals: digits ?? 6)
      case .powers: shown = NumberFormat.printf("%.*e", Int32(digits ?? 6), number)
      case .percent: shown = NumberFormat.fixed(100 * number, decimals: digits ?? 0) + "%"
      case .whole: shown = NumberFormat.fixed(number.rounded(), decimals: 0)
      case .hex:
        shown = Int(exactly: number.rounded()).map { String($0, radix: 16) }
          ?? NumberFormat.short(number)
      case nil: shown = NumberFormat.short(number, digits: max(1, digits ?? 6))
      }
    }
    if fillsWithZeros && shown.count < width && number.isFinite {
      let sign = shown.hasPrefix("-") ? "-" : ""
      let missing = String(repeating: "0", count: width - shown.count)
      return sign + missing + shown.dropFirst(sign.count)
    }
    return padded(shown, .right)
  }

  /// A text in this format: cut to `digits` letters, filled to the width.
  func text(of text: String) -> String {
    padded(digits.map { String(text.prefix($0)) } ?? text, .left)
  }

  private func padded(_ text: String, _ usual: Alignment) -> String {
    let missing = width - text.count
    guard missing > 0 else { return text }
    switch alignment ?? usual {
    case .left: return text + String(repeating: " ", count: missing)
    case .right: return String(repeating: " ", count: missing) + text
    case .middle:
      return String(repeating: " ", count: missing / 2) + text
        + String(repeating: " ", count: missing - missing / 2)
    }
  }
}
