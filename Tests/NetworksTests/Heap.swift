import Glibc

/// What the C library's allocator has given out, where it tells.
enum Heap {
  /// `mallinfo2` is not in the module map. A structure of this size is returned through a pointer
  /// in the first argument's place.
  private typealias Asking = @convention(c) (UnsafeMutablePointer<Int>) -> Void

  private static let ask = dlsym(nil, "mallinfo2").map { unsafeBitCast($0, to: Asking.self) }

  static var tells: Bool { ask != nil }

  private static var bytesInUse: Int {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 10) { fields in
      guard let ask, let address = fields.baseAddress else { return 0 }
      ask(address)
      // `uordblks` and `hblkhd`: small blocks, and those with a mapping of their own.
      return address[7] + address[4]
    }
  }

  /// Whether `body` leaves more memory in use than there was, every time: what the system does now
  /// and then is not `body`'s. What is taken and given back within `body` does not count.
  static func grows(by body: () -> Void) -> Bool {
    (0..<10).allSatisfy { _ in
      let before = bytesInUse
      body()
      return bytesInUse > before
    }
  }
}
