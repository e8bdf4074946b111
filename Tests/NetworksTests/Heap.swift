import Glibc

/// Whether memory is asked for, as the C library's allocator tells without being asked: blocks that
/// a thread has freed are given to it again, the last first. One block of every size up to a kilobyte
/// is filled with a pattern and freed; whoever takes memory gets one of them, and writes to it.
enum Heap {
  private typealias Taking = @convention(c) (Int) -> UnsafeMutableRawPointer?
  private typealias Giving = @convention(c) (UnsafeMutableRawPointer?) -> Void

  /// The usable bytes of the blocks that a thread keeps for itself.
  private static let sizes = Array(stride(from: 24, through: 1032, by: 16))
  private static let pattern: UInt8 = 0xA5

  /// Called by address, so that no compiler knows what a new block holds.
  private static func function<F>(_ name: String, _: F.Type) -> F? {
    dlsym(nil, name).map { unsafeBitCast($0, to: F.self) }
  }

  /// Whether this allocator gives blocks back as described.
  static let tells: Bool = {
    guard let take = function("malloc", Taking.self), let give = function("free", Giving.self),
      function("gnu_get_libc_version", Taking.self) != nil
    else { return false }
    let block = take(40)
    give(block)
    let next = take(40)
    give(next)
    return block == next
  }()

  /// Whether `body` takes memory every time, on this thread and up to a kilobyte at once, for however
  /// short a time; false where the allocator does not tell. What the system does on the thread now
  /// and then is not `body`'s: one try in which nothing is taken is enough.
  static func isAsked(by body: () -> Void) -> Bool {
    (0..<10).allSatisfy { _ in isTaken(by: body) }
  }

  private static func isTaken(by body: () -> Void) -> Bool {
    guard tells, let take = function("malloc", Taking.self),
      let give = function("free", Giving.self)
    else { return false }
    // What is taken while the blocks are laid out would be taken from them.
    var blocks = [UnsafeMutableRawPointer?](repeating: nil, count: sizes.count)
    for (place, size) in sizes.enumerated() {
      blocks[place] = take(size)
      blocks[place]?.initializeMemory(as: UInt8.self, repeating: pattern, count: size)
      give(blocks[place])
    }
    body()
    var isTaken = false
    for (place, size) in sizes.enumerated() {
      let block = take(size)
      // The first 16 bytes belong to the allocator while a block is free.
      let rest = (block ?? blocks[place])?.assumingMemoryBound(to: UInt8.self)
      if block != blocks[place] { isTaken = true }
      for byte in 16..<size where rest?[byte] != pattern { isTaken = true }
      give(block)
    }
    return isTaken
  }
}
