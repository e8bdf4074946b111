/// A value of JSON (RFC 8259). Objects keep the order of their fields.
package indirect enum JSON: Sendable, Equatable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([Field])

  package struct Field: Sendable, Equatable {
    package var name: String
    package var value: JSON

    package init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The field of a name, if this is an object that has one.
  package subscript(name: String) -> JSON? {
    guard case .object(let fields) = self else { return nil }
    return fields.first { $0.name == name }?.value
  }

  /// Why a text is no JSON, as the end of a sentence: `a comma is missing at byte 17`.
  package struct Damage: Error, Equatable {
    package var reason: String
  }

  // MARK: Writing

  /// On one line, without spaces. Numbers are written so that the same ones are read back; those
  /// that JSON does not know, NaN and infinities, become `null`.
  package var text: String {
    var result = ""
    write(to: &result)
    return result
  }

  private func write(to result: inout String) {
    switch self {
    case .null: result += "null"
    case .boolean(let truth): result += truth ? "true" : "false"
    case .number(let number): result += Self.digits(of: number)
    case .text(let text): Self.write(text, to: &result)
    case .list(let list):
      result += "["
      for (place, value) in list.enumerated() {
        if place > 0 { result += "," }
        value.write(to: &result)
      }
      result += "]"
    case .object(let fields):
      result += "{"
      for (place, field) in fields.enumerated() {
        if place > 0 { result += "," }
        Self.write(field.name, to: &result)
        result += ":"
        field.value.write(to: &result)
      }
      result += "}"
    }
  }

  private static func digits(of number: Double) -> String {
    if !number.isFinite { return "null" }
    // Whole numbers without a point, as everybody else writes them; a negative zero keeps its sign.
    if number.sign == .plus || number != 0, let whole = Int64(exactly: number), abs(number) < 0x1p53
    {
      return "\(whole)"
    }
    return "\(number)"
  }

  /// A text between quotation marks.
  package static func quoted(_ text: String) -> String {
    var result = ""
    write(text, to: &result)
    return result
  }

  private static func write(_ text: String, to result: inout String) {
    result += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    result += "\""
  }

  // MARK: Reading

  /// Reads a text whose lists and objects lie within each other at most 128 deep.
  package static func parse(_ bytes: [UInt8]) throws(Damage) -> JSON {
    var reader = JSONReader(bytes)
    return try reader.whole()
  }
}

/// Reads JSON by recursive descent.
private struct JSONReader {
  private let bytes: [UInt8]
  private var place = 0
  private static let deepest = 128

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func whole() throws(JSON.Damage) -> JSON {
    let value = try value(depth: 0)
    skipSpace()
    if place < bytes.count { throw damage("something after its end") }
    return value
  }

  private func damage(_ what: String) -> JSON.Damage {
    JSON.Damage(reason: "\(what) at byte \(place)")
  }

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[place]) { place += 1 }
  }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: sign) else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSON.Damage) -> JSON {
    guard depth < Self.deepest else { throw damage("too many brackets within each other") }
    if take("{") { return .object(try fields(depth)) }
    if take("[") { return .list(try elements(depth)) }
    if take("\"") { return .text(try text()) }
    for (word, value) in [
      ("true", JSON.boolean(true)), ("false", .boolean(false)), ("null", .null),
    ]
    where bytes[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return value
    }
    return .number(try number())
  }

  private mutating func fields(_ depth: Int) throws(JSON.Damage) -> [JSON.Field] {
    var fields: [JSON.Field] = []
    if take("}") { return fields }
    repeat {
      guard take("\"") else { throw damage("no name") }
      let name = try text()
      guard take(":") else { throw damage("no colon") }
      fields.append(JSON.Field(name, try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw damage("no '}'") }
    return fields
  }

  private mutating func elements(_ depth: Int) throws(JSON.Damage) -> [JSON] {
    var elements: [JSON] = []
    if take("]") { return elements }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw damage("no ']'") }
    return elements
  }

  private mutating func number() throws(JSON.Damage) -> Double {
    let digits = bytes[place...].prefix { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
    }
    guard let number = Double(String(decoding: digits, as: UTF8.self)) else {
      throw damage("no value")
    }
    place += digits.count
    return number
  }

  /// The rest of a text whose quote has been read.
  private mutating func text() throws(JSON.Damage) -> String {
    var units: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\"") {
        guard let text = String(validating: units, as: UTF8.self) else {
          throw damage("a text that is no UTF-8")
        }
        return text
      }
      if byte == UInt8(ascii: "\\") {
        units += try escape()
      } else {
        units.append(byte)
      }
    }
    throw damage("a text without end")
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "b"): 8,
    UInt8(ascii: "f"): 12, UInt8(ascii: "\""): 34, UInt8(ascii: "\\"): 92, UInt8(ascii: "/"): 47,
  ]

  private mutating func escape() throws(JSON.Damage) -> [UInt8] {
    guard place < bytes.count else { throw damage("a text without end") }
    let sign = bytes[place]
    place += 1
    if let plain = Self.escapes[sign] { return [plain] }
    guard sign == UInt8(ascii: "u"), var value = unit() else { throw damage("an unknown escape") }
    if (0xD800..<0xDC00).contains(value), bytes[place...].starts(with: "\\u".utf8) {
      place += 2
      guard let low = unit(), (0xDC00..<0xE000).contains(low) else {
        throw damage("half a letter")
      }
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw damage("half a letter") }
    return Array(String(scalar).utf8)
  }

  private mutating func unit() -> UInt32? {
    guard place + 4 <= bytes.count else { return nil }
    defer { place += 4 }
    return UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
  }
}
