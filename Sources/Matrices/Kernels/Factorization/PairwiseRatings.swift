import Glibc

/// What was chosen against what was not: for every entry (u, i) of an epoch one item j that u has not
/// chosen, and a step up the slope of `ln σ(x) − ½ λ (‖p‖² + ‖q_i‖² + ‖q_j‖² + c_i² + c_j²)` with
/// `x = p·(q_i − q_j) + c_i − c_j` (BPR: Rendle, Freudenthaler, Gantner & Schmidt-Thieme, UAI 2009).
/// i and j are of one group of items, and groups are drawn anew for every epoch, so that blocks can
/// be worked on at the same time: see `RatingGrid`.
package struct PairwiseRatings: Sendable {
  private let entries: ObservedEntries
  /// The items of every user in ascending order.
  private let chosen: [[Int32]]
  private var users: StochasticSide
  private var items: StochasticSide
  private let rate: Float
  private let penalty: Float
  private let hasBias: Bool
  private var random: Random

  package init(
    _ entries: ObservedEntries, users: Matrix, items: Matrix, rank: Int, rate: Double,
    penalty: Double, hasBias: Bool, _ random: Random
  ) {
    self.entries = entries
    chosen = (0..<entries.shape.rows).map { entries.columns(ofRow: $0).sorted() }
    self.users = StochasticSide(users, rank: rank, bias: rank)
    self.items = StochasticSide(items, rank: rank, bias: rank + 1)
    (self.rate, self.penalty, self.hasBias) = (Float(rate), Float(penalty), hasBias)
    self.random = random
  }

  package var factors: (users: Matrix, items: Matrix) {
    (
      users.matrix(bias: users.rank, one: users.rank + 1, hasBias: hasBias),
      items.matrix(bias: users.rank + 1, one: users.rank, hasBias: hasBias)
    )
  }

  /// Every entry once, in a new order. Returns the mean of `−ln σ(x)` before the steps.
  package mutating func sweep() -> Double {
    if !isKnownUniquelyReferenced(&users) { users = users.copied() }
    if !isKnownUniquelyReferenced(&items) { items = items.copied() }
    let shape = entries.shape
    // A group without a second item has nothing to compare with.
    let size = max(1, min(RatingGrid.size(shape), shape.columns / 8))
    let rowGroups = RatingGrid.groups(shape.rows, size, &random)
    let columnGroups = RatingGrid.groups(shape.columns, size, &random)
    let grid = RatingGrid(
      size, rows: entries.rows, columns: entries.columns, rowGroups: rowGroups,
      columnGroups: columnGroups, order: random.permutation(entries.count))
    var members = [[Int32]](repeating: [], count: size)
    for (item, group) in columnGroups.enumerated() { members[Int(group)].append(Int32(item)) }
    let seed = random.next()
    var losses = [SIMD2<Double>](repeating: .zero, count: size * size)
    losses.withUnsafeMutableBufferPointer { losses in
      guard let losses = losses.baseAddress else { return }
      grid.forEachBlock { block, places in
        var draw = Random(seed: seed, stream: UInt32(block))
        let candidates = members[block % size]
        for place in places {
          let entry = Int(grid.order[place])
          let (user, item) = (Int(entries.rows[entry]), Int(entries.columns[entry]))
          guard let other = Self.other(than: chosen[user], among: candidates, &draw) else {
            continue
          }
          losses[block] += SIMD2(step(user, item, other), 1)
        }
      }
    }
    let total = losses.reduce(SIMD2<Double>.zero, +)
    return total.y > 0 ? total.x / total.y : 0
  }

  /// An item that is not among the chosen, if one is found in some tries.
  private static func other(
    than chosen: [Int32], among candidates: [Int32], _ random: inout Random
  ) -> Int? {
    for _ in 0..<32 {
      let item = candidates[random.below(candidates.count)]
      var (low, high) = (0, chosen.count)
      while low < high {
        let middle = (low + high) / 2
        if chosen[middle] < item { low = middle + 1 } else { high = middle }
      }
      if low == chosen.count || chosen[low] != item { return Int(item) }
    }
    return nil
  }

  /// One step. Returns `−ln σ(x)` before it.
  @inline(__always)
  private func step(_ user: Int, _ item: Int, _ other: Int) -> Double {
    let stride = users.stride
    let p = users.factor + user * stride
    let (q, r) = (items.factor + item * stride, items.factor + other * stride)
    let x =
      StochasticSide.dot(UnsafePointer(p), UnsafePointer(q), stride)
      - StochasticSide.dot(UnsafePointer(p), UnsafePointer(r), stride)
      + items.bias[item] - items.bias[other]
    let pull = 1 / (1 + expf(x))
    var c = 0
    while c < stride {
      let a: SIMD16<Float> = load(UnsafePointer(p), c)
      let b: SIMD16<Float> = load(UnsafePointer(q), c)
      let d: SIMD16<Float> = load(UnsafePointer(r), c)
      store(a + rate * (pull * (b - d) - penalty * a), p, c)
      store(b + rate * (pull * a - penalty * b), q, c)
      store(d - rate * (pull * a + penalty * d), r, c)
      c += 16
    }
    if hasBias {
      items.bias[item] += rate * (pull - penalty * items.bias[item])
      items.bias[other] -= rate * (pull + penalty * items.bias[other])
    }
    return Double(max(-x, 0) + log1pf(expf(-abs(x))))
  }
}
