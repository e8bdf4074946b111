/// How far `ŷ` is from `x`, entry by entry, and what multiplicative updates need of it.
package enum EntryDivergence: Sendable, Equatable {
  /// `(x^β + (β − 1) ŷ^β − β x ŷ^{β−1}) / (β (β − 1))`: `½(x − ŷ)²` for β = 2,
  /// Itakura–Saito `x/ŷ − log(x/ŷ) − 1` for β = 0, Kullback–Leibler for β = 1.
  case beta(Double)
  /// `½ r²` for residuals up to δ, `δ |r| − ½ δ²` beyond.
  case huber(Double)
}

extension Matrix {
  /// For `y` that holds Ŷ: the pair `(m ∘ x ∘ ŷ^{β−2}, m ∘ ŷ^{β−1})`, whose products with the other
  /// factor are numerator and denominator of a multiplicative step (Févotte & Idier 2011); for
  /// huber the same with β = 2 and weights `m ∘ min(1, δ/|x − ŷ|)` (half-quadratic). One pass.
  /// `weights` may be left out.
  package static func updateParts(
    _ divergence: EntryDivergence, x: Matrix, y: Matrix, weights: Matrix?
  ) -> (above: Matrix, below: Matrix) {
    precondition(x.shape == y.shape && (weights.map { $0.shape == x.shape } ?? true))
    var (above, below) = (
      Matrix(uninitialized: x.shape, x.precision), Matrix(uninitialized: x.shape, x.precision)
    )
    let (x, y, weights) = (x.rowMajor(), y.rowMajor(), weights?.rowMajor())
    switch x.precision {
    case .double:
      Kernels.updateParts(divergence, x, y, weights, &above, &below, Double.self)
    case .single:
      Kernels.updateParts(divergence, x, y, weights, &above, &below, Float.self)
    }
    return (above, below)
  }

  /// `Σ m d(x | ŷ)`, computed in 64 bits.
  package static func divergence(
    _ divergence: EntryDivergence, x: Matrix, y: Matrix, weights: Matrix?
  ) -> Double {
    precondition(x.shape == y.shape)
    return Kernels.divergence(
      divergence, x.converted(to: .double).rowMajor(), y.converted(to: .double).rowMajor(),
      weights?.converted(to: .double).rowMajor())
  }
}

extension Kernels {
  /// Ŷ is kept above this, so that its powers are finite.
  static func leastApproximation<S: Scalar>(_: S.Type) -> S {
    S.precision == .single ? 1e-18 : 1e-60
  }

  fileprivate static func updateParts<S: Scalar>(
    _ divergence: EntryDivergence, _ x: Matrix, _ y: Matrix, _ weights: Matrix?,
    _ above: inout Matrix, _ below: inout Matrix, _: S.Type
  ) {
    let count = x.count
    let width = S.Vector.scalarCount
    let least = S.Vector(repeating: leastApproximation(S.self))
    above.write(S.self) { p in
      below.write(S.self) { q in
        x.read(S.self) { x in
          y.read(S.self) { y in
            withOptional(weights, S.self) { m in
              inChunks(count) { range in
                var i = range.lowerBound
                while i < range.upperBound {
                  let part = min(width, range.upperBound - i)
                  let known = partial(x, i, part, S.self)
                  let guess = S.larger(partial(y, i, part, S.self), least)
                  let weight = m.map { partial($0, i, part, S.self) } ?? S.Vector(repeating: 1)
                  let (a, b) = parts(divergence, known, guess, weight, S.self)
                  if part == width {
                    store(a, p, i)
                    store(b, q, i)
                  } else {
                    for lane in 0..<part { (p[i + lane], q[i + lane]) = (a[lane], b[lane]) }
                  }
                  i += width
                }
              }
            }
          }
        }
      }
    }
  }

