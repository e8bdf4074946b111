extension Matrix {
  /// `self + momentum · (self − old)`, without what falls below 0 when `clamped`. One pass.
  package func extrapolated(from old: Matrix, by momentum: Double, clamped: Bool) -> Matrix {
    precondition(shape == old.shape && precision == old.precision)
    let (new, old) = (rowMajor(), old.rowMajor())
    var result = Matrix(uninitialized: shape, precision)
    switch precision {
    case .double: Kernels.extrapolate(new, old, Double(momentum), clamped, &result, Double.self)
    case .single: Kernels.extrapolate(new, old, Float(momentum), clamped, &result, Float.self)
    }
    return result
  }

  /// `self ← max(floor, self ∘ (numerator / (denominator + slope of the terms))^exponent)`, in
  /// place: the multiplicative step (Lee & Seung 2001; Févotte & Idier 2011). A denominator of 0
  /// counts as the smallest step from 1. Entries stay within the limits of the terms.
  package mutating func multiply(
    by numerator: Matrix, over denominator: Matrix, exponent: Double = 1,
    terms: FactorTerms = FactorTerms(), floor: Double
  ) {
    precondition(shape == numerator.shape && shape == denominator.shape)
    if isTransposed { self = rowMajor() }
    var denominator = denominator.rowMajor()
    if terms.orthogonality > 0 {
      denominator = denominator + terms.quadraticSlope(self)
    }
    let l2 = terms.orthogonality > 0 ? 0 : terms.l2
    let numerator = numerator.rowMajor()
    let lowest = max(floor, terms.lowest)
    switch precision {
    case .double:
      Kernels.multiply(
        &self, numerator, denominator, exponent, terms.l1, l2, lowest, terms.highest, Double.self)
    case .single:
      Kernels.multiply(
        &self, numerator, denominator, Float(exponent), Float(terms.l1), Float(l2), Float(lowest),
        Float(terms.highest), Float.self)
    }
  }

  /// `self ← max(floor, f)` with the `f` that minimises the majorizer of the Kullback–Leibler
  /// divergence: the root of `q f² + (s + l1) f = self · numerator` where `s` belongs to the
  /// column (`linear` is 1×k) or to the entry, and `q` comes from the quadratic terms. Without
  /// those the multiplicative step of Lee & Seung 2001.
  package mutating func multiply(
    by numerator: Matrix, overLinear linear: Matrix, terms: FactorTerms, floor: Double
  ) {
    precondition(shape == numerator.shape && linear.columns == columns)
    precondition(linear.rows == 1 || linear.rows == rows)
    if isTransposed { self = rowMajor() }
    let numerator = numerator.rowMajor()
    let linear = linear.converted(to: precision).rowMajor()
    switch precision {
    case .double: Kernels.multiply(&self, numerator, linear, terms, floor, Double.self)
    case .single: Kernels.multiply(&self, numerator, linear, terms, Float(floor), Float.self)
    }
  }

  /// `Σ (self − other)²` of every column.
  package func squaredDistances(from other: Matrix) -> [Double] {
    (self - other).reduced(.sumOfSquares, along: .rows).elements
  }
}

extension Kernels {
  fileprivate static func extrapolate<S: Scalar>(
    _ new: Matrix, _ old: Matrix, _ momentum: S, _ clamped: Bool, _ result: inout Matrix, _: S.Type
  ) {
    let count = new.count
    let width = S.Vector.scalarCount
    let floor = S.Vector(repeating: clamped ? 0 : -.greatestFiniteMagnitude)
    let factor = S.Vector(repeating: momentum)
    result.write(S.self) { target in
      new.read(S.self) { x in
        old.read(S.self) { y in
          inChunks(count) { range in
            var i = range.lowerBound
            while i + width <= range.upperBound {
              let a = load(x, i)
              let value = a.addingProduct(factor, a - load(y, i))
              store(S.larger(value, floor), target, i)
              i += width
            }
            while i < range.upperBound {
              target[i] = max(floor[0], x[i].addingProduct(momentum, x[i] - y[i]))
              i += 1
            }
          }
        }
      }
    }
  }

