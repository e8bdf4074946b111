/// What Newton's step on `Σ m d(x | ŷ)` needs of every entry, and what is compared before and after
/// it, row by row: rows of a factor do not depend on each other.
extension Matrix {
  /// For `y` that holds Ŷ: the pair `(c ∘ ŷ − m ∘ d′, c)` with a curvature `c > 0` of every entry, so
  /// that the step ends at the minimum over F of `½ Σ c (ŷ_new − goal / c)²` for `Ŷ = F Oᵀ`.
  ///
  /// c is `m d″` where that is never below 0 (β from 1 to 2); its expectation `m ŷ^{β−2}` for β
  /// below 1 (Fisher's scoring), and the same at the larger of x and ŷ above 2. For huber the
  /// residuals beyond δ, which are straight, count as a small part of what half-quadratic steps
  /// give them, so that no direction is without curvature. Ŷ counts there as at least 1e-9 of its
  /// largest in the row: an entry of 0 must not be held there by a curvature without bounds.
  package static func newtonParts(
    _ divergence: EntryDivergence, x: Matrix, y: Matrix, weights: Matrix?
  ) -> (goal: Matrix, curvature: Matrix) {
    precondition(x.shape == y.shape && (weights.map { $0.shape == x.shape } ?? true))
    var (goal, curvature) = (
      Matrix(uninitialized: x.shape, .double), Matrix(uninitialized: x.shape, .double)
    )
    Kernels.newtonParts(
      divergence, x.converted(to: .double).rowMajor(), y.converted(to: .double).rowMajor(),
      weights?.converted(to: .double).rowMajor(), &goal, &curvature)
    return (goal, curvature)
  }

  /// `Σ m d(x | ŷ)` of every row, in 64 bits.
  package static func rowDivergences(
    _ divergence: EntryDivergence, x: Matrix, y: Matrix, weights: Matrix?
  ) -> [Double] {
    precondition(x.shape == y.shape && (weights.map { $0.shape == x.shape } ?? true))
    return Kernels.rowDivergences(
      divergence, x.converted(to: .double).rowMajor(), y.converted(to: .double).rowMajor(),
      weights?.converted(to: .double).rowMajor())
  }
}

extension Kernels {
  /// What a straight piece of huber counts, beside its half-quadratic weight.
  private static let straightPart = 0.05

  fileprivate static func newtonParts(
    _ divergence: EntryDivergence, _ x: Matrix, _ y: Matrix, _ weights: Matrix?,
    _ goal: inout Matrix, _ curvature: inout Matrix
  ) {
    let columns = x.columns
    goal.write(Double.self) { goal in
      curvature.write(Double.self) { curvature in
        withRows(x, y, weights) { range, x, y, m in
          for row in range {
            let first = row * columns
            var largest = leastApproximation(Double.self)
            for column in 0..<columns { largest = max(largest, y[first + column]) }
            let least = SIMD8<Double>(repeating: 1e-9 * largest)
            var column = 0
            while column < columns {
              let part = min(8, columns - column)
              let i = first + column
              let (known, guess) = (
                partial(x, i, part, Double.self), partial(y, i, part, Double.self)
              )
              let weight = m.map { partial($0, i, part, Double.self) } ?? SIMD8(repeating: 1)
              let (slope, bend) = slopeAndCurvature(divergence, known, guess, least)
              let c = Double.keeping(weight * bend, whereAboveZero: weight)
              let g = c * guess - Double.keeping(weight * slope, whereAboveZero: weight)
              for lane in 0..<part {
                (goal[i + lane], curvature[i + lane]) = (g[lane], c[lane])
              }
              column += 8
            }
          }
        }
      }
    }
  }

  /// `d′` at ŷ, and a curvature above 0 there.
  @inline(__always)
  private static func slopeAndCurvature(
    _ divergence: EntryDivergence, _ x: SIMD8<Double>, _ given: SIMD8<Double>,
    _ least: SIMD8<Double>
  ) -> (SIMD8<Double>, SIMD8<Double>) {
    let y = Double.larger(given, SIMD8(repeating: leastApproximation(Double.self)))
    let raised = Double.larger(given, least)
    switch divergence {
    case .beta(let beta):
      let slope = Double.exp((beta - 2) * Double.log(y)) * (y - x)
      // ŷ^{β−2}, and for β above 2 that of the larger one.
      let base = beta > 2 ? Double.larger(raised, x) : raised
      let expected = Double.exp((beta - 2) * Double.log(base))
      if beta < 1 || beta > 2 { return (slope, expected) }
      return (slope, expected * ((beta - 1) + (2 - beta) * x / raised))
    case .huber(let delta):
      let limit = SIMD8(repeating: delta)
      let rest = given - x
      let slope = Double.smaller(Double.larger(rest, -limit), limit)
      let size = Double.larger(rest, -rest)
      let inner = Double.keeping(SIMD8(repeating: 1), whereAboveZero: limit - size)
      return (slope, Double.larger(inner, straightPart * limit / Double.larger(size, limit)))
    }
  }

  fileprivate static func rowDivergences(
    _ divergence: EntryDivergence, _ x: Matrix, _ y: Matrix, _ weights: Matrix?
  ) -> [Double] {
    let columns = x.columns
    var sums = [Double](repeating: 0, count: x.rows)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums
      withRows(x, y, weights) { range, x, y, m in
        for row in range {
          let first = row * columns
          var sum = SIMD8<Double>(repeating: 0)
          var column = 0
          while column < columns {
            let part = min(8, columns - column)
            let term = distances(divergence, x, y, m, first + column, part)
            if part == 8 {
              sum += term
            } else {
              for lane in 0..<part { sum[0] += term[lane] }
            }
            column += 8
          }
          sums[row] = sum.sum()
        }
      }
    }
    return sums
  }

  /// Runs of rows of all three, shared by the threads.
  private static func withRows(
    _ x: Matrix, _ y: Matrix, _ weights: Matrix?,
    _ body: (Range<Int>, UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>?) ->
      Void
  ) {
    x.read(Double.self) { x0 in
      y.read(Double.self) { y in
        withOptional(weights, Double.self) { m in
          ThreadPool.shared.run(x.rows, by: max(1, chunk / max(x.columns, 1))) { range in
            if Interrupt.abandonsKernels { return }
            body(range, x0, y, m)
          }
        }
      }
    }
  }
}
