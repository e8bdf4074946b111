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
        try session.run(SourceText(name: "\(name).mfs", text: program), echo: false)
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
    #expect(shown.hasPrefix("error: "))
    #expect(!shown.contains("\u{1B}"))
  }

  @Test func thereAreEnoughOfThem() {
    #expect(Self.folder.programs.count >= 40)
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
