import Builtins
import Foundation
import Language
import Matrices
import Testing
import Vocabulary

/// The check before a run: it finds what is certain to fail, and nothing else.
@Suite struct CheckTests {
  /// What the check says of a program: the codes and lines of the mistakes.
  static func check(_ code: String, name: String = "check.mfs", directory: String? = nil)
    -> [String]
  {
    let path = directory ?? "."
    return Session.withLargeStack {
      let session = Session(
        library: StandardLibrary.library, context: Context(output: { _ in }, directory: path))
      do throws(Failure) {
        try session.check(SourceText(name: name, text: code))
        return []
      } catch {
        return error.diagnostics.map { "\($0.code) in line \($0.line)" }
      }
    }
  }

  // MARK: No false alarm

  static let samples =
    SampleFolder("").allPrograms.filter { !$0.contains("/errors/") }
    + SampleFolder("../Benchmarks").allPrograms

  @Test(arguments: samples)
  func samplesAreNotComplainedAbout(_ path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    #expect(Self.check(text, name: path, directory: "/" + folder) == [])
  }

  @Test(arguments: ExampleTests.all)
  func examplesOfTheHelpAreNotComplainedAbout(_ example: ExampleTests.Case) {
    #expect(Self.check(example.example.code) == [])
  }

  @Test(arguments: Explanation.all.filter { !$0.right.isEmpty })
  func rightExamplesAreNotComplainedAbout(_ explanation: Explanation) {
    #expect(Self.check(explanation.right) == [])
  }

  @Test(arguments: [
    "x = 3\nif type(x) == \"matrix\"\n  x[1, 1]\nend",
    "f(x) = if type(x) == \"number\" then x else x[1] end\nf(3)\nf([1, 2])",
    "A = ones(3, 4)\nif rows(A) == cols(A)\n  inv(A)\nend",
    "try\n  ones(2, 3) * ones(2, 3)\ncatch e\n  print(e.message)\nend",
    "bad() = ones(2, 3) * ones(2, 3)\ntry\n  bad()\ncatch\n  print(1)\nend",
    "X = read(\"x.csv\")\nm = nmf(X, 3)\nR = X - m.W * m.H",
    "A = []\nfor i in 1:3\n  A = [A; i, i]\nend\nA * ones(2, 1)",
    "A = []\nfor i in 1:3\n  A = [A, [i; i]]\nend\nones(1, 2) * A",
    "x = 1\nfor i in 1:3\n  x = [x, i]\nend\nx[4]",
    "A = ones(2, 3)\nfor i in 1:4\n  A = A'\nend\nA * ones(3, 1)",
    "k = 2\nwhile k < 100\n  k = k * 2\nend\nones(1, 128) * ones(k, 1)",
    "f(n) = if n == 0 then ones(2, 2) else f(n - 1) end\nf(5) * ones(2, 1)",
    "g = nothing\nif g != nothing\n  g.field\nend",
    "r = {}\nfor x in r\n  x[1].y\nend",
    "x = args()\nn = if length(x) > 0 then number(x[1]) else 5 end\nones(n, 2) * ones(2, n)",
    "function f(x)\n  if length(x) == 0\n    return 0\n  end\n  x[1]\nend\nf([])\nf([1, 2])",
    "s = size(ones(3, 4))\nzeros(s[2], 1)\n(m, n) = size(ones(3, 4))\nones(3, 4) * ones(n, 1)",
    "f = {x -> x, x -> x'}\nf[2](ones(2, 3)) * ones(2, 1)",
    "x = 5\nfor i in 1:2\n  if i == 2\n    x[1]\n  end\n  x = [1, 2]\nend",
  ])
  func whatMayWorkIsNotComplainedAbout(_ code: String) {
    #expect(Self.check(code) == [])
  }

  // MARK: What is found

