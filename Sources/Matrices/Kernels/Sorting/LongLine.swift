/// Sorting of a long line in two steps through the memory. A sample tells how to cut the range into
/// parts of about equal size that fit into a cache; every number moves to its part; then each part
/// is sorted where it lies, by distribution into twice as many cells as it has numbers, after which
/// hardly any stands in the wrong place.
///
/// The cut is in values, or in bit patterns where the sample says that this comes out more evenly
/// (numbers of many magnitudes). Parts that come out too large or too uneven are left to
/// `Distribution`, which looks at the bits that differ and bears everything.
enum LongLine<S: Scalar> {
  private typealias Numbers = UnsafeMutablePointer<S>
  /// Parts of more numbers are not sorted by cells of 16-bit counts.
  static var largest: Int { 60_000 }
  /// More numbers in one cell are not sorted by insertion.
  static var crowd: UInt16 { 32 }
  /// Numbers that a thread moves at once.
  private static var piece: Int { 1 << 19 }

  /// Sorts numbers into other memory, NaN last.
  static func sort(
    _ x: UnsafePointer<S>, into target: UnsafeMutablePointer<S>, _ count: Int
  ) {
    switch LineCut<S>(count, { x[$0] }) {
    case .values(let cut, let parts): sort(x, into: target, count, cut, parts)
    case .keys(let cut, let parts): sort(x, into: target, count, cut, parts)
    }
  }

  private static func sort<C: Cut>(
    _ x: UnsafePointer<S>, into target: Numbers, _ count: Int, _ cut: C, _ parts: Int
  ) where C.Number == S {
    Kernels.withKeys(S.self, count) { moved in
      guard let starts = move({ x[$0] }, into: moved, count, cut, parts, { $0 }) else { return }
      // The few large parts first, each on all threads.
      for part in 0..<parts where starts[part + 1] - starts[part] > largest {
        let size = starts[part + 1] - starts[part]
        let (source, place) = (moved + starts[part], target + starts[part])
        if areSame(source, size) {
          Kernels.inChunks(size) { range in
            (place + range.lowerBound).update(from: source + range.lowerBound, count: range.count)
          }
        } else {
          bear(source, place, size)
        }
      }
      ThreadPool.shared.run(parts, by: 4) { range in
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 2 * largest) { cells in
          guard let cells = cells.baseAddress else { return }
          for part in range {
            let size = starts[part + 1] - starts[part]
            if size == 0 || size > largest || Interrupt.abandonsKernels { continue }
            sortPart(moved + starts[part], target + starts[part], size, cells)
          }
        }
      }
    }
  }

  /// Moves every item to its part: where the parts begin, and where the last one ends. `nil` when
  /// a stop was asked for. Items of a part keep their order.
  @inline(__always)
  static func move<C: Cut, Item>(
    _ item: (Int) -> Item, into target: UnsafeMutablePointer<Item>, _ count: Int, _ cut: C,
    _ parts: Int, _ number: (Item) -> S
  ) -> [Int]? where C.Number == S {
    let pieces = (count + piece - 1) / piece
    var places = [UInt32](repeating: 0, count: pieces * parts)
    return places.withUnsafeMutableBufferPointer { places in
      guard let places = places.baseAddress else { return nil }
      ThreadPool.shared.run(pieces) { place in
        if Interrupt.abandonsKernels { return }
        let line = places + place * parts
        for i in place * piece..<min(count, (place + 1) * piece) {
          line[cut.part(number(item(i)))] &+= 1
        }
      }
      // A stop leaves counts behind that do not belong together.
      if Interrupt.abandonsKernels { return nil }
      var starts = [Int](repeating: 0, count: parts + 1)
      var sum = 0
      for part in 0..<parts {
        starts[part] = sum
        for place in 0..<pieces {
          let size = Int(places[place * parts + part])
          places[place * parts + part] = UInt32(truncatingIfNeeded: sum)
          sum += size
        }
      }
      starts[parts] = sum
      ThreadPool.shared.run(pieces) { place in
        if Interrupt.abandonsKernels { return }
        let line = places + place * parts
        for i in place * piece..<min(count, (place + 1) * piece) {
          let item = item(i)
          let part = cut.part(number(item))
          target[Int(line[part])] = item
          line[part] &+= 1
        }
      }
      return Interrupt.abandonsKernels ? nil : starts
    }
  }

  /// Sorts one part, by cells where its numbers are spread evenly enough.
  private static func sortPart(
    _ source: Numbers, _ target: Numbers, _ count: Int, _ cells: UnsafeMutablePointer<UInt16>
  ) {
    var (low, high, isNumber) = (S.infinity, -S.infinity, true)
    for i in 0..<count {
      let number = source[i]
      low = number < low ? number : low
      high = number > high ? number : high
      isNumber = isNumber && number == number
    }
    // Denormal numbers may pass for 0 here; their bits do not.
    if low == high && isNumber {
      let first = S.key(source[0])
      for i in 1..<count where S.key(source[i]) != first { return bear(source, target, count) }
      return target.update(from: source, count: count)
    }
    let total = 2 * count
    guard let cut = ValueCut<S>(from: low, to: high, total) else {
      return bear(source, target, count)
    }
    cells.initialize(repeating: 0, count: total)
    for i in 0..<count { cells[cut.part(source[i])] &+= 1 }
    var (sum, fullest) = (UInt16(0), UInt16(0))
    for cell in 0..<total {
      let size = cells[cell]
      cells[cell] = sum
      sum &+= size
      fullest = max(fullest, size)
    }
    if fullest > crowd { return bear(source, target, count) }
    let keys = UnsafeMutableRawPointer(target).assumingMemoryBound(to: S.Key.self)
    for i in 0..<count {
      let number = source[i]
      let cell = cut.part(number)
      keys[Int(cells[cell])] = S.key(number)
      cells[cell] &+= 1
    }
    for i in 1..<count {
      let key = keys[i]
      var place = i
      while place > 0, keys[place - 1] > key {
        keys[place] = keys[place - 1]
        place -= 1
      }
      keys[place] = key
    }
    for i in 0..<count { target[i] = S.number(keys[i]) }
  }

  /// Whether many numbers are all the same: told after a look at the first where they are not.
  private static func areSame(_ x: Numbers, _ count: Int) -> Bool {
    let pieces = (count + piece - 1) / piece
    let first = S.key(x[0])
    return withUnsafeTemporaryAllocation(of: Bool.self, capacity: pieces) { same in
      guard let same = same.baseAddress else { return false }
      ThreadPool.shared.run(pieces) { place in
        same[place] = false
        let range = place * piece..<min(count, (place + 1) * piece)
        for i in range where S.key(x[i]) != first { return }
        same[place] = true
      }
      return (0..<pieces).allSatisfy { same[$0] }
    }
  }

  /// Sorts a part by its bits, whatever its numbers are.
  private static func bear(_ source: Numbers, _ target: Numbers, _ count: Int) {
    let first = UnsafeMutableRawPointer(target).assumingMemoryBound(to: S.Key.self)
    let second = UnsafeMutableRawPointer(source).assumingMemoryBound(to: S.Key.self)
    Kernels.inChunks(count) { range in for i in range { first[i] = S.key(source[i]) } }
    Kernels.sortKeys(first, second, count)
    Kernels.inChunks(count) { range in for i in range { target[i] = S.number(first[i]) } }
  }
}
