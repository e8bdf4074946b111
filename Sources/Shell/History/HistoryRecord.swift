/// One input of a session, as one line of JSON in the history file.
package struct HistoryRecord: Sendable, Equatable {
  package var code: String
  /// Seconds since 1970.
  package var time: Double
  /// How long it ran.
  package var seconds: Double
  package var succeeded: Bool
  package var directory: String

  package init(
    code: String, time: Double, seconds: Double, succeeded: Bool, directory: String
  ) {
    self.code = code
    self.time = time
    self.seconds = seconds
    self.succeeded = succeeded
    self.directory = directory
  }

  /// The line without its end.
  package var line: String {
    let rounded = (seconds * 1000).rounded() / 1000
    return "{\"time\":\(Int(time)),\"seconds\":\(rounded),\"ok\":\(succeeded),"
      + "\"directory\":\(JSON.quoted(directory)),\"code\":\(JSON.quoted(code))}"
  }

  /// The record of a line, or `nil` for a damaged one.
  package init?(line: some StringProtocol) {
    guard let fields = JSON.flatObject(String(line)), case .text(let code)? = fields["code"],
      !code.isEmpty
    else { return nil }
    self.code = code
    if case .number(let time)? = fields["time"] { self.time = time } else { time = 0 }
    if case .number(let seconds)? = fields["seconds"] {
      self.seconds = seconds
    } else {
      seconds = 0
    }
    if case .truth(let truth)? = fields["ok"] { succeeded = truth } else { succeeded = true }
    if case .text(let folder)? = fields["directory"] { directory = folder } else { directory = "" }
  }
}

/// As much JSON as the history needs: objects without inner objects.
enum JSON {
  enum Scalar: Equatable { case text(String), number(Double), truth(Bool), null }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for letter in text.unicodeScalars {
      switch letter {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where letter.value < 32 || letter.value == 127:
        let digits = String(letter.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(letter)
      }
    }
    return result + "\""
  }

  /// The fields of an object whose values are all scalars; `nil` for anything else.
  static func flatObject(_ text: String) -> [String: Scalar]? {
    var reader = Reader(Array(text.utf8))
    return reader.object()
  }

  private struct Reader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func object() -> [String: Scalar]? {
      guard take("{") else { return nil }
      var fields: [String: Scalar] = [:]
      if take("}") { return isAtEnd ? fields : nil }
      repeat {
        guard let name = text(), take(":"), let value = scalar() else { return nil }
        fields[name] = value
      } while take(",")
      return take("}") && isAtEnd ? fields : nil
    }

    private var isAtEnd: Bool { bytes[place...].allSatisfy { $0 == 32 || $0 == 13 } }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
      while place < bytes.count, bytes[place] == 32 { place += 1 }
      guard place < bytes.count, bytes[place] == UInt8(ascii: sign) else { return false }
      place += 1
      return true
    }

    private mutating func scalar() -> Scalar? {
      if let text = text() { return .text(text) }
      let start = place
      while place < bytes.count, bytes[place] != UInt8(ascii: ","),
        bytes[place] != UInt8(ascii: "}")
      {
        place += 1
      }
      let word = String(decoding: bytes[start..<place], as: UTF8.self).trimmingSpaces
      switch word {
      case "true": return .truth(true)
      case "false": return .truth(false)
      case "null": return .null
      default: return Double(word).map { .number($0) }
      }
    }

    private mutating func text() -> String? {
      let start = place
      guard take("\"") else { return nil }
      var units: [UInt8] = []
      while place < bytes.count {
        let byte = bytes[place]
        place += 1
        if byte == UInt8(ascii: "\"") { return String(validating: units, as: UTF8.self) }
        guard byte == UInt8(ascii: "\\") else {
          units.append(byte)
          continue
        }
        guard let escaped = escape() else { break }
        units += escaped
      }
      place = start
      return nil
    }

    private mutating func escape() -> [UInt8]? {
      guard place < bytes.count else { return nil }
      let sign = bytes[place]
      place += 1
      switch Unicode.Scalar(sign) {
      case "n": return [10]
      case "t": return [9]
      case "r": return [13]
      case "b": return [8]
      case "f": return [12]
      case "\"", "\\", "/": return [sign]
      case "u":
        guard let high = unit() else { return nil }
        guard (0xD800..<0xDC00).contains(high) else {
          return Unicode.Scalar(high).map { Array(String($0).utf8) }
        }
        guard place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
          bytes[place + 1] == UInt8(ascii: "u")
        else { return nil }
        place += 2
        guard let low = unit(), (0xDC00..<0xE000).contains(low) else { return nil }
        let value = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
        return Unicode.Scalar(value).map { Array(String($0).utf8) }
      default: return nil
      }
    }

    private mutating func unit() -> UInt32? {
      guard place + 4 <= bytes.count else { return nil }
      defer { place += 4 }
      return UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
    }
  }
}
