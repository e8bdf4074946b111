import Glibc

/// The history file: one line of JSON for every input, appended under a lock and never rewritten,
/// so that parallel sessions keep each other's entries. Where nothing can be written, the history
/// lasts as long as the session.
package final class History {
  package private(set) var records: [HistoryRecord] = []
  private let path: String?

  /// As much of the end of the file as is read at the start.
  private static let window = 1 << 18

  /// `nil` as a path: nothing is kept.
  package init(path: String?) {
    self.path = path
    if let path { records = Self.load(path) }
  }

  /// `$XDG_STATE_HOME/mfs/history.jsonl`, or the same in `~/.local/state`.
  package static var standardPath: String? {
    if let state = Terminal.environment("XDG_STATE_HOME"), state.hasPrefix("/") {
      return "\(state)/mfs/history.jsonl"
    }
    return Terminal.environment("HOME").map { "\($0)/.local/state/mfs/history.jsonl" }
  }

  /// The inputs for the arrow keys, oldest first, none twice in a row.
  package var entries: [String] {
    var result: [String] = []
    for record in records where record.code != result.last { result.append(record.code) }
    return result
  }

  package func append(_ record: HistoryRecord) {
    records.append(record)
    guard let path else { return }
    Self.makeFolders(of: path)
    let file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    flock(file, LOCK_EX)
    // A line that a crash left without its end must not swallow this one.
    var last = UInt8(ascii: "\n")
    pread(file, &last, 1, max(0, lseek(file, 0, SEEK_END) - 1))
    let start = last == UInt8(ascii: "\n") ? "" : "\n"
    _ = writeAll(Array("\(start)\(record.line)\n".utf8), to: file)
  }

  private static func load(_ path: String) -> [HistoryRecord] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    let size = lseek(file, 0, SEEK_END)
    let start = max(0, size - window)
    lseek(file, start, SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: max(size - start, 0))
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(file, buffer.baseAddress?.advanced(by: count), buffer.count - count)
      }
      guard got > 0 else { break }
      count += got
    }
    // The first line may be cut in two by the window, others by a crash: they are passed over.
    return bytes.prefix(count).split(separator: UInt8(ascii: "\n"))
      .compactMap { HistoryRecord(line: String(decoding: $0, as: UTF8.self)) }
  }

  private static func makeFolders(of path: String) {
    var end = path.startIndex
    while let slash = path[end...].firstIndex(of: "/") {
      let folder = String(path[..<slash])
      if !folder.isEmpty { mkdir(folder, 0o700) }
      end = path.index(after: slash)
    }
  }
}
