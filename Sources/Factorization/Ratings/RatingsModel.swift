import Matrices
import Training
import Vocabulary

/// What `mf` makes of ratings: `r ≈ mean + p·q + b + c` in the identifiers of the caller, or the
/// preference `p·q` of implicit ones.
package final class RatingsModel: Object {
  /// `[p, b, 1]` of every user, `[q, 1, c]` of every item.
  let userRows: Matrix
  let itemRows: Matrix
  package let table: RatingsTable
  package let options: MFOptions
  package let mean: Double
  /// The root of the mean squared error over the ratings of training; the objective of implicit ones.
  package let error: Double
  package let history: Record
  package let iterations: Int
  package let reason: StopReason
  package let seconds: Double

  init(
    users: Matrix, items: Matrix, _ table: RatingsTable, _ options: MFOptions, recorder: Recorder,
    outcome: TrainingOutcome
  ) {
    userRows = users
    itemRows = items
    self.table = table
    self.options = options
    mean = options.bias && options.implicit == nil ? table.mean : 0
    let steps = recorder.steps
    error = steps.last?.objective ?? .nan
    history = Record([
      ("iteration", .matrix(Matrix(column: steps.map { Double($0.index) }))),
      (
        options.implicit == nil ? "rmse" : "loss",
        .matrix(Matrix(column: steps.map(\.objective)))
      ), ("seconds", .matrix(Matrix(column: steps.map(\.seconds)))),
    ])
    iterations = outcome.steps
    reason = outcome.reason
    seconds = outcome.seconds
  }

  /// Runs the loop on the ratings and keeps what it found.
  package static func fit(_ table: RatingsTable, _ options: MFOptions, loop: TrainingLoop) throws
    -> RatingsModel
  {
    let recorder = Recorder()
    var loop = loop
    loop.observers.append(recorder)
    if let implicit = options.implicit {
      var process = ImplicitProcess(table.entries, options, implicit)
      let outcome = try loop.run(&process)
      // There are no biases: their columns are 0.
      let sides = [process.users, process.items].map {
        Matrix.besides([$0.converted(to: .double), .zeros($0.rows, 2)])
      }
      return RatingsModel(
        users: sides[0], items: sides[1], table, options, recorder: recorder, outcome: outcome)
    }
    var process = RatingsProcess(table.entries, mean: table.mean, options)
    let outcome = try loop.run(&process)
    return RatingsModel(
      users: process.users, items: process.items, table, options, recorder: recorder,
      outcome: outcome)
  }

  private var factorPlaces: [Int] { Array(0..<options.rank) }

  /// The factors of the users: users×k.
  package var w: Matrix { userRows.selecting(columns: factorPlaces) }
  /// The factors of the items: items×k.
  package var ht: Matrix { itemRows.selecting(columns: factorPlaces) }

  /// A rating within the range of those of training. An unknown user or item counts as an average
  /// one: what is known of the other side remains. Of implicit ratings the preference, 0 for
  /// strangers.
  package func prediction(_ user: Identifier, _ item: Identifier) -> Double {
    let (row, column) = (table.users[user], table.items[item])
    let rank = options.rank
    let value: Double
    switch (row, column) {
    case (let row?, let column?):
      value = mean + (userRows.rows(in: row..<row + 1)).dot(itemRows.rows(in: column..<column + 1))
    case (let row?, nil): value = mean + userRows[row, rank]
    case (nil, let column?): value = mean + itemRows[column, rank + 1]
    case (nil, nil): value = mean
    }
    if options.implicit != nil { return value }
    // Without biases nothing is known of a stranger but the average of all.
    let known = options.bias || row != nil && column != nil
    return clipped(known ? value : table.mean)
  }

  /// Within the ratings of training; a preference is not a rating.
  private func clipped(_ value: Double) -> Double {
    if options.implicit != nil { return value }
    return min(max(value, table.range.lowerBound), table.range.upperBound)
  }

  /// The predicted ratings of a table in its order.
  package func predictions(_ other: RatingsTable) -> [Double] {
    let rows = other.users.all.map { table.users[$0] }
    let columns = other.items.all.map { table.items[$0] }
    // Known pairs in one product; the others one by one.
    var (knownRows, knownColumns, places): ([Int32], [Int32], [Int]) = ([], [], [])
    var result = [Double](repeating: 0, count: other.entries.count)
    for place in result.indices {
      let (row, column) = (
        Int(other.entries.rows[place]), Int(other.entries.columns[place])
      )
      if let known = rows[row], let item = columns[column] {
        knownRows.append(Int32(known))
        knownColumns.append(Int32(item))
        places.append(place)
      } else {
        result[place] = prediction(other.users.all[row], other.items.all[column])
      }
    }
    let pairs = ObservedEntries(
      table.entries.shape, rows: knownRows, columns: knownColumns,
      values: [Double](repeating: 0, count: places.count))
    for (place, product) in zip(places, pairs.products(userRows, itemRows)) {
      result[place] = clipped(mean + product)
    }
    return result
  }

  /// The items with the highest predictions, best first; without those that the user has rated if
  /// these are to be left out.
  package func recommendations(for user: Identifier, count: Int, excludesSeen: Bool = true)
    -> [(Identifier, Double)]
  {
    let row = table.users[user]
    let scores = scores(of: row)
    let seen = excludesSeen ? row.map { Set(table.entries.columns(ofRow: $0)) } ?? [] : []
    let order = scores.indices.filter { !seen.contains(Int32($0)) }
      .sorted { (scores[$0], $1) > (scores[$1], $0) }
    return order.prefix(count).map { (table.items.all[$0], clipped(scores[$0])) }
  }

  /// The predictions for every item, without bounds. A stranger, `nil`, likes what is liked by
  /// everybody: by the biases, or, of implicit ratings, on average.
  package func scores(of row: Int?) -> [Double] {
    if let row {
      return (itemRows * userRows.rows(in: row..<row + 1).transposed + mean).elements
    }
    if options.implicit != nil {
      return (itemRows * userRows.reduced(.mean, along: .rows).transposed).elements
    }
    return options.bias
      ? (itemRows.selecting(columns: [options.rank + 1]) + mean).elements
      : [Double](repeating: table.mean, count: table.items.count)
  }

  /// The items whose factors point in the most similar direction, by the cosine.
  package func similar(to item: Int, count: Int) -> [(Identifier, Double)] {
    let factors = ht
    let squares = factors.reduced(.sumOfSquares, along: .columns).elements
    let products = (factors * factors.rows(in: item..<item + 1).transposed).elements
    let cosines = products.indices.map { other in
      let length = (squares[other] * squares[item]).squareRoot()
      return length > 0 ? products[other] / length : 0
    }
    let order = cosines.indices.filter { $0 != item }
      .sorted { (cosines[$0], $1) > (cosines[$1], $0) }
    return order.prefix(count).map { (table.items.all[$0], cosines[$0]) }
  }
}
