import Builtins
import Matrices
import Testing
import Vocabulary

/// Pictures in the terminal: in bounds whatever is drawn, and clear about what cannot be.
@Suite struct PictureTests {
  @Test(arguments: [(80, 24), (20, 10), (8, 5), (1, 1), (200, 60)])
  func picturesStayInBounds(_ width: Int, _ height: Int) throws {
    var random = Random(seed: 1)
    let x = random.normal(50, 64)
    let column = x.selecting(columns: [0])
    let calls: [(String, [Value])] = [
      ("heatmap", [.matrix(x)]), ("image", [.matrix(x)]), ("images", [.matrix(x)]),
      ("plot", [.matrix(column)]), ("scatter", [.matrix(column), .matrix(column)]),
      ("hist", [.matrix(x)]), ("bar", [.matrix(column)]),
      ("curve", [SwiftFunction.number { .number($0 * $0) }, .number(-1), .number(1)]),
      ("heatmap", [.matrix(.filled(3, 3, with: .nan))]),
      ("plot", [.matrix(.filled(3, 1, with: .nan))]),
      ("hist", [.matrix(.filled(3, 1, with: .infinity))]),
      ("bar", [.matrix(.filled(3, 1, with: .nan))]),
    ]
    for (name, arguments) in calls {
      let caller = Caller(width: width, height: height)
      let builtin = try #require(StandardLibrary.library[name])
      _ = try builtin.call(Arguments(arguments), caller.context)
      let lines = caller.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      #expect(lines.count <= 20, "\(name)")
      #expect(lines.allSatisfy { String($0).displayWidth <= width }, "\(name)")
      #expect(!caller.output.utf8.contains(0x1B), "\(name)")
    }
  }

  @Test func whatCannotBeDrawnIsRefused() {
    let caller = Caller()
    #expect(caller.problem("heatmap", .matrix(.zeros(0, 3)))?.kind == .shape)
    #expect(caller.problem("images", .matrix(.zeros(2, 12)))?.help == "rows=3 fits")
    #expect(
      caller.problem("images", .matrix(.zeros(2, 12)), named: ["rows": .number(5)])?.kind == .shape)
    #expect(caller.problem("plot", .text("x"))?.kind == .type)
    #expect(
      caller.problem("plot", .matrix(.zeros(3, 13)))?.help == "heatmap(x) shows the whole matrix")
    #expect(caller.problem("scatter", .matrix(.zeros(3, 1)), .matrix(.zeros(4, 1)))?.kind == .shape)
    #expect(caller.problem("plot", .record(Record()))?.kind == .type)
    #expect(caller.problem("bar", .matrix(.zeros(3, 1)), .list([.text("a")]))?.kind == .shape)
    #expect(
      caller.problem("curve", SwiftFunction.number { .number($0) }, .number(1), .number(1))?.kind
        == .value)
    #expect(
      caller.problem("curve", SwiftFunction.number { _ in .text("") }, .number(0), .number(1))?.kind
        == .type)
  }

  @Test func pointsAreDrawnAsTheLastLettersOfTheirLabels() throws {
    let places = Value.matrix(Matrix(column: [1, 2, 3, 4]))
    func drawn(_ labels: Value) throws -> String {
      let caller = Caller()
      try caller.call("scatter", places, places, labels)
      return caller.output
    }
    let digits = try drawn(.matrix(Matrix(column: [7, 7, 8, 9])))
    #expect(digits.count { $0 == "7" } == 2 && digits.contains("8") && digits.contains("9"))
    let words = try drawn(.list(["one", "one", "three", "two"].map { .text($0) }))
    // Two of them end with the same letter: letters of their own, and their names.
    for name in ["a one", "b three", "c two"] { #expect(words.contains(name), "\(words)") }
    let caller = Caller()
    #expect(caller.problem("scatter", places, places, .list([.text("a")]))?.kind == .shape)
    let pairs = Value.matrix(.zeros(4, 2))
    #expect(caller.problem("scatter", places, pairs, places)?.kind == .shape)
  }

  @Test func aHistoryIsDrawnWithTheNamesOfItsFields() throws {
    let caller = Caller()
    try caller.call(
      "plot",
      .record(
        Record([
          ("loss", .matrix(Matrix(column: [3, 2, 1]))),
          ("error", .matrix(Matrix(column: [1, 2, 3]))),
        ])))
    #expect(caller.output.contains("loss") && caller.output.contains("error"))
  }
}
