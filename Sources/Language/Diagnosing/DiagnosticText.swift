import Matrices
import Vocabulary

/// Draws a diagnostic: the lines it is about, underlined, each label below or beside its place.
///
///     error[E021]: the inner sizes of a matrix product must be equal
///       ┌─ lesson.mfs:7:11
///     6 │ H = rand(20, 784)
///       │ ----------------- H was made here: 20×784
///     7 │ R = V - H * W
///       │         - ^ - 1000×20
///       │         | |
///       │         | 784 ≠ 1000
///       │         20×784
///       = help: swap the factors: `W * H` is 1000×784, the shape of V
struct DiagnosticText {
  private let diagnostic: Diagnostic
  private let style: Drawing
  private let width: Int
  /// The digits of the largest line number.
  private let gutter: Int

  private enum Ink: String {
    case error = "1;31"
    case primary = "31"
    case secondary = "36"
    case frame = "34"
    case help = "32"
    case bold = "1"
  }

  init(_ diagnostic: Diagnostic, style: Drawing, width: Int) {
    self.diagnostic = diagnostic
    self.style = style
    self.width = max(width, 40)
    gutter = diagnostic.labels.map { String($0.range.line).count }.max() ?? 1
  }

  var text: String {
    let head = diagnostic.code.isEmpty ? "error" : "error[\(diagnostic.code)]"
    var lines = [ink(head, .error) + ink(": " + plain(diagnostic.title), .bold)]
    for source in sources { lines += draw(source) }
    let indent = String(repeating: " ", count: gutter + 1)
    let more = diagnostic.help.map { [("= help:", Ink.help, $0)] } ?? []
    for (sign, color, words) in more + diagnostic.notes.map({ ("= note:", .frame, $0) }) {
      let text = "\(sign) \(plain(words))"
        .wrapped(to: width - indent.count, indent: sign.count + 1).dropFirst(sign.count)
      lines.append(indent + ink(sign, color) + text.replacing("\n", with: "\n\(indent)"))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The sources of the labels, that of the first label first.
  private var sources: [SourceText] {
    var sources: [SourceText] = []
    for label in diagnostic.labels where !sources.contains(where: { $0 === label.range.source }) {
      sources.append(label.range.source)
    }
    return sources
  }

  private func ink(_ text: String, _ ink: Ink) -> String {
    style.color == .none ? text : "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m"
  }

  // MARK: Lines

  private func draw(_ source: SourceText) -> [String] {
    let labels = diagnostic.labels.filter { $0.range.source === source }
    guard let first = labels.first(where: \.isPrimary) ?? labels.first else { return [] }
    let start = first.range.lower
    let number = source.line(at: start)
    let column = source.text(in: source.lineStarts[number]..<start).count + 1
    let indent = String(repeating: " ", count: gutter)
    let corner = style.unicode ? "┌─" : "-->"
    var lines = [
      ink("\(indent) \(corner) ", .frame) + plain("\(source.name):\(number + 1):\(column)")
    ]
    var last: Int?
    let bar = style.unicode ? "│" : "|"
    for line in Set(labels.map { source.line(at: $0.range.lower) }).sorted() {
      if let last, line > last + 1 {
        lines.append(ink(indent + (style.unicode ? " ┆" : " :"), .frame))
      }
      last = line
      let here = labels.filter { source.line(at: $0.range.lower) == line }
      let shown = String(line + 1)
      let padding = String(repeating: " ", count: gutter - shown.count)
      let (code, marks) = drawLine(line, of: source, here)
      lines.append(ink("\(padding)\(shown) \(bar) ", .frame) + code)
      lines += marks.map { ink("\(indent) \(bar) ", .frame) + $0 }
    }
    return lines
  }

  /// A label with the cells that it underlines.
  private struct Mark {
    var start: Int
    var end: Int
    var text: String
    var isPrimary: Bool
  }

  private func drawLine(_ line: Int, of source: SourceText, _ labels: [Diagnostic.Label]) -> (
    String, [String]
  ) {
    let range = source.lineRange(line)
    let (cells, columns) = layOut(source, range)
    var marks = labels.map { label in
      let start = columns[min(max(label.range.lower - range.lowerBound, 0), columns.count - 1)]
      let end = columns[min(max(label.range.upper - range.lowerBound, 0), columns.count - 1)]
      return Mark(
        start: start, end: max(end, start + 1), text: plain(label.text), isPrimary: label.isPrimary)
    }
    marks.sort { ($0.start, $0.end) < ($1.start, $1.end) }
    // A line that is too long is shown around the label to look at.
    let room = width - gutter - 3
    var shift = 0
    if cells.count > room, let focus = marks.first(where: \.isPrimary) ?? marks.first,
      focus.end + 8 > room
    {
      shift = max(0, min(focus.start - room / 2, cells.count - room))
    }
    var code = cells.dropFirst(shift).prefix(room).joined()
    if shift > 0 {
      code = (style.unicode ? "…" : "~") + cells.dropFirst(shift + 1).prefix(room - 1).joined()
    }
    if cells.count - shift > room { code += style.unicode ? "…" : "~" }
    while code.last == " " { code.removeLast() }
    for index in marks.indices {
      marks[index].start = min(max(0, marks[index].start - shift), room - 1)
      marks[index].end = max(marks[index].start + 1, min(marks[index].end - shift, room))
    }
    return (code, underline(marks, room))
  }

  /// The characters of a line by cell (a wide one is followed by an empty one), and the cell of
  /// each byte.
  private func layOut(_ source: SourceText, _ range: Range<Int>) -> ([String], [Int]) {
    var cells: [String] = []
    var columns: [Int] = []
    for character in source.text(in: range) {
      let bytes = character.utf8.count
      columns += [Int](repeating: cells.count, count: bytes)
      if character == "\t" {
        let stop = (cells.count / 4 + 1) * 4
        while cells.count < stop { cells.append(" ") }
      } else {
        let wide = TextWidth.of(character)
        let isControl = character.unicodeScalars.first.map { $0.value < 0x20 || $0.value == 0x7F }
        cells.append(isControl ?? false ? "?" : letter(character))
        if wide == 2 { cells.append("") }
      }
    }
    columns.append(cells.count)
    return (cells, columns)
  }

  private func letter(_ character: Character) -> String {
    guard !style.unicode, !character.isASCII else { return String(character) }
    return TextWidth.of(character) == 2 ? "??" : "?"
  }

  private func underline(_ marks: [Mark], _ room: Int) -> [String] {
    guard let lastMark = marks.last else { return [] }
    var row = Row()
    for mark in marks where !mark.isPrimary {
      row.put(String(repeating: "-", count: mark.end - mark.start), at: mark.start, .secondary)
    }
    for mark in marks where mark.isPrimary {
      row.put(String(repeating: "^", count: mark.end - mark.start), at: mark.start, .primary)
    }
    var rows = [row]
    var hanging = marks.filter { !$0.text.isEmpty }
    // The rightmost label stands beside its mark, if nothing is underlined further right.
    if let last = hanging.last, last.start == lastMark.start,
      last.end >= marks.map(\.end).max() ?? 0, last.end + 1 + last.text.count <= room
    {
      rows[0].put(last.text, at: last.end + 1, last.isPrimary ? .primary : .secondary)
      hanging.removeLast()
    }
    if !hanging.isEmpty {
      var row = Row()
      for mark in hanging { row.put("|", at: mark.start, mark.isPrimary ? .primary : .secondary) }
      rows.append(row)
    }
    while let mark = hanging.popLast() {
      var row = Row()
      for left in hanging { row.put("|", at: left.start, left.isPrimary ? .primary : .secondary) }
      let start = min(mark.start, max(0, room - mark.text.count))
      row.put(mark.text, at: start, mark.isPrimary ? .primary : .secondary)
      rows.append(row)
    }
    return rows.map { $0.text { ink($0, $1) } }
  }

  /// A row of marks, put together from left to right and right to left.
  private struct Row {
    private var pieces: [(text: Character, ink: Ink)?] = []

    mutating func put(_ text: String, at column: Int, _ ink: Ink) {
      while pieces.count < column + text.count { pieces.append(nil) }
      for (offset, character) in text.enumerated() { pieces[column + offset] = (character, ink) }
    }

    func text(_ paint: (String, Ink) -> String) -> String {
      var result = ""
      var run = ""
      var runInk: Ink?
      for piece in pieces {
        if piece?.ink != runInk {
          result += runInk.map { paint(run, $0) } ?? run
          (run, runInk) = ("", piece?.ink)
        }
        run.append(piece?.text ?? " ")
      }
      return result + (runInk.map { paint(run, $0) } ?? run)
    }
  }

  // MARK: Letters

  /// Text in the letters that the terminal has.
  private func plain(_ text: String) -> String { Plainer.strict(text, style) }
}
