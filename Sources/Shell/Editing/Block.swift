/// Text of several lines as an editor shows it: the lines after the first stand under the first,
/// moved right by the width of the prompt.
package enum Block {
  static let margin = String(repeating: " ", count: Prompt.first.count)

  /// The text as it stands behind the prompt.
  package static func shown(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n\(margin)")
  }

  /// The text without the margin.
  package static func typed(_ shown: String) -> String {
    var lines = shown.split(separator: "\n", omittingEmptySubsequences: false)
    for index in lines.indices.dropFirst() {
      let spaces = lines[index].prefix(margin.count).prefix { $0 == " " }
      lines[index] = lines[index].dropFirst(spaces.count)
    }
    return lines.joined(separator: "\n")
  }

  /// What was pasted, ready to be inserted: line ends unified, control characters gone, no empty
  /// last line. From a copied session only what was typed stays, without prompts and answers.
  package static func pasted(_ text: String) -> String {
    let unified = text.split(separator: /\r\n|\r|\n/, omittingEmptySubsequences: false)
    var lines = unified.map { line in
      String(String.UnicodeScalarView(line.unicodeScalars.filter { $0 == "\t" || $0.value >= 32 }))
    }
    let first = lines.first { !$0.allSatisfy(\.isWhitespace) }
    if first?.hasPrefix(Prompt.first) == true { lines = lines.compactMap(withoutPrompt) }
    while lines.count > 1, lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  private static func withoutPrompt(_ line: String) -> String? {
    for prompt in [Prompt.first, Prompt.next] where line.hasPrefix(prompt) {
      return String(line.dropFirst(prompt.count))
    }
    return nil
  }
}
