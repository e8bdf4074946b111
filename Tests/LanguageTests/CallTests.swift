import Language
import Matrices
import Testing
import Vocabulary

/// Calls of functions written in the language: the ways that make them fast change nothing.
@Suite struct CallTests {
  @Test func recursionCounts() {
    let lab = Lab()
    let text = "fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2) end\nfib(20)"
    #expect(lab.value(text) == "6765")
  }

  @Test func aFunctionThatIsDefinedAnewIsCalledAnew() {
    let lab = Lab()
    let text = """
      f(x) = x + 1
      xs = {}
      for i in 1:4
        xs += {f(10)}
        if i == 2 then f(x) = x + 100 end
        if i == 3 then f = x -> x * 2 end
      end
      xs
      """
    #expect(lab.value(text) == "{11, 11, 110, 20}")
  }

  @Test func aFunctionMayReplaceItselfWhileItRuns() {
    let lab = Lab()
    _ = lab.type("g(x) = x; f(x) = g(x) + 1")
    let text = "for i in 1:3; f(1); end; f = x -> 7; g = x -> f(x); f(1) + g(1)"
    #expect(lab.value(text) == "14")
  }

  @Test func closuresKeepWhatTheyCapture() {
    let lab = Lab()
    let text = """
      adder(n) = x -> x + n
      xs = {}
      for i in 1:3
        add = adder(i)
        xs += {add(10)}
      end
      xs
      """
    #expect(lab.value(text) == "{11, 12, 13}")
  }

  @Test func defaultsAreFilledInAndCapturedParametersShared() {
    let lab = Lab()
    #expect(lab.value("f(x, k=3) = x ^ k; f(2) + f(2, k=2) + f(2, 1)") == "14")
    #expect(lab.value("h(n) = (() -> n)() + n; h(4)") == "8")
  }

  @Test func argumentsWithNamesGoWhereTheFunctionOfTheMomentHasThem() {
    let lab = Lab()
    let text = """
      f(x, k=3, m=1) = 100 * x + 10 * k + m
      g(m, k, x) = -(100 * x + 10 * k + m)
      xs = {}
      for h in {f, g, f, (k, x, m) -> k}
        xs += {h(k=2, x=1, m=0)}
      end
      xs
      """
    #expect(lab.value(text) == "{120, -120, 120, 2}")
    #expect(lab.value("f(1, m=f(m=0, x=0))") == "160")
    #expect(lab.value("h(n, k=n) = () -> n + k; h(k=1, n=2)() + h(n=4)()") == "11")
    #expect(lab.type("f(x=1, y=2)").contains("has no parameter 'y'"))
    #expect(lab.type("f(k=2)").contains("needs 'x'"))
    #expect(lab.type("f(1, x=2)").contains("x"))
  }

  @Test func argumentsMayCallWhatIsCalled() {
    let lab = Lab()
    #expect(lab.value("f(a, b) = a - b; f(f(10, 3), f(4, f(3, 2)))") == "4")
  }

  @Test func anErrorInTheMiddleLeavesNothingBehind() {
    let lab = Lab()
    let text = """
      f(x) = if x > 3 then error("no") else x end
      s = 0
      for i in 1:6
        try
          s += f(i) + f(f(i))
        catch e
          s += 100
        end
      end
      s
      """
    #expect(lab.value(text) == "312")
  }

  @Test func deepRecursionHasItsLimitEveryTime() {
    let lab = Lab()
    let text = "f(n) = if n == 0 then 0 else f(n - 1) + 1 end\nf(5000)"
    #expect(Session.withLargeStack { lab.value(text) } == "5000")
    for _ in 0..<2 {
      let text = Session.withLargeStack { lab.type("f(-1)") }
      #expect(text.contains("the calls are too deep"))
    }
    #expect(Session.withLargeStack { lab.value("f(5000)") } == "5000")
  }

  @Test func smallMatricesAreComputedAsLargeOnes() {
    // The same elements once alone and once as a corner of a larger matrix.
    let lab = Lab()
    var random = Random(seed: 9)
    for (rows, columns) in [(1, 1), (1, 3), (3, 1), (2, 3), (3, 3), (4, 7), (8, 8)] {
      let (a, b) = (random.normal(rows, columns), random.normal(rows, columns))
      lab.session.define("A", .matrix(a))
      lab.session.define("B", .matrix(b))
      lab.session.define("T", .matrix(b.transposed))
      let cases: [(String, Matrix)] = [
        ("A + B", a + b), ("A - T'", a - b), ("A .* B", a.times(b)), ("A ./ B", a.over(b)),
        ("2 * A", 2 * a), ("A / 3", a / 3), ("1 - A", Matrix.combine(.subtract, 1, a)),
        ("(A + B) - (A .* B)", (a + b) - a.times(b)), ("T' + A", b + a), ("-A + B", -a + b),
        ("A' + T", (a + b).transposed),
      ]
      for (code, wanted) in cases {
        guard let value = try? lab.session.evaluate(SourceText(name: "t", text: code)),
          let matrix = Matrix.from(value)
        else {
          Issue.record("\(code)")
          continue
        }
        #expect(matrix == wanted, "\(code) \(rows)×\(columns)")
      }
      if rows * columns > 1 {
        let value = try? lab.session.evaluate(SourceText(name: "t", text: "A * T"))
        #expect(value.flatMap(Matrix.from)?.isClose(to: a * b.transposed) == true)
      }
    }
  }
}
