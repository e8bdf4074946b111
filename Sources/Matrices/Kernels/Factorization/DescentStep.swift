import KernelTables

/// One half of an iteration of coordinate descent on `½‖X − F Oᵀ‖²`: how F is improved, and how far
/// ahead the next step starts.
package struct DescentPlan: Sendable {
  /// `OᵀO`, k×k.
  package var gram: Matrix
  package var sweeps: Int
  package var decay: Double
  package var terms: FactorTerms
  package var reach: Reach?
  /// Whether `FᵀF` is asked for.
  package var needsGram: Bool

  /// `Y = F + momentum · (F − old)`, held within the bounds.
  package struct Reach: Sendable {
    package var old: Matrix
    package var momentum: Double
    package var lowest: Double
    package var highest: Double

    package init(old: Matrix, momentum: Double, lowest: Double, highest: Double) {
      (self.old, self.momentum) = (old, momentum)
      (self.lowest, self.highest) = (lowest, highest)
    }
  }

  package init(
    gram: Matrix, sweeps: Int, decay: Double, terms: FactorTerms, reach: Reach?, needsGram: Bool
  ) {
    self.gram = gram
    (self.sweeps, self.decay, self.terms) = (sweeps, decay, terms)
    (self.reach, self.needsGram) = (reach, needsGram)
  }
}

/// What such a step leaves.
package struct DescentStep: Sendable {
  /// Y; F where nothing reaches ahead.
  package var reaching: Matrix
  /// `YᵀY`.
  package var reachingGram: Matrix
  /// `FᵀF`, where the plan asks for it.
  package var gram: Matrix?
  /// `⟨B, F⟩`.
  package var product: Double
  package var report: DescentReport
}

/// `B = X O`, of which a step asks the rows a few at a time.
package enum DescentTarget: Sendable {
  /// All of B.
  case whole(Matrix)
  /// X and O.
  case product(AnyMatrix, Matrix)

  /// All of B.
  package var whole: Matrix {
    switch self {
    case .whole(let target): target
    case .product(let x, let other): x.times(other)
    }
  }
}

extension Matrix {
  /// Improves the rows of `self`, which is F (rows×k), by coordinate descent, and does everything
  /// else that a step asks of them while they are in the cache: their products with B, the step
  /// ahead, and Gram matrices. B is made for a run of rows at a time and never kept.
  ///
  /// Cost: the product, `2·rows·k²` flops a sweep and the same for a Gram matrix; memory for Y.
  package mutating func step(_ plan: DescentPlan, _ target: DescentTarget) -> DescentStep {
    precondition(plan.gram.rows == columns && plan.gram.columns == columns)
    if isTransposed { self = rowMajor() }
    return switch precision {
    case .double: Kernels.step(&self, plan, target, Double.self)
    case .single: Kernels.step(&self, plan, target, Float.self)
    }
  }
}

/// Makes the rows of B in a range, and calls a body with the first and the distance between two.
private typealias TargetRows<S> = (Range<Int>, (UnsafePointer<S>, _ stride: Int) -> Void) -> Void

extension Kernels {
  fileprivate static func step<S: Scalar>(
    _ factor: inout Matrix, _ plan: DescentPlan, _ target: DescentTarget, _: S.Type
  ) -> DescentStep {
    let (rows, k) = (factor.rows, factor.columns)
    switch target {
    case .whole(let given):
      precondition(given.shape == factor.shape && given.precision == factor.precision)
      return given.rowMajor().read(S.self) { b in
        step(&factor, plan, evenPieces(rows), S.self) { range, body in
          body(b + range.lowerBound * k, k)
        }
      }
    case .product(.dense(let x), let other):
      let (x, other) = (x.converted(to: S.precision), other.converted(to: S.precision).rowMajor())
      precondition(x.rows == rows && other.rows == x.columns && other.columns == k)
      let (inner, distance) = (x.columns, x.isTransposed ? rows : x.columns)
      return x.read(S.self) { x0 in
        other.read(S.self) { o in
          step(&factor, plan, evenPieces(rows), S.self) { range, body in
            let b = UnsafeMutablePointer<S>.allocate(capacity: max(range.count * k, 1))
            defer { b.deallocate() }
            BLAS.gemmHere(
              S.self, rows: range.count, columns: k, inner: inner, alpha: 1,
              a: x0 + range.lowerBound * (x.isTransposed ? 1 : distance),
              aTransposed: x.isTransposed, lda: distance, b: o, bTransposed: false, ldb: k,
              beta: 0, c: b, ldc: k)
            body(UnsafePointer(b), k)
          }
        }
      }
    case .product(.sparse(let x), let other):
      let x = x.converted(to: S.precision)
      let lines = x.byRows
      precondition(x.rows == rows && other.rows == x.columns && other.columns == k)
      let gathered = GatheredRows<S>(
        lines, other.converted(to: S.precision), cuts: x.rowCuts)
      // Short runs leave lanes of a tile without a row.
      let runs = lines.runs(min(32, max(1, rows / 128)))
      return step(&factor, plan, runs, S.self) { range, body in
        let b = gathered.rows(range)
        defer { b.deallocate() }
        body(UnsafePointer(b), gathered.stride)
      }
    }
  }

  /// At most 16 pieces of whole tiles.
  private static func evenPieces(_ rows: Int) -> [Range<Int>] {
    let size = ((rows + 15) / 16 + 63) & ~63
    return stride(from: 0, to: rows, by: max(size, 1)).map { $0..<min(rows, $0 + size) }
  }

  private static func step<S: Scalar>(
    _ factor: inout Matrix, _ plan: DescentPlan, _ pieces: [Range<Int>], _: S.Type,
    _ target: TargetRows<S>
  ) -> DescentStep {
    let k = factor.columns
    let reach = plan.reach
    var ahead = Matrix(uninitialized: reach == nil ? Shape(0, k) : factor.shape, S.precision)
    let old = reach?.old.rowMajor() ?? ahead
    // Every piece has Gram matrices of its own, so only where they are smaller than its rows.
    let inPieces = k * pieces.count <= factor.rows
    let work = StepWork<S>(
      plan, pieces: pieces.count, grams: inPieces && (plan.needsGram || reach == nil),
      aheadGrams: inPieces && reach != nil)
    defer { work.deallocate() }
    factor.write(S.self) { f in
      ahead.write(S.self) { y in
        old.read(S.self) { old in
          ThreadPool.shared.run(pieces.count) { piece in
            let range = pieces[piece]
            if Interrupt.abandonsKernels || range.isEmpty { return }
            let first = range.lowerBound * k
            target(range) { b, stride in
              work.improve(
                piece, f + first, b, stride, range.count,
                reach == nil ? nil : (old + first, y + first))
            }
          }
        }
      }
    }
    let gram = work.joined(work.grams)
    return DescentStep(
      reaching: reach == nil ? factor : ahead,
      reachingGram: reach == nil
        ? gram ?? factor.gram : work.joined(work.aheadGrams) ?? ahead.gram,
      gram: plan.needsGram ? gram ?? factor.gram : nil, product: work.product,
      report: DescentReport(pieces: pieces.count, k, work.allSums))
  }
}

extension Matrix {
  /// `FᵀF`.
  package var gram: Matrix { transposed * self }
}
