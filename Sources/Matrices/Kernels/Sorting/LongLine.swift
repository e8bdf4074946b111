/// Where the numbers of a line belong when its range is cut into parts: a function that never falls.
private protocol Cut<Number>: Sendable {
  associatedtype Number: Scalar
  func part(_ x: Number) -> Int
}

/// Parts of equal width. What lies outside belongs to the first or the last; NaN is last.
private struct ValueCut<Number: Scalar>: Cut {
  let low: Number
  let scale: Number
  let last: Number

  /// `nil` where the range has no width, or none that can be calculated with.
  init?(from low: Number, to high: Number, _ parts: Int) {
    self.low = low
    scale = Number(parts) / (high - low)
    last = Number(parts - 1)
    guard scale.isFinite, scale > 0, low.isFinite else { return nil }
  }

  @inline(__always)
  func part(_ x: Number) -> Int {
    let place = (x - low) * scale
    let bounded = place < last ? place : last
    return Number.whole(bounded > 0 ? bounded : 0)
  }
}

/// Parts of equally many bit patterns: narrow near zero, wide far from it.
private struct KeyCut<Number: Scalar>: Cut {
  let cut: Distribution<Number.Key>
  let high: Number.Key

  init(from low: Number, to high: Number, bits: Int) {
    self.high = Number.key(high)
    cut = Distribution(from: Number.key(low), to: self.high, bits: bits)
  }

  @inline(__always)
  func part(_ x: Number) -> Int { cut.part(min(max(Number.key(x), cut.low), high)) }
}

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
  /// Numbers of a part, so that it and its cells stay in a cache.
  private static var partSize: Int { 10_000 }
  /// Parts of more numbers are not sorted by cells of 16-bit counts.
  private static var largest: Int { 60_000 }
  /// More numbers in one cell are not sorted by insertion.
  private static var crowd: UInt16 { 32 }
  /// Numbers that a thread moves at once.
  private static var piece: Int { 1 << 19 }

  /// Sorts numbers into other memory, NaN last.
  static func sort(
    _ x: UnsafePointer<S>, into target: UnsafeMutablePointer<S>, _ count: Int
  ) {
    let bits = min(12, max(4, Int.bitWidth - (count / partSize).leadingZeroBitCount))
    var sample = (0..<4096).map { place in
      S.key(x[Int(truncatingIfNeeded: UInt(place) &* 2_654_435_761 % UInt(count))])
    }
    sample.sort()
    let numbers = sample.map { S.number($0) }
    let (low, high) = (numbers[4], numbers[numbers.count - 5])
    let byKeys = KeyCut<S>(from: low, to: high, bits: bits)
    if let byValues = ValueCut<S>(from: low, to: high, 1 << bits),
      crowding(byValues, numbers, 1 << bits) <= crowding(byKeys, numbers, 1 << bits)
    {
      sort(x, into: target, count, byValues, 1 << bits)
    } else {
      sort(x, into: target, count, byKeys, 1 << bits)
    }
  }

  /// How unevenly a sample falls into parts: the sum of squares.
  private static func crowding<C: Cut>(_ cut: C, _ sample: [S], _ parts: Int) -> Int
  where C.Number == S {
    var sizes = [Int](repeating: 0, count: parts)
    for number in sample { sizes[cut.part(number)] += 1 }
    return sizes.reduce(0) { $0 + $1 * $1 }
  }

  private static func sort<C: Cut>(
    _ x: UnsafePointer<S>, into target: Numbers, _ count: Int, _ cut: C, _ parts: Int
  ) where C.Number == S {
    Kernels.withKeys(S.self, count) { moved in
      guard let starts = move(x, into: moved, count, cut, parts) else { return }
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

  /// Moves every number to its part: where the parts begin, and where the last one ends. `nil` when
  /// a stop was asked for.
  private static func move<C: Cut>(
    _ x: UnsafePointer<S>, into target: Numbers, _ count: Int, _ cut: C, _ parts: Int
  ) -> [Int]? where C.Number == S {
    let pieces = (count + piece - 1) / piece
    var places = [UInt32](repeating: 0, count: pieces * parts)
    return places.withUnsafeMutableBufferPointer { places in
      guard let places = places.baseAddress else { return nil }
      ThreadPool.shared.run(pieces) { place in
        if Interrupt.abandonsKernels { return }
        let line = places + place * parts
        for i in place * piece..<min(count, (place + 1) * piece) { line[cut.part(x[i])] &+= 1 }
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
      Interrupt.shieldingKernels {
        ThreadPool.shared.run(pieces) { place in
          let line = places + place * parts
          for i in place * piece..<min(count, (place + 1) * piece) {
            let number = x[i]
            let part = cut.part(number)
            target[Int(line[part])] = number
            line[part] &+= 1
          }
        }
      }
      return starts
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
