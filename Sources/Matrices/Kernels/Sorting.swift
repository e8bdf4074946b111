/// Numbers as whole numbers of the same order, so that they can be sorted by their bits.
protocol OrderedBits {
  associatedtype Key: FixedWidthInteger & UnsignedInteger & Sendable
  /// The bits, reordered: −∞ is small, ∞ large, and NaN, whatever its sign, the largest of all.
  static func key(_ x: Self) -> Key
  static func number(_ key: Key) -> Self
}

extension Double: OrderedBits {
  @inline(__always)
  static func key(_ x: Double) -> UInt64 {
    let bits = Int64(bitPattern: x.bitPattern)
    let key = UInt64(bitPattern: bits ^ ((bits >> 63) | Int64.min))
    return x == x ? key : .max
  }
  @inline(__always)
  static func number(_ key: UInt64) -> Double {
    let bits = Int64(bitPattern: key)
    return Double(bitPattern: UInt64(bitPattern: bits ^ (~(bits >> 63) | Int64.min)))
  }
}

extension Float: OrderedBits {
  @inline(__always)
  static func key(_ x: Float) -> UInt32 {
    let bits = Int32(bitPattern: x.bitPattern)
    let key = UInt32(bitPattern: bits ^ ((bits >> 31) | Int32.min))
    return x == x ? key : .max
  }
  @inline(__always)
  static func number(_ key: UInt32) -> Float {
    let bits = Int32(bitPattern: key)
    return Float(bitPattern: UInt32(bitPattern: bits ^ (~(bits >> 31) | Int32.min)))
  }
}

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
      Interrupt.shieldingKernels {
        ThreadPool.shared.run(pieces) { place in
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
    }
    return (starts, sizes)
  }
}

extension Kernels {
  /// Memory for keys while a body runs.
  @inline(__always)
  private static func withKeys<K, R>(
    _: K.Type, _ count: Int, _ body: (UnsafeMutablePointer<K>) -> R
  ) -> R {
    let storage = Storage.make(byteCount: count * MemoryLayout<K>.stride)
    return withExtendedLifetime(storage) { body(storage.address.assumingMemoryBound(to: K.self)) }
  }

  /// Every row of a row-major matrix in order, NaN last.
  static func sort<S: Scalar>(
    _ source: Matrix, into result: inout Matrix, descending: Bool, _: S.Type
  ) {
    let (rows, columns) = (source.rows, source.columns)
    result.write(S.self) { target in
      source.read(S.self) { x in
        if columns >= Distribution<S.Key>.many {
          for row in 0..<rows {
            sortMany(x + row * columns, target + row * columns, columns, descending)
          }
          return
        }
        ThreadPool.shared.run(rows, by: max(1, chunk / 8 / max(columns, 1))) { range in
          withKeys(S.Key.self, 2 * columns) { keys in
            for row in range {
              if Interrupt.abandonsKernels { return }
              let line = x + row * columns
              for i in 0..<columns { keys[i] = key(line[i], descending) }
              Distribution.sort(keys, keys + columns, columns, toSpare: false)
              finish(keys, target + row * columns, columns, descending)
            }
          }
        }
      }
    }
  }

  /// The key by which a number is sorted.
  @inline(__always)
  private static func key<S: Scalar>(_ x: S, _ descending: Bool) -> S.Key {
    let key = S.key(x)
    return descending && key != .max ? S.Key.max - 1 - key : key
  }

  @inline(__always)
  private static func finish<S: Scalar>(
    _ keys: UnsafePointer<S.Key>, _ target: UnsafeMutablePointer<S>, _ count: Int,
    _ descending: Bool
  ) {
    if descending {
      for i in 0..<count {
        target[i] = S.number(keys[i] == .max ? .max : S.Key.max - 1 - keys[i])
      }
    } else {
      for i in 0..<count { target[i] = S.number(keys[i]) }
    }
  }

