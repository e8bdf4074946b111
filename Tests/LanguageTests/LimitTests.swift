import Language
import Matrices
import Testing
import Vocabulary

/// Input that is too much: answered with an error, never with a crash.
@Suite struct LimitTests {
  private func shown(_ text: String) -> String {
    let lab = Lab()
    return Session.withLargeStack { lab.type(text) }
  }

  @Test(arguments: [
    "(", "[", "{", "f(", "-", "!", "x -> ", "if true then ", "\"{", "a[", "for i in ",
  ])
  func tenThousandOpenings(_ opening: String) {
    let text = shown("a = 1; f = x -> x; x = 1\n" + String(repeating: opening, count: 10_000))
    #expect(text.hasPrefix("error[E"))
  }

  @Test(arguments: [("(", ")"), ("[", "]"), ("{", "}"), ("sum(", ")"), ("-", ""), ("2^", "")])
  func tenThousandBracketsAroundANumber(_ open: String, _ close: String) {
    let text =
      String(repeating: open, count: 10_000) + "1" + String(repeating: close, count: 10_000)
    #expect(shown(text).hasPrefix("error[E"))
  }

  @Test(arguments: [" + 1", "'", " |> sqrt", " && true", "[1]", ".a"])
  func longChains(_ link: String) {
    let text = shown("1" + String(repeating: link, count: 100_000))
    #expect(text.hasPrefix("error[E"))
  }

  @Test func manyStatements() {
    let text = (1...20_000).map { "x\($0 % 100) = \($0)" }.joined(separator: "\n") + "\nx1"
    #expect(shown(text).hasSuffix("\n19901\n"))
  }

  @Test func recursionEndsWithAnError() {
    let text = shown("f(n) = f(n + 1)\nf(1)")
    #expect(text.contains("error[E039]: the calls are too deep: 'f' calls itself without end"))
  }

  @Test func recursionThroughABuiltinEndsWithAnError() {
    let text = shown("f(n) = map(k -> f(k), {n})\nf(1)")
    #expect(text.contains("error[E039]: the calls are too deep"))
  }

  @Test func recursionOnASmallStackEndsWithAnError() {
    // Without the large stack: the tests' own threads have little.
    let text = Lab().type("f(n) = map(k -> f(k), {n})\nf(1)")
    #expect(text.contains("error[E039]: the calls are too deep"))
  }

  @Test func deepDataEndsWithAnError() {
    for step in ["x = {x}", "x = {a = x}", "x += {x}", "r = {a = 1}; r.a = x; x = r"] {
      let text = shown("x = {}\nfor i in 1:100_000\n  \(step)\nend")
      #expect(text.contains("deep inside one another"), "\(step)")
    }
  }

  @Test func deepFunctionsEndWithAnError() {
    let text = shown(
      "wrap(f) = x -> f(x)\ng = x -> x\nfor i in 1:100_000\n  g = wrap(g)\nend")
    #expect(text.contains("deep inside one another"))
  }

  @Test(arguments: [
    "A[1e300, 1]", "A[nan, 1]", "A[inf, 1]", "A[-1e300, 1]", "1:inf", "nan:1", "1:nan",
    "1:1e-300:2",
    "0:1e-9:1e9", "A[1:1e9, 1]", "xs[1e30]", "xs[nan]", "A[A, A]", "A^1e10", "A^nan", "A^0.5",
    "ones(1e5, 1) * ones(1, 1e6)", "zeros(1e30, 2)", "zeros(nan, 2)",
    "zeros(-1, 2)",
    "\"{A:.999999999999999999}\"", "{}[1]", "\"\"[1]", "[][1]", "1[1]", "nothing[1]", "nothing.x",
    "A[]", "A[1, 2, 3]", "A[:, :, :]", "A[{}, {\"a\"}]", "sum()", "error()", "assert()",
    "A[1][1]", "A(1)", "true + nothing", "sqrt({})", "-\"a\"", "!{}", "\"a\"'", "A[1:0, 5]",
  ])
  func wrongNumbersAreRefused(_ code: String) {
    #expect(shown("A = [1, 2; 3, 4]; xs = {1, 2}\n" + code).contains("error[E"))
  }

  @Test(arguments: [
    ("A[1:0, :]", "empty"), ("A[{}, :]", "empty"), ("[]", "empty"), ("A[:, 2:1]", "empty"),
    ("[[], A]", "1  2\n3  4\n"), ("[[]; A]", "1  2\n3  4\n"),
    ("zeros(0, 3) * zeros(3, 0)", "empty"),
    ("zeros(2, 0) * zeros(0, 2)", "0  0\n0  0\n"), ("A[A > 9]", "empty"), ("0:-1", "empty"),
    ("A^0", "1  0\n0  1\n"), ("{}", "{}"), ("\"\"", "\"\""), ("1 / 0", "Inf"), ("0 / 0", "NaN"),
    ("5 % 0", "NaN"), ("(1:0) + 1", "empty"),
  ])
  func edgesHaveAMeaning(_ code: String, _ start: String) {
    let text = shown("A = [1, 2; 3, 4];\n" + code)
    #expect(text.hasPrefix(start), "\(code): \(text)")
  }

  /// Random rows of tokens, and random damage to a right program, never end the process.
  @Test(arguments: 0..<20)
  func tokenSoupNeverTraps(_ seed: UInt64) {
    var chance = Random(seed: seed)
    let lab = Lab()
    for _ in 0..<150 {
      var text = ""
      for _ in 0..<Int(chance.below(30) + 1) {
        text += Self.pieces[chance.below(Self.pieces.count)]
        if chance.below(3) > 0 { text += " " }
      }
      let input = text
      _ = Session.completeness(of: input)
      _ = Session.withLargeStack { lab.type(input) }
    }
  }

  private static let pieces = [
    "x", "y", "A", "f", "(", ")", "[", "]", "{", "}", "1", "2.5", "0xff", "1e3", "\"a\"", "\"{x}\"",
    "\"{x:.2}\"", "'", "+", "-", "*", "/", "\\", "^", ".*", "./", ".^", ".+", "%", "==", "!=", "<",
    "<=", "&", "|", "&&", "||", "!", "=", "+=", "-=", "*=", "|>", "->", ":", ",", ";", "\n", ".",
    "end", "if", "then", "else", "elseif", "for", "in", "break", "continue", "return", "try",
    "catch", "function", "true", "nothing", "sum", "ones(2, 2)", "[1, 2; 3, 4]", "{1, \"b\"}",
    "{a = 1}", "1:3", "A[1, end]", "x -> x", "f(x) = x + 1", "error(\"e\")", "assert(x)", "@", "**",
    "#", "é", "名", "§", "\"", "_", "ans", "map", "inf", "nan", "-1", "0", "print(x)",
  ]
}
