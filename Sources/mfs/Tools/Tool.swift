import ArgumentParser
import Builtins
import Glibc
import Language
import Matrices
import Shell
import Vocabulary

/// Something that `mfs` does with programs other than running them: `mfs check lesson.mfs`. Its
/// name is the first word of the command line; a file of the same name is `./check`.
protocol Tool: ParsableCommand {
  /// Does it and returns the exit code.
  func perform() -> Int32
}

/// All of them: the command line and its help know them from here.
enum Tools {
  static let all: [any Tool.Type] = [
    CheckTool.self, ExplainTool.self, FormatTool.self, HelpTool.self, EditorsTool.self,
  ]

  /// The tool that a command line asks for.
  static func named(_ word: String?) -> (any Tool.Type)? {
    all.first { $0.configuration.commandName == word }
  }

  /// The lines of `mfs --help` about them.
  static var overview: String {
    all.map { tool in
      let name = "mfs \(tool.configuration.commandName ?? "")"
      return "  " + name.padding(to: 14) + tool.configuration.abstract
    }.joined(separator: "\n")
  }
}

extension Tool {
  /// Reads the rest of the command line and does it.
  static func run(_ words: [String]) -> Int32 {
    do {
      let parsed = try parseAsRoot(words)
      guard let tool = parsed as? Self else { return 0 }
      signal(SIGPIPE, SIG_IGN)
      Terminal.adoptLetters()
      return tool.perform()
    } catch {
      return MFS.answer(fullMessage(for: error), exitCode(for: error))
    }
  }

  /// Reads a program, or says why it cannot be read.
  func read(_ file: String) -> SourceText? {
    let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
    defer { if descriptor > STDIN_FILENO { close(descriptor) } }
    do {
      let bytes = try readAll(from: descriptor)
      return SourceText(
        name: file == "-" ? "standard input" : file, text: String(decoding: bytes, as: UTF8.self))
    } catch {
      writeError("mfs: cannot read '\(file)': \(error)\n")
      return nil
    }
  }
}

extension String {
  /// With spaces behind it, up to a width.
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
