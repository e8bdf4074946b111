import Matrices

extension Value {
  /// The value in one line, as it would be typed where that is short: `{1, "a", [1, 2; 3, 4]}`.
  /// What would be longer than about `width` cells is named or cut: `20×784 matrix`, `… 97 more`.
  package func inline(width: Int) -> String {
    var isCut = false
    return inline(width, depth: 0, &isCut).truncated(toWidth: max(width, 1))
  }

  /// The value in one line of at most `width` cells, if nothing has to be left out for that.
  func whole(width: Int) -> String? {
    var isCut = false
    let text = inline(width, depth: 0, &isCut)
    return isCut || text.displayWidth > width ? nil : text
  }

  /// What `print` writes and a hole in a text inserts: text without quotes, everything else in one
  /// line.
  package var printed: String {
    if case .text(let text) = self { text } else { inline(width: 160) }
  }

  /// The one short line after an assignment: `20×784 f64 matrix`, `{rank = 3, loss = "kl"}`.
  package func brief(width: Int) -> String {
    switch self {
    case .matrix(let matrix):
      return matrix.literal(width: min(width, 40), elements: 6)
        ?? matrix.brief.truncated(toWidth: width)
    case .object(let object):
      if let sparse { return sparse.brief.truncated(toWidth: width) }
      // The first line of a summary says what it is and of which size.
      return object.summary(width: width).prefix { $0 != "\n" }.description.truncated(
        toWidth: width)
    case .nothing, .boolean, .number, .text, .range, .list, .record, .function:
      return inline(width: min(width, 72))
    }
  }

  /// Lists within lists deeper than this are shown as `{…}`.
  private static let deepest = 6

  /// One line; `isCut` becomes true where something is named instead of shown.
  private func inline(_ width: Int, depth: Int, _ isCut: inout Bool) -> String {
    switch self {
    case .nothing: return "nothing"
    case .boolean(let truth): return truth ? "true" : "false"
    case .number(let number): return NumberFormat.short(number)
    case .text(let text):
      let quoted = Self.quoted(text, width: width)
      if quoted.hasSuffix("…\"") && !text.hasSuffix("…") { isCut = true }
      return quoted
    case .matrix(let matrix):
      if let text = matrix.literal(width: width, elements: depth == 0 ? 16 : 6) { return text }
      if matrix.isEmpty { return "empty \(matrix.shape) matrix" }
      isCut = true
      return matrix.label
    case .range(let range): return range.text
    case .list(let list):
      return Self.braced(list.count, width, depth, &isCut) { place, width, isCut in
        list[place].inline(width, depth: depth + 1, &isCut)
      }
    case .record(let record):
      if record.count == 0 { return "empty record" }
      return Self.braced(record.count, width, depth, &isCut) { place, width, isCut in
        let name = Self.fieldName(record.keys[place])
        let left = width - name.count - 3
        return "\(name) = \(record.values[place].inline(left, depth: depth + 1, &isCut))"
      }
    case .function(let function): return "function \(function.signature.text)"
    case .object(let object): return sparse?.label ?? object.kind
    }
  }

  /// `{a, b, … 3 more}`: as many parts as fit into `width`, the first one always.
  private static func braced(
    _ count: Int, _ width: Int, _ depth: Int, _ isCut: inout Bool,
    _ part: (Int, _ width: Int, _ isCut: inout Bool) -> String
  ) -> String {
    if count == 0 { return "{}" }
    if depth >= deepest {
      isCut = true
      return "{…}"
    }
    var (text, used) = ("{", 2)
    for place in 0..<count {
      let next = part(place, max(width - used, 8), &isCut)
      let cells = next.displayWidth + 2
      let rest = place == count - 1 ? 0 : 10 + String(count - place).count
      if place > 0 && used + cells + rest > width + 2 {
        isCut = true
        return text + ", … \(count - place) more}"
      }
      text += (place == 0 ? "" : ", ") + next
      used += cells
    }
    return text + "}"
  }

  /// A name as it is written in a record: in quotes unless it is a plain one.
  static func fieldName(_ name: String) -> String {
    let isPlain =
      name.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "_" } ?? false
      && name.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0)
      }
    return isPlain ? name : quoted(name, width: 40)
  }

  /// Text in quotes, with escapes for what could not be typed, cut to about `width` cells.
  static func quoted(_ text: String, width: Int) -> String {
    var (result, kept, used) = ("", "", 0)
    let room = max(width, 8) - 2
    for character in text {
      let piece = escapes[character] ?? escapedControl(character) ?? String(character)
      used += piece.displayWidth
      if used > room { return "\"\(kept)…\"" }
      result += piece
      if used < room { kept = result }
    }
    return "\"\(result)\""
  }

  private static let escapes: [Character: String] = [
    "\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\r\n": "\\r\\n", "\t": "\\t", "\r": "\\r",
    "{": "\\{",
  ]

  /// A control character must not reach the terminal.
  private static func escapedControl(_ character: Character) -> String? {
    guard let first = character.unicodeScalars.first,
      first.value < 0x20 || (0x7F...0x9F).contains(first.value)
    else { return nil }
    return "\\u{\(String(first.value, radix: 16))}"
  }
}

extension Matrix {
  /// `20×784 f64 matrix`: what an assignment says about it.
  package var brief: String {
    "\(isEmpty ? "empty " : "")\(shape) \(isLogical ? "true/false" : precision.description) matrix"
  }
}

extension NumberRange {
  /// As it would be typed: `1:5`, `0:0.1:1`.
  package var text: String {
    guard count > 0 else { return "empty range" }
    let (first, last) = (NumberFormat.short(start), NumberFormat.short(self[count - 1]))
    return step == 1 ? "\(first):\(last)" : "\(first):\(NumberFormat.short(step)):\(last)"
  }
}

extension Signature {
  /// Name and parameters as a call: `nmf(X, rank, loss="frobenius")`. An optional parameter
  /// without default is followed by `=…`, one that takes all remaining arguments by `…`.
  package var text: String {
    let parameters = parameters.map { parameter in
      if parameter.takesRest { return "\(parameter.name)…" }
      if let standard = parameter.standard {
        return "\(parameter.name)=\(standard.inline(width: 24))"
      }
      return parameter.isOptional ? "\(parameter.name)=…" : parameter.name
    }
    return "\(name)(\(parameters.joined(separator: ", ")))"
  }
}
