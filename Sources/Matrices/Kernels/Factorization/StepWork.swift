import KernelTables

/// The memory in which pieces of a step keep their sums apart, to be added in order.
struct StepWork<S: Scalar> {
  private let k: Int
  private let pieces: Int
  private let couplings: Couplings<S>
  private let reach: DescentPlan.Reach?
  /// Of every piece k changes, k squares, and the product with B.
  private let sums: UnsafeMutablePointer<Double>
  let grams: UnsafeMutablePointer<S>?
  let aheadGrams: UnsafeMutablePointer<S>?

  init(_ plan: DescentPlan, pieces: Int, grams: Bool, aheadGrams: Bool) {
    k = plan.gram.rows
    self.pieces = pieces
    couplings = Couplings(
      plan.gram.converted(to: S.precision).rowMajor(), plan.sweeps, plan.decay, plan.terms)
    reach = plan.reach
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

  /// Improves rows of a piece, a few tiles at a time, which stay in the cache for what follows:
  /// those of `f` where they are, or from `start`, which is made of `f` and of where F is.
  func improve(
    _ piece: Int, _ f: UnsafeMutablePointer<S>, _ range: Range<Int>, _ b: UnsafePointer<S>,
    _ stride: Int, _ start: ReachedRows<S>?
  ) {
    let room = couplings.room()
    defer { room.deallocate() }
    let own = sums + piece * (2 * k + 1)
    let atOnce = 4 * Descent<S>.tileVectors * S.Vector.scalarCount
    let ahead = UnsafeMutablePointer<S>.allocate(
      capacity: aheadGrams == nil ? 1 : max(atOnce * k, 1))
    defer { ahead.deallocate() }
    for first in Swift.stride(from: range.lowerBound, to: range.upperBound, by: atOnce) {
      if Interrupt.abandonsKernels { return }
      let rows = first..<min(range.upperBound, first + atOnce)
      let (tile, goal) = (f + first * k, b + (first - range.lowerBound) * stride)
      start?.write(rows, to: tile, stride: k)
      S.chosenKernels.descend(couplings.descent, tile, goal, stride, rows.count, room, own)
      own[2 * k] += product(UnsafePointer(tile), goal, stride, rows.count)
      if let grams { addGram(UnsafePointer(tile), rows.count, grams + piece * k * k) }
      if let aheadGrams, let start, let reach {
        let next = ReachedRows(
          UnsafePointer(f), start.now, columns: k, momentum: reach.momentum, limits: reach.limits)
        next.write(rows, to: ahead, stride: k)
        addGram(UnsafePointer(ahead), rows.count, aheadGrams + piece * k * k)
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

  /// Adds `RᵀR` of some rows.
  private func addGram(_ r: UnsafePointer<S>, _ rows: Int, _ gram: UnsafeMutablePointer<S>) {
    var product = Product(
      rows: k, columns: k, inner: rows, a: r, aRow: 1, aInner: k, b: r, bInner: k, bColumn: 1,
      c: gram, cRow: k, room: ThreadRoom.address)
    product.adds = true
    S.chosenKernels.multiply(product)
  }
}
