import Shell
import Testing
import Vocabulary

/// What may be drawn, by option, environment and terminal.
@Suite struct TerminalTests {
  private func color(
    _ environment: [String: String], choice: ColorChoice = .auto, isTerminal: Bool = true
  ) -> Drawing.Color {
    Drawing.chosen(choice, isTerminal: isTerminal, isUnicode: true) { environment[$0] }.color
  }

  @Test func theTerminalDecidesTheDepth() {
    #expect(color(["TERM": "xterm"]) == .eight)
    #expect(color(["TERM": "xterm-256color"]) == .ansi256)
    #expect(color(["TERM": "xterm", "COLORTERM": "truecolor"]) == .truecolor)
    #expect(color(["TERM": "dumb"]) == .none)
    #expect(color(["TERM": "vt100"]) == .none)
    #expect(color([:]) == .none)
  }

  @Test func noColorBeatsTheTerminalAndForce() {
    #expect(color(["TERM": "xterm", "NO_COLOR": "1"]) == .none)
    #expect(color(["TERM": "xterm", "NO_COLOR": "1", "CLICOLOR_FORCE": "1"]) == .none)
  }

  @Test func theOptionBeatsEverything() {
    #expect(
      color(["TERM": "xterm", "NO_COLOR": "1"], choice: .always, isTerminal: false) == .eight)
    #expect(color(["TERM": "xterm", "CLICOLOR_FORCE": "1"], choice: .never) == .none)
  }

  @Test func aPipeHasNoColorsUnlessForced() {
    #expect(color(["TERM": "xterm"], isTerminal: false) == .none)
    #expect(color(["TERM": "xterm", "CLICOLOR_FORCE": "1"], isTerminal: false) == .eight)
    #expect(color(["TERM": "xterm", "CLICOLOR_FORCE": "0"], isTerminal: false) == .none)
  }
}
