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

  /// The largest relative change of a column in the first sweep. It is 0 exactly where the
  /// conditions of Karush, Kuhn & Tucker hold, and does not depend on how W and H share their scale.
  package var largestChange: Double {
    zip(firstChange, squares).reduce(0) { largest, column in
      let (change, square) = column
      if change == 0 { return largest }
      return max(largest, square > 0 ? (change / square).squareRoot() : 1)
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
  /// Vectors of rows that a tile is wide: as many sums as keep the multipliers busy.
  private static let tileVectors = 4

  fileprivate static func descend<S: Scalar>(
    _ factor: inout Matrix, _ gram: Matrix, _ target: Matrix, _ sweeps: Int, _ decay: Double,
    _ terms: FactorTerms, _: S.Type
  ) -> DescentReport {
    let (rows, k) = (factor.rows, factor.columns)
    let (l1, l2, coupled) = (S(terms.l1), S(terms.l2), S(terms.orthogonality))
    let (lowest, highest) = (S(terms.lowest), S(terms.highest))
    // The couplings −g_rs with a zero diagonal, and 1 / (g_rr + l2).
    let couplings = UnsafeMutablePointer<S>.allocate(capacity: max(k * k, 1))
    let inverses = UnsafeMutablePointer<S>.allocate(capacity: max(k, 1))
    defer {
      couplings.deallocate()
      inverses.deallocate()
    }
    gram.read(S.self) { g in
      for r in 0..<k {
        for s in 0..<k { couplings[r * k + s] = r == s ? 0 : -g[r * k + s] - coupled }
        let diagonal = g[r * k + r] + l2
        inverses[r] = diagonal > 0 ? 1 / diagonal : 0
      }
    }
    let tile = tileVectors * S.Vector.scalarCount
    let tiles = (rows + tile - 1) / tile
    // A piece is a run of tiles; its sums are kept apart and added in order.
    let size = max(1, min(8, tiles / 16))
    let pieces = (tiles + size - 1) / size
    let sums = UnsafeMutablePointer<Double>.allocate(capacity: max(2 * k * pieces, 1))
    sums.initialize(repeating: 0, count: max(2 * k * pieces, 1))
    defer { sums.deallocate() }
    factor.write(S.self) { f in
      target.read(S.self) { b in
        ThreadPool.shared.run(pieces) { piece in
          let buffer = UnsafeMutablePointer<S>.allocate(capacity: (3 * k + 2) * tile)
          defer { buffer.deallocate() }
          let own = sums + 2 * k * piece
          for index in piece * size..<min(tiles, (piece + 1) * size) {
            if Interrupt.abandonsKernels { return }
            let first = index * tile
            let count = min(tile, rows - first)
            gatherTile(f + first * k, b + first * k, count, k, tile, l1, buffer)
            descendTile(
              buffer, UnsafePointer(buffer + k * tile), UnsafePointer(couplings),
              UnsafePointer(inverses), k, sweeps, decay, lowest, highest, own, S.self)
            for r in 0..<k {
              let line = buffer + r * tile
              var square = 0.0
              for row in 0..<count {
                f[(first + row) * k + r] = line[row]
                square += Double(line[row]) * Double(line[row])
              }
              own[k + r] += square
            }
          }
        }
      }
    }
    var report = DescentReport(
      firstChange: [Double](repeating: 0, count: k), squares: [Double](repeating: 0, count: k))
    for piece in 0..<pieces {
      for r in 0..<k {
        report.firstChange[r] += sums[2 * k * piece + r]
        report.squares[r] += sums[2 * k * piece + k + r]
      }
    }
    return report
  }

  /// Lays rows of F and of B − l1 as k lines of `tile` elements; missing rows are zeros.
  @inline(__always)
  private static func gatherTile<S: Scalar>(
    _ f: UnsafePointer<S>, _ b: UnsafePointer<S>, _ count: Int, _ k: Int, _ tile: Int, _ l1: S,
    _ buffer: UnsafeMutablePointer<S>
  ) {
    let targets = buffer + k * tile
    for r in 0..<k {
      for row in 0..<count {
        buffer[r * tile + row] = f[row * k + r]
        targets[r * tile + row] = b[row * k + r] - l1
      }
      for row in count..<tile {
        buffer[r * tile + row] = 0
        targets[r * tile + row] = 0
      }
    }
  }

  /// All sweeps of one tile.
  @inline(__always)
  private static func descendTile<S: Scalar>(
    _ f: UnsafeMutablePointer<S>, _ b: UnsafePointer<S>, _ couplings: UnsafePointer<S>,
    _ inverses: UnsafePointer<S>, _ k: Int, _ sweeps: Int, _ decay: Double, _ lowest: S,
    _ highest: S, _ firstChange: UnsafeMutablePointer<Double>, _: S.Type
  ) {
    let width = S.Vector.scalarCount
    let tile = 4 * width
    let zero = S.Vector(repeating: 0)
    let (floor, ceiling) = (S.Vector(repeating: lowest), S.Vector(repeating: highest))
    // Behind F and B: a line of sums, how far this sweep went, and how far every component went
    // in the first one.
    let line = f + 2 * k * tile
    let moved = line + tile
    let changes = moved + width
    var first = 0.0
    for sweep in 0..<max(sweeps, 1) {
      store(zero, moved, 0)
      for r in 0..<k {
        let inverse = S.Vector(repeating: inverses[r])
        if inverses[r] == 0 { continue }
        let place = r * tile
        couple(f, b + place, couplings + r * k, k, line, S.self)
        var (a0, a1) = (load(UnsafePointer(line), 0), load(UnsafePointer(line), width))
        var (a2, a3) = (load(UnsafePointer(line), 2 * width), load(UnsafePointer(line), 3 * width))
        a0 *= inverse
        a1 *= inverse
        a2 *= inverse
        a3 *= inverse
        a0 = S.smaller(S.larger(a0, floor), ceiling)
        a1 = S.smaller(S.larger(a1, floor), ceiling)
        a2 = S.smaller(S.larger(a2, floor), ceiling)
        a3 = S.smaller(S.larger(a3, floor), ceiling)
        let (d0, d1) = (a0 - load(f, place), a1 - load(f, place + width))
        let (d2, d3) = (a2 - load(f, place + 2 * width), a3 - load(f, place + 3 * width))
        store(a0, f, place)
        store(a1, f, place + width)
        store(a2, f, place + 2 * width)
        store(a3, f, place + 3 * width)
        let change = d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3
        store(load(UnsafePointer(moved), 0) + change, moved, 0)
        if sweep == 0 { store(change, changes, r * width) }
      }
      let distance = sum(moved, width)
      if sweep == 0 {
        first = distance
        for r in 0..<k where inverses[r] != 0 { firstChange[r] += sum(changes + r * width, width) }
      }
      if distance <= decay * decay * first { return }
    }
  }

  /// `line ← b + Σ_s c_s f_s` for the k lines of a tile. On its own, because inlined into the sweep
  /// the compiler tears the vectors apart.
  @inline(never)
  private static func couple<S: Scalar>(
    _ f: UnsafePointer<S>, _ b: UnsafePointer<S>, _ couplings: UnsafePointer<S>, _ k: Int,
    _ line: UnsafeMutablePointer<S>, _: S.Type
  ) {
    let width = S.Vector.scalarCount
    var (a0, a1) = (load(b, 0), load(b, width))
    var (a2, a3) = (load(b, 2 * width), load(b, 3 * width))
    var other = f
    for s in 0..<k {
      let coupling = S.Vector(repeating: couplings[s])
      a0.addProduct(coupling, load(other, 0))
      a1.addProduct(coupling, load(other, width))
      a2.addProduct(coupling, load(other, 2 * width))
      a3.addProduct(coupling, load(other, 3 * width))
      other += 4 * width
    }
    store(a0, line, 0)
    store(a1, line, width)
    store(a2, line, 2 * width)
    store(a3, line, 3 * width)
  }

  @inline(never)
  private static func sum<S: Scalar>(_ line: UnsafePointer<S>, _ count: Int) -> Double {
    var sum = 0.0
    for i in 0..<count { sum += Double(line[i]) }
    return sum
  }
}