  fileprivate static func multiply<S: Scalar>(
    _ factor: inout Matrix, _ numerator: Matrix, _ denominator: Matrix, _ exponent: S, _ l1: S,
    _ l2: S, _ lowest: S, _ highest: S, _: S.Type
  ) {
    let count = factor.count
    let width = S.Vector.scalarCount
    let least = S.ulpOfOne
    factor.write(S.self) { f in
      numerator.read(S.self) { n in
        denominator.read(S.self) { d in
          inChunks(count) { range in
            var i = range.lowerBound
            let (floors, leasts) = (S.Vector(repeating: lowest), S.Vector(repeating: least))
            let ceilings = S.Vector(repeating: highest)
            let (first, second) = (S.Vector(repeating: l1), S.Vector(repeating: l2))
            while i < range.upperBound {
              // The last elements are done as a whole vector beside them.
              let part = min(width, range.upperBound - i)
              let (old, above, given) = (
                partial(f, i, part, S.self), partial(n, i, part, S.self),
                partial(d, i, part, S.self)
              )
              let sum = (given + first).addingProduct(second, old)
              let below = S.keeping(sum, whereNotZero: sum, else: leasts)
              var ratio = above / below
              if exponent != 1 { ratio = S.exp(exponent * S.log(ratio)) }
              let new = S.smaller(S.larger(old * ratio, floors), ceilings)
              if part == width {
                store(new, f, i)
              } else {
                for lane in 0..<part { f[i + lane] = new[lane] }
              }
              i += width
            }
          }
        }
      }
    }
  }

  /// `count` elements and zeros behind them.
  @inline(__always)
  static func partial<S: Scalar>(_ x: UnsafePointer<S>, _ i: Int, _ count: Int, _: S.Type)
    -> S.Vector
  {
    if count == S.Vector.scalarCount { return load(x, i) }
    var vector = S.Vector(repeating: 0)
    for lane in 0..<count { vector[lane] = x[i + lane] }
    return vector
  }

  @inline(__always)
  static func partial<S: Scalar>(
    _ x: UnsafeMutablePointer<S>, _ i: Int, _ count: Int, _: S.Type
  ) -> S.Vector { partial(UnsafePointer(x), i, count, S.self) }

  fileprivate static func multiply<S: Scalar>(
    _ factor: inout Matrix, _ numerator: Matrix, _ linear: Matrix, _ terms: FactorTerms,
    _ floor: S, _: S.Type
  ) {
    let (rows, columns) = (factor.rows, factor.columns)
    let step = linear.rows == 1 ? 0 : columns
    let (l1, l2, coupling) = (S(terms.l1), S(terms.l2), S(terms.orthogonality))
    let (lowest, highest) = (max(floor, S(terms.lowest)), S(terms.highest))
    // f = 2·f̃·n / (s + √(s² + 4·q·f̃·n)), which is f̃·n / s without quadratic terms.
    factor.write(S.self) { f in
      numerator.read(S.self) { n in
        linear.read(S.self) { linear in
          ThreadPool.shared.run(rows, by: max(1, chunk / max(columns, 1))) { range in
            if Interrupt.abandonsKernels { return }
            for row in range {
              let (own, above) = (f + row * columns, n + row * columns)
              let sums = linear + row * step
              var total: S = 0
              if coupling > 0 { for column in 0..<columns { total += own[column] } }
              for column in 0..<columns {
                let old = own[column]
                let product = old * above[column]
                let s = sums[column] + l1
                var q = l2
                if coupling > 0 && old > 0 { q += coupling * (total - old) / old }
                let below = q == 0 ? s : (s + (s * s + 4 * q * product).squareRoot()) / 2
                own[column] = min(highest, max(lowest, below > 0 ? product / below : 0))
              }
            }
          }
        }
      }
    }
  }
}
