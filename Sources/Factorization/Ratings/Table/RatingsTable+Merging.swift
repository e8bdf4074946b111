import Matrices

extension RatingsTable {
  /// What becomes of a pair of user and item that is there several times.
  package enum Repetition: String, CaseIterable, Sendable {
    case keep, mean, sum, last
  }

  func merging(_ repetition: String) -> RatingsTable {
    merging(Repetition(rawValue: repetition) ?? .keep)
  }

  /// Every pair once, at the place where it came first.
  package func merging(_ repetition: Repetition) -> RatingsTable {
    guard repetition != .keep, entries.hasRepetitions else { return self }
    let first = entries.firstOfEqualPlace
    var place = [Int32](repeating: 0, count: entries.count)
    var (rows, columns, values, counts): ([Int32], [Int32], [Double], [Int]) = ([], [], [], [])
    for index in 0..<entries.count {
      let value = entries.values[index]
      if first[index] < index {
        let old = Int(place[Int(first[index])])
        values[old] = repetition == .last ? value : values[old] + value
        counts[old] += 1
        continue
      }
      place[index] = Int32(values.count)
      rows.append(entries.rows[index])
      columns.append(entries.columns[index])
      values.append(value)
      counts.append(1)
    }
    if repetition == .mean { values = zip(values, counts).map { $0 / Double($1) } }
    return RatingsTable(
      users: users, items: items,
      entries: ObservedEntries(entries.shape, rows: rows, columns: columns, values: values))
  }
}
