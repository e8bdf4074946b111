/// What a line at the prompt is meant for.
enum PromptInput: Equatable {
  case nothing
  /// A question: what stands behind `?`, or before it.
  case question(String)
  case command(name: String, words: String)
  case code(String)

  /// Reads the first letters. `defined` are names of the session, which hide the bare word `help`.
  init(_ text: String, defined: (String) -> Bool = { _ in false }) {
    let line = text.trimmingSpaces
    let words = line.split(separator: " ", omittingEmptySubsequences: true)
    if line.isEmpty {
      self = .nothing
    } else if line.hasPrefix("?") {
      self = .question(String(line.dropFirst()))
    } else if line.hasPrefix(":") {
      let name = line.dropFirst().prefix { !$0.isWhitespace }
      let rest = line.dropFirst(name.count + 1).trimmingSpaces
      self = .command(name: String(name), words: rest)
    } else if line.hasSuffix("?"), Self.isPath(line.dropLast()) {
      self = .question(String(line.dropLast()))
    } else if words[0] == "help", !defined("help"), words.count <= 2,
      words.dropFirst().allSatisfy(Self.isPath)
    {
      self = .question(words.count == 2 ? String(words[1]) : "")
    } else {
      self = .code(text)
    }
  }

  /// A name, or names with dots between them: `stats.mean`.
  private static func isPath(_ word: Substring) -> Bool {
    word.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isName)
  }

  private static func isName(_ word: Substring) -> Bool {
    word.first?.isNameStart == true && word.allSatisfy(\.isNameLetter)
  }
}
