/// Ratings by stochastic gradient descent: entry after entry,
/// `e = r − mean − b − c − p·q`, `p += η (e q − λ p)`, `q += η (e p − λ q)` and likewise the biases,
/// with one step length a vector, `η = rate / √G`, where G sums up `‖gradient‖² / k` (LIBMF: Chin,
/// Zhuang, Juan & Lin, TIST 2015). Blocks that share no line are worked on at the same time: see
/// `RatingGrid`.
package struct StochasticRatings: Sendable {
  private let grid: RatingGrid
  private let rows: [Int32]
  private let columns: [Int32]
  private let values: [Float]
  private var users: StochasticSide
  private var items: StochasticSide
  private let layout: StochasticLayout
  private let hasBias: Bool

  /// Penalties an entry of the factors and biases of every line; the start has layout `[p, b, 1]`
  /// and `[q, 1, c]`. Groups of lines and the order of entries are drawn from `random`.
  package init(
    _ entries: ObservedEntries, mean: Double, users: Matrix, items: Matrix, rank: Int, rate: Double,
    userPenalties: [Double], itemPenalties: [Double], biasShare: Double, hasBias: Bool,
    isNonnegative: Bool, _ random: Random
  ) {
    var random = random
    let size = RatingGrid.size(entries.shape)
    let groups = [entries.shape.rows, entries.shape.columns].map {
      RatingGrid.groups($0, size, &random)
    }
    grid = RatingGrid(
      size, rows: entries.rows, columns: entries.columns, rowGroups: groups[0],
      columnGroups: groups[1], order: random.permutation(entries.count))
    rows = grid.order.map { entries.rows[Int($0)] }
    columns = grid.order.map { entries.columns[Int($0)] }
    values = grid.order.map { Float(entries.values[Int($0)] - mean) }
    self.users = StochasticSide(users, rank: rank, bias: rank)
    self.items = StochasticSide(items, rank: rank, bias: rank + 1)
    self.hasBias = hasBias
    layout = StochasticLayout(
      rate: Float(rate), userPenalties: userPenalties.map { Float($0) },
      itemPenalties: itemPenalties.map { Float($0) }, biasShare: Float(biasShare),
      hasBias: hasBias, isNonnegative: isNonnegative)
  }

  package var factors: (users: Matrix, items: Matrix) {
    (
      users.matrix(bias: users.rank, one: users.rank + 1, hasBias: hasBias),
      items.matrix(bias: users.rank + 1, one: users.rank, hasBias: hasBias)
    )
  }

  /// Every entry once.
  package mutating func sweep() {
    if !isKnownUniquelyReferenced(&users) { users = users.copied() }
    if !isKnownUniquelyReferenced(&items) { items = items.copied() }
    let (users, items, layout) = (users, items, layout)
    rows.withUnsafeBufferPointer { rows in
      columns.withUnsafeBufferPointer { columns in
        values.withUnsafeBufferPointer { values in
          grid.forEachBlock { _, entries in
            for entry in entries {
              layout.step(users, items, Int(rows[entry]), Int(columns[entry]), values[entry])
            }
          }
        }
      }
    }
  }
}

/// What a step depends on besides the factors.
private struct StochasticLayout: Sendable {
  let rate: Float
  let userPenalties: [Float]
  let itemPenalties: [Float]
  let biasShare: Float
  let hasBias: Bool
  let isNonnegative: Bool

  @inline(__always)
  func step(
    _ users: StochasticSide, _ items: StochasticSide, _ row: Int, _ column: Int, _ value: Float
  ) {
    let stride = users.stride
    let (p, q) = (users.factor + row * stride, items.factor + column * stride)
    let (a, b) = (userPenalties[row], itemPenalties[column])
    let known = StochasticSide.dot(UnsafePointer(p), UnsafePointer(q), stride)
    let rest = value - known - users.bias[row] - items.bias[column]
    let (userSums, itemSums) = (users.sums[row], items.sums[column])
    let userRate = rate / userSums.x.squareRoot()
    let itemRate = rate / itemSums.x.squareRoot()
    var (userSquares, itemSquares) = (SIMD16<Float>.zero, SIMD16<Float>.zero)
    var c = 0
    while c < stride {
      let x: SIMD16<Float> = load(UnsafePointer(p), c)
      let y: SIMD16<Float> = load(UnsafePointer(q), c)
      let slopeX = rest * y - a * x
      let slopeY = rest * x - b * y
      userSquares.addProduct(slopeX, slopeX)
      itemSquares.addProduct(slopeY, slopeY)
      var (newX, newY) = (x + userRate * slopeX, y + itemRate * slopeY)
      if isNonnegative {
        newX.replace(with: 0, where: newX .< 0)
        newY.replace(with: 0, where: newY .< 0)
      }
      store(newX, p, c)
      store(newY, q, c)
      c += 16
    }
    let share = 1 / Float(max(users.rank, 1))
    users.sums[row].x = userSums.x + share * userSquares.sum()
    items.sums[column].x = itemSums.x + share * itemSquares.sum()
    guard hasBias else { return }
    let slopeB = rest - a * biasShare * users.bias[row]
    let slopeC = rest - b * biasShare * items.bias[column]
    users.bias[row] += rate / userSums.y.squareRoot() * slopeB
    items.bias[column] += rate / itemSums.y.squareRoot() * slopeC
    users.sums[row].y = userSums.y + slopeB * slopeB
    items.sums[column].y = itemSums.y + slopeC * slopeC
  }
}
