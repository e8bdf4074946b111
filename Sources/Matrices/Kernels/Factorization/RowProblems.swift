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
              let row = RowProblem(k, method, terms)
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

/// One row at a time: `½ f G fᵀ − (b − l1) fᵀ` with `G + l2 I + λ (11ᵀ − I)`, in 64 bits.
final class RowProblem {
  let k: Int
  let method: RowMethod
  let terms: FactorTerms
  let gram: UnsafeMutablePointer<Double>
  private let f: UnsafeMutablePointer<Double>
  private let start: UnsafeMutablePointer<Double>
  private let b: UnsafeMutablePointer<Double>
  private let slope: UnsafeMutablePointer<Double>
  private let root: UnsafeMutablePointer<Double>
  private let work: UnsafeMutablePointer<Double>
  private var passive: [Bool]
  /// The passive entries of which `root` is the factor.
  private var factored: [Int] = []
  private var isFactored = false

  init(_ k: Int, _ method: RowMethod, _ terms: FactorTerms) {
    self.k = k
    self.method = method
    self.terms = terms
    let size = max(k, 1)
    gram = .allocate(capacity: size * size)
    root = .allocate(capacity: size * size)
    f = .allocate(capacity: size)
    start = .allocate(capacity: size)
    b = .allocate(capacity: size)
    slope = .allocate(capacity: size)
    work = .allocate(capacity: size)
    passive = [Bool](repeating: false, count: k)
  }

  func deallocate() {
    for pointer in [gram, root, f, start, b, slope, work] { pointer.deallocate() }
  }

  /// Takes G and adds the quadratic terms.
  func setGram<S: Scalar>(_ given: UnsafePointer<S>) {
    for i in 0..<k * k { gram[i] = Double(given[i]) + terms.orthogonality }
    for r in 0..<k { gram[r * k + r] += terms.l2 - terms.orthogonality }
    isFactored = false
  }

  /// Solves for one row; adds the squares of its changes and of its entries to the first and
  /// second k sums. Returns `½ f G fᵀ − b fᵀ` of the result, without the terms.
  @discardableResult
  func solve<S: Scalar>(
    _ row: UnsafeMutablePointer<S>, _ target: UnsafePointer<S>, _ sums: UnsafeMutablePointer<Double>
  ) -> Double {
    for r in 0..<k {
      f[r] = Double(row[r])
      b[r] = Double(target[r]) - terms.l1
    }
    start.update(from: f, count: k)
    var isFirstSweepCounted = false
    if terms.rowsSumToOne {
      exchange()
    } else {
      switch method {
      case .descent(let sweeps, let decay):
        descend(sweeps, decay, sums)
        isFirstSweepCounted = true
      case .exact: pivot()
      case .greedy(let decay): chase(decay)
      }
    }
    var value = 0.0
    for r in 0..<k {
      if !isFirstSweepCounted { sums[r] += (f[r] - start[r]) * (f[r] - start[r]) }
      row[r] = S(f[r])
      sums[k + r] += f[r] * f[r]
    }
    for r in 0..<k where f[r] != 0 {
      let line = gram + r * k
      var sum = 0.0
      for s in 0..<k { sum.addProduct(line[s], f[s]) }
      // The terms are taken out again.
      let own = terms.l2 - terms.orthogonality
      if terms.hasQuadratic {
        var all = 0.0
        for s in 0..<k { all += f[s] }
        sum -= own * f[r] + terms.orthogonality * all
      }
      value += f[r] * (sum / 2 - b[r] - terms.l1)
    }
    return value
  }

  /// `Σ_s g_rs f_s`.
  @inline(__always)
  private func coupled(_ r: Int) -> Double {
    let line = gram + r * k
    var vector = SIMD8<Double>(repeating: 0)
    var s = 0
    while s + 8 <= k {
      vector.addProduct(load(UnsafePointer(line), s), load(UnsafePointer(f), s))
      s += 8
    }
    var sum = vector.sum()
    while s < k {
      sum.addProduct(line[s], f[s])
      s += 1
    }
    return sum
  }

  private func descend(_ sweeps: Int, _ decay: Double, _ sums: UnsafeMutablePointer<Double>) {
    var first = 0.0
    for sweep in 0..<max(sweeps, 1) {
      var moved = 0.0
      for r in 0..<k {
        let diagonal = gram[r * k + r]
        guard diagonal > 0 else { continue }
        let wanted = f[r] + (b[r] - coupled(r)) / diagonal
        let new = min(terms.highest, max(terms.lowest, wanted))
        let change = (new - f[r]) * (new - f[r])
        if sweep == 0 { sums[r] += change }
        moved += change
        f[r] = new
      }
      if sweep == 0 { first = moved }
      if moved <= decay * decay * first { return }
    }
  }

  // MARK: Block principal pivoting

