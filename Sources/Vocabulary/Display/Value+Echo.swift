import Matrices

extension Value {
  /// What the prompt shows for an expression: a number, quoted text, the aligned rows of a matrix
  /// (or its corners), the fields of a record one a line, the summary of a model. Never wider than
  /// `width`, and never more than a third of `height` except for the summary of an object.
  package func echo(width: Int, height: Int) -> String {
    let (width, height) = (max(width, 8), max(height, 1))
    switch self {
    case .nothing, .boolean, .number, .range: return inline(width: width)
    case .text(let text): return Self.echo(text, width, height)
    case .matrix(let matrix):
      return matrix.lines(width: width, height: height).joined(separator: "\n")
    case .list(let list): return Self.echo(list, width, height)
    case .record(let record):
      if record.count == 0 { return inline(width: width) }
      return Self.fields(
        record.keys.map(Self.fieldName), record.values, " = ", width, max(height / 3, 3))
    case .function(let function):
      return "function \(function.signature.text)".wrapped(to: width, indent: 2)
    case .object(let object): return object.summary(width: width)
    }
  }

  /// Text as it would be typed, over at most a third of the screen.
  private static func echo(_ text: String, _ width: Int, _ height: Int) -> String {
    quoted(text, width: width * max(height / 3, 1))
  }

  /// A list in one line if it fits, else one element a line.
  private static func echo(_ list: [Value], _ width: Int, _ height: Int) -> String {
    if let line = Value.list(list).whole(width: width) { return line }
    let numbers = (1...list.count).map(String.init)
    let limit = max(height / 3, 3) - 1
    return "list of \(list.count)\n" + fields(numbers, list, ": ", width, limit, indent: 2)
  }

  /// Names and values in aligned lines; those that do not fit are counted.
  private static func fields(
    _ names: [String], _ values: [Value], _ sign: String, _ width: Int, _ limit: Int,
    indent: Int = 0
  ) -> String {
    let shown = names.count <= limit ? names.count : limit - 1
    let space = String(repeating: " ", count: indent)
    let widest = min(names.prefix(shown).reduce(0) { max($0, $1.displayWidth) }, width / 2)
    var lines = (0..<shown).map { place in
      let name = names[place].truncated(toWidth: widest).padded(
        toWidth: widest, onLeft: indent > 0)
      let head = "\(space)\(name)\(sign)"
      return head + values[place].inlineFact(width: max(width - head.displayWidth, 1))
    }
    if shown < names.count { lines.append("\(space)… \(names.count - shown) more") }
    return lines.joined(separator: "\n")
  }

  /// A part of a record or list in one line; of a large matrix, what the summary line says.
  private func inlineFact(width: Int) -> String {
    if case .matrix(let matrix) = self, matrix.literal(width: width) == nil, !matrix.isEmpty {
      return matrix.summaryLine(width: width)
    }
    return inline(width: width)
  }
}

extension String {
  /// The same broken between words into lines of so many cells, all but the first indented.
  package func wrapped(to width: Int, indent: Int) -> String {
    var (lines, line) = ([String](), "")
    for word in split(separator: " ", omittingEmptySubsequences: false) {
      if !line.isEmpty, line.displayWidth + 1 + String(word).displayWidth > width {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      } else {
        line += line.isEmpty ? String(word) : " \(word)"
      }
    }
    return (lines + [line]).joined(separator: "\n")
  }
}
