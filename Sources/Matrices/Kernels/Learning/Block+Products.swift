import KernelTables

extension Block {
  /// An operand of a product.
  package enum Operand: Sendable { case left, right }

  /// Whether a right operand that several products share should be transposed once, beforehand, where
  /// they need it transposed: OpenBLAS lays out anew whatever it is given.
  package static var multipliesRowsFaster: Bool { Chosen.isWide }

  /// Columns of a right operand that a product takes at once.
  package static func panelColumns(_ precision: Precision) -> Int {
    let bytes = Product<Float>.panelBytes / Product<Float>.depth
    return switch precision {
    case .double: bytes / MemoryLayout<Double>.size
    case .single: bytes / MemoryLayout<Float>.size
    }
  }

  /// Whether rows of so many columns lie so far apart (2 KB) that a right operand which several
  /// products share is better laid out by such columns, beforehand.
  package static func gainsByPanels(columns: Int, _ precision: Precision) -> Bool {
    Chosen.isWide && columns > 10 * panelColumns(precision)
  }

  /// `result ← scale · left · right` on the calling thread, or `result ← result + scale · left ·
  /// right` where `adding`, with one operand transposed where said: 2mkn flops, no memory. Who
  /// shares work between threads does so above this call.
  package static func product(
    _ left: Block, _ right: Block, transposing: Operand? = nil, scale: Double = 1,
    adding: Bool = false, into result: Block
  ) {
    let (leftTransposed, rightTransposed) = (transposing == .left, transposing == .right)
    let inner = leftTransposed ? left.rows : left.columns
    assert(inner == (rightTransposed ? right.columns : right.rows))
    assert(result.rows == (leftTransposed ? left.columns : left.rows))
    assert(result.columns == (rightTransposed ? right.rows : right.columns))
    switch result.precision {
    case .double:
      product(
        left, leftTransposed, right, rightTransposed, result, inner, scale, adding, Double.self)
    case .single:
      product(
        left, leftTransposed, right, rightTransposed, result, inner, Float(scale), adding,
        Float.self)
    }
  }

  private static func product<S: Scalar>(
    _ left: Block, _ leftTransposed: Bool, _ right: Block, _ rightTransposed: Bool,
    _ result: Block, _ inner: Int, _ scale: S, _ adding: Bool, _: S.Type
  ) {
    BLAS.gemmHere(
      S.self, rows: result.rows, columns: result.columns, inner: inner, alpha: scale,
      a: UnsafePointer(left.pointer(S.self)), aTransposed: leftTransposed, lda: left.stride,
      b: UnsafePointer(right.pointer(S.self)), bTransposed: rightTransposed, ldb: right.stride,
      beta: adding ? 1 : 0, c: result.pointer(S.self), ldc: result.stride)
  }

  /// `self ← f(x · weights + bias)` on the calling thread, where `bias` is a 1×n block: one product
  /// that adds the bias, and cuts off what is negative, while its results are in registers; another
  /// activation passes over them after.
  package func affine(_ x: Block, _ weights: Block, bias: Block, activation: Activation) {
    assert(x.columns == weights.rows && columns == weights.columns && rows == x.rows)
    switch precision {
    case .double: affine(x, weights, bias, activation, Double.self)
    case .single: affine(x, weights, bias, activation, Float.self)
    }
    if activation != .linear && activation != .relu { activate(activation) }
  }

  private func affine<S: Scalar>(
    _ x: Block, _ weights: Block, _ bias: Block, _ activation: Activation, _: S.Type
  ) {
    BLAS.affineHere(
      rows: rows, columns: columns, inner: x.columns, a: UnsafePointer(x.pointer(S.self)),
      lda: x.stride, b: UnsafePointer(weights.pointer(S.self)), ldb: weights.stride,
      bias: UnsafePointer(bias.pointer(S.self)), clamps: activation == .relu,
      c: pointer(S.self), ldc: stride)
  }

  /// Columns of an affine map that are few enough for `affine(_:transposed:bias:activation:)`.
  package static var fewColumns: Int { Product<Float>.fewRows }

  /// `self ← f(x · weightsᵀ + bias)` on the calling thread, for up to `fewColumns` columns: where rows
  /// are long, faster than with the weights as they are.
  package func affine(_ x: Block, transposed weights: Block, bias: Block, activation: Activation) {
    assert(x.columns == weights.columns && columns == weights.rows && rows == x.rows)
    assert(columns <= Self.fewColumns)
    switch precision {
    case .double: affine(x, transposed: weights, bias, activation, Double.self)
    case .single: affine(x, transposed: weights, bias, activation, Float.self)
    }
    if activation != .linear && activation != .relu { activate(activation) }
  }

  private func affine<S: Scalar>(
    _ x: Block, transposed weights: Block, _ bias: Block, _ activation: Activation, _: S.Type
  ) {
    BLAS.affineOfFewHere(
      rows: rows, columns: columns, inner: x.columns, a: UnsafePointer(x.pointer(S.self)),
      lda: x.stride, b: UnsafePointer(weights.pointer(S.self)), ldb: weights.stride,
      bias: UnsafePointer(bias.pointer(S.self)), clamps: activation == .relu,
      c: pointer(S.self), ldc: stride)
  }

  /// `self ← self + other`, element by element.
  package func add(_ other: Block) {
    assert(rows == other.rows && columns == other.columns)
    switch precision {
    case .double: add(other, Double.self)
    case .single: add(other, Float.self)
    }
  }

  private func add<S: Scalar>(_ other: Block, _: S.Type) {
    for row in 0..<rows {
      Kernels.merge(self.row(row, S.self), other.row(row, S.self), columns, +)
    }
  }

  /// `self ← factor · self`.
  package func scale(by factor: Double) {
    switch precision {
    case .double: scale(factor, Double.self)
    case .single: scale(factor, Float.self)
    }
  }

  private func scale<S: Scalar>(_ factor: Double, _: S.Type) {
    let by = S.Vector(repeating: S(factor))
    for row in 0..<rows { Kernels.transform(self.row(row, S.self), columns) { $0 * by } }
  }

  /// The sum of all squares, kept in 64 bits.
  package var sumOfSquares: Double {
    switch precision {
    case .double: sumOfSquares(Double.self)
    case .single: sumOfSquares(Float.self)
    }
  }

  private func sumOfSquares<S: Scalar>(_: S.Type) -> Double {
    let width = S.Vector.scalarCount
    var sums = S.Wide()
    for row in 0..<rows {
      let x = UnsafePointer(self.row(row, S.self))
      var i = 0
      while i < columns {
        let part = S.widened(loadPart(x, i, min(width, columns - i)))
        sums.addProduct(part, part)
        i += width
      }
    }
    return sums.sum()
  }

  /// Writes the sums of the columns into a 1×n block, from the first row to the last.
  package func sumColumns(into result: Block) {
    result.fill(0)
    addColumns(into: result)
  }

  /// Adds the sums of the columns to a 1×n block, from the first row to the last.
  package func addColumns(into result: Block) {
    assert(result.rows == 1 && result.columns == columns)
    switch precision {
    case .double: addColumns(into: result, Double.self)
    case .single: addColumns(into: result, Float.self)
    }
  }

  private func addColumns<S: Scalar>(into result: Block, _: S.Type) {
    let sums = result.pointer(S.self)
    for row in 0..<rows {
      let values = self.row(row, S.self)
      Kernels.merge(sums, values, columns, +)
    }
  }
}