  @Test(arguments: [
    ("H = ones(2, 5)\nW = ones(4, 2)\nV = ones(4, 5)\nR = V - H * W", "E021 in line 4"),
    ("X = rand(100, 20)\nm = nmf(X, 5)\nprint(m.loss)\nE = X - m.H * m.W", "E021 in line 4"),
    ("X = rand(100, 20)\nm = nmf(X, 5)\nE = X - m.W", "E022 in line 3"),
    ("X = rand(10, 4)\n(U, S, V) = svd(X, 2)\nU * S'", "E021 in line 3"),
    ("f(A, B) = A * B\nf(ones(2, 3), ones(3, 1))\nf(ones(2, 3), ones(2, 1))", "E021 in line 1"),
    ("X = read(\"x.csv\")\nn = cols(X)\nA = [X, ones(rows(X), 1)]\nw = zeros(n, 1)\nA * w", ""),
    ("X = rand(7, 3)\nA = [X, ones(rows(X), 1)]\nw = zeros(cols(X), 1)\nA * w", "E021 in line 4"),
    ("for epoch in 1:100\n  W = ones(3, 2)\n  W * W\nend", "E021 in line 3"),
    (
      "function advance(W)\n  W - ones(2, 2)\nend\nW = ones(3, 3)\nfor i in 1:9\n  W = advance(W)\nend",
      "E022 in line 2"
    ),
    ("x = \"a\"\ny = x * 2", "E020 in line 2"), ("x = 5\nif x\n  1\nend", "E034 in line 2"),
    ("r = {rank = 3}\nr.rnk", "E015 in line 2"), ("x = [1, 2, 3]\nx[5]", "E052 in line 2"),
    ("A = ones(2, 3)\nA[3, 1]", "E052 in line 2"), ("A = ones(2, 3)\nA.T", "E015 in line 2"),
    ("inv(ones(2, 3))", "E026 in line 1"), ("solve(ones(3, 3), ones(2, 1))", "E071 in line 1"),
    ("sqrt(\"x\")", "E070 in line 1"), ("nmf(ones(3, 3), 0)", "E072 in line 1"),
    ("f(x, y) = x + y\nf(1)", "E011 in line 2"), ("(a, b) = {1, 2, 3}", "E037 in line 1"),
    ("[ones(2, 2), ones(3, 2)]", "E025 in line 1"), ("A = ones(2, 3)\nA(1, 2)", "E038 in line 2"),
    ("A = ones(2, 2)\nA[1, :] = [1, 2, 3]", "E061 in line 2"),
    ("x = {1}\nx[0]", "E050 in line 2"), ("for i in 10\n  1\nend", "E036 in line 1"),
    ("loss(W) = sum((W * ones(3, 3)) .^ 2)\nr = map({ones(2, 2)}, loss)", "E021 in line 1"),
  ])
  func mistakesAreFoundWithoutRunning(_ code: String, _ expected: String) {
    let found = Self.check(code)
    #expect(expected.isEmpty ? true : found == [expected], "\(code)\n\(found)")
  }

  // MARK: Files

