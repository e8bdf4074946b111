extension Block {
  /// An operand of a product.
  package enum Operand: Sendable { case left, right }

  /// `result ← left · right` on the calling thread, with one operand transposed where said: 2mkn
  /// flops, no memory. Who shares work between threads does so above this call.
  package static func product(
    _ left: Block, _ right: Block, transposing: Operand? = nil, into result: Block
  ) {
    let (leftTransposed, rightTransposed) = (transposing == .left, transposing == .right)
    let inner = leftTransposed ? left.rows : left.columns
    assert(inner == (rightTransposed ? right.columns : right.rows))
    assert(result.rows == (leftTransposed ? left.columns : left.rows))
    assert(result.columns == (rightTransposed ? right.rows : right.columns))
    switch result.precision {
    case .double:
      product(left, leftTransposed, right, rightTransposed, result, inner, Double.self)
    case .single:
      product(left, leftTransposed, right, rightTransposed, result, inner, Float.self)
    }
  }

  private static func product<S: Scalar>(
    _ left: Block, _ leftTransposed: Bool, _ right: Block, _ rightTransposed: Bool,
    _ result: Block, _ inner: Int, _: S.Type
  ) {
    BLAS.gemmHere(
      S.self, rows: result.rows, columns: result.columns, inner: inner, alpha: 1,
      a: UnsafePointer(left.pointer(S.self)), aTransposed: leftTransposed, lda: left.stride,
      b: UnsafePointer(right.pointer(S.self)), bTransposed: rightTransposed, ldb: right.stride,
      beta: 0, c: result.pointer(S.self), ldc: result.stride)
  }

  /// Writes the sums of the columns into a 1×n block, from the first row to the last.
  package func sumColumns(into result: Block) {
    assert(result.rows == 1 && result.columns == columns)
    switch precision {
    case .double: sumColumns(into: result, Double.self)
    case .single: sumColumns(into: result, Float.self)
    }
  }

  private func sumColumns<S: Scalar>(into result: Block, _: S.Type) {
    let sums = result.pointer(S.self)
    sums.update(repeating: 0, count: columns)
    for row in 0..<rows {
      let values = self.row(row, S.self)
      Kernels.merge(sums, values, columns) { $0 + $1 }
    }
  }
}
