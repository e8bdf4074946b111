import Matrices

/// How a hole in a text wants its value written: `"{loss:.4}"`, `"{x:8.3f}"`, `"{name:<12}"`.
///
/// `[[fill]align][+][0][width][,][.digits][kind]`, as in Python: `<`, `>` and `^` align in `width`
/// cells (text to the left, numbers to the right unless said), `+` writes a sign on positive
/// numbers too, `0` fills with zeros behind the sign, `,` parts thousands. Kinds: `f` a fixed number of decimals, `e` one
/// digit before the point and a power of ten, `g` or none significant digits, `%` a percentage,
/// `d` a whole number, `x` the same to base 16, `s` text.
package struct FormatSpecification: Sendable, Equatable {
  enum Alignment: Character { case left = "<", right = ">", center = "^" }

  enum Kind: Character, CaseIterable {
    case fixed = "f"
    case exponent = "e"
    case general = "g"
    case percent = "%"
    case whole = "d"
    case hexadecimal = "x"
    case text = "s"
  }

  var fill: Character = " "
  var alignment: Alignment?
  var showsPlus = false
  var fillsWithZeros = false
  var width = 0
  var partsThousands = false
  var digits: Int?
  var kind: Kind?

  /// Longer fields than this are a slip of the finger, not a wish.
  private static let largest = 1000

  /// Reads a specification: what stands between `:` and `}`.
  package init(_ text: String) throws(Problem) {
    var rest = text[...]
    if let second = rest.dropFirst().first, let aligned = Alignment(rawValue: second) {
      fill = rest.removeFirst()
      alignment = aligned
      rest.removeFirst()
    } else if let first = rest.first, let aligned = Alignment(rawValue: first) {
      alignment = aligned
      rest.removeFirst()
    }
    if rest.first == "+" {
      showsPlus = true
      rest.removeFirst()
    }
    if rest.first == "0" {
      fillsWithZeros = true
      rest.removeFirst()
    }
    width = try Self.number(&rest, in: text) ?? 0
    if rest.first == "," {
      partsThousands = true
      rest.removeFirst()
    }
    if rest.first == "." {
      rest.removeFirst()
      guard let digits = try Self.number(&rest, in: text) else {
        throw Self.refusal(text, "a number of digits has to follow the point")
      }
      self.digits = digits
    }
    if let letter = rest.first {
      guard let kind = Kind(rawValue: letter), rest.count == 1 else {
        throw Self.refusal(text, "\"\(rest)\" is not a way to write a value")
      }
      self.kind = kind
    }
  }

  private static func number(_ rest: inout Substring, in text: String) throws(Problem) -> Int? {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    if digits.isEmpty { return nil }
    rest = rest.dropFirst(digits.count)
    guard let number = Int(digits), number <= largest else {
      throw refusal(text, "widths and digits go up to \(largest)")
    }
    return number
  }

  private static func refusal(_ text: String, _ reason: String) -> Problem {
    Problem(
      .value, "the format \"\(text)\" cannot be used: \(reason)",
      help: "a format is [width][.digits][f, e, g, d, x, % or s], as in \"{x:8.3f}\"")
  }

  /// A value written this way. Matrices, ranges and lists are written element by element.
  package func text(of value: Value) throws(Problem) -> String {
    switch value {
    case .number(let number): return aligned(try text(of: number), isNumber: true)
    case .boolean(let truth):
      if kind == nil || kind == .text { return aligned(truth ? "true" : "false", isNumber: false) }
      return aligned(try text(of: truth ? 1 : 0), isNumber: true)
    case .text(let text): return try cut(text)
    case .matrix(let matrix) where matrix.count == 1 && kind != .text:
      return aligned(try text(of: matrix[0, 0]), isNumber: true)
    case .matrix(let matrix) where kind != .text:
      return try elements(of: matrix)
    case .range(let range) where kind != .text && range.count <= Self.largest:
      return try elements(of: range.matrix)
    case .list(let list) where kind != .text && list.count <= Self.largest:
      var parts: [String] = []
      for element in list {
        // Lists within lists are written plainly: the recursion ends here.
        if case .list = element {
          parts.append(element.printed)
        } else {
          parts.append(try text(of: element))
        }
      }
      return "{\(parts.joined(separator: ", "))}"
    case .nothing, .matrix, .range, .list, .record, .function, .object:
      return try cut(value.printed)
    }
  }

  private func elements(of matrix: Matrix) throws(Problem) -> String {
    guard matrix.count <= Self.largest else { return aligned(matrix.label, isNumber: false) }
    var rows: [String] = []
    for row in 0..<matrix.rows {
      var texts: [String] = []
      for number in matrix.row(row) { texts.append(aligned(try text(of: number), isNumber: true)) }
      rows.append(texts.joined(separator: ", "))
    }
    return "[\(rows.joined(separator: "; "))]"
  }

  private func cut(_ text: String) throws(Problem) -> String {
    if let kind, kind != .text {
      throw Problem(
        .type, "the format \"\(kind.rawValue)\" needs a number", label: Value.text(text).label)
    }
    return aligned(digits.map { String(text.prefix($0)) } ?? text, isNumber: false)
  }

  private func text(of number: Double) throws(Problem) -> String {
    guard number.isFinite else {
      return (showsPlus && number > 0 ? "+" : "") + NumberFormat.short(number)
    }
    let digits = self.digits ?? 6
    var text =
      switch kind {
      case .fixed: NumberFormat.written("%.*f", digits, number)
      case .exponent: NumberFormat.written("%.*e", digits, number)
      case .percent: NumberFormat.written("%.*f", digits, number * 100) + "%"
      case .general, .text:
        self.digits == nil
          ? NumberFormat.short(number) : NumberFormat.written("%.*g", max(digits, 1), number)
      case nil: NumberFormat.short(number, digits: max(digits, 1))
      case .whole, .hexadecimal: try whole(number)
      }
    if partsThousands { text = Self.parted(text) }
    return showsPlus && number >= 0 ? "+\(text)" : text
  }

  private func whole(_ number: Double) throws(Problem) -> String {
    guard let whole = Int(exactly: number) else {
      throw Problem(
        .value,
        "the format \"\(kind == .whole ? "d" : "x")\" needs a whole number, got \(NumberFormat.short(number))",
        help: "write .0f to round it")
    }
    return kind == .whole ? String(whole) : String(whole, radix: 16)
  }

  /// Commas between thousands.
  private static func parted(_ text: String) -> String {
    let start = text.firstIndex { $0.isNumber } ?? text.startIndex
    let end = text[start...].firstIndex { !$0.isNumber } ?? text.endIndex
    let whole = text[start..<end]
    var result = ""
    for (place, digit) in whole.enumerated() {
      if place > 0 && (whole.count - place) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return text[..<start] + result + text[end...]
  }

  private func aligned(_ text: String, isNumber: Bool) -> String {
    if width == 0 { return text }
    let missing = width - text.displayWidth
    guard missing > 0 else { return text }
    if fillsWithZeros && isNumber && alignment == nil {
      let sign = text.prefix { $0 == "-" || $0 == "+" }
      return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }
    let left =
      switch alignment ?? (isNumber ? .right : .left) {
      case .left: 0
      case .right: missing
      case .center: missing / 2
      }
    return String(repeating: String(fill), count: left) + text
      + String(repeating: String(fill), count: missing - left)
  }
}
