import Language
import Matrices
import Testing
import Vocabulary

/// What programs mean, beyond what the samples show.
@Suite struct EvaluationTests {
  @Test func anEchoIsTheValueAndAnAssignmentOneLine() {
    let lab = Lab()
    #expect(lab.type("1 + 1") == "2\n")
    #expect(lab.type("x = [1, 2; 3, 4]") == "x = [1, 2; 3, 4]\n")
    #expect(lab.type("x") == "1  2\n3  4\n")
    #expect(lab.type("x;") == "")
    #expect(lab.type("y = 3;") == "")
    #expect(lab.type("y; y") == "3\n")
    #expect(lab.type("if true then 1 end") == "1\n")
    #expect(lab.type("if true then 1; end") == "")
    #expect(lab.type("if true then z = 1 end") == "")
    #expect(lab.type("for i in 1:3; i; end") == "")
    #expect(lab.type("(a, b) = {1, 2}") == "a = 1\nb = 2\n")
    #expect(lab.type("x[1, 1] = 9") == "x = [9, 2; 3, 4]\n")
    #expect(lab.type("print(1)") == "1\n")
  }

  @Test func aFileShowsOnlyWhatItPrints() {
    let lab = Lab()
    #expect(lab.run("x = 3\nx\nx + 1\nprint(x)") == "3\n")
  }

  @Test func theLastAnswerIsKept() {
    let lab = Lab()
    _ = lab.type("20 + 1")
    #expect(lab.type("ans * 2") == "42\n")
    #expect(lab.type("|> sqrt") == "6.48074\n")
    #expect(lab.type("x = 5;") == "")
    #expect(lab.type("3;") == "")
    #expect(lab.type("ans") == "3\n")
  }

  @Test func aFailedInputChangesNothing() {
    let lab = Lab()
    _ = lab.type("x = 1; A = [1, 2]; r = {a = 1}; xs = {1}")
    let before = lab.session.variables.map { "\($0.name) \($0.value.brief(width: 40))" }
    let chance = lab.session.context.random
    _ = lab.type(
      "x = 2; A[1] = 9; r.b = 2; xs += {2}; random(); f(k) = k; new = 3; error(\"stop\")")
    #expect(lab.session.variables.map { "\($0.name) \($0.value.brief(width: 40))" } == before)
    #expect(lab.session.context.random.position == chance.position)
    #expect(lab.type("ans").hasPrefix("error[E012]: there is no last answer yet"))
    #expect(lab.type("new").hasPrefix("error[E001]: the name 'new' is not known"))
  }

  @Test func aFunctionKeptFromBeforeAFailureStillWorks() {
    let lab = Lab()
    _ = lab.type("k = 2; f(x) = x * k")
    _ = lab.type("k = 10; f(x) = 0; error(\"stop\")")
    #expect(lab.type("f(3)") == "6\n")
  }

  @Test func chanceIsGivenBackByAFailedInput() {
    let (a, b) = (Lab(), Lab())
    _ = a.type("random() + nothing")
    #expect(a.type("random()") == b.type("random()"))
  }

  @Test func elementsAreWrittenInPlace() {
    // A copy for each of these writes would move 8 MB: 160 GB in all.
    let lab = Lab()
    let text =
      "A = zeros(1000, 1000)\nfor i in 1:1000\n  for j in 1:20\n    A[i, j] = i * j\n  end\nend\nA[7, 3]"
    #expect(lab.type(text) == "A = 1000×1000 f64 matrix\n21\n")
  }

  @Test func partsOfRecordsAreWrittenInPlace() {
    let lab = Lab()
    let text =
      "r = {A = zeros(1000, 1000)};\nfor i in 1:1000\n  for j in 1:20\n    r.A[i, j] += i * j\n  end\nend\nr.A[7, 3]"
    #expect(lab.type(text) == "21\n")
  }

  @Test func whatElseHasAValueKeepsIt() {
    let lab = Lab()
    _ = lab.type("a = {1, 2}; b = a; a[1] = 9; r = {k = 1}; q = r; r.k = 9")
    _ = lab.type("A = [1, 2; 3, 4]; B = A; A[1, 2] += 5; v = 1:3; w = v; v[2] -= 7")
    #expect(lab.type("b") == "{1, 2}\n")
    #expect(lab.type("q.k") == "1\n")
    #expect(lab.type("B") == "1  2\n3  4\n")
    #expect(lab.type("A") == "1  7\n3  4\n")
    #expect(lab.type("{v[2], w[2]}") == "{-5, 2}\n")
    // A list takes any value, also where a number stood.
    #expect(lab.type("a[2] = {3, \"x\"}; a[2][2] = 4; a") == "{9, {3, 4}}\n")
    #expect(lab.type("a[3] = 1").hasPrefix("error[E065]"))
    #expect(lab.type("r.new = [1, 2]; r.new[2] = 8; r.new") == "1  8\n")
  }

  @Test func aCallByNameFollowsItsFunction() {
    let lab = Lab()
    _ = lab.type("f(x, k=2) = x * k; g(x) = f(x=10, k=x)")
    #expect(lab.type("{g(1), g(3)}") == "{10, 30}\n")
    _ = lab.type("f(k, x) = k - x")
    #expect(lab.type("{g(1), g(3)}") == "{-9, -7}\n")
    let either = "for h in {(x, k=1) -> x * k, (k, x=1) -> k / x}; print(h(x=6, k=3)) end"
    #expect(lab.type(either) == "18\n0.5\n")
    _ = lab.type("c = 5; m(x, k=1) = x * k + c")
    #expect(lab.type("for i in 1:2; print(m(k=2, x=i)) end") == "7\n9\n")
  }

