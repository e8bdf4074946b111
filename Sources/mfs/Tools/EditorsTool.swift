import ArgumentParser
import Builtins
import Glibc
import Shell

/// `mfs editors Editors`: the files that teach editors the language.
struct EditorsTool: Tool {
  static let configuration = CommandConfiguration(
    commandName: "editors", abstract: "Write the syntax files for VS Code and Vim.",
    usage: "mfs editors folder",
    discussion: """
      Writes vscode/ (an extension: copy it to ~/.vscode/extensions/mfs) and vim/ (copy its folders \
      to ~/.vim) into the folder.
      """)

  @ArgumentParser.Argument(help: ArgumentHelp("Where to write.", valueName: "folder"))
  var folder: String

  func perform() -> Int32 {
    for (path, text) in EditorFiles.all(StandardLibrary.library) {
      let target = "\(folder)/\(path)"
      makeFolders(of: target)
      guard let file = fopen(target, "w") else { return refuse(target) }
      let written = text.withCString { fputs($0, file) }
      guard fclose(file) == 0, written >= 0 else { return refuse(target) }
    }
    return 0
  }

  private func makeFolders(of path: String) {
    for (index, letter) in zip(path.indices, path) where letter == "/" && index > path.startIndex {
      mkdir(String(path[..<index]), 0o755)
    }
  }

  private func refuse(_ path: String) -> Int32 {
    writeError("mfs: cannot write '\(path)': \(String(cString: strerror(errno)))\n")
    return 1
  }
}
