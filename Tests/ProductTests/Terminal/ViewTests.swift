import Foundation
import Testing

extension ProductTests {
  /// The live view on a real terminal.
  @Suite struct ViewTests {
    private static let run =
      "m = nmf(rand(600, 400), 12, iterations=1000000, tolerance=0, view=true);"

    /// A terminal on which a run is being watched.
    private func watching(
      width: Int = 80, height: Int = 24, options: String = ""
    ) throws -> TerminalSession {
      let terminal = try TerminalSession(width: width, height: height)
      try terminal.startPrompt(options)
      try terminal.enter(Self.run)
      try terminal.wait("the view") {
        $0.contains("nmf 600×400") && $0.contains("▀") || $0.contains("▄")
      }
      return terminal
    }

    @Test(arguments: [(80, 24), (160, 50)])
    func curveAndTilesAppearAndQKeepsTheModel(width: Int, height: Int) throws {
      let terminal = try watching(width: width, height: height)
      #expect(try terminal.fact("alternate_on") == "1")
      try terminal.wait("a curve") { screen in
        screen.text.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) }
      }
      try terminal.press("q")
      try terminal.waitForPrompt()
      #expect(try terminal.fact("alternate_on") == "0")
      #expect(try terminal.fact("cursor_flag") == "1")
      try terminal.enter("m.reason")
      try terminal.wait("the reason") { $0.contains("stopped") }
      try terminal.enter("size(m.H)")
      try terminal.wait("the model") { $0.contains("400") }
    }

    @Test func spacePausesAndGoesOn() throws {
      let terminal = try watching()
      try terminal.press("Space")
      try terminal.wait("the word") { $0.contains("paused") }
      try terminal.press("Space")
      try terminal.wait("going on") { !$0.contains("paused") }
      try terminal.press("q")
      try terminal.waitForPrompt()
    }

    @Test func aQuestionMarkShowsTheKeys() throws {
      let terminal = try watching()
      let before = try terminal.screen.text
      try terminal.press("?")
      try terminal.wait("the keys") { $0.text != before && $0.contains("space") }
      try terminal.press("q")
      try terminal.waitForPrompt()
    }

    @Test func theViewFollowsTheWindow() throws {
      let terminal = try watching()
      try terminal.resize(width: 120, height: 40)
      try terminal.wait("the wider view") { screen in screen.lines.contains { $0.count > 100 } }
      try terminal.resize(width: 30, height: 8)
      try terminal.wait("a polite refusal") { $0.contains("60×16") || $0.contains("small") }
      try terminal.resize(width: 80, height: 24)
      try terminal.wait("the view again") { $0.contains("nmf 600×400") }
      for size in [(1, 1), (200, 60), (2, 2), (80, 24)] {
        try terminal.resize(width: size.0, height: size.1)
      }
      try terminal.wait("the view again") { $0.contains("nmf 600×400") }
      try terminal.press("q")
      try terminal.waitForPrompt()
    }

    @Test func controlCInTheViewKeepsTheModel() throws {
      let terminal = try watching()
      try terminal.press("C-c")
      try terminal.waitForPrompt()
      try terminal.enter("m.reason")
      try terminal.wait("the reason") { $0.contains("stopped") }
    }

    @Test func theResultIsTheSameWithAndWithoutTheView() throws {
      let code = "m = nmf(rand(300, 200), 8, iterations=60, tolerance=0, view=VIEW, seed=3);"
      let show = "print(\"sum {sum(m.W):.17} {sum(m.H):.17}\")"
      let plain = try Product.run(
        "--seed", "9", "-e", code.replacing("VIEW", with: "false"), "-e", show)
      let terminal = try TerminalSession()
      try terminal.startPrompt("--seed 9")
      try terminal.enter(code.replacing("VIEW", with: "true"))
      try terminal.waitForPrompt()
      try terminal.enter(show)
      try terminal.wait("the sums") { $0.contains(plain.output.trimmingCharacters(in: .newlines)) }
    }
  }

  /// The terminal is afterwards what it was before, however the program ends.
  @Suite struct RestorationTests {
    private func modes(_ terminal: TerminalSession, _ file: String) throws -> String {
      let path = Product.scratch.appending(path: file).path
      try? FileManager.default.removeItem(atPath: path)
      try terminal.enter("stty -a > \(path); echo noted-\(file)")
      try terminal.wait("the modes") { $0.lines.contains("noted-\(file)") }
      return try String(contentsOfFile: path, encoding: .utf8)
    }

    private func expectRestored(_ terminal: TerminalSession, _ before: String) throws {
      try terminal.wait("the shell") { $0.lastLine.hasSuffix("$") }
      #expect(try terminal.fact("alternate_on") == "0")
      #expect(try terminal.fact("cursor_flag") == "1")
      #expect(try modes(terminal, "after") == before)
    }

    private static let view =
      "mfs -e 'nmf(rand(600, 400), 12, iterations=1000000, tolerance=0, view=true);'"

    @Test(arguments: ["TERM", "HUP", "SEGV", "INT", "QUIT", "ABRT"])
    func aSignalDuringTheView(_ signal: String) throws {
      let terminal = try TerminalSession()
      let before = try modes(terminal, "before")
      try terminal.enter(Self.view)
      try terminal.wait("the view") { $0.contains("nmf 600×400") }
      #expect(try terminal.fact("alternate_on") == "1")
      _ = try Product.shell("pkill -\(signal) -n -x mfs -t \(try tty(terminal))")
      try expectRestored(terminal, before)
    }

    @Test(arguments: ["TERM", "HUP", "SEGV"])
    func aSignalAtThePrompt(_ signal: String) throws {
      let terminal = try TerminalSession()
      let before = try modes(terminal, "before")
      try terminal.startPrompt()
      _ = try Product.shell("pkill -\(signal) -n -x mfs -t \(try tty(terminal))")
      try expectRestored(terminal, before)
    }

    private func tty(_ terminal: TerminalSession) throws -> String {
      try terminal.fact("pane_tty").replacing("/dev/", with: "")
    }

    @Test func controlZDuringTheView() throws {
      let terminal = try TerminalSession()
      let before = try modes(terminal, "before")
      try terminal.enter(Self.view)
      try terminal.wait("the view") { $0.contains("nmf 600×400") }
      try terminal.press("C-z")
      try terminal.wait("the shell") { $0.contains("Stopped") && $0.lastLine.hasSuffix("$") }
      #expect(try terminal.fact("alternate_on") == "0")
      #expect(try modes(terminal, "stopped") == before)
      try terminal.enter("fg")
      try terminal.wait("the view again") { $0.contains("nmf 600×400") && $0.contains("▀") }
      try terminal.press("q")
      try expectRestored(terminal, before)
    }

    @Test func controlZAtThePrompt() throws {
      let terminal = try TerminalSession()
      let before = try modes(terminal, "before")
      try terminal.startPrompt()
      try terminal.type("1 + ")
      try terminal.press("C-z")
      try terminal.wait("the shell") { $0.contains("Stopped") && $0.lastLine.hasSuffix("$") }
      #expect(try modes(terminal, "stopped") == before)
      try terminal.enter("fg")
      try terminal.wait("the line again") { $0.lastLine == "mfs> 1 +" }
      try terminal.enter("41")
      try terminal.wait("the value") { $0.lines.contains("42") }
      try terminal.press("C-d")
      try expectRestored(terminal, before)
    }

    @Test func anErrorAndTheEnd() throws {
      let terminal = try TerminalSession()
      let before = try modes(terminal, "before")
      try terminal.startPrompt()
      try terminal.enter("error(\"no\")")
      try terminal.waitForPrompt()
      try terminal.press("C-d")
      try expectRestored(terminal, before)
    }

    @Test func interruptingAProgramTellsTheShell() throws {
      let terminal = try TerminalSession()
      try terminal.enter("mfs -e 'print(\"begun\"); while true; end'")
      try terminal.wait("the loop") { $0.lines.contains("begun") }
      try terminal.press("C-c")
      try terminal.wait("the shell") { $0.contains("^C") && $0.lastLine.hasSuffix("$") }
      try terminal.enter("echo code $?")
      try terminal.wait("the code") { $0.lines.contains("code 130") }
    }
  }
}
