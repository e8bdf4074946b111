import Glibc
import Matrices

/// Paths as users write them, and the names around them.
package enum Paths {
  /// The path that a program means: `~` is the home folder, relative ones start where the program
  /// lies.
  package static func resolve(
    _ text: String, _ context: Context, at parameter: String = "path"
  ) throws -> String {
    guard !text.isEmpty else {
      throw Problem(.file, "the name of a file is needed", at: parameter)
    }
    guard !text.utf8.contains(0) else {
      throw Problem(.file, "a file name has no character 0", at: parameter)
    }
    if text == "~" || text.hasPrefix("~/"), let home = getenv("HOME") {
      return String(cString: home) + text.dropFirst()
    }
    return context.path(text)
  }

  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  package static func isFolder(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }

  package static func isFile(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
  }

  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The bytes of a plain file; of a compressed one as many as it may become.
  package static func size(of path: String) -> Int? {
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(facts.st_size) * (path.hasSuffix(".gz") ? 16 : 1)
  }

  /// The existing path whose last part is nearest to that of a path that does not exist.
  package static func nearest(to path: String) -> String? {
    let folder = folder(of: path)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let names = names(in: folder)
    let found =
      Spelling.nearest(name, among: names)
      ?? names.first { $0.hasPrefix("\(name).") }
    return found.map { path.contains("/") ? (folder == "/" ? "/\($0)" : "\(folder)/\($0)") : $0 }
  }

  /// The files in a folder whose names say that `read` can read them.
  package static func readable(in folder: String) -> [String] {
    names(in: folder).filter { FileFormat(path: $0) != nil }
  }

  /// The names in a folder, in alphabetical order; at most some thousands are looked at.
  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < 4096, let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { letters in
        letters.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
