import Builtins
import Language
import Matrices
import Testing
import Vocabulary

/// Calls of builtins take short ways where nothing can go wrong; these change no result and no error.
@Suite struct QuickCallTests {
  private func run(_ text: String) -> String {
    let context = Context(output: { _ in })
    let session = Session(library: StandardLibrary.library, context: context)
    do throws(Failure) {
      return try session.evaluate(SourceText(name: "t", text: text)).printed
    } catch { return error.rendered(style: .plain) }
  }

  @Test(arguments: ["max", "min", "mod", "pow"])
  func operationsOnNumbersAreThoseOnMatrices(_ name: String) {
    for (a, b) in [("7", "3"), ("-7", "3"), ("2.5", "-1"), ("0", "0"), ("nan", "1"), ("1", "nan")] {
      let plain = run("\(name)(\(a), \(b))")
      #expect(run("x = \(a); y = \(b); \(name)(x, y) + 0") == plain, "\(a), \(b)")
      #expect(run("\(name)([\(a), 1], \(b))[1]") == plain, "\(a), \(b)")
      #expect(run("\(name)(\(a), [\(b), 1])[1]") == plain, "\(a), \(b)")
      #expect(run("\(name)(y=\(b), x=\(a))") == plain, "\(a), \(b)")
      #expect(run("f = \(name); f(\(a), \(b))") == plain, "\(a), \(b)")
    }
    #expect(run("\(name)(true, 2)") == run("\(name)(1, 2)"))
    #expect(run("\(name)(1, true)") == run("\(name)(1, 1)"))
  }

  @Test func functionsOfElementsTakeNumbersMatricesRangesAndTruths() {
    #expect(run("y = sqrt(16); y") == "4")
    #expect(run("y = sqrt([1, 4; 9, 16]); y[2, 2]") == "4")
    #expect(run("y = sqrt((1:3)); sum(y .* y)") == "6")
    #expect(run("abs(true)") == "1")
    #expect(run("isnan(nan)") == "true")
    #expect(run("isnan([1, nan])[2]") == run("isnan(nan)"))
    #expect(run("grad(x -> sum(abs(x)), [-2, 3])[1]") == "-1")
    #expect(run("grad((x, y) -> max(x, y), 2, 1)[1]") == run("grad(x -> max(x, 1), 2)"))
  }

  @Test func argumentsKeepTheirPlacesInErrors() {
    for (call, parts) in [
      ("sqrt(\"a\")", ["'x' needs a number or matrix", "text"]),
      ("max(\"a\", 2)", ["'x' needs a number or matrix"]),
      ("max(2, \"a\")", ["'y' needs a number or matrix"]),
      ("zeros(2, columns=-1)", ["'columns' must be"]),
      ("round(1, digits=2.5)", ["'digits' needs a whole number"]),
      ("round(1, 2, 3)", ["round"]),
    ] {
      // As a statement that runs, and where only the call can find it.
      for text in [call, "f = () -> \(call)\nf()"] {
        let said = run(text)
        for part in parts { #expect(said.contains(part), "\(text): \(said)") }
      }
    }
  }

  @Test func defaultsAndTextsReachTheirParameters() {
    #expect(run("round(2.346, 2)") == "2.35")
    #expect(run("round(digits=1, x=2.34)") == "2.3")
    #expect(run("sum([1, 2; 3, 4], dim=2)[2]") == "7")
    #expect(run("join({\"a\", \"b\"}, \"-\")") == run("join({\"a\", \"b\"}, separator=\"-\")"))
  }
}