  /// The minimum over f ≥ 0: entries are passive (solved for) or 0; all that break a condition
  /// change sides at once, one at a time where that does not help.
  private func pivot() {
    var largest = 0.0
    for r in 0..<k { largest = max(largest, abs(b[r])) }
    let tolerance = 1e-12 * largest
    if terms.lowest == -.infinity {
      // Nothing holds the entries: one system of equations.
      for r in 0..<k { passive[r] = gram[r * k + r] > 0 }
      return solvePassive()
    }
    for r in 0..<k { passive[r] = f[r] > 0 && gram[r * k + r] > 0 }
    var (best, chances) = (k + 1, 3)
    for _ in 0..<5 * max(k, 20) {
      solvePassive()
      var wrong = 0
      for r in 0..<k {
        if passive[r] {
          work[r] = f[r] < 0 ? 1 : 0
        } else {
          slope[r] = coupled(r) - b[r]
          work[r] = slope[r] < -tolerance && gram[r * k + r] > 0 ? 1 : 0
        }
        wrong += work[r] > 0 ? 1 : 0
      }
      if wrong == 0 { return }
      if wrong < best {
        (best, chances) = (wrong, 3)
      } else {
        chances -= 1
      }
      if chances >= 0 {
        for r in 0..<k where work[r] > 0 { passive[r].toggle() }
      } else if let last = (0..<k).last(where: { work[$0] > 0 }) {
        passive[last].toggle()
      }
    }
    // Rounding can make it go round in circles; from here coordinate descent gets to the end.
    for r in 0..<k { f[r] = max(0, f[r]) }
    let ignored = UnsafeMutablePointer<Double>.allocate(capacity: max(k, 1))
    defer { ignored.deallocate() }
    ignored.initialize(repeating: 0, count: max(k, 1))
    descend(2000, 1e-12, ignored)
  }

  /// `f_P = G_PP⁻¹ b_P`, 0 elsewhere, by Cholesky's factor, which is kept while P is the same.
  private func solvePassive() {
    var places: [Int] = []
    for r in 0..<k where passive[r] { places.append(r) }
    let n = places.count
    if !isFactored || places != factored {
      for i in 0..<n {
        let own = root + i * k
        for j in 0...i {
          var sum = gram[places[i] * k + places[j]]
          let other = root + j * k
          for p in 0..<j { sum.addProduct(-own[p], other[p]) }
          if i == j {
            let least = 1e-14 * gram[places[i] * k + places[i]]
            own[i] = max(sum, least).squareRoot()
          } else {
            own[j] = sum / other[j]
          }
        }
      }
      factored = places
      isFactored = true
    }
    for r in 0..<k { f[r] = 0 }
    for i in 0..<n {
      var sum = b[places[i]]
      for p in 0..<i { sum.addProduct(-root[i * k + p], work[p]) }
      work[i] = sum / root[i * k + i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      var sum = work[i]
      for p in i + 1..<max(n, i + 1) { sum.addProduct(-root[p * k + i], work[p]) }
      work[i] = sum / root[i * k + i]
    }
    for i in 0..<n { f[places[i]] = work[i] }
  }

  // MARK: The best coordinate first

  private func chase(_ decay: Double) {
    for r in 0..<k { slope[r] = coupled(r) - b[r] }
    var first = 0.0
    for step in 0..<max(k * k, 1) {
      var (best, place, move) = (0.0, -1, 0.0)
      for r in 0..<k {
        let diagonal = gram[r * k + r]
        guard diagonal > 0 else { continue }
        let new = min(terms.highest, max(terms.lowest, f[r] - slope[r] / diagonal))
        let change = new - f[r]
        let gain = -change * (slope[r] + diagonal * change / 2)
        if gain > best { (best, place, move) = (gain, r, change) }
      }
      if step == 0 { first = best }
      if place < 0 || best < decay * first { return }
      f[place] += move
      let line = gram + place * k
      for r in 0..<k { slope[r].addProduct(line[r], move) }
    }
  }

  // MARK: Rows that sum to 1

  /// Moves weight between the pair of entries that gains most by it, as in sequential minimal
  /// optimization (Platt 1998), until no pair gains.
  private func exchange() {
    var total = 0.0
    for r in 0..<k {
      f[r] = max(0, f[r])
      total += f[r]
    }
    for r in 0..<k { f[r] = total > 0 ? f[r] / total : 1 / Double(k) }
    for r in 0..<k { slope[r] = coupled(r) - b[r] }
    var size = 0.0
    for r in 0..<k { size = max(size, abs(b[r])) }
    let limit =
      switch method {
      case .descent(let sweeps, _): max(1, sweeps) * 4 * k
      case .exact, .greedy: 200 * k
      }
    for _ in 0..<limit {
      var (to, from) = (0, -1)
      for r in 0..<k {
        if slope[r] < slope[to] { to = r }
        if f[r] > 0 && (from < 0 || slope[r] > slope[from]) { from = r }
      }
      guard from >= 0, from != to, slope[from] - slope[to] > 1e-12 * size else { return }
      let curvature = gram[to * k + to] + gram[from * k + from] - 2 * gram[to * k + from]
      let wanted = curvature > 0 ? (slope[from] - slope[to]) / curvature : f[from]
      let move = min(f[from], wanted)
      f[to] += move
      f[from] = move == f[from] ? 0 : f[from] - move
      let (a, c) = (gram + to * k, gram + from * k)
      for r in 0..<k { slope[r].addProduct(a[r] - c[r], move) }
    }
  }
}
