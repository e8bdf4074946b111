import ArgumentParser
import Glibc
import Language
import Shell
import Vocabulary

/// `mfs explain E021`: what there is to know about a kind of mistake.
struct ExplainTool: Tool {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Explain an error by its code.", usage: "mfs explain E021")

  @ArgumentParser.Argument(
    help: ArgumentHelp("The code that stands in the error.", valueName: "code"))
  var code: String

  func perform() -> Int32 {
    guard let explanation = Explanation(code: code) else {
      writeError("mfs: there is no error '\(code)'\n")
      return 2
    }
    let drawing = Drawing.chosen(
      .auto, isTerminal: Terminal.isTerminal(STDOUT_FILENO), isUnicode: Terminal.isUnicode)
    StandardOutput.shared.write(
      Plainer.text(explanation.page(width: Terminal.size.width), drawing))
    return 0
  }
}
