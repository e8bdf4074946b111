/// A piece of program text with a name: a file, or one input of a session.
package final class SourceText: Sendable {
  /// What errors call it: `lesson.mfs`, `[3]`.
  package let name: String
  package let text: String
  /// The folder against which `include` and `import` read relative paths; the session's if `nil`.
  package let directory: String?
  let bytes: [UInt8]
  /// Where each line starts, in bytes.
  let lineStarts: [Int]

  package init(name: String, text: String, directory: String? = nil) {
    self.name = name
    self.text = text
    self.directory = directory ?? Self.folder(of: name)
    bytes = Array(text.utf8)
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(index + 1)
    }
    lineStarts = starts
  }

  /// The folder in a path; `nil` when there is none.
  private static func folder(of name: String) -> String? {
    guard name.hasSuffix(".mfs"), let slash = name.lastIndex(of: "/") else { return nil }
    return slash == name.startIndex ? "/" : String(name[..<slash])
  }

  /// The line of a byte, counted from 0.
  func line(at offset: Int) -> Int {
    var (low, high) = (0, lineStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The bytes of a line without its line end.
  func lineRange(_ line: Int) -> Range<Int> {
    let start = lineStarts[line]
    var end = line + 1 < lineStarts.count ? lineStarts[line + 1] - 1 : bytes.count
    if end > start && bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }

  /// Whether a line is one that describes what stands below it: `## …`.
  func isDocumentation(_ line: Range<Int>) -> Bool {
    var place = line.lowerBound
    while place < line.upperBound, bytes[place] == 32 || bytes[place] == 9 { place += 1 }
    return place + 1 < line.upperBound && bytes[place] == UInt8(ascii: "#")
      && bytes[place + 1] == UInt8(ascii: "#")
  }

  /// The lines `## …` right above the line of a byte, without their signs.
  func documentation(above offset: Int) -> String {
    var line = line(at: offset) - 1
    var words: [String] = []
    while line >= 0, isDocumentation(lineRange(line)) {
      let text = text(in: lineRange(line)).drop { $0 == " " || $0 == "\t" }.drop { $0 == "#" }
      words.append(String(text.first == " " ? text.dropFirst() : text))
      line -= 1
    }
    return words.reversed().joined(separator: "\n")
  }

  func text(in range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }
}

/// A stretch of a source, in bytes.
package struct SourceRange: Sendable, Equatable {
  package let source: SourceText
  package let lower: Int
  package let upper: Int

  package init(_ source: SourceText, _ lower: Int, _ upper: Int) {
    self.source = source
    self.lower = lower
    self.upper = max(lower, upper)
  }

  package static func == (a: SourceRange, b: SourceRange) -> Bool {
    a.source === b.source && a.lower == b.lower && a.upper == b.upper
  }

  /// The text of the range.
  package var text: String { source.text(in: lower..<upper) }

  /// The line in which it starts, counted from 1.
  package var line: Int { source.line(at: lower) + 1 }

  /// Both and everything between.
  func joined(_ other: SourceRange) -> SourceRange {
    SourceRange(source, min(lower, other.lower), max(upper, other.upper))
  }

  /// The empty range right after this one.
  var end: SourceRange { SourceRange(source, upper, upper) }
}
