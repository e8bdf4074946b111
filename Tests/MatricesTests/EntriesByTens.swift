import Matrices

extension ObservedEntries {
  /// 40 rows of 30 columns with 0, 1, 2, … 9 entries and again from 0, each between 1 and
  /// `1 + spread`.
  static func byTens(_ random: inout Random, spread: Double) -> ObservedEntries {
    var (rows, columns, values): ([Int32], [Int32], [Double]) = ([], [], [])
    for row in 0..<40 {
      for column in random.permutation(30).prefix(row % 10) {
        rows.append(Int32(row))
        columns.append(Int32(column))
        values.append(1 + spread * random.uniform())
      }
    }
    return ObservedEntries(Shape(40, 30), rows: rows, columns: columns, values: values)
  }
}
