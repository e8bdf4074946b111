import CMalloc
import Glibc
import Synchronization

/// What a block of memory knows of itself.
struct StorageHeader {
  let address: UnsafeMutableRawPointer
  /// The bytes that there are, which may be more than were asked for.
  let byteCount: Int
  var columnNames: [String]?
}

/// A block of memory, freed with its last owner.
///
/// A small one lies behind the object that owns it, so that a matrix of a few numbers costs one
/// allocation. Larger ones are aligned to 64 bytes, and large ones come from `LargeBlocks`.
final class Storage: ManagedBuffer<StorageHeader, UInt64> {
  /// Up to so many bytes lie behind the object.
  private static let inside = 1024

  var address: UnsafeMutableRawPointer { header.address }
  var byteCount: Int { header.byteCount }

  /// The names of the columns, where a file gave them. Written once, before the storage is shared.
  var columnNames: [String]? {
    get { header.columnNames }
    set { header.columnNames = newValue }
  }

  /// Memory whose contents are undefined.
  static func make(byteCount: Int) -> Storage {
    let words = byteCount <= inside ? (byteCount + 7) / 8 : 0
    let buffer = Storage.create(minimumCapacity: words) { buffer in
      if byteCount <= inside {
        return StorageHeader(
          address: buffer.withUnsafeMutablePointerToElements { UnsafeMutableRawPointer($0) },
          byteCount: byteCount)
      }
      let block = LargeBlocks.take(byteCount)
      return StorageHeader(address: block.address, byteCount: block.byteCount)
    }
    return unsafeDowncast(buffer, to: Storage.self)
  }

  /// Memory of which all is 0. Of a very large block no page is touched before it is used: whoever
  /// uses it may be one of many threads, and may be stopped meanwhile.
  static func zeros(byteCount: Int) -> Storage {
    let storage = make(byteCount: byteCount)
    if !LargeBlocks.clear(storage.address, storage.byteCount) {
      storage.address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    }
    return storage
  }

  deinit {
    if header.byteCount > Self.inside { LargeBlocks.give(header.address, header.byteCount) }
  }
}

/// Memory too large to lie behind its owner.
///
/// The system hands large blocks out page by page, each filled with zeros first, which costs as
/// much as computing their elements. So blocks of some megabytes ask for huge pages, and those let
/// go of are kept for the next matrix of about their size, up to a small part of the memory.
enum LargeBlocks {
  struct Block: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// Blocks from here on are kept, and those from `hugePage` on ask for huge pages.
  private static let worthKeeping = 1 << 20
  private static let hugePage = 2 << 20
  /// No more than this is kept in all.
  private static let most = min(
    192 << 20, sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / 32)

  private static let kept = Mutex<[Block]>([])

  /// Bytes that nobody uses, ready to be used again.
  static var idleBytes: Int { kept.withLock { $0.reduce(0) { $0 + $1.byteCount } } }

  private static func rounded(_ byteCount: Int) -> Int {
    let unit = byteCount >= 2 * hugePage ? hugePage : byteCount >= worthKeeping ? 4096 : 64
    return (byteCount + unit - 1) / unit * unit
  }

  static func take(_ wanted: Int) -> Block {
    let byteCount = rounded(wanted)
    if byteCount >= worthKeeping, let block = reused(byteCount) { return block }
    if let address = allocated(byteCount) { return Block(address: address, byteCount: byteCount) }
    // What is kept may be what is missing.
    letGoOfKept()
    guard let address = allocated(byteCount) else {
      // The builtins refuse sizes that cannot be had (`Matrix.canAllocate`) before they come here.
      fatalError("out of memory: \(wanted) bytes")
    }
    return Block(address: address, byteCount: byteCount)
  }

  /// Left to itself the allocator raises the size from which it gives blocks back to the system with
  /// every large one that is freed, up to 32 MB, and the heap keeps what it once needed.
  private static let prepared: Void = {
    mallopt(M_MMAP_THRESHOLD, Int32(worthKeeping))
    mallopt(M_TRIM_THRESHOLD, Int32(worthKeeping))
  }()

  private static func allocated(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    _ = prepared
    guard byteCount >= 2 * hugePage else { return aligned_alloc(64, byteCount) }
    let address = aligned_alloc(hugePage, byteCount)
    if let address { madvise(address, byteCount, MADV_HUGEPAGE) }
    return address
  }

  /// A block of this size, or one that is up to a quarter larger.
  private static func reused(_ byteCount: Int) -> Block? {
    // The newest first: its pages are the likeliest to be in a cache.
    kept.withLock { blocks in
      let place =
        blocks.lastIndex { $0.byteCount == byteCount }
        ?? blocks.lastIndex { (byteCount...byteCount + byteCount / 4).contains($0.byteCount) }
      return place.map { blocks.remove(at: $0) }
    }
  }

  static func give(_ address: UnsafeMutableRawPointer, _ byteCount: Int) {
    let most = min(most, Memory.limit / 8)
    guard byteCount >= worthKeeping, byteCount <= most / 2 else { return free(address) }
    let block = Block(address: address, byteCount: byteCount)
    letGo(
      of: kept.withLock { blocks in
        blocks.append(block)
        var total = blocks.reduce(0) { $0 + $1.byteCount }
        var dropped: [Block] = []
        while total > most {
          let oldest = blocks.removeFirst()
          total -= oldest.byteCount
          dropped.append(oldest)
        }
        return dropped
      })
  }

  /// Gives back to the system what is kept for the next matrix, and what the allocator keeps.
  static func letGoOfKept() {
    letGo(
      of: kept.withLock { blocks in
        defer { blocks = [] }
        return blocks
      })
    malloc_trim(0)
  }

  /// Gives the pages of a block that is too large to be kept back to the system, which hands out
  /// others full of zeros when they are used; false where the block is not so large.
  static func clear(_ address: UnsafeMutableRawPointer, _ byteCount: Int) -> Bool {
    byteCount >= 2 * hugePage && byteCount > most / 2
      && madvise(address, byteCount, MADV_DONTNEED) == 0
  }

  private static func letGo(of blocks: [Block]) {
    for block in blocks { free(block.address) }
  }
}
