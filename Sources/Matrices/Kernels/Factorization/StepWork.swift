import KernelTables

/// The memory in which pieces of a step keep their sums apart, to be added in order.
struct StepWork<S: Scalar> {
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
