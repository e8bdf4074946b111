/// Sorting by distribution: the range of the keys is cut into equal parts, every key moves to the
/// part it belongs to, and every part is sorted the same way until a few keys are left. Each step
/// reads and writes every key once; it looks at the range that is really there, so what is left of
/// skewed data is cut again.
struct Distribution<Key: FixedWidthInteger & UnsignedInteger & Sendable> {
  typealias Keys = UnsafeMutablePointer<Key>

  /// Up to so many keys are sorted by insertion.
  private static var few: Int { 32 }
  /// From so many keys on, one step is worth sharing between threads.
  static var many: Int { 1 << 18 }
  /// Keys that a thread moves at once.
  private static var piece: Int { 1 << 17 }

  let low: Key
  let shift: Int
  let parts: Int

  /// The cut of a range into at most 2^bits parts.
  init(from low: Key, to high: Key, bits: Int) {
    self.low = low
    let used = Key.bitWidth - (high - low).leadingZeroBitCount
    shift = max(0, used - bits)
    parts = Int(truncatingIfNeeded: (high - low) >> Key(shift)) + 1
  }

  @inline(__always)
  func part(_ key: Key) -> Int {
    Int(truncatingIfNeeded: (key &- low) &>> Key(truncatingIfNeeded: shift))
  }

  // MARK: On one thread

