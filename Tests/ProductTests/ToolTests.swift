import Foundation
import Testing

extension ProductTests {
  /// What `mfs` does beside running programs, and what is made from its declarations.
  @Suite struct ToolTests {
    private func committed(_ path: String) throws -> String {
      try String(contentsOf: Product.root.appending(path: path), encoding: .utf8)
    }

    @Test func theManualIsCurrent() throws {
      let run = try Product.run("help", "--all")
      #expect(run.output == (try committed("Reference.md")), "run make reference")
    }

    @Test func theEditorFilesAreCurrent() throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "mfs-editors-\(getpid())")
      defer { try? FileManager.default.removeItem(at: folder) }
      #expect(try Product.run("editors", folder.path).status == 0)
      let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
      let files = paths.compactMap { $0 as? String }.filter { $0.contains(".") }
      #expect(files.count == 6)
      for file in files {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        #expect(text == (try committed("Editors/\(file)")), "run make editors")
        guard file.hasSuffix("json") else { continue }
        _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
      }
    }

    /// Every pattern of the grammar is a regular expression, and colours what it should.
    @Test func theGrammarKnowsWordsAndSigns() throws {
      let text = try committed("Editors/vscode/syntaxes/mfs.tmLanguage.json")
      let whole = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      let repository = try #require(whole["repository"] as? [String: [String: Any]])
      let patterns = try #require(repository["code"]?["patterns"] as? [[String: Any]])
      var kinds: [(name: String, pattern: NSRegularExpression)] = []
      for pattern in patterns {
        guard let match = (pattern["match"] ?? pattern["begin"]) as? String else { continue }
        kinds.append(
          (pattern["name"] as? String ?? "", try NSRegularExpression(pattern: match)))
      }
      func kind(_ word: String, in line: String) -> String? {
        let place = (line as NSString).range(of: word)
        return kinds.first { kind in
          kind.pattern.firstMatch(in: line, range: NSRange(location: 0, length: line.utf16.count))
            .map { NSIntersectionRange($0.range, place).length > 0 } ?? false
        }?.name
      }
      #expect(kind("while", in: "while") == "keyword.control.mfs")
      #expect(kind("nothing", in: "x = nothing") == "constant.language.mfs")
      #expect(kind("nmf", in: "m = nmf(X)") == "support.function.mfs")
      #expect(kind("2.5e-3", in: "2.5e-3") == "constant.numeric.mfs")
      #expect(kind("|>", in: "a |> b") == "keyword.operator.mfs")
      #expect(kind("...", in: "r...") == "keyword.operator.mfs")
      #expect(kind("# note", in: "x # note") == "comment.line.number-sign.mfs")
      #expect(kind("## doc", in: "## doc") == "comment.line.documentation.mfs")
      #expect(kind("# %% A", in: "# %% A") == "markup.heading.cell.mfs")
    }

    @Test func helpIsWhatThePromptShows() throws {
      let run = try Product.run("help", "svd")
      #expect(run.status == 0)
      #expect(run.output.hasPrefix("svd\n"))
      let prompt = try Product.run("-i", input: "?svd\n").output
      #expect(prompt.contains(run.output))
      #expect(try Product.run("help").output.contains("What can be called"))
      let unknown = try Product.run("help", "svdd")
      #expect(unknown.status == 1)
      #expect(unknown.errors.contains("did you mean 'svd'?"))
    }

    @Test func formattingChangesFilesInPlaceAndKeepsTheirMode() throws {
      let file = try Product.file("fmt.mfs", "x=1\n")
      chmod(file, 0o755)
      let check = try Product.run("fmt", "--check", file)
      #expect(check.status == 1)
      #expect(check.output == "\(file)\n")
      #expect(try Product.run("fmt", file).status == 0)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "x = 1\n")
      #expect(FileManager.default.isExecutableFile(atPath: file))
      #expect(try Product.run("fmt", "--check", file).status == 0)
      #expect(try Product.run("fmt", "-", input: "f( x )=x^ 2").output == "f(x) = x^2\n")
      let wrong = try Product.file("wrong.mfs", "x = (\n")
      let refused = try Product.run("fmt", wrong)
      #expect(refused.status == 3)
      #expect(refused.errors.contains("never closed"))
      #expect(try String(contentsOfFile: wrong, encoding: .utf8) == "x = (\n")
      #expect(try Product.run("fmt", "nowhere.mfs").status == 1)
    }

    @Test func aLimitEndsAProgram() throws {
      let endless = try Product.file("endless.mfs", "while true; end\n")
      let late = try Product.run("--max-seconds", "0.2", endless)
      #expect(late.status == 5)
      #expect(late.errors.contains("the time that a program may take is over"))
      let greedy = try Product.file(
        "greedy.mfs", "xs = {}\nfor i in 1:2000\n  xs += {rand(300, 300)}\nend\n")
      let full = try Product.run("--max-memory", "200M", greedy)
      #expect(full.status == 5)
      #expect(full.errors.contains("more memory than it may use"))
      let large = try Product.file("large.mfs", "A = zeros(10000, 10000)\n")
      let refused = try Product.run("--max-memory", "200M", large)
      #expect(refused.status == 1)
      #expect(refused.errors.contains("memory has no room"))
      #expect(try Product.run("--max-memory", "much", large).status == 2)
      #expect(try Product.run("--max-seconds", "0", large).status == 2)
    }

    @Test func aLimitAtThePromptHoldsForEachInput() throws {
      let run = try Product.shell(
        "mfs -i --max-seconds 0.2 2>&1", input: "while true; end\nx = 1\nwhile true; end\nx + 1\n")
      #expect(run.output.components(separatedBy: "may take is over").count == 3)
      #expect(run.output.contains("mfs> 2\n"))
      #expect(run.status == 0)
    }

    @Test func questionsAreAnsweredFromAPipe() throws {
      let file = try Product.file(
        "ask.mfs", "name = ask(\"name? \")\nn = number(ask(\"n? \", \"3\"))\nprint(name, n + 1)\n")
      #expect(try Product.run(file, input: "Ada\n41\n").output == "name? n? Ada 42\n")
      #expect(try Product.run(file, input: "Ada\n\n").output == "name? n? Ada 4\n")
      let short = try Product.run(file, input: "Ada\n")
      #expect(short.status == 1)
      #expect(short.errors.contains("the input ended before an answer came"))
      let piped = try Product.shell("setsid mfs -", input: "ask(\"name? \")\n")
      #expect(piped.errors.contains("asking needs a terminal"))
    }
  }
}
