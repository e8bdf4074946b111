import Language
import Testing
import Vocabulary

/// Where wrong programs are wrong: `‸` marks the place that the error points at.
@Suite struct GrammarTests {
  /// Checks the title of the first error, and that it starts at the mark.
  private func expectError(
    _ marked: String, _ title: String, location: Testing.SourceLocation = #_sourceLocation
  ) {
    let place = marked.utf8.count - (marked.drop { $0 != "‸" }).utf8.count
    let text = String(marked.filter { $0 != "‸" })
    let session = Session(library: TestLibrary.library, context: Context(output: { _ in }))
    do {
      try session.check(SourceText(name: "test", text: text))
      Issue.record("nothing is wrong with \(text)", sourceLocation: location)
    } catch {
      let first = error.diagnostics.first
      #expect(first?.title == title, sourceLocation: location)
      #expect(first?.labels.first?.range.lower == place, sourceLocation: location)
      #expect(error.exitCode == 3, sourceLocation: location)
    }
  }

  @Test func missingParts() {
    expectError("x = ‸", "a value is needed here, not the end")
    expectError("sum(1 ‸2)", "')' is needed here, not '2'")
    expectError("r.‸", "the name of a field is needed after the dot, not the end")
    expectError("x = 3 ‸)", "')' closes nothing")
    expectError(
      "if true ‸print(1) end",
      "a new line, ';' or 'then' is needed after the condition, not 'print'")
    expectError("for ‸3 in 1:3; end", "a name is needed here, not '3'")
    expectError("‸if true then 1", "'if' needs an 'end'")
    expectError("import \"a.mfs\"‸", "'as' and a name are needed after the file, not the end")
  }

  @Test func letters() {
    expectError("x = ‸§", "the sign '§' has no meaning here")
    expectError("x = ‸0x", "a hexadecimal number needs digits after 0x")
    expectError("x = ‸\"abc", "a text needs a closing quote in the same line")
    expectError("x = \"a‸\\q\"", "'\\q' is not an escape in a text")
    expectError("x = \"a ‸{1 + 2\"", "a hole in a text needs a closing brace")
    expectError("x = \"a ‸{}\"", "a hole in a text needs an expression")
    expectError("x = \"a {1 +‸}\"", "a value is needed here, not the end of the hole")
  }

  @Test func placesToAssignTo() {
    expectError("‸1 = 2", "a value can be given to a name, an element or a field")
    expectError("‸x + 1 = 2", "a value can be given to a name, an element or a field")
    expectError("f(x, ‸x) = 2", "'x' is there twice")
    expectError("f(x=1, ‸y) = 2", "arguments without a name come before those with one")
    expectError("(a, ‸a) = {1, 2}", "'a' is there twice")
  }

  @Test func names() {
    expectError("x = ‸smu(1)", "the name 'smu' is not known")
    expectError("‸sum = 1", "'sum' belongs to the library and keeps its meaning")
    expectError("‸pi = 3", "'pi' belongs to the library and keeps its meaning")
    expectError("‸break", "'break' belongs inside a loop")
    expectError("‸return 1", "'return' belongs inside a function")
    expectError("scaled([1], ‸factr=2)", "'scaled' has no parameter 'factr'")
    expectError("f = x -> ‸y", "the name 'y' is not known")
    expectError("f(x) = x\nf(x=1, ‸x=2)", "the argument 'x' is given twice")
    expectError("x = ‸ans", "there is no last answer yet")
  }

  @Test func signsOfOtherLanguages() {
    expectError("x = 1\nx ‸@ x", "the matrix product is written '*'")
    expectError("x = 2‸**3", "a power is written '^'")
    expectError("x = ‸'text'", "a text is written in double quotes")
    expectError("x = 1\nx‸++", "'++' is not an operator")
    expectError("x = 1\ny = x ‸and x", "'and' is written '&&'")
    expectError("x = ‸@(y) y", "a function is written with '->'")
    expectError("x = ‸[1, 2", "the bracket '[' is never closed")
    expectError("‸let x = 3", "a variable needs no 'let'")
    expectError("x = 3‸x", "an operator is missing here")
  }

  @Test func severalErrorsInOneRun() throws {
    let session = Session(library: TestLibrary.library, context: Context(output: { _ in }))
    let lines = (1...20).map { "x\($0) = [\($0) \($0)]\ny\($0) = \($0)" }
    let error = #expect(throws: Failure.self) {
      try session.check(SourceText(name: "test", text: lines.joined(separator: "\n")))
    }
    #expect(error?.diagnostics.count == 10)
    #expect(error?.diagnostics.map(\.line) == (0..<10).map { 2 * $0 + 1 })
  }

  @Test func anErrorInABlockDoesNotHideTheNext() throws {
    let session = Session(library: TestLibrary.library, context: Context(output: { _ in }))
    let text = """
      function f(x)
        if x ** 2 > 3
          y = [1 2]
        end
        z = 'a'
      end
      w = 2 @ 3
      """
    let error = #expect(throws: Failure.self) {
      try session.check(SourceText(name: "test", text: text))
    }
    #expect(error?.diagnostics.map(\.line) == [2, 3, 5, 7])
  }

  @Test(arguments: [
    ("1 + 2", Session.Completeness.complete), ("", .complete), ("# only a comment", .complete),
    ("x = (1 +", .incomplete), ("f(1,", .incomplete), ("[1, 2", .incomplete),
    ("x = 1 +", .incomplete), ("if true", .incomplete), ("if true then", .incomplete),
    ("if true\n  1\nelse", .incomplete), ("function f(x)", .incomplete),
    ("function f(x)\n  x\nend", .complete), ("for i in 1:3\n  i", .incomplete),
    ("while true", .incomplete), ("try", .incomplete), ("try\n  1\ncatch e\n", .incomplete),
    ("x |>", .incomplete), ("|> sum", .complete), ("x ->", .incomplete),
    ("x = \"abc", .wrong), ("x = )", .wrong), ("x @ y", .wrong), ("end", .wrong),
    ("{a = 1,", .incomplete), ("(1, 2)", .wrong), ("1 2", .wrong), ("if x = 3", .wrong),
    ("import \"a.mfs\" as", .incomplete), ("x = [1 2", .incomplete), ("f(x) =", .incomplete),
  ])
  func completeness(_ text: String, _ expected: Session.Completeness) {
    #expect(Session.completeness(of: text) == expected)
  }
}
