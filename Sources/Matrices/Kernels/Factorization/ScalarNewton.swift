import Glibc

extension SparseMatrix {
  /// Lowers `Σ ŷ − x log ŷ` with `Ŷ = F Oᵀ` and the terms over the rows of F ≥ 0, where this is X and
  /// F has one row a row of X: coordinate after coordinate by Newton's step, damped where the
  /// divergence is steep (Hsieh & Dhillon, KDD 2011; Hien & Gillis, J. Sci. Comput. 87, 2021), so that
  /// it never rises. `linear` is the sum of every column of O (1×k), or, with weights, `M O`; then X
  /// is `M ∘ X`. A row ends early once a sweep moves it by no more than `decay` times what the first
  /// one did. Cost about 10·k flops and one division for every kept element, component and sweep.
  package func descendRows(
    _ factor: inout Matrix, _ other: Matrix, linear: Matrix, sweeps: Int, decay: Double,
    terms: FactorTerms, floor: Double
  ) -> DescentReport {
    Self.descend(byRows, &factor, other, linear, sweeps, decay, terms, floor)
  }

  /// The same for a factor with one row a column of X.
  package func descendColumns(
    _ factor: inout Matrix, _ other: Matrix, linear: Matrix, sweeps: Int, decay: Double,
    terms: FactorTerms, floor: Double
  ) -> DescentReport {
    Self.descend(byColumns, &factor, other, linear, sweeps, decay, terms, floor)
  }

  private static func descend(
    _ lines: SparseLines, _ factor: inout Matrix, _ other: Matrix, _ linear: Matrix,
    _ sweeps: Int, _ decay: Double, _ terms: FactorTerms, _ floor: Double
  ) -> DescentReport {
    precondition(factor.rows == lines.count && factor.columns == other.columns)
    precondition(linear.columns == factor.columns)
    if factor.isTransposed { factor = factor.rowMajor() }
    let linear = linear.converted(to: factor.precision).rowMajor()
    switch factor.precision {
    case .double:
      return Kernels.descend(
        lines, &factor, other, linear, sweeps, decay, terms, floor, Double.self)
    case .single:
      return Kernels.descend(
        lines, &factor, other, linear, sweeps, decay, terms, Float(floor), Float.self)
    }
  }
}

extension Kernels {
  fileprivate static func descend<S: Scalar>(
    _ lines: SparseLines, _ factor: inout Matrix, _ other: Matrix, _ linear: Matrix,
    _ sweeps: Int, _ decay: Double, _ terms: FactorTerms, _ floor: S, _: S.Type
  ) -> DescentReport {
    let (rows, k) = (factor.rows, factor.columns)
    let size = max(1, (rows + 63) / 64)
    let pieces = (rows + size - 1) / size
    var sums = [Double](repeating: 0, count: max(2 * k * pieces, 1))
    let step = linear.rows == 1 ? 0 : k
    let other = other.rowMajor()
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      factor.write(S.self) { f in
        other.read(S.self) { o in
          linear.read(S.self) { linear in
            lines.values.read(S.self) { values in
              ThreadPool.shared.run(rows, by: size) { range in
                let line = NewtonLine<S>(k, lines, range, terms, floor)
                defer { line.deallocate() }
                for row in range {
                  if Interrupt.abandonsKernels { return }
                  line.gather(lines, row, values, o)
                  line.descend(
                    f + row * k, linear + row * step, sweeps, decay,
                    sums + 2 * k * (range.lowerBound / size))
                }
              }
            }
          }
        }
      }
    }
    return DescentReport(pieces: pieces, k, sums)
  }
}

/// One row of a factor against the kept elements of its line.
private final class NewtonLine<S: Scalar> {
  private let k: Int
  private let terms: FactorTerms
  private let floor: S
  /// Room for the longest line, in whole vectors.
  private let room: Int
  private var count = 0
  /// The other factor at the kept places, a component after the other.
  private let columns: UnsafeMutablePointer<S>
  private let x: UnsafeMutablePointer<S>
  private let sources: UnsafeMutablePointer<UnsafePointer<S>>
  private let y: UnsafeMutablePointer<S>
  /// `1 / √(smallest x)`: how fast the curvature may change.
  private var concordance: S = 0

