import Builtins
import Foundation
import Language
import Testing
import Vocabulary

/// The wrong programs of `samples/errors`: each is refused, in exactly these words.
///
/// After a deliberate change of wording, `MFS_RECORD=1 swift test --filter ErrorCorpus` writes the
/// new texts beside the programs, to be read before they are committed.
@Suite struct ErrorCorpusTests {
  static let folder = SampleFolder("errors")

  @Test(arguments: folder.programs)
  func wrongProgramIsExplained(_ name: String) throws {
    let program = try Self.folder.text(of: "\(name).mfs")
    let shown = Session.withLargeStack {
      let session = Session(
        library: StandardLibrary.library,
        context: Context(output: { _ in }, directory: Self.folder.path))
      do throws(Failure) {
        try session.run(
          SourceText(name: "\(name).mfs", text: program), echo: false, checking: true)
        return "nothing is wrong with it\n"
      } catch {
        return error.rendered(style: .plain)
      }
    }
    if ProcessInfo.processInfo.environment["MFS_RECORD"] != nil {
      try shown.write(
        toFile: "\(Self.folder.path)/\(name).expected", atomically: true, encoding: .utf8)
    }
    #expect(try shown == Self.folder.text(of: "\(name).expected"))
    #expect(shown.hasPrefix("error[E"))
    #expect(!shown.contains("\u{1B}"))
  }

  @Test func thereAreEnoughOfThem() {
    #expect(Self.folder.programs.count >= 120)
  }

  /// The way out that an error offers is one: with its edits applied, and those of what is then
  /// found, the program passes the check.
  @Test(arguments: folder.programs.filter { !inSeveralCalls.contains($0) })
  func offeredFixesPassTheCheck(_ name: String) throws {
    var text = try Self.folder.text(of: "\(name).mfs")
    let first = Self.diagnostics(of: text, name)
    guard first.contains(where: { !$0.fix.isEmpty }) else {
      // An error that offers words alone is on the list of those for which no edit can be known.
      #expect(first.allSatisfy { $0.help == nil } || Self.inWords.contains(name), "\(name)")
      return
    }
    for _ in 0..<6 {
      let edits = Self.diagnostics(of: text, name).flatMap(\.fix)
      if edits.isEmpty { break }
      text = Diagnostic.applying(edits, to: text)
    }
    let left = Self.diagnostics(of: text, name)
    #expect(
      left.allSatisfy { rest in first.contains { $0.title == rest.title && $0.fix.isEmpty } },
      "\(name):\n\(text)\n\(left.map(\.title))")
  }

  /// Every single fix takes its own mistake away.
  @Test(arguments: folder.programs.filter { !inSeveralCalls.contains($0) })
  func everyFixTakesItsMistakeAway(_ name: String) throws {
    let text = try Self.folder.text(of: "\(name).mfs")
    for diagnostic in Self.diagnostics(of: text, name) where !diagnostic.fix.isEmpty {
      let fixed = Diagnostic.applying(diagnostic.fix, to: text)
      #expect(fixed != text)
      let left = Self.diagnostics(of: fixed, name)
      #expect(
        !left.contains { $0.title == diagnostic.title && $0.line == diagnostic.line },
        "\(name):\n\(fixed)\n\(left.map(\.title))")
    }
  }

  @Test func aQuestionForTheTerminalIsAsked() {
    let text = "name = input(\"Your name? \")\n"
    let edits = Self.diagnostics(of: text, "question").flatMap(\.fix)
    #expect(Diagnostic.applying(edits, to: text) == "name = ask(\"Your name? \")\n")
  }

  /// Programs whose error says in words what to do, because what was meant cannot be known.
  static let inWords: Set<String> = [
    "pairs-from-zero", "tokens-beyond-the-table", "unknown-token", "function-with-labels",
    "window-too-large", "branch-inputs", "branch-shapes",
    "branch-sizes", "mf-layer-of-a-table", "nmf-layer-start",
    "gradient-of-two-parameters", "gradient-without-rank",
    "second-derivative-of-a-layer",
    "deep-nmf-ranks", "endless-recursion", "gradient-in-a-text", "gradient-through-eig",
    "gradient-without-a-place", "growth-of-a-matrix", "missing-argument",
    "outer-variable", "pseudonym-key", "too-many-arguments",
    "ratings-nan", "sparse-assigned", "stream-not-npy",
    "training-diverges", "augment-plain-rows", "save-a-function",
    "fold-pairwise-items", "private-tolerance", "publish-what-is-not-private",
    "lbfgs-with-unit-columns", "layer-without-input", "imaginary-number", "layer-upon-a-number",
    "help-in-a-script", "matlab-clear", "matlab-deletion", "numpy-astype", "python-print-end",
    "sklearn-class", "dense-inputs", "model-for-a-matrix", "python-mode", "numpy-einsum",
  ]

  /// A fix that suits the call that failed, but not another one in the same line.
  static let inSeveralCalls: Set<String> = ["error-in-a-callback"]

  /// What is wrong with a program by the check, or where that finds nothing by running it.
  private static func diagnostics(of program: String, _ name: String) -> [Diagnostic] {
    Session.withLargeStack {
      let session = Session(
        library: StandardLibrary.library,
        context: Context(output: { _ in }, directory: folder.path))
      let source = SourceText(name: "\(name).mfs", text: program)
      do throws(Failure) {
        try session.check(source)
        try session.run(source, echo: false)
        return []
      } catch {
        return error.diagnostics
      }
    }
  }
}

/// A folder under `samples`.
struct SampleFolder {
  let path: String

  init(_ name: String, file: String = #filePath) {
    let root = URL(fileURLWithPath: file).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    path = root.appendingPathComponent("samples/\(name)").path
  }

  /// The names of the programs, without their ending, in order.
  var programs: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".mfs") }.map { String($0.dropLast(4)) }.sorted()
  }

  func text(of name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }
}
