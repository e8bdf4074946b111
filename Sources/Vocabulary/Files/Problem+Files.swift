import Glibc
import Matrices

extension Problem {
  /// A file that cannot be used, in words, with a way out where one is known.
  package init(_ error: FileError, path: String, at parameter: String = "path") {
    let name = "\"\(path)\""
    var help: String?
    let message: String
    switch error {
    case .missing:
      let folder = Paths.folder(of: path)
      if Paths.isFolder(folder) {
        message = "there is no file \(name)"
        help = Paths.nearest(to: path).map { "did you mean \"\($0)\"?" }
      } else {
        message = "there is no folder \"\(folder)\" for \(name)"
      }
    case .isDirectory:
      message = "\(name) is a folder, and a file is needed"
      let inside = Paths.readable(in: path).prefix(4).map { "\"\(path)/\($0)\"" }
      if !inside.isEmpty { help = "it holds \(inside.joined(separator: ", "))" }
    case .noPermission: message = "the permissions of \(name) do not allow this"
    case .diskFull: message = "there is no space left for \(name); what was there before is kept"
    case .system(let code): message = "\(name): \(String(cString: strerror(code)).lowercased())"
    case .truncated(let expected, let found):
      message = "\(name) ends after \(found) bytes of \(expected): it is not complete"
    case .excess(let expected):
      message = "\(name) goes on after the \(expected) bytes that its header promises"
    case .compressedTruncated: message = "\(name) is compressed and not complete"
    case .compressedDamaged: message = "\(name) is compressed and damaged"
    case .notOfFormat(let format):
      message = "\(name) is no \(format.rawValue) file"
      if format != .safetensors { help = "name the format: read(\(name), type=\"csv\")" }
    case .badHeader(let format, let reason):
      message = "\(name) is a damaged \(format.rawValue) file: its header has \(reason)"
    case .unsupported(let format, let what):
      message = "\(name) is an \(format.rawValue) file with \(what), which a matrix cannot hold"
    case .tooLarge(let rows, let columns):
      message = "memory has no room for the \(rows)×\(columns) matrix in \(name)"
    case .tooLong(let bytes):
      message = "memory has no room for the \(bytes >> 20) MiB of \(name)"
    case .empty: message = "\(name) is empty"
    case .notText: message = "\(name) does not hold text"
    case .ragged(let line, let found, let expected):
      message =
        "line \(line) of \(name) has \(found) cell\(found == 1 ? "" : "s"), the first row has \(expected)"
      help = "a cell with the delimiter in it needs quotes; delimiter= names another one"
    case .unreadableNumber(let text, let line, let column):
      message = "line \(line), column \(column) of \(name) is \"\(text)\", and a number is needed"
      help = "missing=\"\(text)\" reads it as NaN, type=\"table\" reads its column as text"
    case .badLine(let line, let what): message = "line \(line) of \(name) has \(what)"
    case .openQuote(let line):
      message = "a quote that opens in line \(line) of \(name) never closes"
    }
    self.init(.file, message, at: parameter, label: "", help: help)
  }
}
