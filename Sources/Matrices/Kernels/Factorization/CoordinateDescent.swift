import KernelTables

/// What a descent over the rows of a factor achieved, one number a component.
package struct DescentReport: Sendable {
  /// `Σ (change)²` of every column in the first sweep: how far it was from where it belongs.
  package var firstChange: [Double]
  /// `Σ f²` of every column afterwards.
  package var squares: [Double]

  package init(firstChange: [Double], squares: [Double]) {
    self.firstChange = firstChange
    self.squares = squares
  }

  /// The largest relative change of a column in the first sweep; that of a column of zeros is
  /// compared with the largest column. It is 0 exactly where the conditions of Karush, Kuhn & Tucker
  /// hold, and does not depend on how W and H share their scale.
  package var largestChange: Double {
    let most = squares.max() ?? 0
    return zip(firstChange, squares).reduce(0) { largest, column in
      let (change, square) = column
      if change == 0 { return largest }
      let size = square > 0 ? square : most
      return max(largest, size > 0 ? (change / size).squareRoot() : 1)
    }
  }
}

extension Matrix {
  /// Lowers `½ tr(F G Fᵀ) − ⟨B, F⟩` and its terms over the entries that these allow, by coordinate
  /// descent: every sweep sets `f_ir ← max(0, (b_ir − l1 − Σ_{s≠r} f_is g_sr) / (g_rr + l2))` for
  /// r = 1 … k (HALS, Cichocki & Phan 2009). `self` is F (rows×k), `gram` is G (k×k, symmetric),
  /// `target` is B (rows×k).
  ///
  /// Rows do not depend on each other. A tile of rows does up to `sweeps` sweeps while it is in
  /// the first-level cache, fewer once a sweep moves it by no more than `decay` times what the
  /// first one did (Gillis & Glineur 2012). Components whose `g_rr + l2` is 0 stay as they are.
  /// Cost 2·rows·k² flops a sweep.
  package mutating func descend(
    gram: Matrix, target: Matrix, sweeps: Int, decay: Double, terms: FactorTerms = FactorTerms()
  ) -> DescentReport {
    precondition(gram.rows == columns && gram.columns == columns && target.shape == shape)
    precondition(gram.precision == precision && target.precision == precision)
    if isTransposed { self = rowMajor() }
    let (gram, target) = (gram.rowMajor(), target.rowMajor())
    switch precision {
    case .double:
      return Kernels.descend(&self, gram, target, sweeps, decay, terms, Double.self)
    case .single:
      return Kernels.descend(&self, gram, target, sweeps, decay, terms, Float.self)
    }
  }
}

extension Kernels {
  fileprivate static func descend<S: Scalar>(
    _ factor: inout Matrix, _ gram: Matrix, _ target: Matrix, _ sweeps: Int, _ decay: Double,
    _ terms: FactorTerms, _: S.Type
  ) -> DescentReport {
    let (rows, k) = (factor.rows, factor.columns)
    let couplings = Couplings<S>(gram, sweeps, decay, terms)
    defer { couplings.deallocate() }
    let tile = Descent<S>.tileVectors * S.Vector.scalarCount
    let tiles = (rows + tile - 1) / tile
    // A piece is a run of tiles; its sums are kept apart and added in order.
    let size = max(1, min(8, tiles / 16)) * tile
    let pieces = (rows + size - 1) / size
    var sums = [Double](repeating: 0, count: max(2 * k * pieces, 1))
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      factor.write(S.self) { f in
        target.read(S.self) { b in
          ThreadPool.shared.run(rows, by: size) { range in
            if Interrupt.abandonsKernels { return }
            let room = couplings.room()
            defer { room.deallocate() }
            let first = range.lowerBound * k
            S.chosenKernels.descend(
              couplings.descent, f + first, b + first, k, range.count, room,
              sums + 2 * k * (range.lowerBound / size))
          }
        }
      }
    }
    return DescentReport(pieces: pieces, k, sums)
  }
}

/// What coordinate descent needs of a Gram matrix and the terms, in memory of its own.
struct Couplings<S: Scalar> {
  let descent: Descent<S>
  private let couplings: UnsafeMutablePointer<S>
  private let inverses: UnsafeMutablePointer<S>

  /// `gram` is k×k, row after row.
  init(_ gram: Matrix, _ sweeps: Int, _ decay: Double, _ terms: FactorTerms) {
    let k = gram.rows
    let (couplings, inverses) = (
      UnsafeMutablePointer<S>.allocate(capacity: max(k * k, 1)),
      UnsafeMutablePointer<S>.allocate(capacity: max(k, 1))
    )
    let (l2, coupled) = (S(terms.l2), S(terms.orthogonality))
    gram.read(S.self) { g in
      for r in 0..<k {
        for s in 0..<k { couplings[r * k + s] = r == s ? 0 : -g[r * k + s] - coupled }
        let diagonal = g[r * k + r] + l2
        inverses[r] = diagonal > 0 ? 1 / diagonal : 0
      }
    }
    (self.couplings, self.inverses) = (couplings, inverses)
    descent = Descent(
      parts: k, couplings: couplings, inverses: inverses, l1: S(terms.l1),
      lowest: S(terms.lowest), highest: S(terms.highest), sweeps: sweeps, decay: decay)
  }

  /// Memory for one thread.
  func room() -> UnsafeMutablePointer<S> {
    .allocate(
      capacity: max(Descent<S>.room(parts: descent.parts, width: S.Vector.scalarCount), 1))
  }

  func deallocate() {
    couplings.deallocate()
    inverses.deallocate()
  }
}
