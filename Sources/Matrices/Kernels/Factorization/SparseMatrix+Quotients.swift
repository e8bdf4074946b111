import Glibc

/// What the Kullback–Leibler divergence needs of `Ŷ = W Hᵀ`, only where X is not 0.
extension SparseMatrix {
  /// `result ← (X / Ŷ) H` for `Ŷ = W Hᵀ` (`own` is W, `other` is H).
  package func quotientsTimes(_ own: Matrix, _ other: Matrix, into result: inout Matrix) {
    Self.quotients(byRows, rowCuts, own, other, into: &result)
  }

  /// `result ← (X / Ŷ)ᵀ W` for `Ŷ = W Hᵀ` (`own` is H, `other` is W).
  package func quotientsTransposedTimes(_ own: Matrix, _ other: Matrix, into result: inout Matrix) {
    Self.quotients(byColumns, columnCuts, own, other, into: &result)
  }

  /// `Σ x log ŷ` over the kept elements, in 64 bits.
  package func logarithm(_ w: Matrix, _ h: Matrix) -> Double {
    switch precision {
    case .double: Kernels.logarithm(byRows, rowCuts, w, h, Double.self)
    case .single: Kernels.logarithm(byRows, rowCuts, w, h, Float.self)
    }
  }

  /// `Σ x ŷ` and `Σ x ŷ²` over the stored elements, in 64 bits.
  package func approximationSums(_ w: Matrix, _ h: Matrix) -> (first: Double, second: Double) {
    let (w, h) = (w.converted(to: precision), h.converted(to: precision))
    switch precision {
    case .double: return Kernels.approximationSums(byRows, rowCuts, w, h, Double.self)
    case .single: return Kernels.approximationSums(byRows, rowCuts, w, h, Float.self)
    }
  }

  /// The same places with `x ŷ` there: `X ∘ W Hᵀ` without the product itself.
  package func timesApproximation(_ w: Matrix, _ h: Matrix) -> SparseMatrix {
    var lines = byRows
    let (w, h) = (w.converted(to: precision), h.converted(to: precision))
    switch precision {
    case .double: lines.values = Kernels.timesApproximation(lines, rowCuts, w, h, Double.self)
    case .single: lines.values = Kernels.timesApproximation(lines, rowCuts, w, h, Float.self)
    }
    return SparseMatrix(shape, lines)
  }

  /// `Σ x log x` over the stored elements.
  package var entropy: Double {
    let values = firstOrder.lines.values.converted(to: .double)
    // 0 log 0 is 0, and behind the last number there may be zeros.
    return values.dot(values.mapped(.log).clamped(-.greatestFiniteMagnitude, .infinity))
  }

  private static func quotients(
    _ lines: SparseLines, _ cuts: SparseCuts, _ own: Matrix, _ other: Matrix,
    into result: inout Matrix
  ) {
    precondition(result.shape == own.shape && own.columns == other.columns)
    result = .zeros(own.rows, own.columns, result.precision)
    switch result.precision {
    case .double: Kernels.quotients(lines, cuts, own, other, into: &result, Double.self)
    case .single: Kernels.quotients(lines, cuts, own, other, into: &result, Float.self)
    }
  }
}

extension Kernels {
  fileprivate static func quotients<S: Scalar>(
    _ lines: SparseLines, _ cuts: SparseCuts, _ own: Matrix, _ other: Matrix,
    into result: inout Matrix, _: S.Type
  ) {
    let k = own.columns
    let width = S.Vector.scalarCount
    result.write(S.self) { target in
      approximations(
        lines, cuts, own, other, S.self
      ) { line, kept, places, values, y, packed, stride in
        // x / ŷ; ŷ is 0 only where a whole row of a factor is, and such an x cannot be reached.
        var i = 0
        while i + width <= kept.count {
          let below = load(UnsafePointer(y), i)
          let quotient = load(values + kept.lowerBound, i) / below
          store(S.keeping(quotient, whereAboveZero: below), y, i)
          i += width
        }
        while i < kept.count {
          y[i] = y[i] == 0 ? 0 : values[kept.lowerBound + i] / y[i]
          i += 1
        }
        let sum = y + kept.count
        sum.update(repeating: 0, count: stride)
        gather(0..<kept.count, places + kept.lowerBound, UnsafePointer(y), packed, stride, sum)
        let out = target + line * k
        for column in 0..<k { out[column] += sum[column] }
      }
    }
  }