  init(_ k: Int, _ lines: SparseLines, _ range: Range<Int>, _ terms: FactorTerms, _ floor: S) {
    self.k = k
    self.terms = terms
    self.floor = floor
    let longest = lines.longest(in: range)
    let width = S.Vector.scalarCount
    room = (longest + width - 1) / width * width
    columns = .allocate(capacity: max(room * k, 1))
    x = .allocate(capacity: max(room, 1))
    sources = .allocate(capacity: max(room, 1))
    y = .allocate(capacity: max(room, 1))
  }

  func deallocate() {
    columns.deallocate()
    x.deallocate()
    sources.deallocate()
    y.deallocate()
  }

  /// Brings the kept elements and what the other factor has there together.
  func gather(
    _ lines: SparseLines, _ row: Int, _ values: UnsafePointer<S>, _ other: UnsafePointer<S>
  ) {
    count = 0
    var least = S.infinity
    let width = S.Vector.scalarCount
    for i in lines.elements(of: row) {
      sources[count] = other + Int(lines.places[i]) * k
      x[count] = values[i]
      least = min(least, values[i])
      count += 1
    }
    // As many rows as a vector is wide at once, so that they are read while they are near; behind
    // the last element zeros that add nothing.
    let padded = (count + width - 1) / width * width
    for i in count..<padded { x[i] = 0 }
    var first = 0
    while first < padded {
      let own = sources + first
      let part = min(width, count - first)
      for r in 0..<k {
        var vector = S.Vector(repeating: 0)
        for lane in 0..<part { vector[lane] = own[lane][r] }
        store(vector, columns, r * room + first)
      }
      first += width
    }
    count = padded
    concordance = least < .infinity ? 1 / least.squareRoot() : 0
  }

  func descend(
    _ f: UnsafeMutablePointer<S>, _ linear: UnsafePointer<S>, _ sweeps: Int, _ decay: Double,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    let width = S.Vector.scalarCount
    let tiny = S.Vector(repeating: S.precision == .single ? 1e-30 : 1e-200)
    approximate(UnsafePointer(f))
    var total: S = 0
    if terms.orthogonality > 0 { for r in 0..<k { total += f[r] } }
    var first = 0.0
    for sweep in 0..<max(sweeps, 1) {
      var moved = 0.0
      for r in 0..<k {
        let column = UnsafePointer(columns + r * room)
        var (steep, curved) = (S.Vector(repeating: 0), S.Vector(repeating: 0))
        var i = 0
        while i < count {
          let below = S.larger(load(UnsafePointer(y), i), tiny)
          let o = load(column, i)
          let part = o / below
          let weighted = part * load(UnsafePointer(x), i)
          steep += weighted
          curved.addProduct(weighted, part)
          i += width
        }
        let old = f[r]
        var gradient = linear[r] + S(terms.l1) - steep.sum()
        var curvature = curved.sum()
        if terms.hasQuadratic {
          gradient += S(terms.l2) * old + S(terms.orthogonality) * (total - old)
          curvature += S(terms.l2)
        }
        var new = old
        if curvature > 0 {
          new = max(floor, old - gradient / curvature)
          let step = new - old
          if gradient > 0 && step != 0 {
            // Downhill towards 0 the curvature grows; a long step is shortened.
            let decrement = concordance * curvature.squareRoot() * abs(step)
            if decrement > 0.683802 { new = old + step / (1 + decrement) }
          }
        } else if gradient > 0 {
          new = floor
        }
        new = min(S(terms.highest), max(S(terms.lowest), new))
        let step = new - old
        if step == 0 { continue }
        f[r] = new
        total += step
        let factor = S.Vector(repeating: step)
        i = 0
        while i < count {
          store(load(UnsafePointer(y), i).addingProduct(factor, load(column, i)), y, i)
          i += width
        }
        let change = Double(step) * Double(step)
        moved += change
        if sweep == 0 { sums[r] += change }
      }
      if sweep == 0 { first = moved }
      if moved <= decay * decay * first { break }
      // Rounding of many small changes adds up.
      if sweep % 8 == 7 { approximate(UnsafePointer(f)) }
    }
    for r in 0..<k { sums[k + r] += Double(f[r]) * Double(f[r]) }
  }

  /// `ŷ ← Σ_r f_r o_r`.
  private func approximate(_ f: UnsafePointer<S>) {
    let width = S.Vector.scalarCount
    var i = 0
    while i < count {
      var sum = S.Vector(repeating: 0)
      for r in 0..<k {
        sum.addProduct(S.Vector(repeating: f[r]), load(UnsafePointer(columns + r * room), i))
      }
      store(sum, y, i)
      i += width
    }
  }
}
