import Matrices
import Vocabulary

/// Why a model predicts what it does for a user and an item: the mean and the item's bias, and what
/// each rating of the user adds. As the factors of a user are linear in the ratings that they were
/// solved from, so is the prediction (Hu, Koren & Volinsky, ICDM 2008, §5): it is the sum of all parts.
/// Of a model by pairs a user is, likewise, a sum over what was chosen: see `PairwiseUser`.
package final class RatingExplanation: Object {
  package let user: Identifier
  package let item: Identifier
  package let isUserKnown: Bool
  package let isItemKnown: Bool
  package let isImplicit: Bool
  package let prediction: Double
  package let mean: Double
  package let itemBias: Double
  /// What the user has rated: weights that are largest, of either sign, come first.
  package let reasons: [Reason]
  /// What is left of the prediction: 0 but for rounding where the method solves exactly for users
  /// last, and not where it descends; what the bounds of the ratings cut off; the bias of a user for an unknown item.
  package let rest: Double

  package struct Reason: Sendable {
    package var item: Identifier
    package var rating: Double
    /// What this rating adds to the prediction.
    package var weight: Double
  }

  package init(_ model: RatingsModel, _ user: Identifier, _ item: Identifier) {
    let (row, column) = (model.table.users[user], model.table.items[item])
    (self.user, self.item) = (user, item)
    (isUserKnown, isItemKnown, isImplicit) = (row != nil, column != nil, model.isImplicit)
    prediction = model.prediction(user, item)
    mean = model.options.bias || model.isImplicit ? model.origin.mean : 0
    itemBias = column.map { model.itemBias($0) } ?? 0
    guard let row, let column else {
      reasons = []
      rest = prediction - mean - itemBias
      return
    }
    let rated = model.table.entries.columns(ofRow: row).map(Int.init)
    let ratings = Array(model.table.entries.values(ofRow: row))
    let weights = model.weights(of: row, ratings, of: rated, for: column)
    rest = prediction - mean - itemBias - weights.reduce(0, +)
    reasons = rated.indices.map {
      Reason(item: model.table.items.all[rated[$0]], rating: ratings[$0], weight: weights[$0])
    }.enumerated().sorted {
      (abs($0.element.weight), $1.offset) > (abs($1.element.weight), $0.offset)
    }
    .map(\.element)
  }
}

extension RatingsModel {
  /// What every rating of a user adds to the prediction for an item: with the factors F of what the
  /// user has rated, `f_jᵀ (FᵀF + Λ)⁻¹ f t_j` for what is left, t, of a rating without the mean and
  /// the bias of its item, and what having rated it at all says. Cost `n·k² + k³` for n ratings.
  fileprivate func weights(of row: Int, _ ratings: [Double], of rated: [Int], for column: Int)
    -> [Double]
  {
    let rank = options.rank
    if method.abilities.contains(.pairs) {
      let user = PairwiseUser(choosing: rated, of: factors.items, options)
      let item = factors.items.rows(in: column..<column + 1)
      return (user.parts * item.selecting(columns: Array(0..<rank)).transposed).elements
    }
    var places = Array(0..<rank)
    if options.isNonnegative {
      // Factors at 0 take no part: the others solve the equations among themselves.
      places = places.filter { factors.users[row, $0] > 0 }
    }
    let known = factors.items.selecting(rows: rated)
    let wanted = factors.items.rows(in: column..<column + 1)
    if isImplicit {
      guard !places.isEmpty else { return ratings.map { _ in 0 } }
      let layout = options.implicitLayout(by: .exact)
      let all = factors.items.selecting(columns: places)
      let f = known.selecting(columns: places)
      let confidences = Matrix(column: ratings.map { (options.implicit?.alpha ?? 1) * $0 })
      let penalty = layout.penalty(entries: rated.count, of: factors.items.rows)
      let gram =
        layout.unobserved * (all.transposed * all)
        + f.transposed * (confidences - layout.unobserved).times(f)
        + penalty * Matrix.identity(places.count)
      let likeness = f * gram.regularSolution(wanted.selecting(columns: places), trace: 1e-6)
      return confidences.times(likeness).elements
    }
    let layout = options.userRidge(mean: origin.mean)
    let weight = layout.weight(entries: rated.count)
    var penalties = [Double](repeating: weight * (layout.penalty + 1e-10), count: places.count)
    let offsets = known.selecting(columns: [rank + 1])
    if layout.solvesBias {
      // The other side has 1 where the bias of a user is.
      places.append(rank)
      penalties.append(weight * (layout.biasPenalty + 1e-10))
    }
    guard !places.isEmpty else { return ratings.map { _ in 0 } }
    let f = known.selecting(columns: places)
    let gram = f.transposed * f + Matrix(column: penalties).asDiagonal
    let answer = gram.regularSolution(wanted.selecting(columns: places), trace: 1e-10)
    var parts = (f * answer).times(Matrix(column: ratings) - origin.mean - offsets)
    if let feedback = factors.feedback, !rated.isEmpty {
      // Users are solved for around what they have rated, which has its part in every direction.
      let own = feedback.selecting(rows: rated) * answer.rows(in: 0..<rank)
      parts.add(own, scale: weight * layout.penalty / Double(rated.count).squareRoot())
    }
    return parts.elements
  }
}

