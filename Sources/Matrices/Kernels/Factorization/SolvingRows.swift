/// How the rows of a factor are found from `½ f G fᵀ − b fᵀ`.
package enum RowMethod: Sendable, Equatable {
  /// Coordinate after coordinate, up to so many times, fewer once a sweep moves the row by no more
  /// than `decay` times what the first one did.
  case descent(sweeps: Int, decay: Double)
  /// The minimum itself, by block principal pivoting (Kim & Park, SIAM J. Sci. Comput. 33, 2011).
  case exact
  /// The coordinate that gains most, until the best gain is `decay` of the first (Hsieh &
  /// Dhillon, KDD 2011).
  case greedy(decay: Double)
}

extension Matrix {
  /// Lowers `½ tr(F G Fᵀ) − ⟨B, F⟩` and its terms, a row at a time by any method; rows that sum to 1
  /// are moved by pairs of entries. Shapes as in `descend(gram:target:sweeps:decay:terms:)`, which
  /// does descents of plain rows.
  package mutating func solveRows(
    gram: Matrix, target: Matrix, by method: RowMethod, terms: FactorTerms = FactorTerms()
  ) -> DescentReport {
    if case .descent(let sweeps, let decay) = method, !terms.rowsSumToOne {
      return descend(gram: gram, target: target, sweeps: sweeps, decay: decay, terms: terms)
    }
    precondition(gram.rows == columns && gram.columns == columns && target.shape == shape)
    if isTransposed { self = rowMajor() }
    let (gram, target) = (gram.converted(to: .double).rowMajor(), target.rowMajor())
    switch precision {
    case .double: return Kernels.solveRows(&self, gram, target, method, terms, Double.self)
    case .single: return Kernels.solveRows(&self, gram, target, method, terms, Float.self)
    }
  }
}

extension Kernels {
  fileprivate static func solveRows<S: Scalar>(
    _ factor: inout Matrix, _ gram: Matrix, _ target: Matrix, _ method: RowMethod,
    _ terms: FactorTerms, _: S.Type
  ) -> DescentReport {
    let (rows, k) = (factor.rows, factor.columns)
    let size = max(1, (rows + 63) / 64)
    let pieces = (rows + size - 1) / size
    var sums = [Double](repeating: 0, count: max(2 * k * pieces, 1))
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      factor.write(S.self) { f in
        target.read(S.self) { b in
          gram.read(Double.self) { g in
            ThreadPool.shared.run(rows, by: size) { range in
              let row = RowProblem(k, method, terms, S.precision)
              defer { row.deallocate() }
              row.setGram(g)
              for i in range {
                if Interrupt.abandonsKernels { return }
                row.solve(f + i * k, b + i * k, sums + 2 * k * (range.lowerBound / size))
              }
            }
          }
        }
      }
    }
    return DescentReport(pieces: pieces, k, sums)
  }
}

extension DescentReport {
  /// The sums of pieces, of which each has k changes and k squares, added in order.
  init(pieces: Int, _ k: Int, _ sums: [Double]) {
    self.init(
      firstChange: [Double](repeating: 0, count: k), squares: [Double](repeating: 0, count: k))
    for piece in 0..<pieces {
      for r in 0..<k {
        firstChange[r] += sums[2 * k * piece + r]
        squares[r] += sums[2 * k * piece + k + r]
      }
    }
  }
}
