import Glibc

/// A block of memory aligned to 64 bytes, freed with its last owner.
final class Storage: @unchecked Sendable {
  let address: UnsafeMutableRawPointer
  let byteCount: Int

  /// The names of the columns, where a file gave them. Written once, before the storage is shared.
  var columnNames: [String]?

  /// Memory whose contents are undefined.
  init(byteCount: Int) {
    self.byteCount = byteCount
    let rounded = (max(byteCount, 1) + 63) & ~63
    guard let address = aligned_alloc(64, rounded) else {
      // The builtins refuse sizes that cannot be had (`Matrix.canAllocate`) before they come here.
      fatalError("out of memory: \(byteCount) bytes")
    }
    self.address = address
  }

  deinit { free(address) }
}
