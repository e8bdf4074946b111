/// Stored elements line by line (a line is a row or a column), with rising places in every line.
struct SparseLines: Sendable {
  /// Where the elements of every line begin, and at last where they end.
  var starts: [Int]
  /// Where in its line an element stands. A dimension is never larger than 2³¹.
  var places: [Int32]
  /// The numbers in their order: 1×count, or as `room(for:)` says.
  var values: Matrix

  /// How many lines there are.
  var count: Int { starts.count - 1 }

  /// The elements of a line.
  func elements(of line: Int) -> Range<Int> { starts[line]..<starts[line + 1] }

  /// The longest line.
  func longest(in range: Range<Int>) -> Int {
    range.reduce(0) { max($0, starts[$1 + 1] - starts[$1]) }
  }

  /// The shape in which so many numbers are kept: a row, or rows with some zeros behind the last
  /// number where a row would be longer than a matrix may be.
  static func room(for count: Int) -> Shape {
    if count <= Matrix.largestDimension { return Shape(1, count) }
    let width = 1 << 24
    return Shape((count + width - 1) / width, width)
  }

  /// Calls `body` with the memory of all three; not when nothing is stored.
  @inline(__always)
  func read<S: Scalar>(
    _: S.Type,
    _ body: (
      _ starts: UnsafePointer<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>
    ) -> Void
  ) {
    values.read(S.self) { values in
      places.withUnsafeBufferPointer { places in
        starts.withUnsafeBufferPointer { starts in
          if let places = places.baseAddress, let starts = starts.baseAddress {
            body(starts, places, values)
          }
        }
      }
    }
  }

  /// The lines cut into at most `wanted` runs of about as many elements each, by their number alone.
  func runs(_ wanted: Int) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    // A line costs something too.
    let total = places.count + 4 * count
    var first = 0
    for run in 1...max(wanted, 1) where first < count {
      let goal = total / max(wanted, 1) * run
      var (low, high) = (first + 1, count)
      while run < wanted, low < high {
        let middle = (low + high) / 2
        if starts[middle] + 4 * middle < goal { low = middle + 1 } else { high = middle }
      }
      runs.append(first..<(run < wanted ? low : count))
      first = runs[runs.count - 1].upperBound
    }
    return runs
  }
}

// MARK: Other orders and parts

extension SparseLines {
  /// The same elements by the places they had, which lie below `width`: two passes.
  func turned(width: Int) -> SparseLines {
    switch values.precision {
    case .double: turned(width, Double.self)
    case .single: turned(width, Float.self)
    }
  }

  private func turned<S: Scalar>(_ width: Int, _: S.Type) -> SparseLines {
    // Every run of lines counts and writes for itself, so few runs where there are many places.
    let runs = runs(max(1, min(16, places.count / max(4 * width, 1))))
    var next = [Int](repeating: 0, count: runs.count * width)
    var starts = [Int](repeating: 0, count: width + 1)
    let total = places.count
    var values = Matrix(uninitialized: Self.room(for: total), S.precision)
    values.clearBehind(total)
    let turned = [Int32](unsafeUninitializedCapacity: total) { target, initialized in
      let target = target
      initialized = total
      values.write(S.self) { out in
        next.withUnsafeMutableBufferPointer { next in
          let next = next
          read(S.self) { begins, places, x in
            ThreadPool.shared.run(runs.count) { run in
              let own = runs[run]
              for i in begins[own.lowerBound]..<begins[own.upperBound] {
                next[run * width + Int(places[i])] += 1
              }
            }
            var place = 0
            for line in 0..<width {
              starts[line] = place
              for run in runs.indices {
                let count = next[run * width + line]
                next[run * width + line] = place
                place += count
              }
            }
            starts[width] = place
            ThreadPool.shared.run(runs.count) { run in
              let next = next.extracting(run * width..<(run + 1) * width)
              for line in runs[run] {
                if Interrupt.abandonsKernels { return }
                for i in begins[line]..<begins[line + 1] {
                  let place = Int(places[i])
                  target[next[place]] = Int32(truncatingIfNeeded: line)
                  out[next[place]] = x[i]
                  next[place] += 1
                }
              }
            }
          }
        }
      }
    }
    return SparseLines(starts: starts, places: turned, values: values)
  }

  /// The same without stored zeros: itself when there are none.
  func withoutZeros() -> SparseLines {
    if places.isEmpty || values.total(.count) == Double(places.count) { return self }
    switch values.precision {
    case .double: return withoutZeros(Double.self)
    case .single: return withoutZeros(Float.self)
    }
  }

  private func withoutZeros<S: Scalar>(_: S.Type) -> SparseLines {
    kept(S.self) { _, x in x != 0 }
  }

  /// The elements that `isWanted`, at their places.
  func kept<S: Scalar>(_: S.Type, _ isWanted: (Int, S) -> Bool) -> SparseLines {
    var builder = SparseBuilder<S>(lines: count, room: places.count)
    read(S.self) { begins, places, x in
      for line in 0..<count {
        for i in begins[line]..<begins[line + 1] where isWanted(i, x[i]) {
          builder.add(places[i], x[i])
        }
        builder.endLine()
      }
    }
    return builder.lines
  }

  /// The given lines, in the given order.
  func selecting(_ wanted: [Int]) -> SparseLines {
    switch values.precision {
    case .double: selecting(wanted, Double.self)
    case .single: selecting(wanted, Float.self)
    }
  }

  private func selecting<S: Scalar>(_ wanted: [Int], _: S.Type) -> SparseLines {
    var builder = SparseBuilder<S>(
      lines: wanted.count, room: wanted.reduce(0) { $0 + elements(of: $1).count })
    read(S.self) { begins, places, x in
      for line in wanted {
        for i in begins[line]..<begins[line + 1] { builder.add(places[i], x[i]) }
        builder.endLine()
      }
    }
    return builder.lines
  }
}

extension Matrix {
  /// Sets what lies behind the first `count` elements to 0.
  mutating func clearBehind(_ count: Int) {
    let all = self.count
    if count == all { return }
    switch precision {
    case .double: write(Double.self) { ($0 + count).update(repeating: 0, count: all - count) }
    case .single: write(Float.self) { ($0 + count).update(repeating: 0, count: all - count) }
    }
  }
}

/// Makes lines, one after the other, whose number of elements is not known before.
struct SparseBuilder<S: Scalar> {
  private let expected: Int
  private var starts: [Int] = [0]
  private var places: [Int32] = []
  private var values: [S] = []

  init(lines: Int, room: Int) {
    expected = lines
    starts.reserveCapacity(lines + 1)
    places.reserveCapacity(room)
    values.reserveCapacity(room)
  }

  /// An element of the current line; places must rise.
  @inline(__always)
  mutating func add(_ place: Int32, _ value: S) {
    places.append(place)
    values.append(value)
  }

  mutating func endLine() { starts.append(places.count) }

  /// The lines; those that were not ended are empty.
  var lines: SparseLines {
    var starts = starts
    while starts.count <= expected { starts.append(places.count) }
    var result = Matrix(uninitialized: SparseLines.room(for: values.count), S.precision)
    result.clearBehind(values.count)
    result.write(S.self) { target in
      values.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { target.update(from: base, count: source.count) }
      }
    }
    return SparseLines(starts: starts, places: places, values: result)
  }
}
