import ArgumentParser
import Builtins
import Glibc
import Language
import Shell
import Vocabulary

/// `mfs help nmf`: what `?nmf` shows at the prompt.
struct HelpTool: Tool {
  static let configuration = CommandConfiguration(
    commandName: "help", abstract: "Explain what can be called.",
    usage: """
      mfs help [name …]
      mfs help --all
      """,
    discussion: """
      Without a name it lists everything; a family such as `factorize` lists its members. `--all` \
      prints the reference manual as Markdown.

      EXIT STATUS:
        0 fine, 1 nothing is known of a name, 2 wrong usage
      """)

  @Flag(help: "Print the reference manual as Markdown.")
  var all = false

  @ArgumentParser.Argument(help: ArgumentHelp("What to explain.", valueName: "name"))
  var names: [String] = []

  func perform() -> Int32 {
    if all {
      StandardOutput.shared.write(Manual(StandardLibrary.library).text)
      return 0
    }
    let drawing = Drawing.chosen(
      .auto, isTerminal: Terminal.isTerminal(STDOUT_FILENO), isUnicode: Terminal.isUnicode)
    let help = Help(
      library: StandardLibrary.library, commands: Repl.commands, width: Terminal.size.width,
      drawing: drawing)
    var status: Int32 = 0
    for name in names.isEmpty ? [""] : names {
      guard help.knows(name) else {
        writeError(help.answer(name))
        status = 1
        continue
      }
      StandardOutput.shared.write(help.answer(name))
    }
    return status
  }
}
