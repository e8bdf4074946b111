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

  /// How far beyond F before the step, and where that is held.
  package struct Reach: Sendable {
    package var momentum: Double
    package var limits: FactorTerms?

    package init(momentum: Double, limits: FactorTerms?) {
      (self.momentum, self.limits) = (momentum, limits)
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

/// What such a step leaves besides F.
package struct DescentStep: Sendable {
  /// `YᵀY` of where the next step starts; `FᵀF` where nothing reaches ahead.
  package var aheadGram: Matrix
  /// `FᵀF`, where the plan asks for it.
  package var gram: Matrix?
  /// `⟨B, F⟩`.
  package var product: Double
  package var report: DescentReport
}

/// `B = X O`, of which a step asks the rows a few at a time; O is where the other factor reaches.
package enum DescentTarget: Sendable {
  /// All of B.
  case whole(Matrix)
  /// X and O.
  case product(AnyMatrix, ReachingFactor)
  /// X of which the zeros are skipped, and O.
  case mapped(MappedMatrix, ReachingFactor)

  /// All of B.
  package var whole: Matrix {
    switch self {
    case .whole(let target): target
    case .product(let x, let other): x.times(other.ahead)
    case .mapped(let x, let other): x.times(other.ahead)
    }
  }
}

extension ReachingFactor {
  /// Improves the rows of F (rows×k), from where they reach, by coordinate descent, and does everything
  /// else that a step asks of them while they are in the cache: their products with B, how far the
  /// next step reaches, and Gram matrices. B is made for a run of rows at a time and never kept.
  ///
  /// Cost: the product, `2·rows·k²` flops a sweep and the same for a Gram matrix; memory for F
  /// before, where the plan reaches ahead. Only such a step can be taken back.
  package mutating func step(_ plan: DescentPlan, _ target: DescentTarget) -> DescentStep {
    precondition(plan.gram.rows == shape.columns && plan.gram.columns == shape.columns)
    precondition(plan.reach != nil || momentum == 0)
    var moved = lend(reaches: plan.reach != nil)
    let step =
      switch moved.precision {
      case .double: Kernels.step(&moved, self, plan, target, Double.self)
      case .single: Kernels.step(&moved, self, plan, target, Float.self)
      }
    accept(&moved, plan.reach)
    return step.complete(self, plan)
  }
}

extension DescentStep {
  /// Gram matrices that no piece had room for.
  fileprivate consuming func complete(_ factor: ReachingFactor, _ plan: DescentPlan) -> DescentStep
  {
    if aheadGram.isEmpty { aheadGram = factor.ahead.gram }
    if plan.needsGram && gram == nil { gram = plan.reach == nil ? aheadGram : factor.now.gram }
    return self
  }
}

/// Makes the rows of B in a range, in one or several runs, and calls a body with each: the first of the
/// rows and the distance between two.
private typealias TargetRows<S> = (
  Range<Int>, (Range<Int>, UnsafePointer<S>, _ stride: Int) -> Void
) -> Void

extension Kernels {
  /// `moved` is F where nothing reaches ahead; otherwise it is F before, and becomes the next F.
  fileprivate static func step<S: Scalar>(
    _ moved: inout Matrix, _ factor: ReachingFactor, _ plan: DescentPlan,
    _ target: DescentTarget, _: S.Type
  ) -> DescentStep {
    let (rows, k) = (moved.rows, moved.columns)
    let even = evenPieces(rows)
    switch target {
    case .whole(let given):
      precondition(given.shape == moved.shape && given.precision == moved.precision)
      return given.rowMajor().read(S.self) { b in
        step(&moved, factor, plan, even, S.self) { range, body in
          body(range, b + range.lowerBound * k, k)
        }
      }
    case .product(.dense(let x), let other):
      let x = x.converted(to: S.precision)
      precondition(x.rows == rows && other.shape == Shape(x.columns, k))
      return x.read(S.self) { x0 in
        other.read(S.self) { rows in
          step(&moved, factor, plan, even, S.self) { range, body in
            for first in stride(from: range.lowerBound, to: range.upperBound, by: outerRows) {
              let run = first..<min(range.upperBound, first + outerRows)
              let b = product(x0, x, run, rows, k)
              defer { b.deallocate() }
              body(run, UnsafePointer(b), k)
            }
          }
        }
      }
    case .product(.sparse(let x), let other):
      let x = x.converted(to: S.precision)
      let lines = x.byRows
      precondition(x.rows == rows && other.shape == Shape(x.columns, k))
      let gathered = GatheredRows<S>(lines, padded: other.padded(S.self), cuts: x.rowCuts)
      let runs = wholeTiles(lines.runs(min(32, max(1, rows / 128))))
      return step(&moved, factor, plan, runs, S.self) { range, body in
        let b = gathered.rows(range)
        defer { b.deallocate() }
        body(range, UnsafePointer(b), gathered.stride)
      }
    case .mapped(let x, let other):
      precondition(x.shape.rows == rows && other.shape == Shape(x.shape.columns, k))
      return x.readRows(of: other, S.self) { mapped in
        step(&moved, factor, plan, even, S.self) { range, body in
          let b = mapped.make(range)
          defer { b.deallocate() }
          body(range, UnsafePointer(b), mapped.stride)
        }
      }
    }
  }

  /// Rows of B and of O that are made at a time: few enough to stay in the second-level cache, and
  /// whole tiles.
  private static let outerRows = 256
  private static let innerRows = 512

  /// Some rows of `X O` in memory that belongs to the caller; X begins at `x0`.
  private static func product<S: Scalar>(
    _ x0: UnsafePointer<S>, _ x: Matrix, _ range: Range<Int>, _ other: ReachedRows<S>, _ k: Int
  ) -> UnsafeMutablePointer<S> {
    let (inner, distance) = (x.columns, x.isTransposed ? x.rows : x.columns)
    let b = UnsafeMutablePointer<S>.allocate(capacity: max(range.count * k, 1))
    let size = max(1, other.isStill ? inner : min(inner, innerRows))
    let made = UnsafeMutablePointer<S>.allocate(capacity: other.isStill ? 1 : size * max(k, 1))
    defer { made.deallocate() }
    for first in stride(from: 0, to: max(inner, 1), by: size) {
      let part = first..<min(inner, first + size)
      if !other.isStill { other.write(part, to: made, stride: k) }
      let start =
        x.isTransposed
        ? range.lowerBound + first * distance : range.lowerBound * distance + first
      BLAS.gemmHere(
        S.self, rows: range.count, columns: k, inner: part.count, alpha: 1, a: x0 + start,
        aTransposed: x.isTransposed, lda: distance,
        b: other.isStill ? other.now + first * k : UnsafePointer(made), bTransposed: false, ldb: k,
        beta: first == 0 ? 0 : 1, c: b, ldc: k)
    }
    return b
  }

  /// At most 16 pieces of whole tiles.
  static func evenPieces(_ rows: Int) -> [Range<Int>] {
    let size = ((rows + 15) / 16 + 63) & ~63
    return stride(from: 0, to: rows, by: max(size, 1)).map { $0..<min(rows, $0 + size) }
  }

  /// Runs moved to where tiles begin: short ones would leave lanes of a tile without a row, and rows
  /// that end their sweeps together are then the same whatever makes B.
  private static func wholeTiles(_ runs: [Range<Int>]) -> [Range<Int>] {
    let rows = runs.last?.upperBound ?? 0
    let cuts = runs.dropFirst().map { ($0.lowerBound + 32) & ~63 }.filter { $0 > 0 && $0 < rows }
    return zip([0] + cuts, cuts + [rows]).filter { $0 < $1 }.map { $0..<$1 }
  }

  private static func step<S: Scalar>(
    _ moved: inout Matrix, _ factor: ReachingFactor, _ plan: DescentPlan, _ pieces: [Range<Int>],
    _: S.Type, _ target: TargetRows<S>
  ) -> DescentStep {
    let (rows, k) = (moved.rows, moved.columns)
    // Every piece has Gram matrices of its own, so only where they are smaller than its rows.
    let inPieces = k * pieces.count <= rows
    let work = StepWork<S>(
      plan, pieces: pieces.count, grams: inPieces && (plan.needsGram || plan.reach == nil),
      aheadGrams: inPieces && plan.reach != nil)
    defer { work.deallocate() }
    moved.write(S.self) { f in
      factor.now.read(S.self) { now in
        let start = ReachedRows(now, UnsafePointer(f), factor)
        ThreadPool.shared.run(pieces.count) { piece in
          let range = pieces[piece]
          if Interrupt.abandonsKernels || range.isEmpty { return }
          target(range) { run, b, stride in
            work.improve(piece, f, run, b, stride, plan.reach == nil ? nil : start)
          }
        }
      }
    }
    let gram = work.joined(work.grams)
    let none = Matrix(uninitialized: Shape(0, 0), S.precision)
    return DescentStep(
      aheadGram: (plan.reach == nil ? gram : work.joined(work.aheadGrams)) ?? none,
      gram: plan.needsGram ? gram : nil, product: work.product,
      report: DescentReport(pieces: pieces.count, k, work.allSums))
  }
}

extension Matrix {
  /// `FᵀF`.
  package var gram: Matrix { transposed * self }
}
