import Foundation
import Language
import Matrices
import Testing
import Vocabulary

/// Spreading, documentation, files and limits.
@Suite struct CompletenessTests {
  @Test func recordsAreSpread() {
    let lab = Lab()
    _ = lab.type("r = {a = 1, b = 2}; s = {b = 3, c = 4}")
    #expect(lab.value("\"{{r..., a = 9}}\"") == "\"\\{a = 9, b = 2}\"")
    #expect(lab.value("\"{{r..., s...}}\"") == "\"\\{a = 1, b = 3, c = 4}\"")
    #expect(lab.value("\"{{b = 7, r...}}\"") == "\"\\{b = 2, a = 1}\"")
    #expect(lab.value("r.a") == "1")
  }

  @Test func listsAreSpread() {
    let lab = Lab()
    #expect(lab.value("xs = {2, 3}; \"{{1, xs..., 4}}\"") == "\"\\{1, 2, 3, 4}\"")
    #expect(lab.value("xs = {2}; \"{{xs..., xs...}}\"") == "\"\\{2, 2}\"")
    #expect(lab.value("xs = {}; {xs...}") == "{}")
  }

  @Test func whatCannotBeSpreadSaysWhatIsNeeded() {
    let lab = Lab()
    #expect(lab.value("{5..., a = 1}") == "error: a record needs a record before '...'")
    #expect(lab.value("{{a = 1}..., 2}") == "error: a list needs a list before '...'")
    #expect(lab.value("{5...}") == "error: a record or a list is needed before '...'")
    #expect(lab.value("{{1}..., {a = 2}...}").hasPrefix("error: a list needs"))
  }

  @Test func linesAboveAFunctionDescribeIt() throws {
    let lab = Lab()
    _ = lab.run(
      """
      ## The double
      ## of a number.
      f(x) = 2 * x
      # An ordinary comment.
      g(x) = x
      ## Three times.
      h = x -> 3 * x
      """)
    func words(_ name: String) -> String? {
      guard case .function(let function)? = lab.session[name] else { return nil }
      return function.documentation
    }
    #expect(words("f") == "The double\nof a number.")
    #expect(words("g") == "")
    #expect(words("h") == "Three times.")
    #expect(Session.completeness(of: "## The double.") == .incomplete)
    #expect(Session.completeness(of: "## The double.\nf(x) = 2 * x") == .complete)
    #expect(Session.completeness(of: "## nothing follows\n") == .complete)
  }

  @Test func filesAreLookedForInTheSearchPath() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "mfs-path-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try "## Nine.\nnine() = 9\n".write(
      to: folder.appendingPathComponent("far.mfs"), atomically: true, encoding: .utf8)
    setenv("MFS_PATH", "/nowhere:\(folder.path)", 1)
    defer { unsetenv("MFS_PATH") }
    let lab = Lab()
    #expect(lab.run("import \"far.mfs\" as far\nprint(far.nine())") == "9\n")
    guard case .object(let module)? = lab.session["far"],
      case .function(let nine)? = module.field("nine")
    else {
      Issue.record("the module has no function")
      return
    }
    #expect(nine.documentation == "Nine.")
    #expect(
      lab.run("import \"nearer.mfs\" as near").contains("MFS_PATH (/nowhere, \(folder.path))"))
  }

  @Test func filesThatImportEachOtherAreReported() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "mfs-cycle-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, other) in [("a", "b"), ("b", "a")] {
      try "import \"\(other).mfs\" as \(other)\n".write(
        to: folder.appendingPathComponent("\(name).mfs"), atomically: true, encoding: .utf8)
    }
    let shown = Lab().run("import \"a.mfs\" as a", name: "\(folder.path)/main.mfs")
    #expect(shown.contains("this file includes itself"))
  }

  @Test func defaultsMayUseEarlierParameters() {
    let lab = Lab()
    _ = lab.type("f(x, y=x + 1, z=y * 2) = {x, y, z}")
    #expect(lab.value("f(1)") == "{1, 2, 4}")
    #expect(lab.value("f(1, z=0)") == "{1, 2, 0}")
    #expect(lab.value("f(1, w=0)").contains("no parameter 'w'"))
  }

  @Test func anAssertionShowsBothSides() {
    let shown = Lab().run("a = [1, 2]; b = [1, 3]\nassert(a == b)")
    #expect(shown.contains("[1, 2]") && shown.contains("[1, 3]"))
  }

  @Test func aLimitOfMemoryHoldsForListsAndTexts() {
    // Far less than the tests themselves take: whatever else ends or begins meanwhile, there is no room.
    Memory.limit = 8 << 20
    defer { Memory.limit = Int.max }
    let lab = Lab()
    #expect(lab.value("s = \"abc\"; for i in 1:25; s += s; end").contains("no room for a text"))
    #expect(lab.value("xs = {1, 2}; for i in 1:22; xs += xs; end").contains("no room for a list"))
    #expect(
      lab.value("xs = {1, 2}; for i in 1:22; xs = {xs..., xs...}; end").contains(
        "no room for a list"))
  }

  @Test func aLimitStopsAProgramWithAnErrorOfItsOwn() {
    for (reason, words) in [(Interrupt.Reason.time, "time"), (.memory, "memory")] {
      defer { Interrupt.clear() }
      let sink = Sink()
      let session = Session(
        library: TestLibrary.library,
        context: Context(output: {
          sink.write($0)
          Interrupt.request(because: reason)
        }))
      do throws(Failure) {
        try session.run(
          SourceText(name: "file.mfs", text: "print(1)\nwhile true; end"), echo: false)
        Issue.record("the program ended")
      } catch {
        #expect(error.exitCode == Failure.limit)
        #expect(!error.isInterruption)
        #expect(error.rendered(style: .plain).contains(words))
      }
    }
  }
}
