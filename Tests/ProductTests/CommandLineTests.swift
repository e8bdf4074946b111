import Foundation
import Testing

extension ProductTests {
  /// Options, programs, arguments and exit codes.
  @Suite struct CommandLineTests {
    @Test func anExpressionShowsItsValue() throws {
      let run = try Product.run("-e", "1 + 1")
      #expect(run.output == "2\n")
      #expect(run.errors == "")
      #expect(run.status == 0)
    }

    @Test func expressionsShareTheirVariables() throws {
      let run = try Product.run("-e", "x = 20;", "-e", "x + 1", "-e", "x + 2")
      #expect(run.output == "21\n22\n")
    }

    @Test func aFileShowsOnlyWhatItPrints() throws {
      let file = try Product.file("print.mfs", "1 + 1\nx = 3\nprint(x)\n")
      let run = try Product.run(file)
      #expect(run.output == "3\n")
    }

    @Test func argumentsBehindTheFileBelongToTheProgram() throws {
      let file = try Product.file("args.mfs", "for a in args()\n  print(a)\nend\n")
      let run = try Product.run(file, "--seed", "-e", "x", "--help")
      #expect(run.output == "--seed\n-e\nx\n--help\n")
      #expect(try Product.run("-e", "args()[2]", "a", "-b").output == "\"-b\"\n")
    }

    @Test func standardInputIsAProgram() throws {
      #expect(try Product.run("-", input: "print(6 * 7)\n").output == "42\n")
      #expect(try Product.run(input: "print(6 * 7)\n").output == "42\n")
      let run = try Product.run("-", "left", input: "print(args()[1])")
      #expect(run.output == "left\n")
    }

    @Test func aProgramWithASignatureRunsByItself() throws {
      let file = try Product.file(
        "self.mfs", "#!/usr/bin/env mfs\nprint(\"by itself\", args()[1])\n")
      chmod(file, 0o755)
      #expect(try Product.shell("\(file) now").output == "by itself now\n")
    }

    @Test func stayingContinuesWithTheVariables() throws {
      let run = try Product.run("-e", "x = 41;", "-i", input: "x + 1\n")
      #expect(run.output.contains("mfs> 42\n"))
      #expect(run.status == 0)
    }

    @Test func thePromptWithoutATerminalHoldsBlocks() throws {
      let run = try Product.run("-i", input: "for i in 1:2\nprint(i)\nend\n:quit\n")
      #expect(run.output.contains("mfs> ...> ...> 1\n2\n"))
    }

    @Test func theSeedDecidesChance() throws {
      let first = try Product.run("--seed", "5", "-e", "rand(2, 2)").output
      #expect(try Product.run("--seed", "5", "-e", "rand(2, 2)").output == first)
      #expect(try Product.run("--seed", "6", "-e", "rand(2, 2)").output != first)
    }

    @Test func theNumberOfThreadsChangesNothing() throws {
      let code = "A = randn(400, 300); sum(A * A')"
      let one = try Product.run("--threads", "1", "-e", code).output
      #expect(try Product.run("--threads", "4", "-e", code).output == one)
    }

    @Test(arguments: [
      ("error(\"no\")", 1), ("[1, 2] * [3, 4]", 1), ("x = ", 3), ("unknown_name", 3),
      ("assert(1 == 2)", 4), ("1", 0),
    ])
    func theCodeSaysHowItEnded(code: String, status: Int32) throws {
      let run = try Product.run("-e", code)
      #expect(run.status == status)
      if status != 0 {
        #expect(run.output == "")
        #expect(!run.errors.isEmpty)
      }
    }

    @Test(arguments: [
      ["--nonsense"], ["-x"], ["-e"], ["--color", "sometimes"], ["--threads", "0"],
      ["--seed", "x"], ["--progress", "loud"],
    ])
    func wrongUsageIsSaidSo(arguments: [String]) throws {
      let words = arguments.map { "'\($0)'" }.joined(separator: " ")
      let run = try Product.shell("mfs \(words)")
      #expect(run.status == 2)
      #expect(run.output == "")
      #expect(run.errors.contains("Usage: mfs"))
    }

