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
      let lines = x.converted(to: S.precision).byRows
      precondition(x.rows == rows && other.rows == x.columns && other.columns == k)
      let gathered = GatheredRows<S>(lines, other.converted(to: S.precision))
      defer { gathered.deallocate() }
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

/// The memory in which pieces of a step keep their sums apart, to be added in order.
private struct StepWork<S: Scalar> {
  private let k: Int
  private let pieces: Int
  private let couplings: Couplings<S>
  private let momentum: S
  private let lowest: S
  private let highest: S
  /// Of every piece k changes, k squares, and the product with B.
  private let sums: UnsafeMutablePointer<Double>
  let grams: UnsafeMutablePointer<S>?
  let aheadGrams: UnsafeMutablePointer<S>?

  init(_ plan: DescentPlan, pieces: Int, grams: Bool, aheadGrams: Bool) {
    k = plan.gram.rows
    self.pieces = pieces
    couplings = Couplings(
      plan.gram.converted(to: S.precision).rowMajor(), plan.sweeps, plan.decay, plan.terms)
    momentum = S(plan.reach?.momentum ?? 0)
    (lowest, highest) = (S(plan.reach?.lowest ?? 0), S(plan.reach?.highest ?? 0))
    let size = max(k * k * pieces, 1)
    sums = .allocate(capacity: max(pieces, 1) * (2 * k + 1))
    sums.initialize(repeating: 0, count: max(pieces, 1) * (2 * k + 1))
    let room = {
      let room = UnsafeMutablePointer<S>.allocate(capacity: size)
      room.initialize(repeating: 0, count: size)
      return room
    }
    self.grams = grams ? room() : nil
    self.aheadGrams = aheadGrams ? room() : nil
  }

  func deallocate() {
    couplings.deallocate()
    sums.deallocate()
    grams?.deallocate()
    aheadGrams?.deallocate()
  }

  /// `⟨B, F⟩`.
  var product: Double { (0..<pieces).reduce(0) { $0 + sums[$1 * (2 * k + 1) + 2 * k] } }

  /// Changes and squares of every piece.
  var allSums: [Double] {
    (0..<pieces).flatMap { piece in
      (0..<2 * k).map { sums[piece * (2 * k + 1) + $0] }
    }
  }

  /// The sum of the pieces' Gram matrices.
  func joined(_ parts: UnsafeMutablePointer<S>?) -> Matrix? {
    guard let parts else { return nil }
    var gram = Matrix.zeros(k, k, S.precision)
    gram.write(S.self) { gram in
      for piece in 0..<pieces {
        for i in 0..<k * k { gram[i] += parts[piece * k * k + i] }
      }
    }
    return gram
  }

  /// Improves the rows of a piece, a few tiles at a time, which stay in the cache for what follows.
  func improve(
    _ piece: Int, _ f: UnsafeMutablePointer<S>, _ b: UnsafePointer<S>, _ stride: Int, _ rows: Int,
    _ reach: (old: UnsafePointer<S>, ahead: UnsafeMutablePointer<S>)?
  ) {
    let room = couplings.room()
    defer { room.deallocate() }
    let own = sums + piece * (2 * k + 1)
    let atOnce = 4 * Descent<S>.tileVectors * S.Vector.scalarCount
    for first in Swift.stride(from: 0, to: rows, by: atOnce) {
      if Interrupt.abandonsKernels { return }
      let (count, place) = (min(atOnce, rows - first), first * k)
      let goal = b + first * stride
      S.chosenKernels.descend(couplings.descent, f + place, goal, stride, count, room, own)
      own[2 * k] += product(UnsafePointer(f + place), goal, stride, count)
      if let grams { addGram(UnsafePointer(f + place), count, grams + piece * k * k) }
      if let reach {
        let y = reach.ahead + place
        self.reach(UnsafePointer(f + place), reach.old + place, y, count * k)
        if let aheadGrams { addGram(UnsafePointer(y), count, aheadGrams + piece * k * k) }
      }
    }
  }

  /// `Σ f b` over some rows.
  private func product(
    _ f: UnsafePointer<S>, _ b: UnsafePointer<S>, _ stride: Int, _ rows: Int
  ) -> Double {
    let width = S.Vector.scalarCount
    var sums = S.Wide(repeating: 0)
    // Rows without gaps are one long row.
    let (rows, length) = stride == k ? (1, rows * k) : (rows, k)
    for row in 0..<rows {
      let (x, y) = (f + row * k, b + row * stride)
      var i = 0
      while i < length {
        let lanes = min(width, length - i)
        sums.addProduct(S.widened(loadPart(x, i, lanes)), S.widened(loadPart(y, i, lanes)))
        i += width
      }
    }
    return sums.sum()
  }

  /// `y ← f + momentum · (f − old)`, within the bounds.
  private func reach(
    _ f: UnsafePointer<S>, _ old: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>, _ count: Int
  ) {
    let width = S.Vector.scalarCount
    let (factor, floor) = (S.Vector(repeating: momentum), S.Vector(repeating: lowest))
    let ceiling = S.Vector(repeating: highest)
    var i = 0
    while i < count {
      let lanes = min(width, count - i)
      let new = loadPart(f, i, lanes)
      let value = new.addingProduct(factor, new - loadPart(old, i, lanes))
      storePart(S.smaller(S.larger(value, floor), ceiling), y, i, lanes)
      i += width
    }
  }

  /// Adds `RᵀR` of some rows.
  private func addGram(_ r: UnsafePointer<S>, _ rows: Int, _ gram: UnsafeMutablePointer<S>) {
    var product = Product(
      rows: k, columns: k, inner: rows, a: r, aRow: 1, aInner: k, b: r, bInner: k, bColumn: 1,
      c: gram, cRow: k, room: ThreadRoom.address)
    product.adds = true
    S.chosenKernels.multiply(product)
  }
}

extension Matrix {
  /// `FᵀF`.
  package var gram: Matrix { transposed * self }
}
