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
    var places: [Int64: Int] = [:]
    var (rows, columns, values, counts): ([Int32], [Int32], [Double], [Int]) = ([], [], [], [])
    for index in 0..<entries.count {
      let (row, column, value) = (
        entries.rows[index], entries.columns[index], entries.values[index]
      )
      let key = Int64(row) << 32 | Int64(column)
      if let place = places[key] {
        values[place] = repetition == .last ? value : values[place] + value
        counts[place] += 1
        continue
      }
      places[key] = values.count
      rows.append(row)
      columns.append(column)
      values.append(value)
      counts.append(1)
    }
    if repetition == .mean { values = zip(values, counts).map { $0 / Double($1) } }
    return RatingsTable(
      users: users, items: items,
      entries: ObservedEntries(entries.shape, rows: rows, columns: columns, values: values))
  }
}
