import Foundation
import Matrices
import Shell
import Testing
import Vocabulary

/// What Tab offers: from declarations and variables alone.
@Suite struct CompletionTests {
  private final class Model: Object {
    let kind = "test model"
    let fieldNames = ["W", "H", "history"]
    func field(_ name: String) -> Value? {
      name == "history" ? .record(Record([("loss", .number(1)), ("level", .number(2))])) : nil
    }
    func summary(width: Int) -> String { kind }
  }

  private static let library = Library([
    Builtin(
      "nmf", in: .factorize, "Factors without negative entries.",
      Parameter<Matrix>("X", "the data"), Parameter<Int>("rank", "how many parts"),
      Parameter<String>(
        "solver", "the rule", default: "auto", choices: ["auto", "hals", "mu"]),
      Parameter<Int>("iterations", "at most this many", default: 200)
    ) { x, _, _, _ in x },
    Builtin("norm", in: .ask, "The length.", Parameter<Matrix>("x", "of what")) { x in x },
    Builtin(
      "read", in: .data, "A file.", Parameter<String>("path", "which")
    ) { path in path },
  ])

  private var completer: Completer {
    Completer(
      library: Self.library,
      variables: [("model", .object(Model())), ("notes", .record(Record([("a", .number(1))])))],
      keywords: ["if", "while"], commands: ["vars", "quit"])
  }

  private func words(_ before: String) -> [String] {
    completer.complete(before).candidates.map(\.word)
  }

  @Test func namesOfEverythingThatBeginsSo() {
    #expect(words("n") == ["nmf", "norm", "notes"])
    #expect(words("x = 2 * nm") == ["nmf"])
    #expect(words("whi") == ["while"])
    #expect(words("") == [])
  }

  @Test func fieldsOfVariables() {
    #expect(words("model.") == ["W", "H", "history"])
    #expect(words("print(model.h") == ["history"])
    #expect(words("model.history.l") == ["loss", "level"])
    #expect(words("notes.") == ["a"])
    #expect(words("unknown.") == [])
  }

  @Test func aValueNobodyComputedHasNoFields() {
    #expect(words("nmf(model).") == [])
    #expect(words("3.") == [])
  }

  @Test func keywordArgumentsWithTheirDefaults() {
    let found = completer.complete("nmf(A, 3, ")
    #expect(found.candidates.map(\.word) == ["solver=", "iterations="])
    #expect(found.candidates.map(\.shown) == ["solver=\"auto\"", "iterations=200"])
    #expect(words("nmf(A, 3, iterations=5, ") == ["solver="])
    #expect(completer.complete("nmf(A, so").insertion == "lver=\"")
    #expect(words("A |> nmf(it") == ["iterations="])
  }

  @Test func nestedBracketsAreNoArguments() {
    #expect(words("nmf([1, ") == [])
    #expect(words("nmf(norm(A), so") == ["solver="])
  }

  @Test func choicesOfATextParameter() {
    #expect(words("nmf(A, 3, solver=\"") == ["auto", "hals", "mu"])
    #expect(completer.complete("nmf(A, solver=\"h").insertion == "als\"")
    #expect(words("nmf(A, 3, solver = \"m") == ["mu"])
  }

  @Test func filesInsideTexts() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "completion-\(getpid())")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "digits"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data().write(to: folder.appending(path: "data.csv"))
    try Data().write(to: folder.appending(path: ".hidden"))
    var completer = completer
    completer.directory = folder.path
    #expect(completer.complete("read(\"d").candidates.map(\.word) == ["data.csv", "digits/"])
    #expect(completer.complete("read(\"da").insertion == "ta.csv\"")
    #expect(completer.complete("read(\"di").insertion == "gits/")
    #expect(completer.complete("import \"da").insertion == "ta.csv\"")
    #expect(completer.complete("include(\"da").insertion == "ta.csv\"")
    #expect(completer.complete("norm(\"da").candidates.isEmpty)
  }

  @Test func commandsAndHelpTopics() {
    #expect(words(":v") == [":vars"])
    #expect(words("?no") == ["norm"])
    #expect(words(":help nm") == ["nmf"])
  }

  @Test func nothingInCommentsAndNumbers() {
    #expect(words("x = 1 # n") == [])
    #expect(words("12n") == [])
  }

  @Test func theCommonBeginningIsInserted() {
    #expect(completer.complete("no").insertion == "")
    #expect(completer.complete("model.hi").insertion == "story")
  }
}
