import Matrices
import Vocabulary

extension StandardLibrary {
  static let streams: [Builtin] = [
    Builtin(
      "stream", in: .data, "A matrix in an NPY file whose rows are read when they are needed.",
      Parameter<String>("path", "the file; its rows lie one after the other, as numpy.save has it"),
      shapes: "text → stream",
      math: """
        svd, pca and nmf take it in place of a matrix and read blocks of about a million numbers, so \
        that a file may be larger than the memory. Fields: rows, columns, path, and head, the first \
        rows. read reads all of it
        """,
      seeAlso: ["read", "pca", "svd", "nmf"],
      examples: [
        Example(
          "path = \"/tmp/mfs-example-stream.npy\"; write(rand(1000, 20), path)\n"
            + "p = pca(stream(path), 3); size(p.codes)",
          prints: "1000  3")
      ],
      using: { (context: Context, path: String) in
        let full = try Paths.resolve(path, context)
        do { return RowStream(try NPYRows(path: full), path: path) } catch let error as FileError {
          throw problem(error, path: path == full ? path : full)
        }
      })
  ]

  /// Why the rows of a file cannot be read one by one.
  private static func problem(_ error: FileError, path: String) -> Problem {
    switch error {
    case .notOfFormat:
      Problem(
        .file, "\"\(path)\" is no npy file, and a stream needs one", at: "path",
        help: "write(read(path), \"rows.npy\") makes one")
    case .unsupported(_, let what):
      Problem(
        .file, "\"\(path)\" has \(what), so that its rows cannot be read one by one", at: "path",
        help: "write(read(path), \"rows.npy\") makes a file that a stream can read")
    default: Problem(error, path: path)
    }
  }
}
