import Builtins
import Language
import Matrices
import Synchronization
import Testing
import Vocabulary

/// Every example of the help, run as a person would type it.
@Suite struct ExamplesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var builtin: String
    var example: Example
    var testDescription: String { "\(builtin): \(example.code)" }

    static let all = StandardLibrary.library.all.flatMap { builtin in
      builtin.examples.map { Case(builtin: builtin.name, example: $0) }
    }
  }

  @Test(arguments: Case.all)
  func showsWhatItPromises(_ test: Case) throws {
    let caller = Caller()
    let session = Session(library: StandardLibrary.library, context: caller.context)
    let lines = test.example.code.split(separator: "\n").map(String.init)
    let before = SourceText(name: "example", text: lines.dropLast().joined(separator: "\n"))
    do {
      try session.run(before, echo: false)
      try session.run(SourceText(name: "example", text: lines.last ?? ""), echo: true)
    } catch {
      Issue.record("\(test.testDescription)\n\(error.rendered(style: .plain))")
      return
    }
    #expect(caller.output == test.example.output + "\n")
  }

  @Test func everyBuiltinHasOne() {
    let without = StandardLibrary.library.all.filter(\.examples.isEmpty).map(\.name)
    #expect(without.isEmpty)
  }

  @Test func everyNameIsThereOnce() {
    let names = StandardLibrary.library.names
    #expect(Set(names).count == names.count)
  }
}
