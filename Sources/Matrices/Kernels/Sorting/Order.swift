extension Kernels {
  /// Where the elements of every sorted row of a row-major matrix stood; equal ones keep their
  /// order, and NaN comes last.
  static func order<S: Scalar>(
    _ matrix: Matrix, into result: inout Matrix, descending: Bool, _: S.Type
  ) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    result.write(Double.self) { target in
      matrix.read(S.self) { x in
        if columns >= Distribution<S.Key>.many {
          for row in 0..<rows {
            let line = PlaceLine(numbers: x + row * columns, descending: descending)
            LongLine.sort(line, into: target + row * columns, columns)
          }
          return
        }
        ThreadPool.shared.run(rows, by: max(1, chunk / 8 / max(columns, 1))) { range in
          withKeys(Place<S>.self, 2 * columns) { places in
            for row in range {
              if Interrupt.abandonsKernels { return }
              let line = x + row * columns
              for i in 0..<columns { places[i] = Place(line[i], i, descending) }
              let sorted = Place.sort(places, places + columns, columns)
              for i in 0..<columns { target[row * columns + i] = Double(sorted[i].index) }
            }
          }
        }
      }
    }
  }
}

/// The key of a number, with the place where it stood.
struct Place<Number: Scalar> {
  typealias Key = Number.Key
  var key: Key
  var index: UInt32

  @inline(__always)
  init(_ number: Number, _ index: Int, _ descending: Bool) {
    // Both zeros are equal. Told by keys: a comparison with 0 takes denormal numbers for it.
    let key = Number.key(descending ? -number : number)
    self.key = key == Number.key(-0.0) ? Number.key(0) : key
    self.index = UInt32(truncatingIfNeeded: index)
  }

  private typealias Digits = UInt32
  /// Bits of a digit.
  private static var width: Int { 11 }
  /// Up to so many places are sorted by comparing.
  private static var few: Int { 512 }

  /// Sorts places by their keys; equal keys keep their order. Digit after digit, the lowest first,
  /// each place moves to the part of its digit; digits that are all equal are passed over. The
  /// result stands in one of the two.
  static func sort(
    _ first: UnsafeMutablePointer<Place>, _ second: UnsafeMutablePointer<Place>, _ count: Int
  ) -> UnsafeMutablePointer<Place> {
    if count <= few {
      var places = UnsafeMutableBufferPointer(start: first, count: count)
      places.sort {
        $0.key < $1.key || $0.key == $1.key && $0.index < $1.index
      }
      return first
    }
    let passes = (Key.bitWidth + width - 1) / width
    let parts = 1 << width
    let mask = Key(truncatingIfNeeded: parts - 1)
    return withUnsafeTemporaryAllocation(of: Digits.self, capacity: passes * parts) { counts in
      guard let counts = counts.baseAddress else { return first }
      counts.initialize(repeating: 0, count: passes * parts)
      for i in 0..<count {
        var rest = first[i].key
        for pass in 0..<passes {
          counts[pass * parts + Int(truncatingIfNeeded: rest & mask)] &+= 1
          rest >>= Key(truncatingIfNeeded: width)
        }
      }
      var (from, to) = (first, second)
      for pass in 0..<passes {
        if Interrupt.abandonsKernels { return from }
        let line = counts + pass * parts
        let shift = Key(truncatingIfNeeded: pass * width)
        let some = Int(truncatingIfNeeded: (from[0].key >> shift) & mask)
        if line[some] == Digits(truncatingIfNeeded: count) { continue }
        var sum: Digits = 0
        for part in 0..<parts {
          let size = line[part]
          line[part] = sum
          sum &+= size
        }
        for i in 0..<count {
          let place = from[i]
          let part = Int(truncatingIfNeeded: (place.key >> shift) & mask)
          to[Int(line[part])] = place
          line[part] &+= 1
        }
        (from, to) = (to, from)
      }
      return from
    }
  }
}
