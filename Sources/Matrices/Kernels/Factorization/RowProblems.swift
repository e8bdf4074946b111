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
  /// The squared length of an entry that rounding alone may leave of it: one of which the others
  /// leave no more is one of theirs.
  private let least: UnsafeMutablePointer<Double>
  /// The same as a part of its squared length.
  private let rounding: Double
  /// What rounding may leave of a slope that is 0, as a part of what it is the sum of.
  private let flatness: Double
  private var passive: [Bool]
  /// The passive entries of which `root` is the factor.
  private var factored: [Int] = []
  /// The same in the order of the rows of `root`.
  private var order: [Int] = []
  private var isFactored = false

  /// `precision` is that of the numbers that G and b come from.
  init(_ k: Int, _ method: RowMethod, _ terms: FactorTerms, _ precision: Precision) {
    self.k = k
    // Where nothing holds entries at 0, those of nearly equal parts would grow against each other.
    let digits = precision == .single ? 1e-5 : terms.lowest == -.infinity ? 1e-12 : 2e-14
    rounding = max(digits, 2 * Double(k) * precision.epsilon)
    flatness = precision == .single ? 1e-6 : 1e-12
    self.method = method
    self.terms = terms
    let size = max(k, 1)
    gram = .allocate(capacity: size * size)
    least = .allocate(capacity: size)
    root = .allocate(capacity: size * size)
    f = .allocate(capacity: size)
    start = .allocate(capacity: size)
    b = .allocate(capacity: size)
    slope = .allocate(capacity: size)
    work = .allocate(capacity: size)
    passive = [Bool](repeating: false, count: k)
  }

  func deallocate() {
    for pointer in [gram, least, root, f, start, b, slope, work] { pointer.deallocate() }
  }

  /// Takes G and adds the quadratic terms. Where G is what is left of a larger one, `whole`, the
  /// rounding of that one is in it.
  func setGram<S: Scalar>(_ given: UnsafePointer<S>, leftOf whole: UnsafePointer<S>? = nil) {
    for i in 0..<k * k { gram[i] = Double(given[i]) + terms.orthogonality }
    for r in 0..<k {
      gram[r * k + r] += terms.l2 - terms.orthogonality
      least[r] = rounding * max(gram[r * k + r], whole.map { Double($0[r * k + r]) } ?? 0, 0)
    }
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
        guard diagonal > least[r] else { continue }
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
    if terms.lowest == -.infinity {
      // Nothing holds the entries: one system of equations.
      for r in 0..<k { passive[r] = isHeld(r) }
      return solvePassive()
    }
    for r in 0..<k { passive[r] = f[r] > 0 && isHeld(r) }
    var (best, chances) = (k + 1, 3)
    for _ in 0..<5 * max(k, 20) {
      solvePassive()
      var wrong = 0
      for r in 0..<k {
        if passive[r] {
          work[r] = f[r] < 0 ? 1 : 0
        } else {
          work[r] = isHeld(r) && isFalling(r) ? 1 : 0
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
    let places = (0..<k).filter { passive[$0] }
    if !isFactored || places != factored {
      order = places
      if !factor() { factorByDistance() }
      factored = places
      isFactored = true
    }
    let n = order.count
    for r in 0..<k { f[r] = 0 }
    for i in 0..<n {
      var sum = b[order[i]]
      for p in 0..<i { sum.addProduct(-root[i * k + p], work[p]) }
      work[i] = sum / root[i * k + i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      var sum = work[i]
      for p in i + 1..<max(n, i + 1) { sum.addProduct(-root[p * k + i], work[p]) }
      work[i] = sum / root[i * k + i]
    }
    for i in 0..<n { f[order[i]] = work[i] }
  }

  /// Whether the slope is below 0 by more than rounding of its parts, whatever their sizes.
  private func isFalling(_ r: Int) -> Bool {
    let fall = b[r] - coupled(r)
    guard fall > flatness * abs(b[r]) else { return false }
    var sum = abs(b[r])
    for s in 0..<k { sum += abs(gram[r * k + s] * f[s]) }
    return fall > flatness * sum
  }

  /// Whether more than rounding says how long the entry is.
  private func isHeld(_ r: Int) -> Bool { gram[r * k + r] > least[r] }

  /// Cholesky's factor of G for the passive entries; false where one of them is, to rounding, one of
  /// those before.
  private func factor() -> Bool {
    for i in order.indices {
      let own = root + i * k
      for j in 0...i {
        var sum = gram[order[i] * k + order[j]]
        let other = root + j * k
        for p in 0..<j { sum.addProduct(-own[p], other[p]) }
        if i == j {
          guard sum > least[order[i]] else { return false }
          own[i] = sum.squareRoot()
        } else {
          own[j] = sum / other[j]
        }
      }
    }
    return true
  }

  /// The same, every time the entry next that stands farthest from those before, as a part of its
  /// length, so that lengths do not matter. An entry that others can stand for would be anything:
  /// its root is endless, so that it is 0 and they stand for it.
  private func factorByDistance() {
    var rest = order.map { gram[$0 * k + $0] }
    for i in order.indices {
      let next =
        (i..<order.count).max { rest[$0] / least[order[$0]] < rest[$1] / least[order[$1]] } ?? i
      order.swapAt(i, next)
      rest.swapAt(i, next)
      let own = root + i * k
      for p in 0..<i { (own[p], root[next * k + p]) = (root[next * k + p], own[p]) }
      own[i] = rest[i] > least[order[i]] ? rest[i].squareRoot() : .infinity
      for j in i + 1..<max(order.count, i + 1) {
        let other = root + j * k
        var sum = gram[order[j] * k + order[i]]
        for p in 0..<i { sum.addProduct(-own[p], other[p]) }
        other[i] = sum / own[i]
        rest[j] -= other[i] * other[i]
      }
    }
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
      // Rounding of the sum must not leave the limits.
      f[place] = min(terms.highest, max(terms.lowest, f[place] + move))
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
      guard from >= 0, from != to, slope[from] - slope[to] > flatness * size else { return }
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
