import Matrices
import Vocabulary

extension StandardLibrary {
  static let streams: [Builtin] = [
    Builtin(
      "stream", in: .data, "A matrix in a file whose rows are read when they are needed.",
      Parameter<String>(
        "path",
        "an NPY file (rows one after the other, as numpy.save has it), a CSV of numbers, or a "
          + "MatrixMarket file whose elements lie row by row, as write puts them"),
      shapes: "text → stream",
      math: """
        svd, pca and nmf take it in place of a matrix and read blocks of about a million numbers, so \
        that a file may be larger than the memory. At once there are some blocks of 8 MiB (of a text \
        with the bytes they are written with), and what the decomposition works on: for k components \
        of m×n about 4 (m + n) k numbers. A text is read once when it is opened. Fields: rows, columns, \
        path, and head, the first rows. read reads all of it
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
        do { return RowStream(try rows(of: full), path: path) } catch let error as FileError {
          throw problem(error, path: path == full ? path : full)
        }
      })
  ]

  private static func rows(of path: String) throws -> any StreamedRows {
    switch FileFormat(path: path) {
    case .csv: try CSVRows(path: path)
    case .mtx: try MatrixMarketRows(path: path)
    case .npy, .idx, .safetensors, .text, nil: try NPYRows(path: path)
    }
  }

  /// Why the rows of a file cannot be read one by one.
  private static func problem(_ error: FileError, path: String) -> Problem {
    switch error {
    case .notOfFormat(let format):
      Problem(
        .file, "\"\(path)\" is no \(format.rawValue) file, and a stream needs one", at: "path",
        help: "write(read(path), \"rows.npy\") makes one")
    case .unsupported(let format, let what):
      Problem(
        .file, "\"\(path)\" has \(what), so that its rows cannot be read one by one", at: "path",
        help: format == .mtx
          ? "write(read(path), \"rows.mtx\") puts its elements row by row"
          : "write(read(path), \"rows.npy\") makes a file that a stream can read")
    default: Problem(error, path: path)
    }
  }
}
