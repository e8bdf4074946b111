import ArgumentParser
import Builtins
import Glibc
import Language
import Shell
import Vocabulary

/// `mfs check lesson.mfs`: what is wrong with programs, without running them.
struct CheckTool: Tool {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find mistakes in programs without running them.",
    usage: "mfs check [--json] [--color when] file …",
    discussion: """
      Reads every file and looks at names, calls and the shapes of matrices, as far as they can be \
      known without running the program. What is reported is certain to fail when it is reached.

      EXIT STATUS:
        0 nothing found, 3 a mistake found, 1 a file cannot be read, 2 wrong usage
      """)

  @Flag(help: "One object of JSON for each mistake, with places and edits.")
  var json = false

  @Option(help: ArgumentHelp("When colours are used.", valueName: "when"))
  var color = ColorChoice.auto

  @ArgumentParser.Argument(
    help: ArgumentHelp("The programs; `-` for standard input.", valueName: "file"))
  var files: [String]

  func perform() -> Int32 {
    let drawing = Drawing.chosen(
      color, isTerminal: Terminal.isTerminal(STDOUT_FILENO), isUnicode: Terminal.isUnicode)
    let width = Terminal.size.width
    var status: Int32 = 0
    for file in files {
      guard let source = read(file) else {
        status = 1
        continue
      }
      let json = json
      let (text, code) = Session.withLargeStack {
        let session = Session(
          library: StandardLibrary.library, context: Context(output: { _ in }, width: width))
        do throws(Failure) {
          try session.check(source)
          return ("", Int32(0))
        } catch {
          return (
            json ? error.json : error.rendered(style: drawing, width: width), error.exitCode
          )
        }
      }
      StandardOutput.shared.write(text)
      if status != 1 { status = max(status, code) }
    }
    return status
  }
}
