import CAllocations

/// Memory asked for, counted.
enum Allocations {
  /// The least that `body` asks for, in number of requests on all threads, of ten times: what the
  /// system does now and then is not `body`'s.
  static func count(in body: () -> Void) -> UInt {
    var least = UInt.max
    for _ in 0..<10 {
      let before = allocationCount()
      body()
      least = min(least, allocationCount() - before)
    }
    return least
  }
}
