/// Small least squares problems, one after the other in the same memory:
/// `(Σ w f fᵀ + diagonal) x = Σ t f` for features f, weights w and targets t.
///
/// Of the matrix the upper triangle is kept, in rows of whole vectors; features are added four at a
/// time, so that each part of a row is loaded and stored once for four of them.
struct NormalEquations<S: Scalar> {
  /// Unknowns.
  let size: Int
  /// The length of a row: `size` in whole vectors.
  let stride: Int
  private let gram: UnsafeMutablePointer<S>
  private let right: UnsafeMutablePointer<S>
  private let solution: UnsafeMutablePointer<S>
  private let features: UnsafeMutablePointer<S>
  private var weights = SIMD4<S>(repeating: 0)
  private var targets = SIMD4<S>(repeating: 0)
  /// Features that wait to be added.
  private var waiting = 0

  private static var lanes: Int { S.Vector.scalarCount }

  init(size: Int) {
    self.size = size
    stride = (size + Self.lanes - 1) / Self.lanes * Self.lanes
    gram = .allocate(capacity: size * stride)
    right = .allocate(capacity: stride)
    solution = .allocate(capacity: stride)
    features = .allocate(capacity: 4 * stride)
    features.initialize(repeating: 0, count: 4 * stride)
  }

  func deallocate() {
    gram.deallocate()
    right.deallocate()
    solution.deallocate()
    features.deallocate()
  }

  /// Forgets everything.
  mutating func clear() {
    gram.update(repeating: 0, count: size * stride)
    right.update(repeating: 0, count: stride)
    waiting = 0
  }

  /// Begins with a symmetric matrix, whose rows are so many numbers apart.
  mutating func begin(with base: UnsafePointer<S>, stride pitch: Int) {
    clear()
    for a in 0..<size { (gram + a * stride).update(from: base + a * pitch, count: size) }
  }

  /// Where the next feature is to be written, `size` numbers; then comes `add`.
  var feature: UnsafeMutablePointer<S> { features + waiting * stride }

  /// Adds the feature that was written.
  @inline(__always)
  mutating func add(weight: S, target: S) {
    weights[waiting] = weight
    targets[waiting] = target
    waiting += 1
    if waiting == 4 { flush() }
  }

  @inline(__always)
  private mutating func flush() {
    for place in waiting..<4 {
      weights[place] = 0
      targets[place] = 0
    }
    waiting = 0
    let f0 = UnsafePointer(features)
    let (f1, f2, f3) = (f0 + stride, f0 + 2 * stride, f0 + 3 * stride)
    // Rows in pairs: what is loaded of the features serves both.
    var a = 0
    while a + 1 < size {
      let w00 = S.Vector(repeating: weights[0] * f0[a])
      let w01 = S.Vector(repeating: weights[0] * f0[a + 1])
      let w10 = S.Vector(repeating: weights[1] * f1[a])
      let w11 = S.Vector(repeating: weights[1] * f1[a + 1])
      let w20 = S.Vector(repeating: weights[2] * f2[a])
      let w21 = S.Vector(repeating: weights[2] * f2[a + 1])
      let w30 = S.Vector(repeating: weights[3] * f3[a])
      let w31 = S.Vector(repeating: weights[3] * f3[a + 1])
      let row = gram + a * stride
      let next = row + stride
      var b = a / Self.lanes * Self.lanes
      while b < stride {
        var sum: S.Vector = load(UnsafePointer(row), b)
        var nextSum: S.Vector = load(UnsafePointer(next), b)
        let (x0, x1): (S.Vector, S.Vector) = (load(f0, b), load(f1, b))
        let (x2, x3): (S.Vector, S.Vector) = (load(f2, b), load(f3, b))
        sum.addProduct(w00, x0)
        nextSum.addProduct(w01, x0)
        sum.addProduct(w10, x1)
        nextSum.addProduct(w11, x1)
        sum.addProduct(w20, x2)
        nextSum.addProduct(w21, x2)
        sum.addProduct(w30, x3)
        nextSum.addProduct(w31, x3)
        store(sum, row, b)
        store(nextSum, next, b)
        b += Self.lanes
      }
      a += 2
    }
    if a < size {
      for (place, feature) in [f0, f1, f2, f3].enumerated() {
        subtract(-weights[place] * feature[a], feature, gram + a * stride, from: a)
      }
    }
    for place in 0..<4 { subtract(-targets[place], f0 + place * stride, right, from: 0) }
  }

