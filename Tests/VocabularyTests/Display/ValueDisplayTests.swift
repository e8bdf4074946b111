import Matrices
import Testing
import Vocabulary

/// Values as the prompt shows them.
@Suite struct ValueDisplayTests {
  private func echo(_ value: Value, width: Int = 80, height: Int = 24) -> String {
    value.echo(width: width, height: height)
  }

  @Test func numbersHaveSixSignificantDigits() {
    #expect(echo(.number(3)) == "3")
    #expect(echo(.number(1.0 / 3)) == "0.333333")
    #expect(echo(.number(-0.0)) == "0")
    #expect(echo(.number(2.5e-7)) == "2.5e-07")
    #expect(echo(.number(.nan)) == "NaN")
  }

  @Test func textIsQuotedInAnEchoAndPlainInPrint() {
    #expect(echo(.text("say \"hi\"\n")) == #""say \"hi\"\n""#)
    #expect(Value.text("say \"hi\"\n").printed == "say \"hi\"\n")
  }

  @Test func controlCharactersDoNotReachTheTerminal() {
    #expect(echo(.text("\u{1B}[31m")) == #""\u{1b}[31m""#)
  }

  @Test func longTextIsCut() {
    let shown = echo(.text(String(repeating: "x", count: 10_000)))
    #expect(shown.displayWidth <= 80 * 8 && shown.hasSuffix("…\""))
  }

  @Test func smallListsAreWrittenAsTyped() {
    #expect(
      echo(.list([.number(1), .text("a"), .matrix(Matrix([[1, 2], [3, 4]])), .boolean(true)]))
        == #"{1, "a", [1, 2; 3, 4], true}"#)
    #expect(echo(.list([])) == "{}")
  }

  @Test func longListsShowSomeAndCountTheRest() {
    #expect(
      echo(.list((1...100).map { .number(Double($0)) }), height: 15) == """
        list of 100
          1: 1
          2: 2
          3: 3
          … 97 more
        """)
    #expect(
      Value.list((1...100).map { .number(Double($0)) }).inline(width: 24)
        == "{1, 2, 3, 4, … 96 more}")
  }

  @Test func aListOfMatricesNamesThem() {
    #expect(
      echo(.list([.matrix(.ones(30, 40)), .number(2)])) == """
        list of 2
          1: 30×40 f64, min 1, mean 1, max 1
          2: 2
        """)
  }

  @Test func recordsShowOneFieldALine() {
    let record = Record([
      ("rank", .number(3)), ("loss", .text("kl")),
      ("first name", .range(NumberRange(from: 1, to: 5))),
    ])
    #expect(
      echo(.record(record)) == """
        rank         = 3
        loss         = "kl"
        "first name" = 1:5
        """)
    #expect(
      Value.record(record).inline(width: 80) == #"{rank = 3, loss = "kl", "first name" = 1:5}"#)
    #expect(echo(.record(Record())) == "empty record")
  }

  @Test func rangesAreWrittenAsTyped() {
    #expect(echo(.range(NumberRange(from: 0, to: 1, by: 0.1))) == "0:0.1:1")
    #expect(echo(.range(NumberRange(from: 3, to: 1))) == "empty range")
  }

  @Test func functionsShowTheirSignature() {
    let f = Builtin(
      "rank", in: .decompose, "The number of linearly independent rows.",
      Parameter<Matrix>("x", "the matrix"), Parameter<Double>("tolerance", "", default: 1e-10),
      Parameter<Int?>("seed", "")
    ) { _, _, _ in 1.0 }
    #expect(echo(.function(f)) == "function rank(x, tolerance=1e-10, seed=…)")
  }

  @Test func anAssignmentSaysWhatWasMade() {
    #expect(Value.matrix(.zeros(20, 784)).brief(width: 80) == "20×784 f64 matrix")
    #expect(Value.matrix(.zeros(2, 2)).brief(width: 80) == "[0, 0; 0, 0]")
    #expect(Value.number(5).brief(width: 80) == "5")
    #expect(Value.matrix(.zeros(0, 3, .single)).brief(width: 80) == "empty 0×3 f32 matrix")
  }

  @Test func nestingIsBoundedInDepthAndSize() {
    var value = Value.number(1)
    for _ in 0..<500 { value = .list([value, value]) }
    #expect(value.echo(width: 80, height: 24).utf8.count < 4000)
    #expect(value.printed.displayWidth <= 160)
    #expect(value.brief(width: 40).displayWidth <= 40)
  }

  @Test func noLineIsWiderThanTheTerminal() {
    let record = Record([
      (String(repeating: "long", count: 30), .text(String(repeating: "日本", count: 100))),
      ("m", .matrix(.ones(100, 100))),
    ])
    for width in [8, 20, 79] {
      for line in Value.record(record).echo(width: width, height: 24).split(separator: "\n") {
        #expect(String(line).displayWidth <= width)
      }
    }
  }
}

/// Formats in the holes of a text.
@Suite struct FormatSpecificationTests {
  @Test(
    arguments: [
      (".4", 0.123456, "0.1235"), (".4", 3, "3"), ("8.3f", 3.14159, "   3.142"),
      ("e", 1500, "1.500000e+03"),
      (".2e", 1500, "1.50e+03"), (".1%", 0.256, "25.6%"), ("d", 42, "42"), ("05d", -42, "-0042"),
      ("+.1f", 2, "+2.0"), (",", 1_234_567, "1,234,567"), (",.2f", 1234.5, "1,234.50"),
      ("<6", 3, "3     "), ("^5", 3, "  3  "), ("*>5", 3, "****3"), ("x", 255, "ff"),
      ("", 0.5, "0.5"),
      ("6.2f", .nan, "   NaN"), (".3g", 1234567, "1.23e+06"),
    ] as [(String, Double, String)])
  func numbers(_ format: String, _ number: Double, _ expected: String) throws {
    #expect(try FormatSpecification(format).text(of: .number(number)) == expected)
  }

  @Test func textIsCutAndAlignedByCells() throws {
    #expect(try FormatSpecification("<5").text(of: .text("日本")) == "日本 ")
    #expect(try FormatSpecification(".2").text(of: .text("hello")) == "he")
  }

  @Test func matricesAreWrittenElementByElement() throws {
    #expect(
      try FormatSpecification(".2f").text(of: .matrix(Matrix([[1, 2], [3, 4]])))
        == "[1.00, 2.00; 3.00, 4.00]")
  }

  @Test(arguments: ["q", ".", "99999", ".3ff", "f3", "1e9"])
  func whatCannotBeUsedIsRefused(_ format: String) {
    #expect(throws: Problem.self) { try FormatSpecification(format) }
  }

  @Test func aNumberFormatNeedsANumber() {
    #expect(throws: Problem.self) { try FormatSpecification("f").text(of: .text("a")) }
    #expect(throws: Problem.self) { try FormatSpecification("d").text(of: .number(0.5)) }
  }
}
