import Builtins
import Matrices
import Testing
import Vocabulary

/// Text, lists and what goes through them.
@Suite struct TextTests {
  let caller = Caller()

  private func shown(_ name: String, _ positional: Value...) throws -> String {
    let builtin = try #require(StandardLibrary.library[name])
    return try builtin.call(Arguments(positional), caller.context).echo(width: 80, height: 24)
  }

  @Test func separatorsMayBeLongOrMissing() throws {
    #expect(try shown("split_text", .text("a--b----c"), .text("--")) == #"{"a", "b", "", "c"}"#)
    #expect(try shown("split_text", .text("abc"), .text("-")) == #"{"abc"}"#)
    #expect(try shown("split_text", .text(""), .text("-")) == #"{""}"#)
    #expect(try shown("split_text", .text("日本日"), .text("本")) == #"{"日", "日"}"#)
    #expect(caller.problem("split_text", .text("a"), .text(""))?.kind == .value)
  }

  @Test func replacingIsLiteral() throws {
    #expect(try shown("replace", .text("a.b.c"), .text("."), .text("..")) == #""a..b..c""#)
    #expect(try shown("replace", .text("aaa"), .text("aa"), .text("b")) == #""ba""#)
    #expect(try shown("replace", .text("x"), .text("longer"), .text("")) == #""x""#)
  }

  @Test func mapGoesThroughEverythingThatHasElements() throws {
    let double = SwiftFunction.number { .number(2 * $0) }
    #expect(try shown("map", .list([.number(1), .number(2)]), double) == "{2, 4}")
    #expect(try shown("map", .range(NumberRange(from: 1, to: 3)), double) == "{2, 4, 6}")
    #expect(try shown("map", .matrix(Matrix(row: [5, 6])), double) == "{10, 12}")
    #expect(try shown("map", .list([]), double) == "{}")
    #expect(caller.problem("map", .number(3), double)?.kind == .type)
  }

  @Test func filterNeedsTruth() throws {
    let large = SwiftFunction.number { .boolean($0 > 1) }
    #expect(try shown("filter", .list([.number(1), .number(2)]), large) == "{2}")
    let number = SwiftFunction.number { .number($0) }
    #expect(caller.problem("filter", .list([.number(1)]), number)?.kind == .type)
  }

  @Test func reduceOfNothingNeedsABeginning() throws {
    let add = Value.function(
      SwiftFunction(["a", "b"]) { .number((Double.from($0[0]) ?? 0) + (Double.from($0[1]) ?? 0)) })
    #expect(try shown("reduce", .range(NumberRange(from: 1, to: 4)), add) == "10")
    #expect(caller.problem("reduce", .list([]), add)?.kind == .value)
  }

  @Test func zippedPartsHaveOneLength() {
    #expect(caller.problem("zip", .list([.number(1)]), .text("ab"))?.kind == .shape)
  }

  @Test func printPutsSpacesBetweenAndMatricesOnTheirOwnLines() throws {
    try caller.call("print", .text("a"), .number(0.5), .boolean(true), .nothing)
    #expect(caller.output == "a 0.5 true nothing\n")
    let other = Caller()
    try other.call("print", .text("X ="), .matrix(Matrix([[1, 2], [3, 4]])), .text("end"))
    #expect(other.output == "X = [1, 2; 3, 4] end\n")
    let large = Caller()
    try large.call("print", .text("X ="), .matrix(.ones(3, 30)), .text("end"))
    #expect(large.output.split(separator: "\n").count == 6)
    let none = Caller()
    try none.call("print")
    #expect(none.output == "\n")
  }

  @Test func showKeepsToAThirdOfTheScreen() throws {
    try caller.call("show", .matrix(.ones(100, 100)))
    #expect(caller.output.split(separator: "\n").count == 8)
  }
}

/// Chance, time and surroundings.
@Suite struct TimeTests {
  @Test func theSameSeedGivesTheSameOrder() throws {
    let caller = Caller()
    try caller.call("seed", .number(7))
    let first = try caller.call("shuffle", .range(NumberRange(from: 1, to: 100)))
    try caller.call("seed", .number(7))
    let second = try caller.call("shuffle", .range(NumberRange(from: 1, to: 100)))
    #expect(Matrix.from(first) == Matrix.from(second))
    #expect(Set(Matrix.from(first)?.elements ?? []) == Set((1...100).map(Double.init)))
    #expect(Double.from(try caller.call("seed")) == 7)
  }

  @Test func twoAreShuffledAlike() throws {
    let caller = Caller()
    let x = Matrix(50, 3, (0..<150).map(Double.init))
    guard
      case .list(let both) = try caller.call(
        "shuffle", .matrix(x), .matrix(x.selecting(columns: [0])))
    else {
      Issue.record("no list")
      return
    }
    let shuffled = try #require(Matrix.from(both[0]))
    #expect(shuffled != x && Matrix.from(both[1]) == shuffled.selecting(columns: [0]))
    #expect(caller.problem("shuffle", .matrix(x), .matrix(.ones(3, 1)))?.kind == .shape)
  }

  @Test func aWatchMustBeStarted() throws {
    let caller = Caller()
    #expect(caller.problem("toc")?.kind == .value)
    try caller.call("tic")
    #expect((Double.from(try caller.call("toc")) ?? -1) >= 0)
  }

  @Test func argumentsAreTexts() throws {
    let caller = Caller(arguments: ["a", "3"])
    #expect(try caller.call("args").printed == #"{"a", "3"}"#)
  }

  @Test func theEnvironmentIsReadable() throws {
    let caller = Caller()
    #expect(try caller.call("env", .text("PATH")).printed.contains("/"))
    #expect(try caller.call("env", .text("MFS_NOT_SET")).printed == "nothing")
  }
}