    @Test func helpIsTheCommittedText() throws {
      let snapshot = Product.root.appending(path: "Tests/ProductTests/Snapshots/help.txt")
      let run = try Product.run("--help")
      #expect(run.output == (try String(contentsOf: snapshot, encoding: .utf8)))
      #expect(run.status == 0)
    }

    @Test func theVersionIsThatOfTheChanges() throws {
      #expect(try Product.run("--version").output.wholeMatch(of: /mfs \d+\.\d+\.\d+\n/) != nil)
    }

    @Test func aMissingFileIsExplained() throws {
      let run = try Product.run("no-such-file.mfs")
      #expect(run.status == 1)
      #expect(run.errors == "mfs: cannot read 'no-such-file.mfs': No such file or directory\n")
      #expect(try Product.run("/tmp").errors == "mfs: cannot read '/tmp': Is a directory\n")
    }
  }

  /// What goes where, and what never does.
  @Suite struct StreamTests {
    private static let training =
      "X = rand(200, 100); m = nmf(X, 5, iterations=30, tolerance=0, view=true); print(m.iterations)"

    @Test func resultsAndErrorsTakeDifferentWays() throws {
      let run = try Product.run("-e", "print(\"before\")\nerror(\"stop\")")
      #expect(run.output == "before\n")
      #expect(run.errors.contains("stop"))
      #expect(!run.errors.contains("before"))
    }

    @Test func pipesCarryNoEscapeCodes() throws {
      for code in ["rand(50, 50)", Self.training, "[1, 2] * [3, 4]", "heatmap(rand(4, 4))"] {
        let run = try Product.run("-e", code, environment: ["TERM": "xterm-256color"])
        #expect(!run.output.contains("\u{1B}"), "\(code)")
        #expect(!run.errors.contains("\u{1B}"), "\(code)")
        #expect(!run.errors.contains("\r"), "\(code)")
      }
    }

    @Test func trainingInAPipeIsFinishedLines() throws {
      let run = try Product.run("--progress", "plain", "-e", Self.training)
      #expect(run.output == "30\n")
      #expect(run.errors.contains("\n"))
      #expect(try Product.run("--progress", "none", "-e", Self.training).errors == "")
    }

    @Test func trainingAsJSONIsALineAnEvent() throws {
      let run = try Product.run("--progress", "json", "-e", Self.training)
      let lines = run.errors.split(separator: "\n")
      #expect(lines.count > 10)
      for line in lines {
        #expect(throws: Never.self) {
          try JSONSerialization.jsonObject(with: Data(line.utf8))
        }
      }
    }

    @Test func colorsCanBeForced() throws {
      let plain = try Product.run("-e", "heatmap(rand(4, 4))").output
      let colored = try Product.run("--color", "always", "-e", "heatmap(rand(4, 4))").output
      #expect(colored.contains("\u{1B}["))
      #expect(!plain.contains("\u{1B}"))
      let forced = try Product.run(
        "-e", "heatmap(rand(4, 4))", environment: ["CLICOLOR_FORCE": "1"])
      #expect(forced.output.contains("\u{1B}["))
      let refused = try Product.run(
        "-e", "heatmap(rand(4, 4))", environment: ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"])
      #expect(!refused.output.contains("\u{1B}"))
    }

    @Test func aClosedPipeEndsQuietly() throws {
      let run = try Product.shell(
        "mfs -e 'for i in 1:10000000; print(i); end' | head -1; echo ${PIPESTATUS[0]}")
      #expect(run.output == "1\n0\n")
      #expect(run.errors == "")
    }

    @Test func aFullDiskIsAFailure() throws {
      let run = try Product.shell("mfs -e 'print(1)' > /dev/full")
      #expect(run.status == 1)
      #expect(
        run.errors == "mfs: cannot write to standard output: No space left on device\n")
      let long = try Product.shell("mfs -e 'while true; print(1); end' > /dev/full")
      #expect(long.status == 1)
    }