  /// Sorts keys; the result stands in `spare` or, if not `toSpare`, where the keys were.
  static func sort(_ keys: Keys, _ spare: Keys, _ count: Int, toSpare: Bool) {
    if count <= few { return insert(keys, into: toSpare ? spare : keys, count) }
    var (low, high) = (keys[0], keys[0])
    for i in 1..<count {
      let key = keys[i]
      low = min(low, key)
      high = max(high, key)
    }
    if low == high {
      if toSpare { spare.update(from: keys, count: count) }
      return
    }
    if Interrupt.abandonsKernels { return }
    // About four keys a part.
    let bits = min(15, Int.bitWidth - count.leadingZeroBitCount - 2)
    let cut = Distribution(from: low, to: high, bits: bits)
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: cut.parts) { places in
      guard let places = places.baseAddress else { return }
      places.initialize(repeating: 0, count: cut.parts)
      for i in 0..<count { places[cut.part(keys[i])] &+= 1 }
      var sum: UInt32 = 0
      for part in 0..<cut.parts {
        let size = places[part]
        places[part] = sum
        sum &+= size
      }
      for i in 0..<count {
        let part = cut.part(keys[i])
        spare[Int(places[part])] = keys[i]
        places[part] &+= 1
      }
      // Now `places` tells where each part ends.
      var start = 0
      for part in 0..<cut.parts {
        let end = Int(places[part])
        if cut.shift == 0 {
          if !toSpare { (keys + start).update(from: spare + start, count: end - start) }
        } else if end - start <= few {
          insert(spare + start, into: toSpare ? spare + start : keys + start, end - start)
        } else {
          sort(spare + start, keys + start, end - start, toSpare: !toSpare)
        }
        start = end
      }
    }
  }

  @inline(__always)
  private static func insert(_ keys: Keys, into target: Keys, _ count: Int) {
    guard count > 0 else { return }
    target[0] = keys[0]
    for i in 1..<max(count, 1) {
      let key = keys[i]
      var place = i
      while place > 0, target[place - 1] > key {
        target[place] = target[place - 1]
        place -= 1
      }
      target[place] = key
    }
  }

  // MARK: On many threads

  /// A part that is left to sort.
  struct Task {
    var start: Int
    var count: Int
    /// Whether the keys stand in the second memory, and not in the first, where they belong.
    var isMoved: Bool
    var isSorted: Bool
  }

  /// Cuts many keys into parts of less than `many` keys, and notes them.
  static func cut(_ first: Keys, _ second: Keys, _ task: Task, into tasks: inout [Task]) {
    if task.count < many { return tasks.append(task) }
    if Interrupt.abandonsKernels { return }
    let keys = (task.isMoved ? second : first) + task.start
    let spare = (task.isMoved ? first : second) + task.start
    let (low, high) = extent(task.count) { keys[$0] }
    if low == high {
      return tasks.append(
        Task(start: task.start, count: task.count, isMoved: task.isMoved, isSorted: true))
    }
    let cut = Distribution(from: low, to: high, bits: 11)
    let (starts, sizes) = cut.move(task.count, { keys[$0] }, into: spare)
    for (start, size) in zip(starts, sizes) where size > 0 {
      let part = Task(
        start: task.start + start, count: size, isMoved: !task.isMoved, isSorted: cut.shift == 0)
      if part.isSorted { tasks.append(part) } else { Self.cut(first, second, part, into: &tasks) }
    }
  }

  /// The smallest and the largest of many keys.
  static func extent(_ count: Int, _ key: (Int) -> Key) -> (Key, Key) {
    let pieces = (count + piece - 1) / piece
    let found = [(Key, Key)](unsafeUninitializedCapacity: pieces) { found, filled in
      filled = pieces
      guard let found = found.baseAddress else { return }
      found.initialize(repeating: (.max, .min), count: pieces)
      ThreadPool.shared.run(pieces) { place in
        if Interrupt.abandonsKernels { return }
        var (low, high) = (Key.max, Key.min)
        for i in place * piece..<min(count, (place + 1) * piece) {
          let key = key(i)
          low = min(low, key)
          high = max(high, key)
        }
        found[place] = (low, high)
      }
    }
    let all = found.reduce((Key.max, Key.min)) { (min($0.0, $1.0), max($0.1, $1.1)) }
    return all.0 <= all.1 ? all : (0, 0)
  }

  /// How many keys belong to each part, for every piece one line of counts.
  private func counts(_ count: Int, _ key: (Int) -> Key) -> [UInt32] {
    let pieces = (count + Self.piece - 1) / Self.piece
    return [UInt32](unsafeUninitializedCapacity: pieces * parts) { counts, filled in
      filled = pieces * parts
      guard let counts = counts.baseAddress else { return }
      counts.initialize(repeating: 0, count: pieces * parts)
      ThreadPool.shared.run(pieces) { place in
        if Interrupt.abandonsKernels { return }
        let line = counts + place * parts
        for i in place * Self.piece..<min(count, (place + 1) * Self.piece) {
          line[part(key(i))] &+= 1
        }
      }
    }
  }

  /// How many keys belong to each part.
  func sizes(_ count: Int, _ key: (Int) -> Key) -> [Int] {
    let counts = counts(count, key)
    var sizes = [Int](repeating: 0, count: parts)
    for i in counts.indices { sizes[i % parts] += Int(counts[i]) }
    return sizes
  }

  /// Moves every key to its part: where the parts start, and how many keys they have. Of parts that
  /// are not `wanted` nothing is moved, and they take no room.
  func move(
    _ count: Int, _ key: (Int) -> Key, into target: Keys, wanted: [Bool]? = nil
  ) -> (starts: [Int], sizes: [Int]) {
    var places = counts(count, key)
    let pieces = places.count / max(parts, 1)
    var (starts, sizes) = ([Int](repeating: 0, count: parts), [Int](repeating: 0, count: parts))
    var sum = 0
    for part in 0..<parts {
      starts[part] = sum
      if let wanted, !wanted[part] { continue }
      for place in 0..<pieces {
        let size = Int(places[place * parts + part])
        places[place * parts + part] = UInt32(truncatingIfNeeded: sum)
        sum += size
      }
      sizes[part] = sum - starts[part]
    }
    // A stop leaves counts behind that do not belong together.
    if Interrupt.abandonsKernels { return (starts, sizes.map { _ in 0 }) }
    places.withUnsafeMutableBufferPointer { places in
      guard let places = places.baseAddress else { return }
      ThreadPool.shared.run(pieces) { place in
        if Interrupt.abandonsKernels { return }
        let line = places + place * parts
        let range = place * Self.piece..<min(count, (place + 1) * Self.piece)
        if let wanted {
          for i in range {
            let key = key(i)
            let part = part(key)
            guard wanted[part] else { continue }
            target[Int(line[part])] = key
            line[part] &+= 1
          }
        } else {
          for i in range {
            let key = key(i)
            let part = part(key)
            target[Int(line[part])] = key
            line[part] &+= 1
          }
        }
      }
    }
    // Parts of which some have not come are none.
    if Interrupt.abandonsKernels { return (starts, sizes.map { _ in 0 }) }
    return (starts, sizes)
  }
}
