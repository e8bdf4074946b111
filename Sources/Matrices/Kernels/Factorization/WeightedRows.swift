/// The weights of the entries of a matrix: 0 for one that is missing, 1 for an ordinary one.
///
/// Only entries that differ from the commoner of 0 and 1 are kept, so that a few missing entries,
/// or a few known ones, cost little.
package struct EntryWeights: Sendable {
  /// 0 or 1.
  package let common: Double
  package let deviations: SparseMatrix
  /// `Σ m` of every row and of every column.
  let rowSums: [Double]
  let columnSums: [Double]

  /// Weights must not be negative.
  package init(_ weights: AnyMatrix) {
    if case .dense(let full) = weights {
      let ones = Int(Matrix.combine(.equal, full, 1).total(.sum))
      let zeros = full.count - Int(full.total(.count))
      common = ones > zeros ? 1 : 0
      deviations = SparseMatrix(common == 0 ? full : full - 1)
    } else {
      common = 0
      deviations = weights.stored
    }
    rowSums = weights.reduced(.sum, along: .columns).elements
    columnSums = weights.reduced(.sum, along: .rows).elements
  }

  /// All weights are 1 but for the stored ones, which are 1 there and 0 here.
  package init(allBut missing: SparseMatrix) {
    common = 1
    deviations = SparseMatrix.combine(.multiply, missing, -1)
    rowSums = missing.reduced(.sum, along: .columns).elements.map { Double(missing.columns) - $0 }
    columnSums = missing.reduced(.sum, along: .rows).elements.map { Double(missing.rows) - $0 }
  }
}

/// What weighted rows achieved.
package struct WeightedReport: Sendable {
  package var descent: DescentReport
  /// `Σ ½ f G fᵀ − b fᵀ` over the rows.
  package var value: Double
}

extension Matrix {
  /// Lowers `½ Σ m_ij (x_ij − f_i · o_j)²` over the rows f of `self`, which has a row for every row
  /// of the weights: every row has a Gram matrix `Σ_j m_ij o_jᵀ o_j` of its own. `gram` is the one
  /// with all weights 1, `target` is `(M ∘ X) O`. Rows without any weight become 0.
  /// Cost 2k² flops for every weight that is not the commoner of 0 and 1.
  package mutating func solveRows(
    _ weights: EntryWeights, of other: Matrix, gram: Matrix, target: Matrix, by method: RowMethod,
    terms: FactorTerms = FactorTerms()
  ) -> WeightedReport {
    solve(
      weights.deviations.byRows, weights.rowSums, weights.common, other, gram, target, method,
      terms)
  }

  /// The same for the columns of the weights.
  package mutating func solveColumns(
    _ weights: EntryWeights, of other: Matrix, gram: Matrix, target: Matrix, by method: RowMethod,
    terms: FactorTerms = FactorTerms()
  ) -> WeightedReport {
    solve(
      weights.deviations.byColumns, weights.columnSums, weights.common, other, gram, target,
      method, terms)
  }

  private mutating func solve(
    _ lines: SparseLines, _ sums: [Double], _ common: Double, _ other: Matrix, _ gram: Matrix,
    _ target: Matrix, _ method: RowMethod, _ terms: FactorTerms
  ) -> WeightedReport {
    precondition(lines.count == rows && other.columns == columns && target.shape == shape)
    if isTransposed { self = rowMajor() }
    let (other, target) = (other.rowMajor(), target.rowMajor())
    let gram = common * gram.converted(to: .double).rowMajor()
    switch precision {
    case .double:
      return Kernels.solve(&self, lines, sums, other, gram, target, method, terms, Double.self)
    case .single:
      return Kernels.solve(&self, lines, sums, other, gram, target, method, terms, Float.self)
    }
  }
}

extension Kernels {
  fileprivate static func solve<S: Scalar>(
    _ factor: inout Matrix, _ lines: SparseLines, _ weightSums: [Double], _ other: Matrix,
    _ gram: Matrix, _ target: Matrix, _ method: RowMethod, _ terms: FactorTerms, _: S.Type
  ) -> WeightedReport {
    let (rows, k) = (factor.rows, factor.columns)
    let size = max(1, (rows + 63) / 64)
    let pieces = (rows + size - 1) / size
    var sums = [Double](repeating: 0, count: max(2 * k * pieces, 1))
    var values = [Double](repeating: 0, count: max(pieces, 1))
    sums.withUnsafeMutableBufferPointer { sums in
      values.withUnsafeMutableBufferPointer { values in
        guard let sums = sums.baseAddress, let values = values.baseAddress else { return }
        factor.write(S.self) { f in
          target.read(S.self) { b in
            ThreadPool.shared.run(rows, by: size) { range in
              let row = RowProblem(k, method, terms, S.precision)
              let system = LineGram<S>(k)
              defer {
                row.deallocate()
                system.deallocate()
              }
              let piece = range.lowerBound / size
              for i in range {
                if Interrupt.abandonsKernels { return }
                if weightSums[i] == 0 {
                  (f + i * k).update(repeating: 0, count: k)
                  continue
                }
                system.set(gram, lines, line: i, other)
                gram.read(Double.self) { whole in
                  row.setGram(UnsafePointer(system.gram), leftOf: whole)
                }
                values[piece] += row.solve(f + i * k, b + i * k, sums + 2 * k * piece)
              }
            }
          }
        }
      }
    }
    return WeightedReport(
      descent: DescentReport(pieces: pieces, k, sums), value: values.reduce(0, +))
  }
}

/// The Gram matrix of one line: the common one and what its own weights add.
private final class LineGram<S: Scalar> {
  private static var block: Int { 128 }
  let k: Int
  let gram: UnsafeMutablePointer<Double>
  private let partial: UnsafeMutablePointer<S>
  private let plain: UnsafeMutablePointer<S>
  private let scaled: UnsafeMutablePointer<S>

  init(_ k: Int) {
    self.k = k
    gram = .allocate(capacity: max(k * k, 1))
    partial = .allocate(capacity: max(k * k, 1))
    plain = .allocate(capacity: max(k, 1) * Self.block)
    scaled = .allocate(capacity: max(k, 1) * Self.block)
  }

  func deallocate() {
    gram.deallocate()
    partial.deallocate()
    plain.deallocate()
    scaled.deallocate()
  }

  func set(_ common: Matrix, _ lines: SparseLines, line: Int, _ other: Matrix) {
    common.read(Double.self) { gram.update(from: $0, count: k * k) }
    other.read(S.self) { source in
      lines.values.read(S.self) { weights in
        var next = lines.starts[line]
        let end = lines.starts[line + 1]
        while next < end {
          let count = min(Self.block, end - next)
          for i in 0..<count {
            let from = source + Int(lines.places[next + i]) * k
            let (own, weighted, weight) = (plain + i * k, scaled + i * k, weights[next + i])
            own.update(from: from, count: k)
            for r in 0..<k { weighted[r] = weight * from[r] }
          }
          BLAS.gemmHere(
            S.self, rows: k, columns: k, inner: count, alpha: 1, a: plain, aTransposed: true,
            lda: k, b: scaled, bTransposed: false, ldb: k, beta: 0, c: partial, ldc: k)
          for i in 0..<k * k { gram[i] += Double(partial[i]) }
          next += count
        }
      }
    }
  }
}
