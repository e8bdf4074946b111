import Glibc

/// Writes a file as a whole or not at all: into a temporary file beside it, which then takes its
/// name. Where the path names no ordinary file (`/dev/full`, a pipe), it is written directly.
package final class FileWriter {
  private let descriptor: Int32
  private let encoder: Gzip.Encoder?
  private var buffer: [UInt8] = []
  private static let bufferSize = 1 << 18

  private init(_ descriptor: Int32, isCompressed: Bool) {
    self.descriptor = descriptor
    encoder = isCompressed ? Gzip.Encoder() : nil
    buffer.reserveCapacity(Self.bufferSize)
  }

  /// Opens `path`, hands it to `body`, and gives it its name when everything is written. A name
  /// that ends in `.gz` compresses.
  package static func write(to path: String, _ body: (FileWriter) throws -> Void) throws {
    let isCompressed = path.lowercased().hasSuffix(".gz")
    var facts = stat()
    let exists = stat(path, &facts) == 0
    if exists && facts.st_mode & S_IFMT == S_IFDIR { throw FileError.isDirectory }
    if exists && facts.st_mode & S_IFMT != S_IFREG {
      return try writeDirectly(path, isCompressed, body)
    }
    // Through a link to the file it names, so that the link stays one.
    let target = exists ? resolved(path) : path
    if exists && access(target, W_OK) != 0 { throw FileError.from(errno) }
    guard let (temporary, descriptor) = try temporaryFile(beside: target) else {
      // A folder in which nothing can be created may hold a file that can be written.
      if exists { return try writeDirectly(target, isCompressed, body) }
      throw FileError.noPermission
    }
    var isOpen = true
    do {
      if exists { fchmod(descriptor, facts.st_mode & 0o7777) }
      let writer = FileWriter(descriptor, isCompressed: isCompressed)
      try body(writer)
      try writer.finish()
      isOpen = false
      if close(descriptor) != 0 { throw FileError.from(errno) }
      if rename(temporary, target) != 0 { throw FileError.from(errno) }
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
  }

  /// A new file that nobody else uses; `nil` where the folder does not allow one.
  private static func temporaryFile(beside target: String) throws(FileError) -> (String, Int32)? {
    let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
    for attempt in 0..<100 {
      let name = "\(folder).mfs-\(getpid())-\(attempt).part"
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (name, descriptor) }
      if errno == EACCES { return nil }
      if errno != EEXIST { throw FileError.from(errno) }
    }
    throw FileError.system(code: EEXIST)
  }

  private static func writeDirectly(
    _ path: String, _ isCompressed: Bool, _ body: (FileWriter) throws -> Void
  ) throws {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.from(errno) }
    defer { close(descriptor) }
    let writer = FileWriter(descriptor, isCompressed: isCompressed)
    try body(writer)
    try writer.finish()
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws {
    buffer += bytes
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Appends text.
  package func write(_ text: String) throws {
    buffer += text.utf8
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Appends bytes that lie somewhere in memory.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    try flush()
    var rest = bytes
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 22))
      try put(piece, isLast: false)
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
      try Interrupt.check()
    }
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { try put($0, isLast: false) }
    buffer.removeAll(keepingCapacity: true)
    try Interrupt.check()
  }

  private func finish() throws {
    try buffer.withUnsafeBytes { try put($0, isLast: true) }
    buffer.removeAll()
  }

  private func put(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws {
    guard let encoder else { return try putPlain(bytes) }
    try encoder.encode(bytes, isLast: isLast) { try putPlain($0) }
  }

  private func putPlain(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError.from(errno)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }
}
