import Foundation

/// Fenced blocks of a document, and whether they tell the truth.
enum Transcript {
  struct Block {
    var language: String
    var line: Int
    var text: String
  }

  /// The fenced blocks of a Markdown text.
  static func blocks(in text: String) -> [Block] {
    var blocks: [Block] = []
    var open: (language: String, line: Int, lines: [String])?
    for (index, line) in text.components(separatedBy: "\n").enumerated() {
      guard line.hasPrefix("```") else {
        open?.lines.append(line)
        continue
      }
      if let block = open {
        blocks.append(
          Block(
            language: block.language, line: block.line,
            text: block.lines.joined(separator: "\n")))
        open = nil
      } else {
        open = (String(line.dropFirst(3)), index + 1, [])
      }
    }
    return blocks
  }

  /// What was typed after each `sign` (`$ ` or `mfs> `), and what followed.
  static func exchanges(in text: String, sign: String, more: String) -> [(
    input: String, output: String
  )] {
    var exchanges: [(input: [String], output: [String])] = []
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix(sign) {
        exchanges.append(([String(line.dropFirst(sign.count))], []))
      } else if line.hasPrefix(more), let last = exchanges.indices.last,
        exchanges[last].output.isEmpty
      {
        exchanges[last].input.append(String(line.dropFirst(more.count)))
      } else if let last = exchanges.indices.last {
        exchanges[last].output.append(line)
      }
    }
    return exchanges.map { exchange in
      var output = exchange.output
      while output.last?.isEmpty == true { output.removeLast() }
      return (
        exchange.input.joined(separator: "\n"), output.joined(separator: "\n")
      )
    }
  }

  /// Whether `actual` is `expected`, in which `…` stands for anything.
  static func matches(_ actual: String, _ expected: String) -> Bool {
    let parts = expected.components(separatedBy: "…")
    guard parts.count > 1 else { return actual == expected }
    guard let first = parts.first, let last = parts.last, actual.hasPrefix(first) else {
      return false
    }
    var rest = actual.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() {
      guard let range = part.isEmpty ? rest.startIndex..<rest.startIndex : rest.range(of: part)
      else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}
