import Foundation
import Testing

extension ProductTests {
  /// The prompt on a real terminal.
  @Suite struct PromptTests {
    @Test func anExpressionIsAnsweredAndControlDLeaves() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.enter("1 + 1")
      try terminal.wait("the value") { $0.lines.contains("2") }
      try terminal.press("C-d")
      try terminal.wait("the shell") { $0.lastLine == "$" }
    }

    @Test func controlDDuringAComputationLeavesAfterIt() throws {
      let terminal = try TerminalSession()
      let file = Product.scratch.appending(path: "process-to-interrupt").path
      try terminal.enter("bash -c 'echo $$ > \(file); exec mfs'")
      try terminal.waitForPrompt()
      try terminal.enter("print(\"begun\"); while true; end")
      try terminal.wait("the loop") { $0.lines.contains("begun") }
      try terminal.press("C-d")
      let number = try String(contentsOfFile: file, encoding: .utf8)
      // Not by Ctrl-C, which makes the terminal forget what was typed.
      kill(try #require(pid_t(number.trimmingCharacters(in: .newlines))), SIGINT)
      try terminal.wait("the shell") { $0.contains("interrupted") && $0.lastLine == "$" }
    }

    @Test func quitLeaves() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.enter(":quit")
      try terminal.wait("the shell") { $0.lastLine == "$" }
    }

