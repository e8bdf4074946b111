/// What single rows of a batch contribute, for training that bounds it.
extension Block {
  /// Adds the sum of squares of every row to a number a row.
  package func addSquares(to norms: UnsafeMutablePointer<Double>) {
    switch precision {
    case .double: addSquares(norms, Double.self)
    case .single: addSquares(norms, Float.self)
    }
  }

  private func addSquares<S: Scalar>(_ norms: UnsafeMutablePointer<Double>, _: S.Type) {
    for row in 0..<rows {
      norms[row] += Self.dot(self.row(row, S.self), self.row(row, S.self), columns)
    }
  }

  /// Adds `‖δ‖² (‖a‖² + 1)` for every row: the squared norm of its part `aᵀδ, δ` of the gradient of an
  /// affine map, without forming it (Goodfellow 2015, arXiv 1510.01799).
  package func addAffineSquares(inputs: Block, to norms: UnsafeMutablePointer<Double>) {
    assert(rows == inputs.rows)
    switch precision {
    case .double: addAffineSquares(inputs, norms, Double.self)
    case .single: addAffineSquares(inputs, norms, Float.self)
    }
  }

  private func addAffineSquares<S: Scalar>(
    _ inputs: Block, _ norms: UnsafeMutablePointer<Double>, _: S.Type
  ) {
    for row in 0..<rows {
      let (d, a) = (self.row(row, S.self), inputs.row(row, S.self))
      norms[row] += Self.dot(d, d, columns) * (Self.dot(a, a, inputs.columns) + 1)
    }
  }

  /// Adds, for every row, the squared norm of its part of the gradient of a table with rows of
  /// `width` numbers: `Σ ⟨δₛ, δₜ⟩` over all pairs of places s, t with the same token.
  package func addTableSquares(
    tokens: Block, width: Int, to norms: UnsafeMutablePointer<Double>
  ) {
    switch precision {
    case .double: addTableSquares(tokens, width, norms, Double.self)
    case .single: addTableSquares(tokens, width, norms, Float.self)
    }
  }

  private func addTableSquares<S: Scalar>(
    _ tokens: Block, _ width: Int, _ norms: UnsafeMutablePointer<Double>, _: S.Type
  ) {
    for row in 0..<rows {
      let (d, names) = (self.row(row, S.self), tokens.row(row, S.self))
      var sum = 0.0
      for first in 0..<tokens.columns {
        let own = d + first * width
        sum += Self.dot(own, own, width)
        for second in 0..<first where names[first] == names[second] {
          sum += 2 * Self.dot(own, d + second * width, width)
        }
      }
      norms[row] += sum
    }
  }

  /// The sum of `(xᵢ + plus) yᵢ` over all elements, in 64 bits.
  package func dot(_ other: Block, plus: Double) -> Double {
    assert(rows == other.rows && columns == other.columns)
    switch precision {
    case .double: return dot(other, plus, Double.self)
    case .single: return dot(other, plus, Float.self)
    }
  }

  private func dot<S: Scalar>(_ other: Block, _ plus: Double, _: S.Type) -> Double {
    var total = 0.0
    for row in 0..<rows {
      let (x, y) = (self.row(row, S.self), other.row(row, S.self))
      total += Self.dot(x, y, columns)
      if plus != 0 { total += plus * (0..<columns).reduce(0) { $0 + Double(y[$1]) } }
    }
    return total
  }

  /// Multiplies every row by a number of its own; where that is 0 the row becomes 0, whatever it
  /// was.
  package func scaleRows(by factors: UnsafePointer<Double>) {
    for row in 0..<rows where factors[row] != 1 {
      let block = self.rows(in: row..<row + 1)
      if factors[row] == 0 { block.fill(0) } else { block.scale(by: factors[row]) }
    }
  }

  private static func dot<S: Scalar>(
    _ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ count: Int
  ) -> Double {
    let width = S.Vector.scalarCount
    var sums = (S.Wide(repeating: 0), S.Wide(repeating: 0))
    var place = 0
    while place + 2 * width <= count {
      sums.0.addProduct(S.widened(load(a, place)), S.widened(load(b, place)))
      sums.1.addProduct(S.widened(load(a, place + width)), S.widened(load(b, place + width)))
      place += 2 * width
    }
    var total = (sums.0 + sums.1).sum()
    while place < count {
      total.addProduct(Double(a[place]), Double(b[place]))
      place += 1
    }
    return total
  }
}
