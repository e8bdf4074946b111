import Glibc
import Vocabulary

/// What is known about the terminal and its environment.
package enum Terminal {
  /// Whether a descriptor leads to a terminal.
  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// The columns and rows of the terminal on standard output, or the classic 80×24.
  package static var size: (width: Int, height: Int) {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0
    else { return (80, 24) }
    return (Int(window.ws_col), Int(window.ws_row))
  }

  /// A variable of the environment; an empty one counts as not set.
  package static func environment(_ name: String) -> String? {
    guard let text = getenv(name), text.pointee != 0 else { return nil }
    return String(cString: text)
  }

  /// Whether the cursor can be moved at all: a dumb terminal only takes lines.
  package static var isDumb: Bool { (environment("TERM") ?? "dumb") == "dumb" }

  /// Takes the letters of the environment's language, or UTF-8 where it names none, and leaves
  /// numbers alone: a decimal comma would break every program.
  package static func adoptLetters() {
    setlocale(LC_CTYPE, "")
    if !isUnicode && !namesLetters { setlocale(LC_CTYPE, "C.UTF-8") }
  }

  /// Whether letters outside ASCII can be shown. `adoptLetters` comes first.
  package static var isUnicode: Bool {
    nl_langinfo(nl_item(CODESET)).map { String(cString: $0) } == "UTF-8"
  }

  private static var namesLetters: Bool {
    ["LC_ALL", "LC_CTYPE", "LANG"].contains { environment($0) != nil }
  }
}

/// When to use colours: what `--color` says.
package enum ColorChoice: String, Sendable, CaseIterable {
  case auto, always, never
}

extension Drawing {
  /// What may be drawn on a stream. `--color` wins, then `NO_COLOR`, then `CLICOLOR_FORCE`, then
  /// what the terminal is.
  package static func chosen(
    _ choice: ColorChoice, isTerminal: Bool, isUnicode: Bool,
    environment: (String) -> String? = Terminal.environment
  ) -> Drawing {
    let name = environment("TERM") ?? "dumb"
    // A terminal said to be dumb may be behind a pipe too.
    let unicode =
      isUnicode && environment("TERM") != "dumb" && (!isTerminal || name != "dumb")
    let isWanted =
      switch choice {
      case .always: true
      case .never: false
      case .auto:
        if environment("NO_COLOR") != nil {
          false
        } else if let forced = environment("CLICOLOR_FORCE"), forced != "0" {
          true
        } else {
          isTerminal && name != "dumb" && !name.hasPrefix("vt")
        }
      }
    guard isWanted else { return Drawing(color: .none, unicode: unicode) }
    let depth: Color
    if let colors = environment("COLORTERM"), colors == "truecolor" || colors == "24bit" {
      depth = .truecolor
    } else if name.contains("256color") || name.hasSuffix("-direct") {
      depth = .ansi256
    } else {
      depth = .eight
    }
    return Drawing(color: depth, unicode: unicode)
  }
}