extension Matrix {
  /// `x` with `(self + trace · its diagonal) x = rowᵀ`, as the equations of factors are solved: real
  /// even where there is nothing to solve.
  fileprivate func regularSolution(_ row: Matrix, trace: Double) -> Matrix {
    let root = (self + (trace * diagonal).asDiagonal).inverseCholesky(shift: 1e-150)
    return root * (root.transposed * row.transposed)
  }
}

extension RatingExplanation {
  package var kind: String { "explanation" }

  package var fieldNames: [String] {
    ["user", "item", "prediction", "mean", "item_bias", "because", "rest", "known"]
  }

  package func field(_ name: String) -> Value? {
    switch name {
    case "user": user.value
    case "item": item.value
    case "prediction": .number(prediction)
    case "mean": .number(mean)
    case "item_bias": .number(itemBias)
    case "because":
      .record(
        Record([
          ("item", IdentifierMap.value(of: reasons.map(\.item))),
          ("rating", .matrix(Matrix(column: reasons.map(\.rating)))),
          ("weight", .matrix(Matrix(column: reasons.map(\.weight)))),
        ]))
    case "rest": .number(rest)
    case "known": .boolean(isUserKnown && isItemKnown)
    default: nil
    }
  }

  /// The parts that add most, one a line, with bars; the others in one line.
  package func summary(width: Int) -> String {
    let shown = reasons.prefix(8)
    let others = reasons.dropFirst(8)
    var rows: [(name: String, rating: String, weight: Double)] = []
    if !isImplicit {
      rows.append(("mean of all ratings", "", mean))
    }
    if isItemKnown, !isImplicit || itemBias != 0 {
      rows.append(("bias of the item", "", itemBias))
    }
    rows += shown.map { (Self.word($0.item), NumberFormat.short($0.rating, digits: 4), $0.weight) }
    if !others.isEmpty {
      rows.append(("\(others.count) others", "", others.reduce(0) { $0 + $1.weight }))
    }
    if abs(rest) >= 5e-4 { rows.append((restName, "", rest)) }
    let names = min(max(rows.map(\.name.displayWidth).max() ?? 0, 4), max(width - 36, 8))
    let largest = rows.dropFirst(isImplicit ? 0 : 1).map { abs($0.weight) }.max() ?? 0
    let head =
      "\(isImplicit ? "preference" : "rating") \(NumberFormat.short(prediction, digits: 4)) "
      + "of \(Self.word(user)) for \(Self.word(item))"
    let bars = max(min(width - names - 26, 24), 0)
    var lines = [head]
    if let stranger { lines.append("  " + stranger) }
    lines += rows.enumerated().map { place, row in
      let bar = isImplicit || place > 0 ? Self.bar(row.weight, of: largest, width: bars) : ""
      let name = row.name.truncated(toWidth: names).padded(toWidth: names)
      let line =
        "  \(name)  \(row.rating.padded(toWidth: 6, onLeft: true))  "
        + "\(NumberFormat.written("%+.*f", 3, row.weight).padded(toWidth: 8, onLeft: true))  \(bar)"
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    return lines.map { $0.truncated(toWidth: max(width, 20)) }.joined(separator: "\n")
  }

  private var stranger: String? {
    switch (isUserKnown, isItemKnown) {
    case (true, true): nil
    case (false, true): "the user is unknown: what is known of the item"
    case (true, false): "the item is unknown: what is known of the user"
    case (false, false): "neither is known: the mean"
    }
  }

  private var restName: String {
    isUserKnown && !isItemKnown ? "bias of the user" : "left of the prediction"
  }

  private static func word(_ identifier: Identifier) -> String {
    switch identifier {
    case .number(let number): NumberFormat.short(number)
    case .text(let text): text
    }
  }

  private static func bar(_ weight: Double, of largest: Double, width: Int) -> String {
    guard largest > 0 else { return "" }
    let length = Int((abs(weight) / largest * Double(width)).rounded())
    return String(repeating: weight < 0 ? "░" : "█", count: length)
  }
}
