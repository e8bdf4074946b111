import Matrices
import Training
import Vocabulary

/// What `mf` makes of ratings: `r ≈ mean + p·q + b + c` in the identifiers of the caller.
package final class RatingsModel: Object {
  /// `[p, b, 1]` of every user, `[q, 1, c]` of every item.
  let userRows: Matrix
  let itemRows: Matrix
  package let table: RatingsTable
  package let options: MFOptions
  package let mean: Double
  /// The root of the mean squared error over the ratings of training.
  package let error: Double
  package let history: Record
  package let iterations: Int
  package let reason: StopReason
  package let seconds: Double

  init(
    _ process: RatingsProcess, _ table: RatingsTable, _ options: MFOptions, history: Record,
    outcome: TrainingOutcome
  ) {
    userRows = process.users
    itemRows = process.items
    self.table = table
    self.options = options
    mean = options.bias ? table.mean : 0
    error = process.errors.last ?? .nan
    self.history = history
    iterations = outcome.steps
    reason = outcome.reason
    seconds = outcome.seconds
  }

  /// Runs the loop on the ratings and keeps what it found.
  package static func fit(_ table: RatingsTable, _ options: MFOptions, loop: TrainingLoop) throws
    -> RatingsModel
  {
    var process = RatingsProcess(table.entries, mean: table.mean, options)
    let recorder = Recorder()
    var loop = loop
    loop.observers.append(recorder)
    let outcome = try loop.run(&process)
    let steps = recorder.steps
    let history = Record([
      ("iteration", .matrix(Matrix(column: steps.map { Double($0.index) }))),
      ("rmse", .matrix(Matrix(column: steps.map(\.objective)))),
      ("seconds", .matrix(Matrix(column: steps.map(\.seconds)))),
    ])
    return RatingsModel(process, table, options, history: history, outcome: outcome)
  }

  private var factorPlaces: [Int] { Array(0..<options.rank) }

  /// The factors of the users: users×k.
  package var w: Matrix { userRows.selecting(columns: factorPlaces) }
  /// The factors of the items: items×k.
  package var ht: Matrix { itemRows.selecting(columns: factorPlaces) }

  /// A rating within the range of those of training. An unknown user or item counts as an average
  /// one: what is known of the other side remains.
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
    // Without biases nothing is known of a stranger but the average of all.
    let known = options.bias || row != nil && column != nil
    return clipped(known ? value : table.mean)
  }

  private func clipped(_ value: Double) -> Double {
    min(max(value, table.range.lowerBound), table.range.upperBound)
  }

  /// The predicted ratings of a table in its order.
  package func predictions(_ other: RatingsTable) -> [Double] {
    let range = table.range
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
      result[place] = min(max(mean + product, range.lowerBound), range.upperBound)
    }
    return result
  }

  /// The items that a user has not rated with the highest predictions, best first.
  package func recommendations(for user: Identifier, count: Int) -> [(Identifier, Double)] {
    let seen: Set<Int32>
    let scores: [Double]
    if let row = table.users[user] {
      let entries = table.entries
      seen = Set(
        entries.rows.indices.filter { entries.rows[$0] == row }.map { entries.columns[$0] })
      scores = (itemRows * userRows.rows(in: row..<row + 1).transposed + mean).elements
    } else {
      // A stranger gets what is liked by everybody.
      seen = []
      scores =
        options.bias
        ? (itemRows.selecting(columns: [options.rank + 1]) + mean).elements
        : [Double](repeating: table.mean, count: table.items.count)
    }
    let order = scores.indices.filter { !seen.contains(Int32($0)) }
      .sorted { (scores[$0], $1) > (scores[$1], $0) }
    return order.prefix(count).map { (table.items.all[$0], clipped(scores[$0])) }
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

extension RatingsModel: Predicting {
  package var kind: String { "ratings model" }

  package var fieldNames: [String] {
    [
      "W", "H", "user_bias", "item_bias", "mean", "users", "items", "rank", "l2", "rmse",
      "history", "iterations", "converged", "reason", "seed", "seconds",
    ]
  }

  package func field(_ name: String) -> Value? {
    let rank = options.rank
    return switch name {
    case "W": .matrix(w)
    case "H": .matrix(ht.transposed)
    case "user_bias": .matrix(userRows.selecting(columns: [rank]))
    case "item_bias": .matrix(itemRows.selecting(columns: [rank + 1]))
    case "mean": .number(mean)
    case "users": table.users.value
    case "items": table.items.value
    case "rank": .number(Double(rank))
    case "l2": .number(options.l2)
    case "rmse": .number(error)
    case "history": .record(history)
    case "iterations": .number(Double(iterations))
    case "converged": .boolean(reason == .converged)
    case "reason": .text(reason.words)
    case "seed": .number(Double(options.seed))
    case "seconds": .number(seconds)
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let curve = history["rmse"].flatMap(Matrix.from)?.elements ?? []
    let lines = [
      "ratings model: \(table.users.count) users × \(table.items.count) items, "
        + "rank \(options.rank)\(options.bias ? " with biases" : "")",
      "  rmse of training \(NumberFormat.short(error, digits: 4)) "
        + SparkLine.text(of: curve, width: max(8, min(40, width - 40)), logarithmic: true),
      "  \(table.entries.count) ratings, mean \(NumberFormat.short(table.mean, digits: 4)), "
        + "l2 \(NumberFormat.short(options.l2)) a rating",
      "  \(iterations) iterations of als, \(reason.words), "
        + "\(NumberFormat.short(seconds, digits: 3)) s, seed \(options.seed)",
    ]
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }

  /// `predict(m, user, item)`, or `predict(m, ratings)`: a column in the order of the table.
  package func predict(_ inputs: [Value], _ context: Context) throws -> Value {
    if inputs.count == 1, let table = RatingsTable.from(inputs[0]) {
      return .matrix(Matrix(column: predictions(table)))
    }
    guard inputs.count == 2, let user = Identifier(inputs[0]), let item = Identifier(inputs[1])
    else {
      throw Problem(
        .type, "a ratings model predicts for a user and an item, or for a table of ratings",
        at: "inputs", label: inputs.map(\.label).joined(separator: ", "))
    }
    return .number(prediction(user, item))
  }
}

extension RatingsModel: Argument, Returnable {
  package static var takes: String { "ratings model" }
  package static func from(_ value: Value) -> RatingsModel? {
    if case .object(let object) = value { object as? RatingsModel } else { nil }
  }
  package var value: Value { .object(self) }
}
