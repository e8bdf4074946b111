import Builtins
import Foundation
import Language
import Matrices
import Testing
import Vocabulary

/// Programs that a fuzzer made: whatever they are, they end, and formatting keeps what they mean.
/// `Fuzzing/run` looks for more.
@Suite struct FuzzTests {
  private static let corpus: [(name: String, text: String)] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fuzzing/corpus")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().compactMap { name in
      let data = try? Data(contentsOf: folder.appendingPathComponent(name))
      return data.map { (name, String(decoding: $0, as: UTF8.self)) }
    }
  }()

  /// Everything but what reads or writes files, or asks.
  private static let library: Library = {
    let left: Set = ["write", "save", "read", "load", "data", "ask", "image", "env"]
    return Library(
      StandardLibrary.library.all.filter { !left.contains($0.name) },
      constants: StandardLibrary.library.constants)
  }()

  /// Reads, formats, checks and runs a program as `Fuzzing` does.
  static func survive(_ text: String) {
    _ = Session.completeness(of: text)
    let source = SourceText(name: "input", text: text)
    #expect(Formatter.keepsMeaning(source))
    if let once = try? Formatter.format(source) {
      let twice = try? Formatter.format(SourceText(name: "input", text: once))
      #expect(twice == once, "\(text)")
    }
    Session.withLargeStack {
      let watch = DispatchWorkItem { Interrupt.request(because: .time) }
      DispatchQueue.global().asyncAfter(deadline: .now() + 0.05, execute: watch)
      defer {
        watch.cancel()
        Interrupt.clear()
      }
      let session = Session(
        library: library, context: Context(output: { _ in }, directory: "/nonexistent"))
      do throws(Failure) { try session.check(source) } catch { _ = error.json }
      do throws(Failure) { try session.run(source, echo: true) } catch {
        _ = error.rendered(style: .plain)
      }
    }
  }

  @Test func theCorpusSurvives() {
    Memory.limit = Memory.resident + 256 << 20
    defer { Memory.limit = Int.max }
    for (_, text) in Self.corpus { Self.survive(text) }
    #expect(Self.corpus.count > 100)
  }
}
