/// Variances and places of extremes, zeros too, from what is stored alone.
extension SparseMatrix {
  /// The variance of every column (`.rows`) or row (`.columns`): `Σ (x − mean)² / (n − 1)`; NaN for
  /// fewer than two. The stored elements are read twice.
  package func variance(along axis: Axis) -> Matrix {
    let length = axis == .rows ? rows : columns
    let slots = axis == .rows ? columns : rows
    var means = [Double](repeating: 0, count: slots)
    var stored = [Int](repeating: 0, count: slots)
    forEachStored(along: axis) { slot, _, x in
      means[slot] += x
      stored[slot] += 1
    }
    for slot in 0..<slots { means[slot] /= Double(length) }
    var away = [SIMD2<Double>](repeating: .zero, count: slots)
    forEachStored(along: axis) { slot, _, x in
      let distance = x - means[slot]
      away[slot] += SIMD2(distance, distance * distance)
    }
    let values = (0..<slots).map { slot in
      Self.variance(
        away[slot], mean: means[slot], zeros: Double(length - stored[slot]), of: Double(length))
    }
    return (axis == .rows ? Matrix(row: values) : Matrix(column: values)).converted(to: precision)
  }

  /// The variance of all elements; NaN for fewer than two.
  package var variance: Double {
    let cells = Double(rows) * Double(columns)
    let mean = total(.sum) / cells
    var away = SIMD2<Double>.zero
    forEachStored(along: .columns) { _, _, x in
      let distance = x - mean
      away += SIMD2(distance, distance * distance)
    }
    return Self.variance(away, mean: mean, zeros: cells - Double(count), of: cells)
  }

  /// The variance of so many numbers, of which some are zeros, from what the others are away from the
  /// mean and its squares.
  private static func variance(
    _ away: SIMD2<Double>, mean: Double, zeros: Double, of count: Double
  ) -> Double {
    let (sum, squares) = (away.x - zeros * mean, away.y + zeros * mean * mean)
    // The second term takes back what rounding the mean has added.
    return count < 2 ? .nan : max(0, squares - sum * sum / count) / (count - 1)
  }

  /// The position, counted from 0, of the smallest element of every column (`.rows`) or row
  /// (`.columns`); the first of equal ones, the first NaN where there is one. The axis must have
  /// elements.
  package func argMinimum(along axis: Axis) -> [Int] {
    extremes(along: axis, sign: -1).map(\.place)
  }

  /// The position of the largest element of every column or row, as `argMinimum`.
  package func argMaximum(along axis: Axis) -> [Int] {
    extremes(along: axis, sign: 1).map(\.place)
  }

  /// The row-major position of the smallest element: the first of equal ones, or the first NaN.
  package var argMinimum: Int { extreme(sign: -1) }

  /// The row-major position of the largest element: the first of equal ones, or the first NaN.
  package var argMaximum: Int { extreme(sign: 1) }

  private func extreme(sign: Double) -> Int {
    let rows = extremes(along: .columns, sign: sign)
    let best = rows.indices.dropFirst().reduce(0) { rows[$1].isBetter(than: rows[$0]) ? $1 : $0 }
    return best * columns + rows[best].place
  }

  private func extremes(along axis: Axis, sign: Double) -> [Extreme] {
    let length = axis == .rows ? rows : columns
    precondition(length > 0)
    var extremes = [Extreme](repeating: Extreme(), count: axis == .rows ? columns : rows)
    forEachStored(along: axis) { slot, place, x in extremes[slot].take(sign * x, at: place) }
    for slot in extremes.indices { extremes[slot].end(at: length) }
    return extremes
  }

  /// Calls `body` with every stored element: the column (`.rows`) or row (`.columns`) it belongs to
  /// and its place there; places of one rise.
  private func forEachStored(
    along axis: Axis, _ body: (_ slot: Int, _ place: Int, _ value: Double) -> Void
  ) {
    switch precision {
    case .double: forEachStored(axis, Double.self, body)
    case .single: forEachStored(axis, Float.self, body)
    }
  }

  @inline(__always)
  private func forEachStored<S: Scalar>(
    _ axis: Axis, _: S.Type, _ body: (_ slot: Int, _ place: Int, _ value: Double) -> Void
  ) {
    let (lines, areRows) = firstOrder
    let isLine = areRows == (axis == .columns)
    lines.read(S.self) { starts, places, x in
      for line in 0..<lines.count {
        if Interrupt.abandonsKernels { return }
        for i in starts[line]..<starts[line + 1] {
          let place = Int(places[i])
          body(isLine ? line : place, isLine ? place : line, Double(x[i]))
        }
      }
    }
  }
}

/// The largest number of a line, of which only what is stored comes by, with rising places.
private struct Extreme {
  private(set) var value = -Double.infinity
  private(set) var place = -1
  /// The place after the last one that was seen, and the first one that was not.
  private var next = 0
  private var gap: Int?

  mutating func take(_ x: Double, at here: Int) {
    if here > next && gap == nil { gap = next }
    next = here + 1
    if place < 0 || isBetter(x) { (value, place) = (x, here) }
  }

  /// The zeros between and behind.
  mutating func end(at length: Int) {
    guard let zero = gap ?? (next < length ? next : nil) else { return }
    if place < 0 || isBetter(0) || value == 0 && zero < place { (value, place) = (0, zero) }
  }

  /// Whether the first of two is better, where none of equal ones is.
  func isBetter(than other: Extreme) -> Bool { other.isBetter(value) }

  private func isBetter(_ x: Double) -> Bool { !value.isNaN && (x.isNaN || x > value) }
}
