import Matrices

/// All that items learn from users in a step of private least squares: for every item, over those
/// who rated it, `Σ w f fᵀ` and `Σ w t f`, where f are the features of a user, t is what is left of a
/// rating, and w the weight of the user.
///
/// What one user adds is one long vector: the parts of all items the user has rated. Its norm is
/// `√(n ‖triangle of f fᵀ‖² + ‖f‖² Σ t²)` for n ratings, and w shortens it to the bound where it is
/// longer. So adding or removing a user, with all ratings, changes the sums by at most the bound,
/// however many ratings there are.
package struct ItemStatistics: Sendable {
  /// A row an item: the upper triangle, row after row, then the right side.
  package private(set) var sums: Matrix
  /// How many features.
  package let size: Int

  /// Of users×m features, and users×1 numbers that are taken off all ratings of a user.
  package init(
    _ entries: ObservedEntries, features: Matrix, offsets: Matrix, totals: UserTotals, clip: Double
  ) {
    size = features.columns
    let columns = (0..<size).map { features.selecting(columns: [$0]) }
    let weights = Self.weights(features: features, offsets: offsets, totals, clip: clip)
    let weighted = weights.times(features)
    var triangle: [Matrix] = []
    for a in 0..<size {
      let own = weighted.selecting(columns: [a])
      for b in a..<size { triangle.append(own.times(columns[b])) }
    }
    let right =
      entries.columnSums(timesValues: weighted) - entries.columnSums(offsets.times(weighted))
    sums = .besides([entries.columnSums(.besides(triangle)), right])
  }

  /// The weight of every user, a column: 1, or what brings the norm of the user's part to the bound.
  package static func weights(
    features: Matrix, offsets: Matrix, _ totals: UserTotals, clip: Double
  ) -> Matrix {
    let squares = features.times(features)
    let length = squares.reduced(.sum, along: .columns)
    // Of f fᵀ every number once: half of all of them and of the diagonal.
    let triangle =
      0.5 * (length.times(length) + squares.times(squares).reduced(.sum, along: .columns))
    // Σ (r − o)².
    var rest = totals.squares - 2 * offsets.times(totals.sums)
    rest = rest + totals.counts.times(offsets.times(offsets))
    rest.clamp(0, .infinity)
    let norms = (totals.counts.times(triangle) + length.times(rest)).mapped(.sqrt)
    return Matrix(clip).over(norms).clamped(0, 1)
  }

  package mutating func addNoise(_ generator: ChaCha, stream: UInt64, deviation: Double) {
    sums.addNoise(generator, stream: stream, deviation: deviation)
  }

  /// `(Σ w f fᵀ + ridge)⁻¹ Σ w t f` of every item, a row each. What noise has made of the matrix is
  /// first put right: a direction in which it is below 0 counts as one of which nothing is known.
  package func solved(ridge: Double) -> Matrix {
    var result = Matrix.zeros(sums.rows, size)
    var places = [Int](repeating: 0, count: size * size)
    var next = 0
    for a in 0..<size {
      for b in a..<size {
        (places[a * size + b], places[b * size + a]) = (next, next)
        next += 1
      }
    }
    let right = Array(next..<next + size)
    for item in 0..<sums.rows where !Interrupt.isRequested {
      let row = sums.rows(in: item..<item + 1)
      let gram = row.selecting(columns: places).reshaped(size, size)
      // A symmetric matrix of finite numbers has its eigenvectors.
      guard let (values, vectors) = try? gram.eigen() else { continue }
      let known = vectors.transposed * row.selecting(columns: right).transposed
      let solution = vectors * known.over(values.clamped(0, .infinity) + ridge)
      result.replace(rows: [item], columns: Array(0..<size), with: solution.transposed)
    }
    return result
  }
}

/// What is asked of the ratings of every user again and again: columns of their number, their sum and
/// the sum of their squares.
package struct UserTotals: Sendable {
  package let counts: Matrix
  package let sums: Matrix
  package let squares: Matrix

  package init(_ entries: ObservedEntries) {
    func totals(_ values: [Double]) -> Matrix {
      ObservedEntries(entries.shape, rows: entries.rows, columns: entries.columns, values: values)
        .rowPulls(
          .zeros(entries.shape.rows, 1), .filled(entries.shape.columns, 1, with: 1), mean: 0)
    }
    counts = Matrix(column: entries.rowCounts.map(Double.init))
    sums = totals(entries.values)
    squares = totals(entries.values.map { $0 * $0 })
  }
}
