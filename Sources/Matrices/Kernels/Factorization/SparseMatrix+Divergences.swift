import KernelTables

/// What any divergence needs of `Ŷ = W Hᵀ` where X is not 0, beside what `Matrix.zeroParts` gives for
/// a matrix of zeros.
extension SparseMatrix {
  /// `result ← A H` for `Ŷ = W Hᵀ` (`own` is W, `other` is H), where A is what a stored element adds
  /// to the numerator of a multiplicative step; for the `denominator`, what it adds there, beyond a 0
  /// in its place, which is something for huber alone.
  package func stepParts(
    _ divergence: EntryDivergence, denominator: Bool = false, _ own: Matrix, _ other: Matrix
  ) -> Matrix {
    Self.stepParts(divergence, denominator, byRows, rowCuts, own, other)
  }

  /// The same for the columns: `Aᵀ W` (`own` is H, `other` is W).
  package func transposedStepParts(
    _ divergence: EntryDivergence, denominator: Bool = false, _ own: Matrix, _ other: Matrix
  ) -> Matrix {
    Self.stepParts(divergence, denominator, byColumns, columnCuts, own, other)
  }

  private static func stepParts(
    _ divergence: EntryDivergence, _ denominator: Bool, _ lines: SparseLines, _ cuts: SparseCuts,
    _ own: Matrix, _ other: Matrix
  ) -> Matrix {
    precondition(own.columns == other.columns && own.rows == lines.count)
    var result = Matrix.zeros(own.rows, own.columns, own.precision)
    switch own.precision {
    case .double:
      Kernels.stepParts(divergence, denominator, lines, cuts, own, other, &result, Double.self)
    case .single:
      Kernels.stepParts(divergence, denominator, lines, cuts, own, other, &result, Float.self)
    }
    return result
  }

  /// `Σ d(x | ŷ) − d(0 | ŷ)` over the stored elements, in 64 bits; not for β ≤ 0.
  package func divergenceBeyondZeros(_ divergence: EntryDivergence, _ w: Matrix, _ h: Matrix)
    -> Double
  {
    switch precision {
    case .double: Kernels.beyondZeros(divergence, byRows, rowCuts, w, h, Double.self)
    case .single: Kernels.beyondZeros(divergence, byRows, rowCuts, w, h, Float.self)
    }
  }
}

extension Matrix {
  /// Turns Ŷ into what elements of 0 add to the denominator of a multiplicative step: `ŷ^{β−1}`, or
  /// `min(ŷ, δ)` for huber. In place.
  package mutating func becomeZeroParts(_ divergence: EntryDivergence) {
    switch precision {
    case .double: Kernels.zeroParts(divergence, &self, Double.self)
    case .single: Kernels.zeroParts(divergence, &self, Float.self)
    }
  }
}

extension EntryDivergence {
  /// Whether `d(0 | ŷ)` is finite: not for β ≤ 0, which X without zeros is for.
  package var isFiniteAtZero: Bool {
    switch self {
    case .beta(let beta): beta > 0
    case .huber: true
    }
  }
}

extension Matrix {
  /// `Σ d(0 | ŷ)` in 64 bits: `Σ ŷ^β / β`, or what huber gives; not for β ≤ 0.
  package static func divergenceOfZeros(_ divergence: EntryDivergence, _ y: Matrix) -> Double {
    guard case .beta(let beta) = divergence else {
      return Matrix.divergence(
        divergence, x: .zeros(y.rows, y.columns), y: y, weights: nil)
    }
    var powers = y.converted(to: .double)
    powers.becomeZeroParts(divergence)
    return powers.dot(y.converted(to: .double)) / beta
  }
}

extension Kernels {
  fileprivate static func stepParts<S: Scalar>(
    _ divergence: EntryDivergence, _ denominator: Bool, _ lines: SparseLines, _ cuts: SparseCuts,
    _ own: Matrix, _ other: Matrix, _ result: inout Matrix, _: S.Type
  ) {
    let k = own.columns
    let width = S.Vector.scalarCount
    let least = S.Vector(repeating: leastApproximation(S.self))
    let one = S.Vector(repeating: 1)
    result.write(S.self) { target in
      approximations(
        lines, cuts, own, other, S.self
      ) { line, kept, places, values, y, packed, stride in
        var i = 0
        while i < kept.count {
          let part = min(width, kept.count - i)
          let x = partial(values + kept.lowerBound, i, part, S.self)
          let guess = S.larger(partial(y, i, part, S.self), least)
          let (above, below) = parts(divergence, x, guess, one, S.self)
          let value = denominator ? below - zeroPart(divergence, guess, S.self) : above
          for lane in 0..<part { y[i + lane] = value[lane] }
          i += width
        }
        let sum = y + kept.count
        sum.update(repeating: 0, count: stride)
        gather(0..<kept.count, places + kept.lowerBound, UnsafePointer(y), packed, stride, sum)
        let out = target + line * k
        for column in 0..<k { out[column] += sum[column] }
      }
    }
  }

  fileprivate static func zeroParts<S: Scalar>(
    _ divergence: EntryDivergence, _ y: inout Matrix, _: S.Type
  ) {
    let count = y.count
    let width = S.Vector.scalarCount
    let least = S.Vector(repeating: leastApproximation(S.self))
    y.write(S.self) { y in
      inChunks(count) { range in
        var i = range.lowerBound
        while i < range.upperBound {
          let part = min(width, range.upperBound - i)
          let guess = S.larger(partial(y, i, part, S.self), least)
          let value = zeroPart(divergence, guess, S.self)
          if part == width {
            store(value, y, i)
          } else {
            for lane in 0..<part { y[i + lane] = value[lane] }
          }
          i += width
        }
      }
    }
  }

  /// The denominator of an element of 0.
  @inline(__always)
  private static func zeroPart<S: Scalar>(
    _ divergence: EntryDivergence, _ y: S.Vector, _: S.Type
  ) -> S.Vector {
    switch divergence {
    case .beta(let beta): raised(y, to: S(beta - 1), S.self)
    case .huber(let delta): S.smaller(y, S.Vector(repeating: S(delta)))
    }
  }

  fileprivate static func beyondZeros<S: Scalar>(
    _ divergence: EntryDivergence, _ lines: SparseLines, _ cuts: SparseCuts, _ w: Matrix,
    _ h: Matrix, _: S.Type
  ) -> Double {
    var sums = [Double](repeating: 0, count: lines.count)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums
      approximations(lines, cuts, w, h, S.self) { line, kept, _, values, y, _, _ in
        var i = 0
        while i < kept.count {
          let part = min(8, kept.count - i)
          var (x, guess) = (SIMD8<Double>(repeating: 0), SIMD8<Double>(repeating: 0))
          for lane in 0..<part {
            x[lane] = Double(values[kept.lowerBound + i + lane])
            guess[lane] = Double(y[i + lane])
          }
          let term =
            distance(divergence, x, guess) - distance(divergence, SIMD8(repeating: 0), guess)
          for lane in 0..<part { sums[line] += term[lane] }
          i += 8
        }
      }
    }
    return sums.reduce(0, +)
  }
}