  /// One long line, cut into parts that the threads share out.
  private static func sortMany<S: Scalar>(
    _ x: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>, _ count: Int, _ descending: Bool
  ) {
    withKeys(S.Key.self, count) { second in
      // The keys stand where the result will: both are equally wide.
      let first = UnsafeMutableRawPointer(target).assumingMemoryBound(to: S.Key.self)
      inChunks(count) { for i in $0 { first[i] = key(x[i], descending) } }
      var tasks: [Distribution<S.Key>.Task] = []
      Distribution.cut(
        first, second, .init(start: 0, count: count, isMoved: false, isSorted: false), into: &tasks)
      ThreadPool.shared.run(tasks.count) { index in
        if Interrupt.abandonsKernels { return }
        let task = tasks[index]
        let (a, b) = (first + task.start, second + task.start)
        if task.isMoved {
          if task.isSorted {
            a.update(from: b, count: task.count)
          } else {
            Distribution.sort(b, a, task.count, toSpare: true)
          }
        } else if !task.isSorted {
          Distribution.sort(a, b, task.count, toSpare: false)
        }
        finish(UnsafePointer(a), target + task.start, task.count, descending)
      }
    }
  }

  static func order<S: Scalar>(
    _ matrix: Matrix, into result: inout Matrix, descending: Bool, _: S.Type
  ) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    result.write(Double.self) { target in
      matrix.read(S.self) { x in
        ThreadPool.shared.run(rows, by: max(1, chunk / 8 / max(columns, 1))) { range in
          for row in range {
            if Interrupt.abandonsKernels { return }
            let line = x + row * columns
            let order = (0..<columns).sorted { a, b in
              let (first, second) = (line[a], line[b])
              if first.isNaN || second.isNaN {
                return first.isNaN == second.isNaN ? a < b : second.isNaN
              }
              if first == second { return a < b }
              return descending ? first > second : first < second
            }
            for (place, position) in order.enumerated() {
              target[row * columns + place] = Double(position)
            }
          }
        }
      }
    }
  }

  /// The different elements of a sorted line, as a column; NaN, which stands last, counts once.
  static func distinct<S: Scalar>(_ sorted: Matrix, _: S.Type) -> Matrix {
    sorted.read(S.self) { x in
      var numbers = sorted.count
      while numbers > 0, x[numbers - 1].isNaN { numbers -= 1 }
      var count = numbers > 0 ? 1 : 0
      for i in 1..<max(numbers, 1) { count += x[i] != x[i - 1] ? 1 : 0 }
      let hasNaN = numbers < sorted.count
      var result = Matrix(uninitialized: Shape(count + (hasNaN ? 1 : 0), 1), S.precision)
      result.write(S.self) { target in
        if numbers > 0 { target[0] = x[0] }
        var place = 0
        for i in 1..<max(numbers, 1) {
          // Writing always and moving on only sometimes leaves nothing to guess.
          place += x[i] != x[i - 1] ? 1 : 0
          target[place] = x[i]
        }
        if hasNaN { target[count] = .nan }
      }
      return result
    }
  }

  /// The elements that would stand at some places of the sorted line, without sorting all of it:
  /// only the parts of the range in which those places lie. `nil` where there is a NaN.
  static func elements<S: Scalar>(
    _ x: UnsafePointer<S>, _ count: Int, at places: [Int]
  ) -> [Int: S]? {
    typealias Cut = Distribution<S.Key>
    let (low, high) = Cut.extent(count) { S.key(x[$0]) }
    if high == .max { return nil }
    if low == high {
      return Dictionary(places.map { ($0, S.number(low)) }, uniquingKeysWith: { first, _ in first })
    }
    let cut = Cut(from: low, to: high, bits: 12)
    let sizes = cut.sizes(count) { S.key(x[$0]) }
    // Where in the sorted line each part begins.
    var before: [Int] = []
    before.reserveCapacity(sizes.count)
    var sum = 0
    for size in sizes {
      before.append(sum)
      sum += size
    }
    var wanted = [Bool](repeating: false, count: sizes.count)
    var partOf: [Int: Int] = [:]
    for place in places {
      // The last part that begins at or before the place and has elements.
      var part = before.partitioned { $0 > place } - 1
      while part > 0, sizes[part] == 0 { part -= 1 }
      partOf[place] = max(part, 0)
      wanted[max(part, 0)] = true
    }
    let room = zip(sizes, wanted).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    return withKeys(S.Key.self, 2 * max(room, 1)) { keys in
      let (starts, found) = cut.move(count, { S.key(x[$0]) }, into: keys, wanted: wanted)
      var sorted = Set<Int>()
      var result: [Int: S] = [:]
      for place in places {
        guard let part = partOf[place], found[part] > place - before[part] else { continue }
        if cut.shift > 0, sorted.insert(part).inserted {
          sortKeys(keys + starts[part], keys + room + starts[part], found[part])
        }
        result[place] = S.number(keys[starts[part] + place - before[part]])
      }
      return result
    }
  }

  /// Sorts keys in place, on many threads when they are many.
  private static func sortKeys<K>(
    _ first: UnsafeMutablePointer<K>, _ second: UnsafeMutablePointer<K>, _ count: Int
  ) where K: FixedWidthInteger & UnsignedInteger & Sendable {
    var tasks: [Distribution<K>.Task] = []
    Distribution.cut(
      first, second, .init(start: 0, count: count, isMoved: false, isSorted: false), into: &tasks)
    ThreadPool.shared.run(tasks.count) { index in
      if Interrupt.abandonsKernels { return }
      let task = tasks[index]
      let (a, b) = (first + task.start, second + task.start)
      switch (task.isMoved, task.isSorted) {
      case (true, true): a.update(from: b, count: task.count)
      case (true, false): Distribution.sort(b, a, task.count, toSpare: true)
      case (false, true): break
      case (false, false): Distribution.sort(a, b, task.count, toSpare: false)
      }
    }
  }

  /// The quantiles of every row of a row-major matrix.
  static func quantiles<S: Scalar>(
    _ matrix: Matrix, _ parts: [Double], into result: inout Matrix, _: S.Type
  ) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let positions = parts.map { part in
      let position = part * Double(columns - 1)
      let low = min(max(Int(position), 0), columns - 1)
      return (low: low, high: min(low + 1, columns - 1), between: position - Double(low))
    }
    let places = Array(Set(positions.flatMap { [$0.low, $0.high] })).sorted()
    result.write(S.self) { target in
      matrix.read(S.self) { x in
        func note(_ row: Int, _ element: (Int) -> S?) {
          for (place, position) in positions.enumerated() {
            guard let low = element(position.low), let high = element(position.high) else {
              target[row * parts.count + place] = .nan
              continue
            }
            let (a, b) = (Double(low), Double(high))
            let value =
              position.between == 0 || a == b ? a : a + (b - a) * position.between
            target[row * parts.count + place] = S(value)
          }
        }
        if columns >= 4 * chunk {
          for row in 0..<rows {
            if Interrupt.abandonsKernels { return }
            let found = elements(x + row * columns, columns, at: places)
            note(row) { found?[$0] }
          }
          return
        }
        ThreadPool.shared.run(rows, by: max(1, chunk / 8 / max(columns, 1))) { range in
          withKeys(S.Key.self, 2 * columns) { keys in
            for row in range {
              if Interrupt.abandonsKernels { return }
              let line = x + row * columns
              for i in 0..<columns { keys[i] = S.key(line[i]) }
              Distribution.sort(keys, keys + columns, columns, toSpare: false)
              // NaN is sorted to the end.
              let hasNaN = keys[columns - 1] == .max
              note(row) { hasNaN ? nil : S.number(keys[$0]) }
            }
          }
        }
      }
    }
  }
}

extension [Int] {
  /// The first index of a sorted array from which on a condition holds.
  fileprivate func partitioned(_ isLate: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isLate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
