extension Block {
  /// Scores of pairs: for every row `p, b, q, c` of `pairs` the number `p·q + b + c + offset`, with
  /// b and c single numbers. This block has one column.
  package func scorePairs(_ pairs: Block, offset: Block) {
    assert(columns == 1 && rows == pairs.rows && pairs.columns % 2 == 0)
    switch precision {
    case .double: scorePairs(pairs, offset, Double.self)
    case .single: scorePairs(pairs, offset, Float.self)
    }
  }

  private func scorePairs<S: Scalar>(_ pairs: Block, _ offset: Block, _: S.Type) {
    let half = pairs.columns / 2
    let (rank, start) = (half - 1, offset.pointer(S.self)[0])
    for row in 0..<rows {
      let p = UnsafePointer(pairs.row(row, S.self))
      let q = p + half
      let biases = p[rank] + q[rank] + start
      self.row(row, S.self)[0] = product(p, q, rank) + biases
    }
  }

  private func product<S: Scalar>(
    _ p: UnsafePointer<S>, _ q: UnsafePointer<S>, _ count: Int
  ) -> S {
    let width = S.Vector.scalarCount
    var (even, odd) = (S.Vector(), S.Vector())
    var i = 0
    while i + 2 * width <= count {
      even.addProduct(load(p, i), load(q, i))
      odd.addProduct(load(p, i + width), load(q, i + width))
      i += 2 * width
    }
    var sum = (even + odd).sum()
    while i < count {
      sum.addProduct(p[i], q[i])
      i += 1
    }
    return sum
  }

  /// The derivative in the pairs: of p it is `dy·q`, of q `dy·p`, of b and c `dy`. This block has
  /// the shape of the pairs.
  package func scorePairsGradient(_ dy: Block, _ pairs: Block) {
    switch precision {
    case .double: scorePairsGradient(dy, pairs, Double.self)
    case .single: scorePairsGradient(dy, pairs, Float.self)
    }
  }

  private func scorePairsGradient<S: Scalar>(_ dy: Block, _ pairs: Block, _: S.Type) {
    let half = columns / 2
    let rank = half - 1
    for row in 0..<rows {
      let d = dy.row(row, S.self)[0]
      let by = S.Vector(repeating: d)
      let (p, into) = (pairs.row(row, S.self), self.row(row, S.self))
      Kernels.merge(into, p + half, rank) { _, q in q * by }
      Kernels.merge(into + half, p, rank) { _, p in p * by }
      into[rank] = d
      into[half + rank] = d
    }
  }
}
