import Glibc
import Synchronization

/// The one place that decides whether memory may be taken: matrices, lists and texts ask here before
/// they grow by much. What grows in small steps is seen by whoever watches `resident`.
package enum Memory {
  private static let bound = Atomic<Int>(Int.max)

  /// The most bytes that the process may use; `Int.max` when nobody has set a limit.
  package static var limit: Int {
    get { bound.load(ordering: .relaxed) }
    set { bound.store(newValue, ordering: .relaxed) }
  }

  /// Less than this is not worth asking the system about.
  private static let small = 64 << 20

  /// Whether so many bytes may be taken at once: what is free without swapping, less a half since a
  /// result is rarely the last one, and what the limit leaves.
  package static func hasRoom(for bytes: Int) -> Bool {
    let limit = limit
    if bytes < min(small, limit / 16) { return true }
    if limit != Int.max, bytes >= limit - resident { return false }
    return bytes < small || bytes < available / 2
  }

  /// The bytes that the process uses now, without those that it keeps for the next matrix.
  package static var resident: Int {
    let pages = fields(of: "/proc/self/statm")
    let bytes = pages.count > 1 ? pages[1] * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    return max(bytes - LargeBlocks.idleBytes, 0)
  }

  /// Gives back to the system what is kept for the next matrix: between stages of a long run, whose
  /// matrices are of other sizes.
  package static func letGoOfKept() { LargeBlocks.letGoOfKept() }

  /// Bytes that can be had without swapping, as the kernel estimates it.
  package static var available: Int {
    guard let file = fopen("/proc/meminfo", "r") else { return Int.max }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      let text = line.withUnsafeBufferPointer { buffer in
        String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      }
      if text.hasPrefix("MemAvailable:") {
        let digits = text.filter(\.isNumber)
        return ((Int(digits) ?? Int.max >> 11) << 10) + LargeBlocks.idleBytes
      }
    }
    return Int.max
  }

  /// The whole numbers in the first line of a small file.
  private static func fields(of path: String) -> [Int] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &bytes, bytes.count)
    return bytes.prefix(max(count, 0)).split { $0 == 10 || $0 == 32 }.map { digits in
      digits.reduce(0) { $0 * 10 + Int($1 & 15) }
    }
  }
}
