/// What is added to the loss of one factor, and where its entries may lie.
package struct FactorTerms: Sendable, Equatable {
  /// Adds `l1 ΣF`.
  package var l1 = 0.0
  /// Adds `½ l2 ‖F‖²`.
  package var l2 = 0.0
  /// Adds `½ λ Σ_{r≠s} f_rᵀ f_s` over the components: they share fewer entries.
  package var orthogonality = 0.0
  package var lowest = 0.0
  package var highest = Double.infinity
  /// Whether the entries of every row are at least 0 and sum to 1.
  package var rowsSumToOne = false

  package init() {}

  /// Whether anything is added to the loss.
  package var arePenalties: Bool { l1 > 0 || l2 > 0 || orthogonality > 0 }

  /// Whether entries are held by more than `F ≥ 0`.
  package var areLimits: Bool { lowest != 0 || highest != .infinity || rowsSumToOne }

  /// What is added to the loss.
  package func penalty(_ factor: Matrix) -> Double {
    var sum = 0.0
    if l1 > 0 { sum += l1 * factor.total(.sum) }
    if l2 > 0 { sum += l2 / 2 * factor.sumOfSquares }
    if orthogonality > 0 {
      let rows = factor.reduced(.sum, along: .columns).sumOfSquares
      sum += orthogonality / 2 * max(0, rows - factor.sumOfSquares)
    }
    return sum
  }

  /// `self` with nothing but its l1, or its quadratic terms, for rules that treat them apart.
  package var hasQuadratic: Bool { l2 > 0 || orthogonality > 0 }

  /// The derivative of what is added: `l1 + l2 F + λ (F 1 1ᵀ − F)`.
  package func slope(_ factor: Matrix) -> Matrix {
    quadraticSlope(factor) + l1
  }

  /// The derivative of the quadratic terms.
  package func quadraticSlope(_ factor: Matrix) -> Matrix {
    var slope = (l2 - orthogonality) * factor
    if orthogonality > 0 {
      slope = Matrix.combine(
        .add, slope, orthogonality * factor.reduced(.sum, along: .columns))
    }
    return slope
  }
}

extension Matrix {
  /// The nearest factor that the terms allow, but for rows that sum to 1, which are scaled.
  package func within(_ terms: FactorTerms) -> Matrix {
    guard terms.areLimits else { return self }
    if terms.rowsSumToOne {
      let clipped = clamped(0, .infinity)
      let sums = clipped.reduced(.sum, along: .columns)
      let empty = Matrix.combine(.equal, sums, 0)
      let even = Matrix(1 / Double(max(columns, 1))).converted(to: precision)
      return Matrix.choose(empty, even, clipped.over(sums + empty))
    }
    return clamped(terms.lowest, terms.highest)
  }
}
