import ArgumentParser
import Glibc
import Language
import Shell
import Vocabulary

/// `mfs fmt lesson.mfs`: programs the way all programs are written.
struct FormatTool: Tool {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Format programs.",
    usage: "mfs fmt [--check] file …",
    discussion: """
      Writes each file again with two spaces a block, one space around operators and at most one \
      empty line. Line ends, comments and the meaning stay as they are. `-` formats standard input \
      to standard output.

      EXIT STATUS:
        0 fine, 1 a file cannot be read or written, or with --check would change, 2 wrong usage,
        3 a program cannot be understood
      """)

  @Flag(help: "Change nothing; name the files that would change.")
  var check = false

  @ArgumentParser.Argument(
    help: ArgumentHelp("The programs; `-` for standard input.", valueName: "file"))
  var files: [String]

  func perform() -> Int32 { files.map(format).max() ?? 0 }

  private func format(_ file: String) -> Int32 {
    guard let source = read(file) else { return 1 }
    do throws(Failure) {
      let text = try Formatter.format(source)
      if file == "-" && !check {
        StandardOutput.shared.write(text)
        return 0
      }
      if text == source.text { return 0 }
      if check {
        StandardOutput.shared.write("\(file)\n")
        return 1
      }
      return write(text, to: file) ? 0 : 1
    } catch {
      let drawing = Drawing.chosen(
        .auto, isTerminal: Terminal.isTerminal(STDERR_FILENO), isUnicode: Terminal.isUnicode)
      writeError(error.rendered(style: drawing, width: Terminal.size.width))
      return error.exitCode
    }
  }

  /// Puts a text into a file in one step: a full disk leaves what was there.
  private func write(_ text: String, to file: String) -> Bool {
    var target = file
    if let path = realpath(file, nil) {
      target = String(cString: path)
      free(path)
    }
    var status = stat()
    let mode = stat(target, &status) == 0 ? status.st_mode & 0o7777 : 0o644
    let draft = "\(target).\(getpid())~"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    var isWritten = descriptor >= 0
    if isWritten {
      isWritten = writeAll(text, to: descriptor) && fchmod(descriptor, mode) == 0
      isWritten = close(descriptor) == 0 && isWritten
    }
    if isWritten, rename(draft, target) == 0 { return true }
    writeError("mfs: cannot write '\(file)': \(String(cString: strerror(errno)))\n")
    if descriptor >= 0 { unlink(draft) }
    return false
  }

  private func writeAll(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return false }
      bytes = bytes.dropFirst(count)
    }
    return true
  }
}
