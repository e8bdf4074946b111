import Glibc

/// What can be wrong with a file, as data; the words are written where errors are shown.
package enum FileError: Error, Sendable, Equatable {
  case missing
  case isDirectory
  case noPermission
  case diskFull
  /// Another refusal of the operating system.
  case system(code: Int32)
  /// The file ends before what its header promises.
  case truncated(expected: Int, found: Int)
  /// The file goes on after what its header promises.
  case excess(expected: Int)
  /// The compressed data end too early.
  case compressedTruncated
  /// The compressed data do not decode, or not to what was compressed.
  case compressedDamaged
  /// It does not begin as a file of this format does.
  case notOfFormat(FileFormat)
  /// The format is right, but the header makes no sense.
  case badHeader(FileFormat, String)
  /// A kind of content that matrices cannot hold.
  case unsupported(FileFormat, String)
  /// More elements than the memory holds.
  case tooLarge(rows: Int, columns: Int)
  /// More bytes than the memory holds.
  case tooLong(bytes: Int)
  /// There is nothing in it.
  case empty
  /// It is expected to hold text and does not.
  case notText
  /// A row with more or fewer cells than the first one.
  case ragged(line: Int, found: Int, expected: Int)
  /// A cell that is not a number among numbers; line and column count from 1.
  case unreadableNumber(String, line: Int, column: Int)
  /// A line of a matrix that has something else than it should; lines count from 1.
  case badLine(Int, String)
  /// A quote that is never closed.
  case openQuote(line: Int)

  /// What an error number of the operating system means.
  static func from(_ code: Int32) -> FileError {
    switch code {
    case ENOENT, ENOTDIR: .missing
    case EISDIR: .isDirectory
    case EACCES, EPERM, EROFS: .noPermission
    case ENOSPC, EDQUOT: .diskFull
    default: .system(code: code)
    }
  }
}

/// The formats that matrices are read from and written to.
package enum FileFormat: String, Sendable, CaseIterable {
  case idx, npy, mtx, safetensors, csv, text

  /// The format that a file name stands for, `.gz` apart; `nil` when it says nothing.
  package init?(path: String) {
    var name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    if name.hasSuffix(".gz") { name.removeLast(3) }
    let ending = name.lastIndex(of: ".").map { String(name[$0...].dropFirst()) } ?? ""
    switch ending {
    case "npy": self = .npy
    case "mtx": self = .mtx
    case "idx": self = .idx
    case "safetensors": self = .safetensors
    case "csv", "tsv", "tab", "txt", "data", "dat": self = .csv
    case "md", "mfs", "log", "json": self = .text
    default:
      // The usual names of the MNIST family: `train-images-idx3-ubyte`.
      guard name.contains("-idx") || name.contains(".idx") else { return nil }
      self = .idx
    }
  }
}
