import Builtins
import Foundation
import Language
import Synchronization
import Testing
import Vocabulary

/// The programs of `samples/language`, `samples/tour` and `samples/factorization`: each prints what
/// its comments `# expect: …` say.
@Suite struct ProgramTests {
  static let folder = SampleFolder("language")
  static let tour = SampleFolder("tour")
  static let factorization = SampleFolder("factorization")

  @Test(arguments: folder.programs)
  func programPrintsWhatItSays(_ name: String) throws { try check(name, in: Self.folder) }

  @Test(arguments: tour.programs)
  func stepOfTheTourPrintsWhatItSays(_ name: String) throws { try check(name, in: Self.tour) }

  /// Lessons that print pictures and measured numbers besides.
  static let pictured: Set = ["by-hand", "deep"]

  @Test(arguments: factorization.programs)
  func lessonPrintsWhatItSays(_ name: String) throws {
    try check(name, in: Self.factorization, amongOthers: Self.pictured.contains(name))
  }

  /// What a lesson of networks promises comes among its pictures, in order.
  @Test(arguments: ["explaining", "keeping"])
  func lessonOfNetworksKeepsWhatItPromises(_ name: String) throws {
    try check(name, in: SampleFolder("networks"), amongOthers: true)
  }

  private func check(_ name: String, in folder: SampleFolder, amongOthers: Bool = false) throws {
    let program = try folder.text(of: "\(name).mfs")
    let expected = program.split(separator: "\n", omittingEmptySubsequences: false).compactMap {
      line in line.range(of: "# expect: ").map { String(line[$0.upperBound...]) }
    }
    let path = "\(folder.path)/\(name).mfs"
    let (printed, failure) = Session.withLargeStack {
      let printed = Mutex("")
      let context = Context(
        output: { text in printed.withLock { $0 += text } }, directory: folder.path)
      let session = Session(library: StandardLibrary.library, context: context)
      do throws(Failure) {
        try session.run(SourceText(name: path, text: program), echo: false)
        return (printed.withLock { $0 }, "")
      } catch {
        return (printed.withLock { $0 }, error.rendered(style: .plain))
      }
    }
    #expect(failure == "")
    var lines = printed.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    #expect(amongOthers ? lines.filter(expected.contains) == expected : lines == expected)
    #expect(!expected.isEmpty)
  }

  @Test func thereAreEnoughOfThem() {
    #expect(Self.folder.programs.count >= 25)
    #expect(Self.tour.programs.count == 10)
  }
}