  @Test func listsGrowInPlace() {
    let lab = Lab()
    #expect(lab.type("xs = {};\nfor i in 1:200_000\n  xs += {i}\nend\nlength(xs)") == "200000\n")
  }

  @Test func aChangeDoesNotReachACopy() {
    let lab = Lab()
    _ = lab.type(
      "A = zeros(2, 2); B = A; A += ones(2, 2); A[1, 1] = 5; A *= 2; xs = {A}; A[1, 1] = 0")
    #expect(lab.value("B") == "0  0\n0  0")
    #expect(lab.value("xs[1]") == "10  2\n 2  2")
    #expect(lab.value("A") == "0  2\n2  2")
  }

  @Test(arguments: [
    ("2 + 3 * 4 ^ 2", "50"), ("-2 ^ 2", "-4"), ("2 ^ -1", "0.5"), ("2 ^ 3 ^ 2", "512"),
    ("1 - 2 - 3", "-4"), ("8 / 4 / 2", "1"), ("!true || true", "true"), ("1:2 + 3", "1:5"),
    ("1 < 2 && 2 < 3", "true"), ("1 + 1 == 2", "true"), ("true | false & false", "true"),
    ("[1, 2]'", "1\n2"), ("[1, 2] * [3, 4]'", "11"), ("-[1, 2]'", "-1\n-2"), ("2 \\ 4", "2"),
    ("3 |> sqrt |> (x -> x * 0)", "0"), ("(x -> x |> sqrt)(4)", "2"), ("1:3 |> sum", "6"),
    ("{1, 2}[1] + {a = 5}.a", "6"), ("10 % 4 * 2", "4"), ("1e3", "1000"), ("0xFF", "255"),
    ("2. * 3", "6"), ("2.*[1, 2]", "2  4"), ("[1, 2].^2", "1  4"), ("1 - -1", "2"), ("+3", "3"),
  ])
  func operatorsBindAsTheTableSays(_ code: String, _ shown: String) {
    #expect(Lab().value(code) == shown)
  }

  @Test(arguments: [
    ("[1, 2; 3, 4] ^ -2", "5.5   -2.5\n-3.75  1.75"),
    ("[2, 0; 0, 2] ^ 10", "1024     0\n   0  1024"),
  ])
  func matrixPowers(_ code: String, _ shown: String) throws {
    let lab = Lab()
    let value = try lab.session.evaluate(SourceText(name: "t", text: code))
    let rows = shown.split(separator: "\n").map {
      $0.split(separator: " ").compactMap { Double($0) }
    }
    let matrix = try #require(Matrix.from(value))
    #expect(matrix.isClose(to: Matrix(rows)))
  }

  @Test func whatIsCaughtSaysWhatHappened() {
    let lab = Lab()
    let kinds = [
      ("1 + nothing", "type"), ("[1, 2] * [1, 2]", "shape"), ("{1}[2]", "index"),
      ("error(\"x\")", "error"), ("assert(1 == 2)", "assertion"), ("{a = 1}.b", "name"),
      ("sqrt(1, 2)", "call"), ("scaled([1], factor=-1)", "value"), ("1:0:3", "value"),
    ]
    for (code, kind) in kinds where kind != "call" {
      #expect(lab.value("try\n  \(code)\ncatch e\n  e.kind\nend") == "\"\(kind)\"", "\(code)")
    }
    #expect(lab.value("\n\ntry\n  error(\"x\")\ncatch e\n  e.line\nend") == "4")
    #expect(lab.value("f(x) = x; try f(1, 2) catch e; e.kind; end") == "\"call\"")
  }

  @Test func exitCodesTellStagesApart() {
    func code(_ text: String) -> Int32? {
      do {
        try Lab().session.run(SourceText(name: "t", text: text), echo: false)
        return nil
      } catch { return error.exitCode }
    }
    #expect(code("x = 1") == nil)
    #expect(code("x = 1 + nothing") == 1)
    #expect(code("x = (") == 3)
    #expect(code("x = y") == 3)
    #expect(code("assert(1 == 2)") == 4)
    #expect(code("error(\"x\")") == 1)
  }

  @Test func variablesKnowWhereTheyComeFrom() {
    let lab = Lab()
    _ = lab.type("x = 1\ny = 2")
    #expect(lab.session.variables.map(\.name) == ["x", "y"])
    #expect(lab.session.origin(of: "y")?.line == 2)
    #expect(lab.session.origin(of: "y")?.source.name == "input")
    #expect(lab.session.origin(of: "z") == nil)
  }

  @Test func aCheckRunsNothing() throws {
    let lab = Lab()
    try lab.session.check(SourceText(name: "t", text: "x = 3\nprint(x)"))
    #expect(lab.sink.take() == "")
    #expect(lab.session.variables.isEmpty)
  }

  @Test func functionsOutliveTheInputThatMadeThem() {
    let lab = Lab()
    _ = lab.type("make(n) = () -> n")
    _ = lab.type("f = make(7)")
    _ = lab.type("make(n) = 0")
    #expect(lab.type("f()") == "7\n")
  }

  @Test func anErrorNamesTheCallsItCameThrough() {
    let lab = Lab()
    let text = lab.type("inner(x) = x + nothing\nouter(x) = inner(x)\nouter(1)")
    #expect(text.contains("= note: in 'inner', called in line 2 of input"))
    #expect(text.contains("= note: in 'outer', called in line 3 of input"))
  }

  @Test func anErrorInAnArgumentDoesNotBlameTheFunction() {
    let lab = Lab()
    #expect(!lab.type("f(x) = x\nf(1 + nothing)").contains("in 'f'"))
  }

  @Test func recursiveFilesAreRefused() {
    let lab = Lab()
    #expect(lab.run("include(\"nowhere/at-all.mfs\")").contains("cannot be read: no such file"))
  }
}
