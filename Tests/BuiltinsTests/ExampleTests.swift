import Builtins
import Language
import Synchronization
import Testing
import Vocabulary

/// Every example of every builtin shows what it promises.
@Suite struct ExampleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var builtin: String
    var example: Example
    var testDescription: String { "\(builtin): \(example.code)" }
  }

  static let all = StandardLibrary.library.all.flatMap { builtin in
    builtin.examples.map { Case(builtin: builtin.name, example: $0) }
  }

  @Test(arguments: all)
  func exampleShowsWhatItPromises(_ example: Case) {
    #expect(Transcript.of(example.example.code) == example.example.output)
  }
}

/// A fresh session, and what it shows.
enum Transcript {
  private final class Page: Sendable {
    let text = Mutex("")
    func write(_ part: String) { text.withLock { $0 += part } }
  }

  /// What the last input shows, or the error where one fails.
  static func of(_ code: String) -> String {
    let page = Page()
    let context = Context(output: { page.write($0) })
    let session = Session(library: StandardLibrary.library, context: context)
    var inputs: [String] = []
    var open = ""
    for line in code.split(separator: "\n", omittingEmptySubsequences: false) {
      open += open.isEmpty ? String(line) : "\n\(line)"
      if Session.completeness(of: open) != .incomplete {
        inputs.append(open)
        open = ""
      }
    }
    if !open.isEmpty { inputs.append(open) }
    for input in inputs {
      page.text.withLock { $0 = "" }
      do {
        try session.run(SourceText(name: "example", text: input), echo: true)
      } catch {
        return "\(error)"
      }
    }
    let text = page.text.withLock { $0 }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}
