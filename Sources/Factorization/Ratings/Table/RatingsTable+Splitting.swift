import Matrices
import Vocabulary

extension RatingsTable: Splitting {
  package static let waysToSplit = ["random", "user", "last"]

  /// Two tables of the ratings: of all at random, of each user's at random, or of each user the
  /// later ones, as the table has them, in the second. A user's part has at least one rating of
  /// several; the first part keeps those of users with a single one.
  package func split(_ fraction: Double, by way: String, _ random: Random) throws
    -> (Value, Value)
  {
    var random = random
    var isFirst = [Bool](repeating: true, count: entries.count)
    if way == "random" {
      guard entries.count >= 2 else {
        throw Problem(.value, "at least two ratings are needed", at: "X", label: "1 rating")
      }
      let count = min(max(Int((Double(entries.count) * fraction).rounded()), 1), entries.count - 1)
      for place in random.permutation(entries.count).dropFirst(count) { isFirst[place] = false }
    } else {
      var places = [[Int]](repeating: [], count: users.count)
      for place in 0..<entries.count { places[Int(entries.rows[place])].append(place) }
      guard places.contains(where: { $0.count >= 2 }) else {
        throw Problem(
          .value, "some user needs at least two ratings", at: "X", label: "one rating each",
          help: "by=\"random\" parts all ratings together")
      }
      for mine in places where mine.count >= 2 {
        let count = min(max(Int((Double(mine.count) * fraction).rounded()), 1), mine.count - 1)
        let order = way == "last" ? Array(mine.indices) : random.permutation(mine.count)
        for index in order.dropFirst(count) { isFirst[mine[index]] = false }
      }
    }
    let first = isFirst.indices.filter { isFirst[$0] }
    let rest = isFirst.indices.filter { !isFirst[$0] }
    return (selecting(first).value, selecting(rest).value)
  }

  /// The ratings at some places, in that order.
  private func selecting(_ places: [Int]) -> RatingsTable {
    let (users, rows) = users.renumbered(places.map { entries.rows[$0] })
    let (items, columns) = items.renumbered(places.map { entries.columns[$0] })
    return RatingsTable(
      users: users, items: items,
      entries: ObservedEntries(
        Shape(users.count, items.count), rows: rows, columns: columns,
        values: places.map { entries.values[$0] }))
  }
}