    @Test func outputKeepsItsPlaceBeforeErrors() throws {
      let run = try Product.shell("mfs -e 'print(1)' -e 'error(\"two\")' 2>&1")
      #expect(run.output.hasPrefix("1\nerror"))
    }

    @Test func noLanguageOfTheEnvironmentChangesNumbers() throws {
      let run = try Product.run("-e", "3 / 2", environment: ["LANG": "de_DE.UTF-8", "LC_ALL": ""])
      #expect(run.output == "1.5\n")
    }
  }

  /// Input that nobody wants to see and everybody produces.
  @Suite struct BadInputTests {
    @Test(arguments: ["(", "[", "{", "-", "!", "f(", "if true "])
    func deepNestingIsRefusedWithWords(_ opening: String) throws {
      let code = String(repeating: opening, count: 10_000) + "1"
      let file = try Product.file("deep.mfs", code)
      let run = try Product.run(file)
      #expect(run.status == 3 || run.status == 1)
      #expect(!run.errors.isEmpty)
    }

    @Test func deepRecursionIsAnError() throws {
      let run = try Product.run("-e", "f(n) = f(n + 1) + 1\nf(0)")
      #expect(run.status == 1)
      #expect(run.errors.contains("error"))
    }

    @Test(arguments: [
      "read(\"/tmp\")", "read(\"no-such-file.csv\")", "nmf([1, -2; 3, 4], 1)", "nmf([1, 2], 0)",
      "nmf(ones(2, 2), 5)", "nmf([1, nan; 2, 3], 1)", "zeros(0, 0) * ones(3, 3)",
      "inv(zeros(2, 2))",
    ])
    func theProgramSurvivesWhatItRefuses(_ code: String) throws {
      let run = try Product.run("-e", code)
      #expect(run.status == 1)
      #expect(run.errors.hasPrefix("error"))
    }

    @Test func damagedFilesAreErrors() throws {
      let folder = Product.scratch
      try Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]).write(
        to: folder.appending(path: "cut.csv.gz"))
      try Data("1,2\n3\n4,5,6\n".utf8).write(to: folder.appending(path: "ragged.csv"))
      try Data([0x93, 0x4E]).write(to: folder.appending(path: "cut.npy"))
      try Data([0, 0, 8, 3, 0, 0]).write(to: folder.appending(path: "cut.idx3-ubyte"))
      for name in ["cut.csv.gz", "ragged.csv", "cut.npy", "cut.idx3-ubyte"] {
        let run = try Product.run("-e", "read(\"\(name)\")", directory: folder)
        #expect(run.status == 1, "\(name)")
        #expect(run.errors.contains(name), "\(name)")
      }
    }

    @Test func bytesThatAreNoLettersAreAnError() throws {
      let place = Product.scratch.appending(path: "bytes.mfs")
      try Data([0xFF, 0xFE, 0x00, 0x41]).write(to: place)
      #expect(try Product.run(place.path).status == 3)
    }

    @Test func anEmptyProgramIsFine() throws {
      let run = try Product.run(input: "")
      #expect(run.status == 0)
      #expect(run.output == "")
    }

    // MARK: Checking

    @Test func aCheckedProgramDoesNotRun() throws {
      let file = try Product.file("fine.mfs", "print(1)\n")
      let run = try Product.run("check", file)
      #expect(run.output == "")
      #expect(run.status == 0)
    }

    @Test func aMistakeIsFoundBeforeAnythingRuns() throws {
      let file = try Product.file(
        "late.mfs", "print(\"started\")\nA = ones(2, 3)\nA * A\n")
      let check = try Product.run("check", file)
      #expect(check.status == 3)
      #expect(check.output.hasPrefix("error[E021]: the inner sizes"))
      let run = try Product.run(file)
      #expect(run.status == 3)
      #expect(run.output == "")
      #expect(run.errors.hasPrefix("error[E021]"))
    }

    @Test func severalFilesAreChecked() throws {
      let (one, two) = (try Product.file("one.mfs", "x = 1\n"), try Product.file("two.mfs", "y"))
      let run = try Product.run("check", one, two, "no-such-file.mfs")
      #expect(run.output.contains("two.mfs:1:1"))
      #expect(run.errors.contains("no-such-file.mfs"))
      #expect(run.status == 1)
    }

    @Test func diagnosticsAreJSONWithEdits() throws {
      let file = try Product.file("json.mfs", "x = 2 ** 3\n")
      let run = try Product.run("check", "--json", file)
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
      #expect(object["code"] as? String == "E201")
      let edits = try #require(object["edits"] as? [[String: Any]])
      #expect(edits.first?["text"] as? String == "^")
      let start = try #require(edits.first?["start"] as? [String: Any])
      #expect(start["byte"] as? Int == 6)
      #expect(start["line"] as? Int == 1)
      #expect(start["column"] as? Int == 7)
      #expect(try Product.run("--json", file).errors == run.output)
    }

    @Test func codesAreExplained() throws {
      #expect(try Product.run("explain", "E021").output.contains("inner sizes"))
      #expect(try Product.run("explain", "E999").status == 2)
      #expect(try Product.run("-i", input: ":explain E021\n").output.contains("inner sizes"))
    }

    @Test func aDumbTerminalGetsPlainLetters() throws {
      let file = try Product.file("plain.mfs", "A = ones(2, 3)\nA * A\n")
      let run = try Product.shell("TERM=dumb mfs check \(file)")
      #expect(run.output.utf8.allSatisfy { $0 < 0x80 })
      #expect(run.output.contains("3 != 2"))
    }

    @Test(
      arguments: [
        "A = randn(30, 30); show(A); print({1, A, \"a\"}); print(\"a hole: {A}\")",
        "m = nmf(rand(20, 10), 3); show(m); print(m); show(mf(rand(9, 9), 2))",
        "net = input(8, 8) |> conv2d(4, 3, relu) |> flatten() |> dense(3); show(net)",
        "show(rank_scan(rand(20, 10), 1:3)); show(svd(rand(9, 9))); show(sparse(eye(5)))",
        "heatmap(rand(4, 4)); plot(1:9); hist(rand(9, 1)); bar(1:3); spy(sparse(eye(5)))",
        "scatter(1:9, 1:9); image(rand(8, 8)); x = rand(3, 4)",
      ]) func aDumbTerminalSeesValuesInPlainLetters(_ code: String) throws
    {
      let run = try Product.run("-e", code, environment: ["TERM": "dumb"])
      #expect(run.status == 0)
      #expect(!run.output.isEmpty)
      #expect(run.output.utf8.allSatisfy { $0 < 0x80 }, "\(run.output)")
      #expect(run.errors.utf8.allSatisfy { $0 < 0x80 }, "\(run.errors)")
    }

    @Test func aDumbTerminalGetsTheLettersOfTheProgram() throws {
      let run = try Product.run("-e", "print(\"caf\u{e9}\")", environment: ["TERM": "dumb"])
      #expect(run.output == "caf\u{e9}\n")
    }

    @Test(arguments: ["nmf", "svd", "factorize", ""])
    func aDumbTerminalIsHelpedInPlainLetters(_ name: String) throws {
      let words = name.isEmpty ? "help" : "help \(name)"
      let run = try Product.shell("TERM=dumb mfs \(words)")
      #expect(run.output.utf8.allSatisfy { $0 < 0x80 }, "\(run.output)")
    }
  }
}
