import Glibc
import Matrices
import Vocabulary

/// A data set that comes with the program.
private struct Sample: Sendable {
  var name: String
  /// What it is, with its size.
  var summary: String
  var contents: Contents

  enum Contents: Sendable {
    /// Two files; `scale` is the brightest pixel.
    case digits(images: String, labels: String, scale: Double)
    /// A table with a header.
    case table(String)
  }

  static let all = [
    Sample(
      name: "digits", summary: "1797 handwritten digits of 8×8 pixels",
      contents: .digits(
        images: "digits-images-idx3-ubyte.gz", labels: "digits-labels-idx1-ubyte.gz", scale: 16)),
    Sample(
      name: "mnist", summary: "10000 handwritten digits of 28×28 pixels",
      contents: .digits(
        images: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz", scale: 255)),
    Sample(
      name: "sentences", summary: "50 sentences on five subjects",
      contents: .table("short-texts.csv")),
  ]

  func load() throws -> Record {
    switch contents {
    case .digits(let images, let labels, let scale):
      let pixels = try Self.reading(images) { try IDX.read($0) }
      let classes = try Self.reading(labels) { try IDX.read($0).converted(to: .double) }
      return Record([("X", .matrix(pixels / scale)), ("y", .matrix(classes))])
    case .table(let file):
      let columns = try Self.reading(file) { path in
        guard case .columns(let columns) = try CSV.read(path, CSV.Options(text: .allowed)) else {
          throw FileError.notText
        }
        return columns
      }
      return Record(
        columns.map { name, column in
          switch column {
          case .numbers(let numbers): (name, .matrix(numbers))
          case .texts(let texts): (name, .list(texts.map { .text($0) }))
          }
        })
    }
  }

  /// What `body` reads from a file in the first folder that has it.
  private static func reading<Contents>(_ file: String, _ body: (String) throws -> Contents) throws
    -> Contents
  {
    let folders = folders
    guard let folder = folders.first(where: { Paths.isFile("\($0)/\(file)") }) else {
      throw Problem(
        .file, "the file \(file) is in none of \(folders.joined(separator: ", "))", at: "name",
        help: "MFS_DATA names the folder that has it")
    }
    let path = "\(folder)/\(file)"
    do { return try body(path) } catch let error as FileError {
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
    "A data set that comes with the program: images of digits a row in X with their digit in y, or texts. Without a name, the list of them.",
    Parameter<String?>(
      positional: "name",
      Sample.all.map { "\"\($0.name)\": \($0.summary)" }.joined(separator: ", "),
      choices: Sample.all.map(\.name)),
    shapes:
      """
      text, name=digits → {X = 1797×64, y = 1797×1}; text, name=mnist → {X = 10000×784, y = 10000×1}; \
      text, name=sentences → {subject = list, text = list}; text → {X = m×n, y = m×1}; → list
      """,
    seeAlso: ["read", "images"],
    examples: [
      Example("size(data(\"digits\").X)", prints: "1797  64"),
      Example("digits = data(\"digits\"); digits.y[1:5]'", prints: "0  1  2  3  4"),
      Example("data()", prints: "{\"digits\", \"mnist\", \"sentences\"}"),
    ]
  ) { name -> Value in
    guard let name, let sample = Sample.all.first(where: { $0.name == name }) else {
      return .list(Sample.all.map { .text($0.name) })
    }
    return .record(try sample.load())
  }
}
