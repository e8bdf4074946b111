import Matrices
import Training
import Vocabulary

/// What `mf` makes of ratings: `r ≈ mean + p·q + b + c` in the identifiers of the caller, or the
/// preference `p·q` of implicit ones.
package final class RatingsModel: Object {
  /// `[p, b, 1]` of every user, `[q, 1, c]` of every item.
  package let factors: RatingsFactors
  /// Every pair of known user and item once.
  package let table: RatingsTable
  package let options: MFOptions
  package let method: RatingsMethod
  package let origin: Origin

  /// What training said, kept when users or items are added later.
  package struct Origin: Sendable {
    /// What was taken off every rating.
    package var mean: Double
    /// The mean and the bounds of the ratings, and how many.
    package var average: Double
    package var range: ClosedRange<Double>
    package var count: Int
    /// The root of the mean squared error over the ratings; the objective of implicit ones.
    package var error: Double
    package var history: Record
    package var outcome: TrainingOutcome
    /// What users have given away, where they were protected.
    package var privacy: PrivacyLedger?
  }

  init(
    _ factors: RatingsFactors, of table: RatingsTable, _ options: MFOptions,
    _ method: RatingsMethod, origin: Origin
  ) {
    self.factors = factors
    self.table = table
    self.options = options
    self.method = method
    self.origin = origin
  }

  /// Runs the loop on the ratings and keeps what it found. A pair that is there several times counts
  /// once, with the mean of its ratings, or the sum of implicit ones.
  package static func fit(
    _ given: RatingsTable, _ options: MFOptions, by method: RatingsMethod? = nil,
    loop: TrainingLoop
  ) throws -> RatingsModel {
    let isImplicit = options.implicit != nil
    let method = method ?? .usual(isImplicit ? .implicit : .explicit)
    let table = given.merging(isImplicit ? .sum : .mean)
    let task = RatingsTask(table.entries, mean: table.mean, options)
    var process = RatingsProcess(task, by: method)
    let recorder = Recorder()
    var loop = loop
    loop.observers.append(recorder)
    let outcome = try loop.run(&process)
    let steps = recorder.steps
    let history = Record([
      ("iteration", .matrix(Matrix(column: steps.map { Double($0.index) }))),
      (isImplicit ? "loss" : "rmse", .matrix(Matrix(column: steps.map(\.objective)))),
      ("seconds", .matrix(Matrix(column: steps.map(\.seconds)))),
    ])
    let release = process.release
    // The bounds of the ratings are somebody's ratings.
    let range = options.range ?? (release == nil ? table.range : -.infinity ... .infinity)
    return RatingsModel(
      process.factors, of: table, options, method,
      origin: Origin(
        mean: release?.mean ?? task.mean, average: release?.mean ?? table.mean, range: range,
        count: given.entries.count, error: steps.last?.objective ?? .nan, history: history,
        outcome: outcome, privacy: release?.ledger))
  }

  package var isImplicit: Bool { options.implicit != nil }
  private var factorPlaces: [Int] { Array(0..<options.rank) }

  /// The factors of the users: users×k.
  package var w: Matrix { factors.users.selecting(columns: factorPlaces) }
  /// The factors of the items: items×k.
  package var ht: Matrix { factors.items.selecting(columns: factorPlaces) }
  package var error: Double { origin.error }

  /// A rating within the range of those of training. An unknown user or item counts as an average
  /// one: what is known of the other side remains. Of implicit ratings the preference, 0 for
  /// strangers.
  package func prediction(_ user: Identifier, _ item: Identifier) -> Double {
    let (row, column) = (table.users[user], table.items[item])
    let value: Double
    switch (row, column) {
    case (let row?, let column?): value = origin.mean + product(row, column)
    case (let row?, nil): value = origin.mean + factors.users[row, options.rank]
    case (nil, let column?): value = origin.mean + itemBias(column)
    case (nil, nil): value = origin.mean
    }
    if isImplicit { return value }
    // Without biases nothing is known of a stranger but the average of all.
    let known = options.bias || row != nil && column != nil
    return clipped(known ? value : origin.average)
  }

  /// `p·q + b + c`.
  func product(_ row: Int, _ column: Int) -> Double {
    factors.users.rows(in: row..<row + 1).dot(factors.items.rows(in: column..<column + 1))
  }

  func itemBias(_ column: Int) -> Double { factors.items[column, options.rank + 1] }

  /// Whether both sides of a pair are known to the model.
  package func knows(_ user: Identifier, _ item: Identifier) -> Bool {
    table.users[user] != nil && table.items[item] != nil
  }

  /// Within the ratings of training; a preference is not a rating.
  func clipped(_ value: Double) -> Double {
    if isImplicit { return value }
    return min(max(value, origin.range.lowerBound), origin.range.upperBound)
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
    for (place, product) in zip(places, pairs.products(factors.users, factors.items)) {
      result[place] = clipped(origin.mean + product)
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
      let products = factors.items * factors.users.rows(in: row..<row + 1).transposed
      return (products + origin.mean).elements
    }
    if isImplicit {
      return (factors.items * factors.users.reduced(.mean, along: .rows).transposed).elements
    }
    return options.bias
      ? (factors.items.selecting(columns: [options.rank + 1]) + origin.mean).elements
      : [Double](repeating: origin.average, count: table.items.count)
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