  /// What a file holds is known before the program runs; not what the program itself may write.
  @Test(arguments: [
    ("X = read(\"numbers.csv\")\nX * ones(2, 1)", "E021 in line 2"),
    ("X = read(\"numbers.csv\")\nX * ones(3, 1)", ""),
    ("X = read(\"numbers.npy\")\nX * ones(2, 1)", "E021 in line 2"),
    ("t = read(\"words.csv\")\nt.nmae", "E015 in line 2"),
    ("t = read(\"words.csv\")\nt.name[1] + \"!\" + t.name[2]", ""),
    ("t = read(\"words.csv\")\nt.age * ones(3, 1)", "E021 in line 2"),
    ("read(\"words.csv\", type=\"matrix\")", "E073 in line 1"),
    ("T = read(\"words.csv\", type=\"text\")\nT * 2", "E020 in line 2"),
    ("write(ones(4, 2), \"numbers.csv\")\nX = read(\"numbers.csv\")\nX * ones(2, 1)", ""),
    ("X = read(\"./numbers.csv\")\nX * ones(2, 1)\nwrite(X, \"numbers.csv\")", ""),
    ("f = write\nX = read(\"numbers.csv\")\nX * ones(2, 1)", ""),
    (
      "for n in {\"a\", \"b\"}; ones(1, 1) |> write(n + \".csv\"); end\nread(\"numbers.csv\") * ones(2, 1)",
      ""
    ),
    ("X = read(\"numbers.csv\")\nwrite(X, \"other.csv\")\nX * ones(2, 1)", "E021 in line 3"),
    ("X = read(\"nowhere.csv\")\nX * ones(2, 1)", ""),
    ("try\n  read(\"words.csv\", type=\"matrix\")\ncatch\n  1\nend", ""),
  ])
  func filesAreKnownBeforeARun(_ code: String, _ expected: String) throws {
    let folder = try TemporaryFolder()
    try folder.file("numbers.csv", "a,b,c\n1,2,3\n4,5,6\n")
    try folder.file("words.csv", "name,age\nAda,36\nAlan,41\n")
    try Caller().call("write", .matrix(.ones(5, 3)), .text("\(folder.path)/numbers.npy"))
    #expect(
      Self.check(code, directory: folder.path) == (expected.isEmpty ? [] : [expected]), "\(code)")
  }

  /// A run does not begin when what it reads at its end is not there; a check alone says nothing.
  @Test func aRunLooksForItsFilesFirst() throws {
    let folder = try TemporaryFolder()
    let caller = Caller(directory: folder.path)
    let code = "print(1)\nX = read(\"nowhere.csv\")"
    #expect(Self.check(code, directory: folder.path) == [])
    func run(_ code: String) -> Int {
      let session = Session(library: StandardLibrary.library, context: caller.context)
      do throws(Failure) {
        try session.run(SourceText(name: "run.mfs", text: code), echo: false, checking: true)
        return 0
      } catch {
        return error.diagnostics.first?.line ?? -1
      }
    }
    #expect(run(code) == 2)
    #expect(caller.output.isEmpty)
    #expect(run("print(1)\nwrite([1, 2], \"nowhere.csv\")\nX = read(\"nowhere.csv\")") == 0)
    #expect(run("print(1)\nif length(args()) > 0\n  read(\"nothing.csv\")\nend") == 0)
    #expect(caller.output == "1\n1\n")
  }

  @Test func aMistakeAtTheEndOfALongProgramIsFound() {
    var code = "X = rand(200, 50)\nW = rand(200, 8)\nH = rand(8, 50)\n"
    for line in 0..<300 { code += "y\(line) = sum((X - W * H) .^ 2) + \(line)\n" }
    code += "Z = H * W"
    #expect(Self.check(code) == ["E021 in line 304"])
  }

  @Test func independentMistakesAreFoundTogether() {
    #expect(
      Self.check("A = ones(2, 3)\nA * A\nprint(A)\nA.T\nA[9, 9]")
        == ["E021 in line 2", "E015 in line 4", "E052 in line 5"])
  }

  @Test func sharedVariablesAreKnownFromTheSession() throws {
    let session = Session(
      library: StandardLibrary.library, context: Context(output: { _ in }))
    try session.run(SourceText(name: "first", text: "A = ones(2, 3)"), echo: false)
    #expect(throws: Failure.self) {
      try session.check(SourceText(name: "second", text: "A * A"))
    }
    try session.check(SourceText(name: "third", text: "A * A'"))
  }

  // MARK: Declared shapes

  @Test func everyBuiltinDeclaresShapesThatCanBeRead() {
    for builtin in StandardLibrary.library.all {
      #expect(!builtin.shapes.isEmpty, "\(builtin.name) declares no shapes")
      #expect(ShapeRule.parse(builtin.shapes) != nil, "\(builtin.name): \(builtin.shapes)")
    }
  }

  /// The value of the last line of an example is what the declared shapes foresee.
  @Test(arguments: ExampleTests.all)
  func examplesGiveWhatTheirShapesPromise(_ example: ExampleTests.Case) throws {
    let session = Session(
      library: StandardLibrary.library, context: Context(output: { _ in }))
    let source = SourceText(name: "example", text: example.example.code)
    let forecast = try #require(session.forecast(source))
    let value = try session.evaluate(source)
    #expect(forecast.allows(value), "\(example.example.code): \(forecast.text), not \(value.label)")
  }

  // MARK: Random programs

  /// Programs by chance, run and checked: what the check refuses fails, and what it foresees comes.
  @Test(arguments: 0..<8)
  func randomProgramsAreNeitherWronglyRefusedNorWronglyForeseen(_ seed: Int) {
    var chance = ProgramsByChance(seed: UInt64(seed))
    var (refused, failed) = (0, 0)
    for _ in 0..<250 {
      let code = chance.program()
      let source = SourceText(name: "chance.mfs", text: code)
      func session() -> Session {
        Session(library: StandardLibrary.library, context: Context(output: { _ in }))
      }
      // What stands in a branch that is not taken may be reported, but does not keep from running.
      var complaint: Failure?
      do throws(Failure) { try session().run(source, echo: false, checking: true) } catch {
        if error.exitCode == 3 { complaint = error }
      }
      let running = session()
      let forecast = running.forecast(source)
      do throws(Failure) {
        let value = try running.evaluate(source)
        #expect(complaint == nil, "\(code)\n\(complaint?.rendered(style: .plain) ?? "")")
        #expect(
          forecast?.allows(value) ?? false, "\(code)\n\(forecast?.text ?? ""), \(value.label)")
      } catch {
        failed += 1
        if complaint != nil { refused += 1 }
      }
    }
    // Most of what fails is seen before.
    #expect(refused * 2 > failed, "\(refused) of \(failed)")
  }
}

