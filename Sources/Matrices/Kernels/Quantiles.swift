extension Kernels {
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
