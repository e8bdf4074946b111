import Glibc
import Matrices

/// How well a model ranks what users turned out to like, each user against the full catalogue
/// without what was known in training. Means over the users who liked something.
package struct Ranking: Sendable {
  /// Users that count: known in training, with something relevant.
  package private(set) var users = 0
  /// The part of the first n that is relevant.
  package private(set) var precision = 0.0
  /// The part of what is relevant that is among the first n.
  package private(set) var recall = 0.0
  /// The mean over hits of the precision up to them, in the first n.
  package private(set) var averagePrecision = 0.0
  /// `Σ 1 / log₂(1 + rank)` over hits in the first n, as part of the best possible (Järvelin &
  /// Kekäläinen, TOIS 2002).
  package private(set) var gain = 0.0
  /// One over the rank of the first hit, anywhere.
  package private(set) var reciprocalRank = 0.0
  /// The chance that a relevant item ranks above another.
  package private(set) var area = 0.0
  /// The part of the catalogue that somebody has among the first n.
  package private(set) var coverage = 0.0

  /// What one user adds.
  private struct Part: Sendable {
    var first: [Int]
    var ranks: [Int]
    var relevant: Int
    var candidates: Int
  }

  /// What a user is to find, each item once.
  private struct Wanted {
    /// Items of training.
    var known = Set<Int>()
    /// Items of the test table that training has never seen.
    var unknown = Set<Int32>()

    var count: Int { known.count + unknown.count }
  }

  /// Entries of the test table of at least `threshold` are relevant, but for items that the user has
  /// rated in training, which nobody recommends again. Items that training has never seen cannot be
  /// ranked: they count as missed.
  package init(
    _ model: RatingsModel, _ test: RatingsTable, first n: Int, threshold: Double = -.infinity
  ) {
    var relevant: [Int: Wanted] = [:]
    let entries = test.entries
    let rows = test.users.all.map { model.table.users[$0] }
    let columns = test.items.all.map { model.table.items[$0] }
    for place in 0..<entries.count where entries.values[place] >= threshold {
      guard let row = rows[Int(entries.rows[place])] else { continue }
      let own = entries.columns[place]
      if let column = columns[Int(own)] {
        relevant[row, default: Wanted()].known.insert(column)
      } else {
        relevant[row, default: Wanted()].unknown.insert(own)
      }
    }
    var shown = Set<Int>()
    for (row, wanted) in relevant.sorted(by: { $0.key < $1.key }) {
      if Interrupt.isRequested { break }
      let part = Self.part(model, row, wanted, first: n)
      guard part.candidates > 0, part.relevant > 0 else { continue }
      shown.formUnion(part.first)
      add(part, first: n)
    }
    if users > 0 {
      precision /= Double(users)
      recall /= Double(users)
      averagePrecision /= Double(users)
      gain /= Double(users)
      reciprocalRank /= Double(users)
      area /= Double(users)
    }
    coverage = Double(shown.count) / Double(max(model.table.items.count, 1))
  }

  private static func part(
    _ model: RatingsModel, _ row: Int, _ wanted: Wanted, first n: Int
  ) -> Part {
    let scores = model.scores(of: row)
    let seen = Set(model.table.entries.columns(ofRow: row).map(Int.init))
    var wanted = wanted
    wanted.known.subtract(seen)
    let candidates = scores.indices.filter { !seen.contains($0) }
    // Ties go to the item that came first.
    let order = candidates.sorted { (scores[$0], $1) > (scores[$1], $0) }
    return Part(
      first: Array(order.prefix(n)),
      ranks: order.indices.filter { wanted.known.contains(order[$0]) }.map { $0 + 1 },
      relevant: wanted.count, candidates: candidates.count)
  }

  private mutating func add(_ part: Part, first n: Int) {
    users += 1
    let hits = part.ranks.filter { $0 <= n }
    let best = min(part.relevant, n)
    precision += Double(hits.count) / Double(n)
    recall += Double(hits.count) / Double(part.relevant)
    averagePrecision +=
      hits.enumerated().reduce(0) { $0 + Double($1.offset + 1) / Double($1.element) }
      / Double(best)
    gain +=
      hits.reduce(0) { $0 + 1 / log2(Double($1) + 1) }
      / (1...best).reduce(0) { $0 + 1 / log2(Double($1) + 1) }
    reciprocalRank += part.ranks.first.map { 1 / Double($0) } ?? 0
    // Pairs in the right order; what training has never seen is below everything.
    let others = part.candidates - part.ranks.count
    let above = part.ranks.enumerated().reduce(0) { $0 + others - ($1.element - 1 - $1.offset) }
    area += others > 0 ? Double(above) / Double(others * part.relevant) : 1
  }
}
