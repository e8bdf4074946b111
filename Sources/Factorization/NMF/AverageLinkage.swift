import Matrices

/// The tree that joins, again and again, the two clusters with the smallest mean distance between
/// their members (UPGMA), by chains of nearest neighbours (Murtagh 1983): n² steps.
struct AverageLinkage {
  private struct Join {
    var a: Int
    var b: Int
    var height: Double
  }

  private let count: Int
  /// In the order of their heights.
  private var joins: [Join] = []

  init(_ distances: Matrix) {
    count = distances.rows
    var between = distances.elements
    var size = [Int](repeating: 1, count: count)
    // Which cluster of the tree stands at a place: the place itself, or a join.
    var active = Array(0..<count)
    var chain: [Int] = []
    while active.count > 1 {
      if chain.isEmpty, let first = active.first { chain.append(first) }
      guard let tip = chain.last else { break }
      let earlier = chain.count > 1 ? chain[chain.count - 2] : -1
      var nearest = earlier
      var least = earlier >= 0 ? between[tip * count + earlier] : .infinity
      for other in active where other != tip && between[tip * count + other] < least {
        (nearest, least) = (other, between[tip * count + other])
      }
      guard nearest == earlier else {
        chain.append(nearest)
        continue
      }
      chain.removeLast(2)
      let (kept, gone) = (min(tip, nearest), max(tip, nearest))
      joins.append(Join(a: kept, b: gone, height: least))
      let (p, q) = (Double(size[kept]), Double(size[gone]))
      for other in active where other != kept && other != gone {
        let mean =
          (p * between[kept * count + other] + q * between[gone * count + other]) / (p + q)
        between[kept * count + other] = mean
        between[other * count + kept] = mean
      }
      size[kept] += size[gone]
      active.removeAll { $0 == gone }
    }
    // Joins found along a chain are not in order; equal heights keep theirs.
    joins = joins.enumerated().sorted { ($0.1.height, $0.0) < ($1.1.height, $1.0) }.map(\.1)
  }

  /// The members of the clusters after the first `joined` joins, by a member of each.
  private func members(after joined: Int) -> [[Int]] {
    var groups = (0..<count).map { [$0] }
    var home = Array(0..<count)
    for join in joins.prefix(joined) {
      let (a, b) = (home[join.a], home[join.b])
      if a == b { continue }
      for member in groups[b] { home[member] = a }
      groups[a] += groups[b]
      groups[b] = []
    }
    return groups.filter { !$0.isEmpty }
  }

  /// The rows in the order in which the tree puts them.
  var order: [Int] { members(after: joins.count).flatMap { $0 } }

  /// The cluster of every row when the tree is cut into so many, numbered by their first rows.
  func clusters(_ wanted: Int) -> [Int] {
    let groups = members(after: max(0, count - wanted)).sorted {
      ($0.min() ?? 0) < ($1.min() ?? 0)
    }
    var result = [Int](repeating: 0, count: count)
    for (number, group) in groups.enumerated() { for row in group { result[row] = number } }
    return result
  }

  /// The height at which two rows come together.
  var cophenetic: Matrix {
    var result = Matrix.zeros(count, count)
    var groups = (0..<count).map { [$0] }
    var home = Array(0..<count)
    for join in joins {
      let (a, b) = (home[join.a], home[join.b])
      if a == b { continue }
      result.replace(rows: groups[a], columns: groups[b], with: Matrix(join.height))
      result.replace(rows: groups[b], columns: groups[a], with: Matrix(join.height))
      for member in groups[b] { home[member] = a }
      groups[a] += groups[b]
      groups[b] = []
    }
    return result
  }
}
