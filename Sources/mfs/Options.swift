import ArgumentParser
import Glibc
import LiveView
import Shell

/// The command line: what can be said to `mfs` from outside.
struct Options: ParsableArguments {
  @Option(
    name: .customShort("e"),
    help: ArgumentHelp(
      "Run CODE and show its values as the prompt does; may be repeated.", valueName: "code"))
  var codes: [String] = []

  @Flag(name: .customShort("i"), help: "Stay at the prompt afterwards.")
  var stays = false

  @Option(help: ArgumentHelp("How training is shown.", valueName: "how"))
  var progress = DisplaySettings.Progress.auto

  @Option(help: ArgumentHelp("When colours are used.", valueName: "when"))
  var color = ColorChoice.auto

  @Flag(help: "Say what is wrong as JSON, one object a line, on standard error.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "How many threads compute; all processors unless given.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "The most memory the process may use, such as 500M or 2G.", valueName: "size"))
  var maxMemory: String?

  @Option(
    help: ArgumentHelp(
      "How long a program, or an input of the prompt, may take.", valueName: "seconds"))
  var maxSeconds: Double?

  @Option(help: ArgumentHelp("Where chance begins.", valueName: "n"))
  var seed: Int?

  @Flag(help: "Show the version.")
  var version = false

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp(
      "The program, `-` for standard input, and what its `args()` returns.", valueName: "file"))
  var words: [String] = []

  /// Whether there is a prompt in the end.
  var opensPrompt: Bool {
    stays || (codes.isEmpty && program.isEmpty && Terminal.isTerminal(STDIN_FILENO))
  }

  /// The program to run, if any.
  var file: String? {
    guard codes.isEmpty else { return nil }
    return program.first ?? (opensPrompt ? nil : "-")
  }

  /// What every run may use.
  var limits: Limits { Limits(seconds: maxSeconds, memory: maxMemory.flatMap(Limits.bytes)) }

  /// What `args()` returns: everything behind the program, or behind the options with `-e`.
  var arguments: [String] { Array(codes.isEmpty ? program.dropFirst() : program[...]) }

  private var program: [String] { words.first == "--" ? Array(words.dropFirst()) : words }

  func validate() throws {
    if let word = words.first, word.hasPrefix("-"), word != "-", word != "--" {
      throw ValidationError("unknown option '\(word)'")
    }
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("'--threads' is a number from 1 to 256")
    }
    if let maxMemory, Limits.bytes(maxMemory) == nil {
      throw ValidationError("'--max-memory' is a size such as 500M or 2G")
    }
    if let maxSeconds, !(maxSeconds > 0 && maxSeconds < 1e9) {
      throw ValidationError("'--max-seconds' is a number above 0")
    }
  }
}

extension ColorChoice: ExpressibleByArgument {}
extension DisplaySettings.Progress: ExpressibleByArgument {}

/// The name, the purpose and examples, which `--help` adds to the options.
struct MFSCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mfs", abstract: "A laboratory for factor models in a terminal.",
    usage: """
      mfs [option …] [file [arg …]]
      mfs check [--json] file …
      mfs fmt [--check] file …
      mfs help [--all] [name …]
      mfs explain code
      """,
    discussion: """
      Without a file and without -e there is a prompt; when standard input is no terminal, the \
      program is read from it.

      TOOLS (`mfs tool --help` explains one; a file of that name is ./tool):
      \(Tools.overview)

      EXAMPLES:
        mfs                                    a prompt
        mfs lesson.mfs digits.csv 20           a program and its arguments
        mfs -e 'norm([3, 4])'                  one expression
        mfs -e 'X = read("x.csv")' -i          a prompt with something prepared
        echo 'print(1 + 1)' | mfs              a program from a pipe
        mfs --progress view lesson.mfs         watch every training run

      EXIT STATUS:
        0 fine, 1 the program failed, 2 wrong usage, 3 the program cannot be understood,
        4 an assertion failed, 5 a limit was reached, 130 interrupted, 143 terminated
      """)

  @OptionGroup var options: Options
}
