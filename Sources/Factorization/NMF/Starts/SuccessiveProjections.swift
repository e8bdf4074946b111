import Matrices

/// Rows of X that span as much as possible: again and again the row, scaled to sum 1, that is
/// farthest from the span of those before. Costs one product of X with a vector a row.
enum SuccessiveProjections {
  /// The places of `count` rows, fewer when X has fewer directions (the first is then repeated).
  static func anchors(of x: Observations, count: Int) -> [Int] {
    let sums = x.matrix.reduced(.sum, along: .columns).converted(to: .double).elements
    let scales = sums.map { $0 > 0 ? 1 / $0 : 0 }
    let norms = x.matrix.reduced(.sumOfSquares, along: .columns).converted(to: .double).elements
    var rest = zip(norms, scales).map { $0 * $1 * $1 }
    let largest = rest.max() ?? 0
    var anchors: [Int] = []
    var basis: [Matrix] = []
    for _ in 0..<count {
      guard let place = rest.indices.max(by: { (rest[$0], $1) < (rest[$1], $0) }),
        rest[place] > 1e-12 * largest, !anchors.contains(place)
      else { break }
      var direction = scales[place] * x.matrix.rows(in: place..<place + 1).converted(to: .double)
      // Twice, against rounding.
      for _ in 0..<2 {
        for earlier in basis { direction = direction - direction.dot(earlier) * earlier }
      }
      let length = direction.frobeniusNorm
      guard length > 0 else { break }
      direction = direction / length
      basis.append(direction)
      anchors.append(place)
      let along = x.times(direction.transposed.converted(to: x.precision)).converted(to: .double)
      for (row, part) in along.elements.enumerated() {
        rest[row] = max(0, rest[row] - part * part * scales[row] * scales[row])
      }
      rest[place] = 0
    }
    while anchors.count < count { anchors.append(anchors.first ?? 0) }
    return anchors
  }
}
