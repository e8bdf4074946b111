import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins between values and files.
  static let files: [Builtin] = [reading, writing, samples]

  private static let reading = Builtin(readingNow, foresight: foreseen)

  private static let readingNow = Builtin(
    "read", in: .data,
    "Reads a file: a matrix, a record of columns where a table has text, or a text.",
    Parameter<String>("path", "the file; .gz is decompressed"),
    Parameter<String>(
      "type",
      "what it is, where its name does not say; \"matrix\" refuses text, \"table\" allows it",
      default: "auto",
      choices: ["auto", "csv", "matrix", "table", "npy", "mtx", "idx", "safetensors", "text"]),
    Parameter<Bool?>("header", "whether the first row of a table names the columns"),
    Parameter<String?>("delimiter", "the sign between the cells of a table"),
    Parameter<String?>("missing", "a cell that stands for a number that is not there"),
    shapes: "text → value",
    math:
      "Tables: the delimiter (comma, semicolon, tab, bar, space) and the header are found out; empty cells, NA and NaN are NaN. NPY and IDX numbers of up to 16 bits become f32. MatrixMarket (.mtx) gives a sparse matrix.",
    seeAlso: ["write", "data", "names"],
    examples: [
      Example(
        "path = \"/tmp/mfs-example-read.csv\"; write([1, 2; 3, 4], path)\nread(path)",
        prints: "1  2\n3  4")
    ],
    using: { context, path, type, header, delimiter, missing -> Value in
      let options = CSV.Options(
        delimiter: try delimiter.map(single), hasHeader: header, missing: missing,
        text: type == "matrix" ? .refused : type == "table" ? .allowed : .whereTextPrevails)
      return try readFile(try Paths.resolve(path, context), context, type, options)
    })

  /// Files up to this size are read by the checker, too: some milliseconds.
  private static let quicklyRead = 1 << 20

  /// What `read` will find: a file that is not there, or what a small one holds. Of arrays of any
  /// size the beginning tells the shape.
  private static func foreseen(_ arguments: [Value?], _ context: Context) -> Foresight? {
    guard case .text(let text)?? = arguments.first,
      let path = try? Paths.resolve(text, context)
    else { return nil }
    do {
      switch Paths.size(of: path) {
      // Nothing that can be looked at twice.
      case nil where Paths.exists(path): return nil
      case nil:
        let value = Result { try readingNow.calculate(arguments, context) }
        guard case .failure(let problem as Problem) = value else { return nil }
        return .missing(problem)
      case (...quicklyRead)?: return .value(try readingNow.calculate(arguments, context))
      case _? where FileFormat(path: path) == .npy: return .shape(try NPYRows(path: path).shape)
      default: return nil
      }
    } catch let problem as Problem {
      return .problem(problem)
    } catch {
      return nil
    }
  }

  /// What is in a file of a type, by default of the one that its name or its first bytes say.
  static func readFile(
    _ path: String, _ context: Context, _ type: String = "auto",
    _ options: CSV.Options = CSV.Options()
  ) throws -> Value {
    do {
      switch try format(type, path) {
      case .npy: return .matrix(try NPY.read(path))
      case .mtx: return try MatrixMarket.read(path).value
      case .idx: return .matrix(try IDX.read(path))
      case .safetensors:
        return try Archive.value(
          of: try SafeTensors.read(path), kinds: kept, library: library, context)
      case .text: return .text(try TextFile.read(path))
      case .csv: return value(try CSV.read(path, options))
      }
    } catch let error as FileError {
      throw Problem(error, path: path)
    } catch var problem as Problem where problem.kind == .file && problem.arguments.isEmpty {
      problem.message = "\"\(path)\": \(problem.message)"
      problem.arguments = [Problem.Mention(parameter: "path", label: "")]
      throw problem
    }
  }

  /// The format that the user names, or that the name of the file, or its first bytes, stand for.
  private static func format(_ type: String, _ path: String) throws -> FileFormat {
    switch type {
    case "matrix", "table": .csv
    case "auto": try FileFormat(path: path) ?? TextFile.format(of: path) ?? .csv
    default: FileFormat(rawValue: type) ?? .csv
    }
  }

  private static func single(_ delimiter: String) throws -> UInt8 {
    guard delimiter.utf8.count == 1, let byte = delimiter.utf8.first, byte != 34, byte != 10 else {
      throw Problem(
        .value, "'delimiter' is one sign", at: "delimiter", label: "the text \"\(delimiter)\"",
        help: "the usual ones are \",\" \";\" \"\\t\" \"|\" and \" \"")
    }
    return byte
  }

  private static func value(_ contents: CSV.Contents) -> Value {
    switch contents {
    case .matrix(let matrix): .matrix(matrix)
    case .columns(let columns):
      .record(
        Record(
          columns.map { name, column in
            switch column {
            case .numbers(let numbers): (name, .matrix(numbers))
            case .texts(let texts): (name, .list(texts.map { .text($0) }))
            }
          }))
    }
  }
}
