import Glibc

/// The bytes of a file from front to back, decompressed on the way if it is a gzip file (its first
/// bytes tell, not its name).
final class FileReader {
  private let descriptor: Int32
  /// The bytes on the disk; `nil` for what is no ordinary file.
  private let size: Int?
  private let decoder: Gzip.Decoder?
  /// Bytes read ahead: the first block, and the compressed ones.
  private let block: UnsafeMutableRawBufferPointer
  private var waiting = 0..<0
  private var isAtEnd = false
  var isCompressed: Bool { decoder != nil }
  /// Bytes handed out so far.
  private(set) var position = 0

  /// Opens a file for reading.
  init(path: String) throws {
    descriptor = try Waiting.open(path)
    block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    var facts = stat()
    let known = fstat(descriptor, &facts) == 0
    size = known && facts.st_mode & S_IFMT == S_IFREG ? Int(facts.st_size) : nil
    // Two bytes at least, unless the file is shorter.
    var count = 0
    var failure: (any Error)? =
      known && facts.st_mode & S_IFMT == S_IFDIR ? FileError.isDirectory : nil
    while failure == nil && count < 2 {
      do {
        let got = try Waiting.read(
          descriptor, into: UnsafeMutableRawBufferPointer(rebasing: block[count...]))
        if got == 0 { break }
        count += got
      } catch { failure = error }
    }
    waiting = 0..<count
    decoder = block.prefix(count).starts(with: Gzip.magic) ? Gzip.Decoder() : nil
    // From here on `deinit` closes the file.
    if let failure { throw failure }
  }

  deinit {
    close(descriptor)
    block.deallocate()
  }

  /// The first bytes of a file that is asked for nothing else; fewer in a short file.
  func peek(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try bytes.withUnsafeMutableBytes { try read(into: $0) }
    return Array(bytes.prefix(got))
  }

  /// Fills `target`, and returns less than its size only at the end of the file.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < target.count {
      let room = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
      let got = try decoder.map { try decode($0, into: room) } ?? readPlain(into: room)
      if got == 0 { break }
      filled += got
      try Interrupt.check()
    }
    position += filled
    return filled
  }

  /// Takes exactly `count` bytes of a header.
  func take(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try bytes.withUnsafeMutableBytes { try read(into: $0) }
    guard got == count else {
      throw FileError.truncated(expected: position - got + count, found: position)
    }
    return bytes
  }

  /// Throws unless `count` more bytes can be there: tested before memory for them is taken, so that
  /// a damaged header does not ask for all of it.
  func expect(_ count: Int) throws(FileError) {
    guard let size else { return }
    if decoder == nil {
      guard count <= size - position else {
        throw .truncated(expected: position + count, found: size)
      }
    } else if count / Gzip.largestRatio > size {
      throw .compressedTruncated
    }
  }

  /// Whether nothing follows. In a gzip file this also compares its checksum.
  func isFinished() throws -> Bool {
    var byte = [UInt8(0)]
    return try byte.withUnsafeMutableBytes { try read(into: $0) } == 0
  }

  /// All bytes that are left.
  func readAll() throws -> FileBytes {
    let bytes = FileBytes(
      capacity: decoder == nil ? size.map { $0 - position + 1 } ?? 1 << 16 : 1 << 18)
    while true {
      let got = try read(into: bytes.room)
      bytes.count += got
      if bytes.count < bytes.capacity { return bytes }
      try bytes.grow()
    }
  }

  private func readPlain(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    if !waiting.isEmpty {
      let count = min(waiting.count, target.count)
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[waiting.prefix(count)]))
      waiting.removeFirst(count)
      return count
    }
    return try readDescriptor(into: target)
  }

  private func decode(_ decoder: Gzip.Decoder, into target: UnsafeMutableRawBufferPointer) throws
    -> Int
  {
    while true {
      if waiting.isEmpty && !isAtEnd {
        let got = try readDescriptor(into: block)
        waiting = 0..<got
        isAtEnd = got == 0
      }
      // What follows the last member without being one is padding, as `gzip` itself has it.
      if decoder.isAtEndOfMember && (isAtEnd || block[waiting.lowerBound] != Gzip.magic[0]) {
        return 0
      }
      let source = UnsafeRawBufferPointer(rebasing: block[waiting])
      let used = try decoder.decode(source, into: target)
      waiting.removeFirst(used.consumed)
      if used.produced > 0 { return used.produced }
      if isAtEnd && !decoder.isAtEndOfMember { throw FileError.compressedTruncated }
    }
  }

  private func readDescriptor(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    try Waiting.read(descriptor, into: target)
  }
}

extension Range<Int> {
  fileprivate mutating func removeFirst(_ count: Int) { self = lowerBound + count..<upperBound }

  fileprivate func prefix(_ count: Int) -> Range<Int> { lowerBound..<lowerBound + count }
}

/// Bytes in memory that grow at their end.
final class FileBytes {
  private(set) var address: UnsafeMutableRawPointer
  private(set) var capacity: Int
  var count = 0

  init(capacity: Int) {
    self.capacity = max(capacity, 64)
    address = .allocate(byteCount: self.capacity, alignment: 64)
  }

  deinit { address.deallocate() }

  /// What is not filled yet.
  var room: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: address + count, count: capacity - count)
  }

  /// The bytes as numbers of 8 bits.
  var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: address.assumingMemoryBound(to: UInt8.self), count: count)
  }

  func grow() throws(FileError) {
    let wanted = capacity * 2
    guard Memory.hasRoom(for: wanted) else { throw .tooLong(bytes: wanted) }
    let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 64)
    larger.copyMemory(from: address, byteCount: count)
    address.deallocate()
    address = larger
    capacity = wanted
  }
}