    @Test func theLineCanBeEdited() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.type("10 + 3")
      try terminal.press("Home", "Delete", "2", "End", "BSpace", "4", "Enter")
      try terminal.wait("the edited value") {
        $0.contains("mfs> 20 + 4") && $0.lines.contains("24")
      }
      try terminal.type("alpha beta")
      try terminal.press("C-w")
      try terminal.wait("a word less") { $0.lastLine == "mfs> alpha" }
      try terminal.press("C-u")
      try terminal.wait("an empty line") { $0.lastLine == "mfs>" }
      try terminal.type("1 + 2")
      try terminal.press("C-_")
      try terminal.wait("a change less") { $0.lastLine != "mfs> 1 + 2" }
    }

    @Test func wideLettersKeepTheCursorRight() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.type("\"日本é\"")
      try terminal.press("Left", "BSpace", "x", "Enter")
      try terminal.wait("the text") { $0.lines.contains("\"日本x\"") }
    }

    @Test func historyIsThereInTheNextSession() throws {
      let home = Product.scratch.appending(path: "home-of-history")
      let first = try TerminalSession(home: home)
      try first.startPrompt()
      try first.enter("marker_one = 41;")
      try first.enter("other = 1;")
      try first.press("C-d")
      try first.wait("the shell") { $0.lastLine == "$" }
      let second = try TerminalSession(home: home)
      try second.startPrompt()
      try second.press("Up")
      try second.wait("the last input") { $0.lastLine == "mfs> other = 1;" }
      try second.press("C-u")
      try second.type("mark")
      try second.press("Up")
      try second.wait("the input that begins so") { $0.lastLine == "mfs> marker_one = 41;" }
      try second.press("Down")
      try second.wait("what was typed") { $0.lastLine == "mfs> mark" }
      try second.press("C-u", "C-r")
      try second.type("one")
      try second.wait("the search") { $0.contains("marker_one = 41;") }
      try second.press("Enter")
      try second.waitForPrompt()
      try second.enter("marker_one + 1")
      try second.wait("the variable") { $0.lines.contains("42") }
    }

    @Test func namesFieldsAndKeywordsAreCompleted() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.enter("settings = {alpha_one = 1, beta = 2};")
      try terminal.waitForPrompt()
      try terminal.type("sett")
      try terminal.press("Tab")
      try terminal.wait("the name") { $0.lastLine == "mfs> settings" }
      try terminal.type(".al")
      try terminal.press("Tab", "Enter")
      try terminal.wait("the field") {
        $0.contains("mfs> settings.alpha_one") && $0.lines.contains("1")
      }
      try terminal.type("nmf(A, 2, iter")
      try terminal.press("Tab")
      try terminal.wait("the keyword") { $0.lastLine == "mfs> nmf(A, 2, iterations=" }
      try terminal.press("C-u")
      try terminal.type("nmf(A, 2, ")
      try terminal.press("Tab", "Tab")
      try terminal.wait("the keywords in columns") {
        $0.contains("iterations=") && $0.contains("tolerance=") && $0.lastLine == "mfs> nmf(A, 2,"
      }
      try terminal.press("C-c")
      try terminal.waitForPrompt()
      try terminal.type(":va")
      try terminal.press("Tab", "Enter")
      try terminal.wait("the variables") { $0.contains("settings") && $0.contains("record") }
    }

    @Test func questionsAreAnswered() throws {
      let terminal = try TerminalSession(width: 100, height: 60)
      try terminal.startPrompt()
      try terminal.enter("?norm")
      try terminal.wait("the page") { $0.contains("Call") && $0.contains("norm(") }
      try terminal.press("C-l")
      try terminal.enter("nmf?")
      try terminal.wait("the page") { $0.contains("solver=") }
    }

    @Test func anUnfinishedInputGoesOnInTheNextLine() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.enter("for i in 1:2")
      try terminal.wait("an open block") { $0.lastLine == "mfs> for i in 1:2" }
      try terminal.enter("print(10 * i)")
      try terminal.enter("end")
      try terminal.wait("the block to run") { $0.contains("\n10\n20\nmfs>") }
      try terminal.press("Up")
      try terminal.wait("the block again, as one") {
        $0.text.components(separatedBy: "print(10 * i)").count == 3
      }
      try terminal.press("Enter")
      try terminal.wait("the block to run again") {
        $0.text.components(separatedBy: "\n10\n20\nmfs>").count == 3
      }
    }

    @Test func pastedBlocksWaitForEnter() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.paste("a = 5\nb = a * 2\nprint(b)\n")
      try terminal.wait("the text") { $0.lastLine.contains("print(b)") }
      #expect(try !terminal.screen.lines.contains("10"))
      try terminal.press("Enter")
      try terminal.wait("the result") { $0.lines.contains("10") }
    }

    @Test func controlCClearsTheLineAndNeverLeaves() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.type("1 + nonsense")
      try terminal.wait("the line") { $0.lastLine == "mfs> 1 + nonsense" }
      try terminal.press("C-c")
      try terminal.wait("a new line") { $0.contains("nonsense^C") && $0.lastLine == "mfs>" }
      for _ in 1...20 { try terminal.press("C-c") }
      try terminal.wait("the way out") { $0.contains("Ctrl-D") }
      try terminal.enter("40 + 2")
      try terminal.wait("the value") { $0.lines.contains("42") }
    }

    @Test func controlCStopsAnEndlessLoop() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.enter("kept = 7; n = 0;")
      try terminal.enter("print(\"begun\"); while true; n += 1; end")
      try terminal.wait("the loop") { $0.lines.contains("begun") }
      try terminal.press("C-c")
      try terminal.wait("the word") { $0.contains("interrupted") && $0.lastLine == "mfs>" }
      try terminal.enter("kept + n")
      try terminal.wait("the session as it was") { $0.lines.contains("7") }
    }

    @Test func controlCLeavesADecompositionBehind() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.enter("A = randn(4000, 4000); print(\"made\")")
      try terminal.wait("the matrix") { $0.lines.contains("made") }
      try terminal.enter("print(\"begun\"); s = svd(A);")
      try terminal.wait("the call") { $0.lines.contains("begun") }
      try terminal.press("C-c")
      // Left alone, the decomposition would go on for longer than this waits.
      try terminal.wait("the prompt", seconds: 10) {
        $0.contains("interrupted") && $0.lastLine == "mfs>"
      }
      try terminal.enter("rows(A)")
      try terminal.wait("the session") { $0.lines.contains("4000") }
    }

    @Test func controlCKeepsAModelInTraining() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.enter("X = rand(500, 400);")
      try terminal.waitForPrompt()
      try terminal.enter("m = nmf(X, 10, iterations=1000000, tolerance=0);")
      try terminal.wait("the run") { $0.lastLine.hasPrefix("iteration ") }
      try terminal.press("C-c")
      try terminal.waitForPrompt()
      try terminal.enter("m.reason")
      try terminal.wait("the reason") { $0.contains("stopped") }
      try terminal.enter("size(m.W)")
      try terminal.wait("the model") { $0.contains("500") && $0.contains("10") }
    }

    @Test func resizingRedrawsTheLine() throws {
      let terminal = try TerminalSession()
      try terminal.startPrompt()
      try terminal.type("1 + 2 + 3")
      for width in [60, 100, 40] { try terminal.resize(width: width, height: 20) }
      try terminal.type(" + 4")
      try terminal.press("Enter")
      try terminal.wait("the value") { $0.lines.contains("10") }
    }

    @Test(arguments: ["dumb", "vt100", "xterm", "linux", "screen"])
    func everyTerminalHasAPrompt(_ name: String) throws {
      let terminal = try TerminalSession(environment: ["TERM": name])
      try terminal.startPrompt()
      try terminal.enter("2 + 3")
      try terminal.wait("the value") { $0.lines.contains("5") }
      if name == "dumb" || name == "vt100" { #expect(try !terminal.colors.contains("\u{1B}[1m")) }
    }

    @Test func anUnwritableHomeIsNoObstacle() throws {
      let terminal = try TerminalSession(environment: [
        "HOME": "/proc", "XDG_STATE_HOME": "/proc/x",
      ])
      try terminal.startPrompt()
      try terminal.enter("2 + 3")
      try terminal.wait("the value") { $0.lines.contains("5") }
      try terminal.press("Up")
      try terminal.wait("the history of this session") { $0.lastLine == "mfs> 2 + 3" }
    }
  }
}
