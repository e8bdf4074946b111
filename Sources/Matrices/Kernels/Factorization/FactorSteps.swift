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

  /// `self ← max(floor, self ∘ numerator / (denominator + l1 + l2·self))`, in place: the
  /// multiplicative step of the squared error (Lee & Seung 2001). A denominator of 0 counts as
  /// the smallest step from 1.
  package mutating func multiply(
    by numerator: Matrix, over denominator: Matrix, l1: Double, l2: Double, floor: Double
  ) {
    precondition(shape == numerator.shape && shape == denominator.shape)
    if isTransposed { self = rowMajor() }
    let (numerator, denominator) = (numerator.rowMajor(), denominator.rowMajor())
    switch precision {
    case .double:
      Kernels.multiply(&self, numerator, denominator, l1, l2, floor, Double.self)
    case .single:
      Kernels.multiply(
        &self, numerator, denominator, Float(l1), Float(l2), Float(floor), Float.self)
    }
  }

  /// `self ← max(floor, f)` with the `f` that minimises the majorizer of the Kullback–Leibler
  /// divergence: the root of `l2 f² + (s + l1) f = self · numerator` where `s` belongs to the
  /// column (`sums`, one a column). With l2 = 0 the multiplicative step of Lee & Seung 2001.
  package mutating func multiply(
    by numerator: Matrix, overColumns sums: [Double], l1: Double, l2: Double, floor: Double
  ) {
    precondition(shape == numerator.shape && sums.count == columns)
    if isTransposed { self = rowMajor() }
    let numerator = numerator.rowMajor()
    switch precision {
    case .double: Kernels.multiply(&self, numerator, sums, l1, l2, floor, Double.self)
    case .single:
      Kernels.multiply(&self, numerator, sums, l1, l2, Float(floor), Float.self)
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
    _ factor: inout Matrix, _ numerator: Matrix, _ denominator: Matrix, _ l1: S, _ l2: S,
    _ floor: S, _: S.Type
  ) {
    let count = factor.count
    let width = S.Vector.scalarCount
    let least = S.ulpOfOne
    factor.write(S.self) { f in
      numerator.read(S.self) { n in
        denominator.read(S.self) { d in
          inChunks(count) { range in
            var i = range.lowerBound
            let (floors, leasts) = (S.Vector(repeating: floor), S.Vector(repeating: least))
            let (first, second) = (S.Vector(repeating: l1), S.Vector(repeating: l2))
            while i + width <= range.upperBound {
              let old = load(UnsafePointer(f), i)
              let sum = (load(d, i) + first).addingProduct(second, old)
              let below = S.keeping(sum, whereNotZero: sum, else: leasts)
              store(S.larger(old * (load(n, i) / below), floors), f, i)
              i += width
            }
            while i < range.upperBound {
              let below = d[i] + l1 + l2 * f[i]
              f[i] = max(floor, f[i] * (n[i] / (below == 0 ? least : below)))
              i += 1
            }
          }
        }
      }
    }
  }

  fileprivate static func multiply<S: Scalar>(
    _ factor: inout Matrix, _ numerator: Matrix, _ sums: [Double], _ l1: Double, _ l2: Double,
    _ floor: S, _: S.Type
  ) {
    let columns = factor.columns
    let rows = factor.rows
    // f = 2·f̃·n / (s + √(s² + 4·l2·f̃·n)), which is f̃·n / s without l2.
    let linear = sums.map { S($0 + l1) }
    let quadratic = S(4 * l2)
    factor.write(S.self) { f in
      numerator.read(S.self) { n in
        ThreadPool.shared.run(rows, by: max(1, chunk / max(columns, 1))) { range in
          for row in range {
            for column in 0..<columns {
              let i = row * columns + column
              let product = f[i] * n[i]
              let s = linear[column]
              let below =
                quadratic == 0 ? s : (s + (s * s + quadratic * product).squareRoot()) / 2
              f[i] = max(floor, below > 0 ? product / below : 0)
            }
          }
        }
      }
    }
  }
}
