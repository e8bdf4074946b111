import Matrices
import Vocabulary

/// Which side of a table is new.
package enum RatingsSide: String, CaseIterable, Sendable { case user, item }

extension RatingsModel {
  /// The same model with further users (or items): the factors of each are what the ratings of the
  /// table make of the items (or users) as they are, one ridge regression each by the objective of
  /// the model; by pairs, a logistic one. Whoever is known already is solved for anew, from old and new ratings together; a
  /// new rating of the same pair takes the place of the old one. Ratings of what the model does not
  /// know on the other side say nothing and are left out.
  package func folding(_ given: RatingsTable, by side: RatingsSide) throws -> RatingsModel {
    if side == .item { try requireLeastSquares("new items are folded in", at: "by") }
    if side == .item, origin.privacy != nil {
      throw Problem(
        .value, "new items would be made of what users have kept to themselves", at: "by",
        help: "mf(ratings, private=dp(…)) again, with all ratings")
    }
    let whole = try combined(with: given, by: side)
    let names = side == .user ? given.users : given.items
    let map = side == .user ? whole.users : whole.items
    let lines = names.all.map { map[$0] ?? 0 }
    // Only the lines in question, numbered from 0.
    var numbers = [Int32](repeating: -1, count: map.count)
    for (number, line) in lines.enumerated() { numbers[line] = Int32(number) }
    let entries = whole.entries
    let own = side == .user ? entries.rows : entries.columns
    let places = own.indices.filter { numbers[Int(own[$0])] >= 0 }
    let mine = places.map { numbers[Int(own[$0])] }
    let values = places.map { entries.values[$0] }
    var result = factors
    switch side {
    case .user:
      let part = ObservedEntries(
        Shape(lines.count, table.items.count), rows: mine,
        columns: places.map { entries.columns[$0] }, values: values)
      result.users.put(solvedUsers(part), at: lines, of: map.count)
    case .item:
      if let feedback = factors.feedback {
        // Nobody has learned yet what having rated a new item says.
        let new = map.count - feedback.rows
        result.feedback = .above([feedback, .zeros(new, feedback.columns)])
      }
      let part = ObservedEntries(
        Shape(table.users.count, lines.count), rows: places.map { entries.rows[$0] },
        columns: mine, values: values)
      result.items.put(solvedItems(part), at: lines, of: map.count)
    }
    return RatingsModel(result, of: whole, options, method, origin: origin)
  }

  /// Old and new ratings, new lines after old ones.
  private func combined(with given: RatingsTable, by side: RatingsSide) throws -> RatingsTable {
    let other = side == .user ? table.items : table.users
    let theirs = side == .user ? given.items : given.users
    let known = theirs.all.map { other[$0] != nil }
    let lines = side == .user ? given.entries.columns : given.entries.rows
    let own = side == .user ? given.entries.rows : given.entries.columns
    let places = lines.indices.filter { known[Int(lines[$0])] }
    let names = side == .user ? given.users : given.items
    let served = Set(places.map { own[$0] })
    if let alone = names.all.indices.first(where: { !served.contains(Int32($0)) }) {
      let what = side == .user ? "items" : "users"
      throw Problem(
        .value,
        "every new \(side.rawValue) needs a rating with one of the \(other.count) \(what) "
          + "of training", at: "ratings", label: "none with \(names.all[alone].value.label)",
        help: side == .user && theirs.all.contains { table.users[$0] != nil }
          ? "by=\"item\" adds items" : nil)
    }
    let (old, new) = (table.entries, given.entries)
    let isImplicit = isImplicit
    return RatingsTable(
      startingWith: table.users, table.items,
      users: places.map { given.users.all[Int(new.rows[$0])] },
      items: places.map { given.items.all[Int(new.columns[$0])] },
      values: old.values + places.map { new.values[$0] },
      rows: old.rows, columns: old.columns
    ).merging(isImplicit ? .sum : .last)
  }

  private func requireLeastSquares(_ what: String, at parameter: String) throws {
    guard method.abilities.contains(.folding) else {
      throw Problem(
        .value, "\(what) by least squares, which \"\(method.name)\" does not minimise",
        at: parameter, label: "made by \"\(method.name)\"",
        help: "mf(ratings, implicit=true) ranks against the whole catalogue, and can")
    }
  }

  /// `[p, b, 1]` of lines of entries, with the items as they are.
  func solvedUsers(_ entries: ObservedEntries) -> Matrix {
    if method.abilities.contains(.pairs) { return pairwiseUsers(entries) }
    if isImplicit {
      var rows = Matrix.zeros(entries.shape.rows, options.rank, .single)
      entries.confident(options).solveImplicitRows(
        &rows, ht.converted(to: .single), options.implicitLayout(by: .exact))
      return rows.withoutBiases
    }
    var rows = blank(entries.shape.rows, one: options.rank + 1)
    let centre = factors.feedback.map { entries.feedbackSums($0, entries.feedbackShares) }
    entries.solveRows(
      &rows, factors.items, options.userRidge(mean: origin.mean), around: centre)
    return rows
  }

  /// `[q, 1, c]` of columns of entries, with the users as they are.
  private func solvedItems(_ entries: ObservedEntries) -> Matrix {
    if isImplicit {
      var rows = Matrix.zeros(entries.shape.columns, options.rank, .single)
      entries.confident(options).solveImplicitColumns(
        &rows, w.converted(to: .single), options.implicitLayout(by: .exact))
      return rows.withoutBiases
    }
    var rows = blank(entries.shape.columns, one: options.rank)
    entries.solveColumns(&rows, factors.users, options.itemRidge(mean: origin.mean))
    return rows
  }

  /// Rows of 0, with 1 where the other side has its bias.
  private func blank(_ rows: Int, one place: Int) -> Matrix {
    var result = Matrix.zeros(rows, options.rank + 2)
    result.replace(
      rows: Array(0..<rows), columns: [place], with: Matrix(options.bias ? 1 : 0))
    return result
  }
}

extension Matrix {
  /// Replaces rows, after so many rows are there.
  fileprivate mutating func put(_ new: Matrix, at places: [Int], of count: Int) {
    if count > rows { self = .above([self, .zeros(count - rows, columns, precision)]) }
    replace(rows: places, columns: Array(0..<columns), with: new)
  }
}
