import Glibc

/// The bytes of a file that stays open, read where they are needed: another file of its name changes
/// nothing. Reads of a place, not mapped: the system's cache serves repeated passes all the same, what
/// is needed at once is known, and a file that somebody cuts short is an error and not the end of the
/// process.
final class OpenFile: Sendable {
  private let descriptor: Int32
  let size: Int

  init(path: String) throws {
    descriptor = try Waiting.open(path)
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else {
      let code = errno
      close(descriptor)
      throw FileError.from(code)
    }
    size = Int(facts.st_size)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  /// Opens a file whose bytes are those of its format, so that a place is one.
  convenience init(uncompressed path: String, _ format: FileFormat) throws {
    guard !(try FileReader(path: path).isCompressed) else {
      throw FileError.unsupported(format, "compressed bytes")
    }
    try self.init(path: path)
  }

  deinit { close(descriptor) }

  /// Fills memory with the bytes from a place on.
  func read(_ place: Int, _ count: Int, into target: UnsafeMutableRawPointer) throws {
    var done = 0
    while done < count {
      let got = pread(descriptor, target + done, min(count - done, 1 << 26), place + done)
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw FileError.from(errno) }
      if got == 0 { throw FileError.truncated(expected: place + count, found: place + done) }
      done += got
    }
  }

  /// The bytes of a range.
  func bytes(_ range: Range<Int>) throws -> FileBytes {
    let bytes = FileBytes(capacity: range.count)
    try read(range.lowerBound, range.count, into: bytes.address)
    bytes.count = range.count
    return bytes
  }

  /// Calls `body` with every line from a place on, without its end, and where it begins. Reads some
  /// megabytes at a time.
  func forEachLine(
    from start: Int, _ body: (UnsafeBufferPointer<UInt8>, _ place: Int) throws -> Void
  ) throws {
    var place = start
    var length = 1 << 22
    while place < size {
      try Interrupt.check()
      let part = try bytes(place..<min(size, place + length))
      let isLast = place + part.count == size
      var first = 0
      try withExtendedLifetime(part) {
        let all = part.bytes
        guard let base = all.baseAddress else { return }
        while first < all.count {
          let found = memchr(base + first, 10, all.count - first)
          let end =
            found.map { UnsafeRawPointer($0) - UnsafeRawPointer(base) } ?? (isLast ? all.count : -1)
          if end < 0 { break }
          try body(UnsafeBufferPointer(rebasing: all[first..<end]), place + first)
          first = end + 1
        }
      }
      // A line longer than a part.
      if first == 0 { length *= 2 }
      place += first
    }
  }
}

/// A file whose rows can be had a block at a time: see `RowBlocks`.
package protocol StreamedRows: RowBlocks {
  /// The bytes of the file that hold the rows.
  var byteCount: Int { get }
  /// The rows of a range.
  func rows(in range: Range<Int>) throws -> Matrix
}

extension StreamedRows {
  package func forEachBlock(of count: Int, _ body: (Range<Int>, Matrix) throws -> Void) throws {
    for first in stride(from: 0, to: shape.rows, by: max(count, 1)) {
      let range = first..<min(shape.rows, first + max(count, 1))
      try body(range, rows(in: range))
    }
  }
}

/// Where rows of a text begin, not each of them, but every so many.
struct RowIndex: Sendable {
  /// Rows from one place to the next.
  let stripe: Int
  private(set) var places: [Int] = []
  /// The number of the line at each place, from 1.
  private(set) var lines: [Int] = []
  private let end: Int

  init(stripe: Int, end: Int) {
    self.stripe = stripe
    self.end = end
  }

  mutating func append(place: Int, line: Int) {
    places.append(place)
    lines.append(line)
  }

  /// The first row of the stripe of a row, the bytes that hold all of a range, and the number of
  /// their first line.
  func part(_ range: Range<Int>) -> (first: Int, bytes: Range<Int>, line: Int) {
    let stripes = range.lowerBound / stripe..<(range.upperBound + stripe - 1) / stripe
    let end = stripes.upperBound < places.count ? places[stripes.upperBound] : end
    return (
      stripes.lowerBound * stripe, places[stripes.lowerBound]..<end, lines[stripes.lowerBound]
    )
  }
}