  /// Adds to the diagonal, place by place.
  mutating func addDiagonal(_ value: (_ place: Int, _ own: S) -> S) {
    if waiting > 0 { flush() }
    for a in 0..<size { gram[a * stride + a] += value(a, gram[a * stride + a]) }
  }

  /// Adds to the right side, place by place.
  mutating func addRight(_ values: UnsafePointer<S>, count: Int, times factor: S = 1) {
    if waiting > 0 { flush() }
    for a in 0..<count { right[a].addProduct(factor, values[a]) }
  }

  /// Solves by Cholesky's factor, in place. The matrix must be positive semidefinite: directions that
  /// are only there by rounding stay at 0.
  mutating func solve() -> UnsafePointer<S> {
    if waiting > 0 { flush() }
    solution.update(repeating: 0, count: stride)
    var largest = S.zero
    for k in 0..<size { largest = max(largest, gram[k * stride + k]) }
    let least = largest * S(size) * .ulpOfOne
    for k in 0..<size {
      let row = gram + k * stride
      let pivot = row[k] > least ? 1 / row[k].squareRoot() : 0
      var b = k / Self.lanes * Self.lanes
      while b < stride {
        let scaled: S.Vector = load(UnsafePointer(row), b) * pivot
        store(scaled, row, b)
        b += Self.lanes
      }
      for a in k + 1..<max(size, k + 1) {
        subtract(row[a], UnsafePointer(row), gram + a * stride, from: a)
      }
      // The right side goes along: after its turn a place is never read again.
      solution[k] = right[k] * pivot
      subtract(solution[k], UnsafePointer(row), right, from: k)
    }
    for k in Swift.stride(from: size - 1, through: 0, by: -1) {
      let row = UnsafePointer(gram + k * stride)
      let known = solution[k]
      solution[k] = 0
      var sum = S.Vector(repeating: 0)
      var b = k / Self.lanes * Self.lanes
      while b < stride {
        sum.addProduct(load(row, b), load(UnsafePointer(solution), b))
        b += Self.lanes
      }
      solution[k] = row[k] > 0 ? (known - sum.sum()) / row[k] : 0
    }
    return UnsafePointer(solution)
  }

  /// The minimum of `½ xᵀAx − bᵀx` with the first `bounded` entries at least 0, coordinate by
  /// coordinate from a start, until a sweep moves next to nothing. Keeps the slope `Ax − b` along.
  mutating func descend(from start: UnsafePointer<S>, and last: S, nonnegative bounded: Int)
    -> UnsafePointer<S>
  {
    if waiting > 0 { flush() }
    for a in 0..<size {
      for b in a + 1..<max(size, a + 1) { gram[b * stride + a] = gram[a * stride + b] }
      for b in size..<max(stride, size) { gram[a * stride + b] = 0 }
    }
    solution.update(repeating: 0, count: stride)
    for a in 0..<size {
      let value = a < size - 1 ? start[a] : last
      solution[a] = a < bounded ? max(0, value) : value
      // The right side becomes its rest b − Ax.
      subtract(solution[a], UnsafePointer(gram + a * stride), right, from: 0)
    }
    for _ in 0..<Self.mostSweeps {
      var (moved, all) = (S.zero, S.zero)
      for a in 0..<size {
        let diagonal = gram[a * stride + a]
        guard diagonal > 0 else { continue }
        let wanted = solution[a] + right[a] / diagonal
        let new = a < bounded ? max(0, wanted) : wanted
        let change = new - solution[a]
        all += diagonal * new * new
        guard change != 0 else { continue }
        moved += diagonal * change * change
        solution[a] = new
        subtract(change, UnsafePointer(gram + a * stride), right, from: 0)
      }
      if moved <= all * 1e-13 { break }
    }
    return UnsafePointer(solution)
  }

  private static var mostSweeps: Int { 200 }

  /// `target −= factor · row`, by whole vectors from the one with the place `from`.
  @inline(__always)
  private func subtract(
    _ factor: S, _ row: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>, from place: Int
  ) {
    let factor = S.Vector(repeating: -factor)
    var b = place / Self.lanes * Self.lanes
    while b < stride {
      var sum: S.Vector = load(UnsafePointer(target), b)
      sum.addProduct(factor, load(row, b))
      store(sum, target, b)
      b += Self.lanes
    }
  }
}
