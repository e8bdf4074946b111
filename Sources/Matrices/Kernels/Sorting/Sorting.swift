extension Kernels {
  /// Memory for keys while a body runs.
  @inline(__always)
  static func withKeys<K, R>(
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
  static func key<S: Scalar>(_ x: S, _ descending: Bool) -> S.Key {
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

  /// One long line.
  private static func sortMany<S: Scalar>(
    _ x: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>, _ count: Int, _ descending: Bool
  ) {
    switch Run(x, count) {
    case .ascending: target.update(from: x, count: count)
    case .descending: reverse(x, into: target, count)
    case .mixed: LongLine.sort(NumberLine(numbers: x), into: target, count)
    }
    if descending {
      // NaN stays last.
      var numbers = count
      while numbers > 0, target[numbers - 1].isNaN { numbers -= 1 }
      reverse(target, numbers)
    }
  }

  private static func reverse<S: Scalar>(
    _ x: UnsafePointer<S>, into target: UnsafeMutablePointer<S>, _ count: Int
  ) {
    inChunks(count) { range in for i in range { target[i] = x[count - 1 - i] } }
  }

  private static func reverse<S: Scalar>(_ x: UnsafeMutablePointer<S>, _ count: Int) {
    inChunks(count / 2) { range in
      for i in range { (x[i], x[count - 1 - i]) = (x[count - 1 - i], x[i]) }
    }
  }

  /// How the elements of a long line already stand.
  private enum Run {
    case ascending, descending, mixed

    /// Looks at pieces until one decides; random numbers are told after a few of them.
    init<S: Scalar>(_ x: UnsafePointer<S>, _ count: Int) {
      if Run.holds(count, { S.key(x[$0 - 1]) <= S.key(x[$0]) }) {
        self = .ascending
      } else if Run.holds(count, { S.key(x[$0 - 1]) >= S.key(x[$0]) && x[$0 - 1] == x[$0 - 1] }) {
        self = .descending
      } else {
        self = .mixed
      }
    }

    private static func holds(_ count: Int, _ isInOrder: (Int) -> Bool) -> Bool {
      let piece = 1 << 16
      let pieces = (count + piece - 1) / piece
      return withUnsafeTemporaryAllocation(of: Bool.self, capacity: pieces) { orders in
        guard let orders = orders.baseAddress else { return false }
        ThreadPool.shared.run(pieces) { place in
          orders[place] = false
          if Interrupt.abandonsKernels { return }
          for i in max(1, place * piece)..<min(count, (place + 1) * piece) where !isInOrder(i) {
            return
          }
          orders[place] = true
        }
        return (0..<pieces).allSatisfy { orders[$0] }
      }
    }
  }

  /// The different elements of a sorted line, as a column; NaN, which stands last, counts once.
  static func distinct<S: Scalar>(_ sorted: Matrix, _: S.Type) -> Matrix {
    sorted.read(S.self) { x in
      var numbers = sorted.count
      while numbers > 0, x[numbers - 1].isNaN { numbers -= 1 }
      let piece = 1 << 16
      let pieces = (numbers + piece - 1) / piece
      // Where the different elements of each piece go.
      var places = [Int](repeating: 0, count: pieces + 1)
      places.withUnsafeMutableBufferPointer { places in
        guard let places = places.baseAddress else { return }
        ThreadPool.shared.run(pieces) { index in
          if Interrupt.abandonsKernels { return }
          var count = index == 0 ? 1 : 0
          for i in max(1, index * piece)..<min(numbers, (index + 1) * piece) {
            count += S.areSame(x[i], x[i - 1]) ? 0 : 1
          }
          places[index + 1] = count
        }
      }
      for index in 0..<pieces { places[index + 1] += places[index] }
      let hasNaN = numbers < sorted.count
      var result = Matrix(
        uninitialized: Shape(places[pieces] + (hasNaN ? 1 : 0), 1), S.precision)
      result.write(S.self) { target in
        if hasNaN { target[places[pieces]] = .nan }
        if Interrupt.abandonsKernels { return }
        Interrupt.shieldingKernels {
          ThreadPool.shared.run(pieces) { index in
            var i = index * piece
            let end = min(numbers, i + piece)
            // What the piece before has begun is none of this one's.
            while i > 0, i < end, S.areSame(x[i], x[i - 1]) { i += 1 }
            guard i < end else { return }
            var place = places[index]
            target[place] = x[i]
            i += 1
            while i < end {
              // Writing always and moving on only sometimes leaves nothing to guess.
              place += S.areSame(x[i], x[i - 1]) ? 0 : 1
              target[place] = x[i]
              i += 1
            }
          }
        }
      }
      return result
    }
  }

  /// Sorts keys in place, on many threads when they are many.
  static func sortKeys<K>(
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
}