  /// Numerator and denominator of one vector of entries.
  @inline(__always)
  static func parts<S: Scalar>(
    _ divergence: EntryDivergence, _ x: S.Vector, _ y: S.Vector, _ m: S.Vector, _: S.Type
  ) -> (S.Vector, S.Vector) {
    switch divergence {
    case .beta(2): return (m * x, m * y)
    case .beta(1): return (m * x / y, m)
    case .beta(0):
      let inverse = m / y
      return (x * inverse / y, inverse)
    case .beta(let beta):
      let below = m * raised(y, to: S(beta - 1), S.self)
      return (x * below / y, below)
    case .huber(let delta):
      let rest = x - y
      let size = S.larger(rest, -rest)
      let limit = S.Vector(repeating: S(delta))
      let weight = m * limit / S.larger(size, limit)
      return (weight * x, weight * y)
    }
  }

  /// Powers of numbers above 0; of whole and half exponents, which are the usual ones, without
  /// logarithms.
  @inline(__always)
  static func raised<S: Scalar>(_ y: S.Vector, to exponent: S, _: S.Type) -> S.Vector {
    let halves = abs(2 * exponent)
    guard halves <= 8, halves == halves.rounded() else { return S.exp(exponent * S.log(y)) }
    var result = S.Vector(repeating: 1)
    for _ in 0..<Int(halves) / 2 { result *= y }
    if Int(halves) % 2 == 1 { result *= y.squareRoot() }
    return exponent < 0 ? 1 / result : result
  }

  @inline(__always)
  static func withOptional<S: Scalar>(
    _ matrix: Matrix?, _: S.Type, _ body: (UnsafePointer<S>?) -> Void
  ) {
    if let matrix { matrix.read(S.self) { body($0) } } else { body(nil) }
  }

  fileprivate static func divergence(
    _ divergence: EntryDivergence, _ x: Matrix, _ y: Matrix, _ weights: Matrix?
  ) -> Double {
    let count = x.count
    let pieces = max(1, (count + chunk - 1) / chunk)
    var sums = [Double](repeating: 0, count: pieces)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums
      x.read(Double.self) { x in
        y.read(Double.self) { y in
          withOptional(weights, Double.self) { m in
            inChunks(count) { range in
              var sum = SIMD8<Double>(repeating: 0)
              var i = range.lowerBound
              while i < range.upperBound {
                let part = min(8, range.upperBound - i)
                let term = distances(divergence, x, y, m, i, part)
                if part == 8 {
                  sum += term
                } else {
                  for lane in 0..<part { sum[0] += term[lane] }
                }
                i += 8
              }
              sums[range.lowerBound / chunk] += sum.sum()
            }
          }
        }
      }
    }
    return sums.reduce(0, +)
  }

  /// `m d(x | ŷ)` of up to eight entries.
  @inline(__always)
  static func distances(
    _ divergence: EntryDivergence, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>,
    _ weights: UnsafePointer<Double>?, _ i: Int, _ count: Int
  ) -> SIMD8<Double> {
    let term = distance(
      divergence, partial(x, i, count, Double.self), partial(y, i, count, Double.self))
    guard let weights else { return term }
    // What is missing may be infinitely far away.
    let weight = partial(weights, i, count, Double.self)
    return Double.keeping(weight * term, whereAboveZero: weight)
  }

  @inline(__always)
  static func distance(
    _ divergence: EntryDivergence, _ x: SIMD8<Double>, _ given: SIMD8<Double>
  ) -> SIMD8<Double> {
    let y = Double.larger(given, SIMD8(repeating: leastApproximation(Double.self)))
    switch divergence {
    case .beta(2):
      let rest = x - given
      return 0.5 * rest * rest
    case .beta(1):
      let logarithm = Double.log(x / y)
      return y - x + Double.keeping(x * logarithm, whereAboveZero: x)
    case .beta(0):
      let ratio = x / y
      return ratio - Double.log(ratio) - 1
    case .beta(let beta):
      let powerX = Double.keeping(raised(x, to: beta, Double.self), whereAboveZero: x)
      let power = raised(y, to: beta - 1, Double.self)
      return (powerX + (beta - 1) * power * y - beta * x * power) / (beta * (beta - 1))
    case .huber(let delta):
      let rest = x - given
      let size = Double.larger(rest, -rest)
      let inner = Double.smaller(size, SIMD8(repeating: delta))
      return inner * (size - 0.5 * inner)
    }
  }
}
