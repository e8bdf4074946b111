import Vocabulary

/// What there is to know about one kind of mistake: the one list of error codes.
package struct Explanation: Sendable {
  /// `E021`.
  package let code: String
  /// What is wrong, in a few words.
  package let title: String
  /// Why it is so, and what to do.
  package let text: String
  /// A program that makes the mistake; empty where none can be given that fails everywhere.
  package let wrong: String
  /// The same without it.
  package let right: String

  init(_ code: String, _ title: String, _ text: String, wrong: String, right: String) {
    self.code = code
    self.title = title
    self.text = text
    self.wrong = wrong
    self.right = right
  }

  /// All of them, by code.
  package static let all = names + operations + parts + grammar + habits

  /// The explanation of a code, however it is written: `E021`, `e21`, `21`.
  package init?(code: String) {
    let digits = code.drop { !$0.isNumber }
    guard let number = Int(digits), digits.allSatisfy(\.isNumber), !digits.isEmpty else {
      return nil
    }
    let name = String(number)
    let wanted = "E" + String(repeating: "0", count: max(0, 3 - name.count)) + name
    guard let found = Self.all.first(where: { $0.code == wanted }) else { return nil }
    self = found
  }

  /// The explanation as it is shown, no wider than asked where that can be.
  package func page(width: Int) -> String {
    var lines = ["\(code): \(title)", ""]
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + word.count + 1 > max(width, 40) {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    lines.append(line)
    func add(_ head: String, _ code: String) {
      guard !code.isEmpty else { return }
      lines += ["", head, ""]
      lines += code.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
    }
    add("Wrong:", wrong)
    add("Right:", right)
    return lines.joined(separator: "\n") + "\n"
  }
}
