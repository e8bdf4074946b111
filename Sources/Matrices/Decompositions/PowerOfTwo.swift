/// A power of two that brings the elements of a matrix near 1 where squares of their squares would
/// leave the range of the arithmetic, as Gram matrices, lengths of columns and variances need them.
/// Dividing by it and multiplying by it again is exact.
struct PowerOfTwo: Sendable {
  private let exponent: Int

  /// What elements up to this size are divided by; `nil` where they are of a comfortable size, or 0.
  init?(largest: Double, _ precision: Precision) {
    guard largest.isNormal, Self.isNeeded(at: largest, precision) else { return nil }
    exponent = Int(largest.exponent)
  }

  /// Whether elements of this size, or of none, leave the comfortable range.
  static func isNeeded(at size: Double, _ precision: Precision) -> Bool {
    let comfortable = precision == .single ? 1e-15...1e15 : 1e-60...1e60
    return !comfortable.contains(size)
  }

  func dividing(_ x: Matrix) -> Matrix { halves(-exponent).reduce(x) { $0 * $1 } }

  func multiplying(_ x: Matrix) -> Matrix { halves(exponent).reduce(x) { $0 * $1 } }

  func dividing(_ x: SparseMatrix) -> SparseMatrix {
    halves(-exponent).reduce(x) { SparseMatrix.combine(.multiply, $0, $1) }
  }

  /// The singular triplets of what was divided.
  func multiplying(_ factors: Matrix.SVD) -> Matrix.SVD {
    Matrix.SVD(u: factors.u, s: multiplying(factors.s), v: factors.v)
  }

  /// The components of what was divided; a variance may be beyond the range of the arithmetic.
  func multiplying(_ parts: PrincipalComponents) -> PrincipalComponents {
    PrincipalComponents(
      codes: multiplying(parts.codes), components: parts.components,
      variance: multiplying(multiplying(parts.variance)), explained: parts.explained,
      mean: multiplying(parts.mean))
  }

  /// Two factors: the power, or its inverse, may not be a number of this range itself.
  private func halves(_ exponent: Int) -> [Double] {
    [exponent / 2, exponent - exponent / 2].map {
      Double(sign: .plus, exponent: $0, significand: 1)
    }
  }
}

extension Matrix {
  /// What brings the elements near 1; `nil` where they are of a comfortable size.
  var powerOfTwo: PowerOfTwo? {
    PowerOfTwo(largest: Swift.max(total(.maximum), -total(.minimum)), precision)
  }
}

extension SparseMatrix {
  /// The same.
  var powerOfTwo: PowerOfTwo? {
    PowerOfTwo(largest: max(total(.maximum), -total(.minimum)), precision)
  }
}

extension RowBlocks {
  /// What brings the elements near 1, from one look at all of them; `nil` where they are of a
  /// comfortable size. Throws at the first element that is not finite.
  func powerOfTwo() throws -> PowerOfTwo? {
    var largest = 0.0
    try forEachBlock { range, block in
      try Interrupt.check()
      if let place = block.firstNonFinite {
        throw DecompositionError.notFinite(row: range.lowerBound + place.row, column: place.column)
      }
      largest = max(largest, block.total(.maximum), -block.total(.minimum))
    }
    return PowerOfTwo(largest: largest, precision)
  }
}
