/// Least squares with a sign.
extension Matrix {
  /// The `x ≥ 0` that makes `‖a · x − b‖` smallest, for each column of `b`: block principal pivoting
  /// on the normal equations (Kim & Park, SIAM J. Sci. Comput. 33, 2011) finds which entries are
  /// above 0, and a QR decomposition of their columns finds them to the precision that `a` allows.
  /// `a` and `b` have equally many rows; throws at elements that are not finite.
  package static func nonnegativeLeastSquares(_ a: Matrix, _ b: Matrix) throws -> Matrix {
    precondition(a.rows == b.rows)
    try a.requireFinite()
    try b.requireFinite()
    let precision = Precision.joined(a.precision, b.precision)
    if a.isEmpty || b.isEmpty { return .zeros(a.columns, b.columns, precision) }
    let (units, even) = a.converted(to: .double).withEvenColumns
    let target = b.converted(to: .double).withEvenColumns
    var x = Matrix.zeros(b.columns, a.columns)
    _ = x.solveRows(
      gram: even.transposed * even, target: target.matrix.transposed * even, by: .exact)
    try Interrupt.check()
    try x.refineRows(even, target.matrix)
    for row in 0..<x.rows {
      for column in 0..<x.columns { x[row, column] *= target.units[row] / units[column] }
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

  /// Finds the entries of every row that are above 0 once more by least squares, rows that have the
  /// same ones together. Where that makes one of them negative, by rounding, the row stays.
  private mutating func refineRows(_ a: Matrix, _ b: Matrix) throws {
    var patterns: [[Int]: [Int]] = [:]
    for row in 0..<rows {
      let used = (0..<columns).filter { self[row, $0] > 0 }
      if !used.isEmpty { patterns[used, default: []].append(row) }
    }
    for (used, members) in patterns {
      let exact = try Matrix.leastSquares(
        a.selecting(columns: used), b.selecting(columns: members))
      for (place, row) in members.enumerated() {
        guard (0..<used.count).allSatisfy({ exact[$0, place] >= 0 }) else { continue }
        for (index, column) in used.enumerated() { self[row, column] = exact[index, place] }
      }
    }
  }
}
