import Foundation
import Testing

extension ProductTests {
  /// What is shown is run: the README, the samples.
  @Suite struct DocumentTests {
    private static var readme: [Transcript.Block] {
      let place = Product.root.appending(path: "README.md")
      return Transcript.blocks(in: (try? String(contentsOf: place, encoding: .utf8)) ?? "")
    }

    @Test func commandsOfTheReadmeShowWhatItSays() throws {
      for block in Self.readme where block.language == "console" {
        for exchange in Transcript.exchanges(in: block.text, sign: "$ ", more: "> ") {
          guard exchange.input.contains("mfs ") else { continue }
          let run = try Product.shell("{ \(exchange.input)\n} 2>&1")
          let actual = run.output.trimmingCharacters(in: .newlines)
          #expect(
            Transcript.matches(actual, exchange.output),
            "README.md:\(block.line): \(exchange.input)\n\(actual)")
        }
      }
    }

    @Test func sessionsOfTheReadmeShowWhatTheySay() throws {
      for block in Self.readme where block.language == "mfs" {
        guard block.text.contains("mfs> ") else {
          let run = try Product.run("-", input: block.text)
          #expect(run.status == 0, "README.md:\(block.line)\n\(run.errors)")
          continue
        }
        let exchanges = Transcript.exchanges(in: block.text, sign: "mfs> ", more: "...> ")
        let typed = exchanges.map { $0.input + "\n" }.joined()
        let run = try Product.shell("mfs -i --color never 2>&1", input: typed)
        let answers = run.output.replacing("...> ", with: "").components(separatedBy: "mfs> ")
          .dropFirst().map { $0.trimmingCharacters(in: .newlines) }
        for (answer, exchange) in zip(answers, exchanges) {
          #expect(
            Transcript.matches(answer, exchange.output),
            "README.md:\(block.line): \(exchange.input)\n\(answer)")
        }
        #expect(answers.count == exchanges.count + 1)
      }
    }

    private static var samples: [String] {
      let folder = Product.root.appending(path: "samples")
      let files = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
      return files.compactMap { $0 as? String }
        // Wrong programs have tests of their own; parts are imported by the samples beside them.
        .filter { $0.hasSuffix(".mfs") && !$0.hasPrefix("errors/") && !$0.contains("/parts/") }
        .sorted()
    }

    @Test(arguments: samples) func aSampleRuns(_ sample: String) throws {
      let run = try Product.run("samples/\(sample)")
      #expect(run.status == 0, "\(run.errors)")
      #expect(!run.output.isEmpty)
      #expect(!run.output.contains("\u{1B}"))
    }
  }
}
