/// Least squares with a sign.
extension Matrix {
  /// The `x ≥ 0` that makes `‖a · x − b‖` smallest, for each column of `b`. Block principal pivoting
  /// on the normal equations (Kim & Park, SIAM J. Sci. Comput. 33, 2011) guesses which entries are
  /// above 0; from there active sets solved by QR (Lawson & Hanson 1974) go to the end, to the
  /// precision that `a` allows. `a` and `b` have equally many rows; throws at elements that are not
  /// finite.
  package static func nonnegativeLeastSquares(_ a: Matrix, _ b: Matrix) throws -> Matrix {
    precondition(a.rows == b.rows)
    try a.requireFinite()
    try b.requireFinite()
    let precision = Precision.joined(a.precision, b.precision)
    if a.isEmpty || b.isEmpty { return .zeros(a.columns, b.columns, precision) }
    var (units, even) = a.converted(to: .double).withEvenColumns
    var (sizes, target) = b.converted(to: .double).withEvenColumns
    if even.rows > even.columns {
      // What does not lie in the columns of `a` is the same for every x.
      let (q, r) = try even.factoredQR()
      (even, target) = (r, q.transposed * target)
    }
    var x = Matrix.zeros(b.columns, a.columns)
    _ = x.solveRows(
      gram: even.transposed * even, target: target.transposed * even, by: .exact)
    for row in 0..<x.rows {
      try Interrupt.check()
      let settled = try even.settled(x.row(row), target.column(row))
      for column in 0..<x.columns {
        x[row, column] = settled[column] * (sizes[row] / units[column])
      }
    }
    return x.transposed.converted(to: precision)
  }

  /// Columns divided by powers of two, so that the largest entry of each lies between 1 and 2, and
  /// these powers: squares neither overflow nor vanish, and no digit is lost.
  private var withEvenColumns: (units: [Double], matrix: Matrix) {
    let sizes = mapped(.abs).reduced(.maximum, along: .rows).elements
    let units = sizes.map {
      $0 > 0 ? Double(sign: .plus, exponent: $0.exponent, significand: 1) : 1
    }
    var even = rowMajor()
    for row in 0..<rows {
      for column in 0..<columns { even[row, column] /= units[column] }
    }
    return (units, even)
  }

  /// The solution for one right-hand side, from entries that are not negative.
  private func settled(_ start: [Double], _ b: [Double]) throws -> [Double] {
    let target = Matrix(column: b)
    let squares = Matrix.combine(.multiply, self, self).reduced(.sum, along: .rows)
    let lengths = squares.mapped(.sqrt).elements
    let least = 10 * Double(max(rows, columns)) * .ulpOfOne * target.frobeniusNorm
    var x = start
    var used = (0..<columns).filter { x[$0] > 0 }
    var added: Int?
    // Every round lowers the residual or the number of entries; more rounds than this are rounding.
    for _ in 0..<3 * columns + 10 {
      let values =
        try used.isEmpty
        ? [] : Matrix.leastSquares(selecting(columns: used), target).elements
      if let added, let place = used.firstIndex(of: added), values[place] <= 0 { break }
      if values.allSatisfy({ $0 > 0 }) {
        x = [Double](repeating: 0, count: columns)
        for (column, value) in zip(used, values) { x[column] = value }
        let slopes = (transposed * (target - self * Matrix(column: x))).elements
        let gains = (0..<columns).filter { !used.contains($0) && slopes[$0] > least * lengths[$0] }
        added = gains.max { slopes[$0] * lengths[$1] < slopes[$1] * lengths[$0] }
        guard let added else { break }
        used.append(added)
      } else {
        added = nil
        // As far towards the values as all entries stay at 0 or above; those that end there go.
        let steps = zip(used, values).map { $1 > 0 ? 1 : x[$0] / (x[$0] - $1) }
        let step = steps.min() ?? 1
        for (place, column) in used.enumerated() {
          let ends = values[place] <= 0 && steps[place] <= step
          x[column] = ends ? 0 : x[column] + step * (values[place] - x[column])
        }
        used.removeAll { x[$0] <= 0 }
      }
    }
    return x
  }
}