  fileprivate static func logarithm<S: Scalar>(
    _ lines: SparseLines, _ cuts: SparseCuts, _ w: Matrix, _ h: Matrix, _: S.Type
  ) -> Double {
    let width = S.Vector.scalarCount
    var sums = [Double](repeating: 0, count: lines.count)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums
      approximations(lines, cuts, w, h, S.self) { line, kept, _, values, y, _, _ in
        let floor = S.Vector(repeating: S.leastNormalMagnitude)
        var wide = S.Wide(repeating: 0)
        var i = 0
        while i + width <= kept.count {
          let below = S.larger(load(UnsafePointer(y), i), floor)
          let x = load(values + kept.lowerBound, i)
          wide.addProduct(S.widened(x), S.widened(S.log(below)))
          i += width
        }
        var sum = wide.sum()
        while i < kept.count {
          let below = Double(max(y[i], S.leastNormalMagnitude))
          sum += Double(values[kept.lowerBound + i]) * Glibc.log(below)
          i += 1
        }
        sums[line] += sum
      }
    }
    return sums.reduce(0, +)
  }

  fileprivate static func approximationSums<S: Scalar>(
    _ lines: SparseLines, _ cuts: SparseCuts, _ w: Matrix, _ h: Matrix, _: S.Type
  ) -> (first: Double, second: Double) {
    let width = S.Vector.scalarCount
    var sums = [SIMD2<Double>](repeating: .zero, count: lines.count)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums
      approximations(lines, cuts, w, h, S.self) { line, kept, _, values, y, _, _ in
        var (first, second) = (S.Wide(repeating: 0), S.Wide(repeating: 0))
        var i = 0
        while i + width <= kept.count {
          let below = S.widened(load(UnsafePointer(y), i))
          let product = S.widened(load(values + kept.lowerBound, i)) * below
          first += product
          second.addProduct(product, below)
          i += width
        }
        var own = SIMD2(first.sum(), second.sum())
        while i < kept.count {
          let product = Double(values[kept.lowerBound + i]) * Double(y[i])
          own += SIMD2(product, product * Double(y[i]))
          i += 1
        }
        sums[line] += own
      }
    }
    let total = sums.reduce(.zero, +)
    return (total.x, total.y)
  }

  fileprivate static func timesApproximation<S: Scalar>(
    _ lines: SparseLines, _ cuts: SparseCuts, _ w: Matrix, _ h: Matrix, _: S.Type
  ) -> Matrix {
    var result = Matrix.zeros(lines.values.rows, lines.values.columns, S.precision)
    result.write(S.self) { target in
      approximations(lines, cuts, w, h, S.self) { _, kept, _, values, y, _, _ in
        for i in kept { target[i] = values[i] * y[i - kept.lowerBound] }
      }
    }
    return result
  }

  /// For every line and block of places: `ŷ` at the kept elements, in memory with room for a
  /// padded row of the factor behind.
  @inline(__always)
  static func approximations<S: Scalar>(
    _ lines: SparseLines, _ cuts: SparseCuts, _ own: Matrix, _ other: Matrix, _: S.Type,
    _ body: (
      _ line: Int, _ kept: Range<Int>, _ places: UnsafePointer<Int32>, _ values: UnsafePointer<S>,
      _ y: UnsafeMutablePointer<S>, _ packed: UnsafePointer<S>, _ stride: Int
    ) -> Void
  ) {
    let stride = paddedStride(own.columns, S.precision)
    let width = S.Vector.scalarCount
    let blocks = cuts.blocks(lines, rows: other.rows, rowBytes: stride * S.precision.bytes)
    let runs = lines.runs(32)
    let (mine, packed) = (padded(own, S.self), padded(other, S.self))
    reading(lines, mine, packed, S.self) { starts, places, values, mine, packed in
      ThreadPool.shared.run(runs.count) { run in
        if Interrupt.abandonsKernels { return }
        let y = UnsafeMutablePointer<S>.allocate(capacity: lines.longest(in: runs[run]) + stride)
        defer { y.deallocate() }
        blocks.forEach(starts) { begins, ends in
          for line in runs[run] where begins[line] < ends[line] {
            let kept = begins[line]..<ends[line]
            let row = mine + line * stride
            for i in kept {
              let column = UnsafePointer(packed + Int(places[i]) &* stride)
              var sum = load(row, 0) * load(column, 0)
              var at = width
              while at < stride {
                sum.addProduct(load(row, at), load(column, at))
                at += width
              }
              y[i - kept.lowerBound] = sum.sum()
            }
            body(line, kept, places, values, y, packed, stride)
          }
        }
      }
    }
  }

  /// Calls `body` with the memory of lines and of two factors.
  @inline(__always)
  private static func reading<S: Scalar>(
    _ lines: SparseLines, _ own: Matrix, _ other: Matrix, _: S.Type,
    _ body: (
      UnsafePointer<Int>, UnsafePointer<Int32>, UnsafePointer<S>, UnsafePointer<S>,
      UnsafePointer<S>
    ) -> Void
  ) {
    own.read(S.self) { own in
      other.read(S.self) { other in
        lines.read(S.self) { starts, places, values in body(starts, places, values, own, other) }
      }
    }
  }
}
