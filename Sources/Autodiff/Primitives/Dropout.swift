import Matrices

/// Dropout (Srivastava et al., JMLR 2014): `y = x ∘ mask`, where the mask is 0 with the probability
/// `rate` and `1 / (1 − rate)` else, so that the expected value stays what it was.
package enum Dropout {
  /// Draws the mask and writes `y = x ∘ mask`.
  package static func forward(
    _ x: Block, rate: Double, chance: RowChance, mask: Block, into y: Block
  ) {
    y.dropOut(
      x, mask: mask, rate: rate, seed: chance.seed, stream: chance.stream,
      firstRow: chance.firstRow)
  }

  /// `dx = dy ∘ mask`.
  package static func inputGradient(_ dy: Block, mask: Block, into dx: Block) {
    dx.multiply(dy, mask)
  }
}

/// Where the random numbers of some rows come from: each row has its own, whoever computes it.
package struct RowChance: Sendable {
  package var seed: UInt64
  package var stream: UInt32
  /// The number of the first row, counted over all steps of training.
  package var firstRow: UInt64

  package init(seed: UInt64, stream: UInt32 = 0, firstRow: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.firstRow = firstRow
  }
}