extension SampleFolder {
  /// All programs below the folder, as paths.
  var allPrograms: [String] {
    let files = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix(".mfs") }.sorted().map { "\(path)/\($0)" }
  }
}

/// Small programs over small matrices, drawn by chance.
struct ProgramsByChance {
  private var random: Random

  init(seed: UInt64) { random = Random(seed: seed) }

  private mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
  private mutating func pick<T>(_ choices: [T]) -> T { choices[pick(choices.count)] }

  mutating func program() -> String {
    var lines = [
      "a = \(matrix())", "b = \(matrix())", "x = \(pick(3) + 1)", "t = {1, \"a\", a}",
      "f(u, v) = \(pick(["u * v", "u + v", "u .* v'", "[u, v]", "sum(u) + v"]))",
    ]
    for _ in 0..<(2 + pick(4)) { lines.append(statement(depth: 0)) }
    lines.append(expression(2))
    return lines.joined(separator: "\n")
  }

  private mutating func matrix() -> String { "ones(\(pick(3) + 1), \(pick(3) + 1))" }

  private mutating func statement(depth: Int) -> String {
    let name = pick(["a", "b", "x"])
    switch pick(depth < 2 ? 7 : 3) {
    case 0, 1, 2: return "\(name) = \(expression(2))"
    case 3:
      return "for i in \(pick(["1:3", "1:x", "{1, 2}", "a"]))\n\(statement(depth: depth + 1))\nend"
    case 4:
      return
        "if \(condition())\n\(statement(depth: depth + 1))\nelse\n\(statement(depth: depth + 1))\nend"
    case 5: return "\(name) += \(expression(1))"
    default:
      return "try\n\(statement(depth: depth + 1))\ncatch\n\(statement(depth: depth + 1))\nend"
    }
  }

  private mutating func condition() -> String {
    pick(["rows(a) == cols(b)", "x > 2", "sum(a) > 4", "length(t) == 3", "type(x) == \"number\""])
  }

  private mutating func expression(_ depth: Int) -> String {
    if depth == 0 { return pick(["a", "b", "x", "2", "a'", matrix(), "t[1]", "rows(a)", "1:3"]) }
    let (p, q) = (expression(depth - 1), expression(depth - 1))
    switch pick(16) {
    case 0, 1: return "\(p) * \(q)"
    case 2: return "\(p) + \(q)"
    case 3: return "\(p) .* (\(q))"
    case 4: return "\(p) .- \(q)"
    case 5: return "[\(p), \(q)]"
    case 6: return "[\(p); \(q)]"
    case 7: return "sum(\(p), dim=\(pick(2) + 1))"
    case 8: return "f(\(p), \(q))"
    case 9: return "(\(p))[\(pick(["1", "end", "1, 1", ":, 1", "2, :", "1:2", "0"]))]"
    case 10: return "solve(\(p), \(q))"
    case 11: return "zeros(rows(\(p)), cols(\(q)))"
    case 12: return "max(\(p), \(q))"
    case 13: return "diag(\(p))"
    case 14: return "(if \(condition()) then \(p) else \(q) end)"
    default: return "(\(p)) == \(q)"
    }
  }
}
