import Glibc
import Matrices
import Vocabulary

/// A data set that comes with the program.
private struct Sample: Sendable {
  var name: String
  /// What it is, with its size.
  var summary: String
  var images: String
  var labels: String
  /// The brightest pixel.
  var scale: Double

  static let all = [
    Sample(
      name: "digits", summary: "1797 handwritten digits of 8×8 pixels",
      images: "digits-images-idx3-ubyte.gz", labels: "digits-labels-idx1-ubyte.gz", scale: 16),
    Sample(
      name: "mnist", summary: "10000 handwritten digits of 28×28 pixels",
      images: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz", scale: 255),
  ]

  /// Reads it from the first folder that has it.
  func load() throws -> Record {
    let folders = Self.folders
    guard let folder = folders.first(where: { Paths.isFile("\($0)/\(images)") }) else {
      throw Problem(
        .file, "the file \(images) is in none of \(folders.joined(separator: ", "))", at: "name",
        help: "MFS_DATA names the folder that has it")
    }
    var path = "\(folder)/\(images)"
    do {
      let pixels = try IDX.read(path)
      path = "\(folder)/\(labels)"
      let classes = try IDX.read(path).converted(to: .double)
      return Record([("X", .matrix(pixels / scale)), ("y", .matrix(classes))])
    } catch let error as FileError {
      throw Problem(error, path: path, at: "name")
    }
  }

  /// Where the files may lie: where `MFS_DATA` says, where `make install` puts them, in the checkout
  /// that the program was built in, and in the one around the working directory.
  private static var folders: [String] {
    var folders: [String] = []
    if let named = getenv("MFS_DATA") { folders.append(String(cString: named)) }
    if let program = realPath("/proc/self/exe") {
      folders.append("\(Paths.folder(of: Paths.folder(of: program)))/share/mfs/data")
      folders += above(Paths.folder(of: program))
    }
    if let here = realPath(".") { folders += above(here) }
    var seen: Set<String> = []
    return folders.filter { seen.insert($0).inserted }
  }

  /// `samples/data` in the nearest folder upwards that has it.
  private static func above(_ start: String) -> [String] {
    var folder = start
    while folder != "/" && folder != "." {
      if Paths.isFolder("\(folder)/samples/data") { return ["\(folder)/samples/data"] }
      folder = Paths.folder(of: folder)
    }
    return []
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}

extension StandardLibrary {
  static let samples = Builtin(
    "data", in: .data,
    "A data set that comes with the program: X has one image a row, y its digit. Without a name, the list of them.",
    Parameter<String?>(
      positional: "name",
      Sample.all.map { "\"\($0.name)\": \($0.summary)" }.joined(separator: ", "),
      choices: Sample.all.map(\.name)),
    shapes: "text → {X = m×n, y = m×1}; → list",
    seeAlso: ["read", "images"],
    examples: [
      Example("size(data(\"digits\").X)", prints: "1797  64"),
      Example("digits = data(\"digits\"); digits.y[1:5]'", prints: "0  1  2  3  4"),
      Example("data()", prints: "{\"digits\", \"mnist\"}"),
    ]
  ) { name -> Value in
    guard let name, let sample = Sample.all.first(where: { $0.name == name }) else {
      return .list(Sample.all.map { .text($0.name) })
    }
    return .record(try sample.load())
  }
}
