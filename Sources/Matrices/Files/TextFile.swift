/// Text from and to files, `.gz` as everywhere.
package enum TextFile {
  /// The whole text of a file, which must be UTF-8.
  package static func read(_ path: String) throws -> String {
    let file = try FileReader(path: path).readAll()
    let bytes = file.bytes
    let text = withExtendedLifetime(file) { String(validating: bytes, as: UTF8.self) }
    guard let text else { throw FileError.notText }
    return text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
  }

  /// Writes a text as it is.
  package static func write(_ text: String, to path: String) throws {
    try FileWriter.write(to: path) { try $0.write(text) }
  }

  /// The format of a file by its first bytes, gzip apart; `nil` when it is no matrix file of a kind
  /// that begins with a signature.
  package static func format(of path: String) throws -> FileFormat? {
    let start = try FileReader(path: path).peek(14)
    if String(decoding: start, as: UTF8.self).lowercased() == "%%matrixmarket" { return .mtx }
    if start.starts(with: [0x93, 0x4E, 0x55, 0x4D]) { return .npy }
    if start.count >= 4, start[0] == 0, start[1] == 0, (8...14).contains(start[2]) { return .idx }
    return nil
  }
}
