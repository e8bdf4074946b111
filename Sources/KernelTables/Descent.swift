/// Coordinate descent over rows of a factor: every sweep sets
/// `f_r ← (b_r − l1 + Σ_s c_rs f_s) · inverse_r`, held between `lowest` and `highest`, for r = 1 … k.
package struct Descent<S>: @unchecked Sendable {
  /// k.
  package var parts: Int
  /// `−g_rs − λ`, k×k, with zeros on the diagonal.
  package var couplings: UnsafePointer<S>
  /// `1 / (g_rr + l2)`; 0 where a component stays as it is.
  package var inverses: UnsafePointer<S>
  package var l1: S
  package var lowest: S
  package var highest: S
  /// Sweeps at most; fewer once one moves the rows by no more than `decay` times what the first did.
  package var sweeps: Int
  package var decay: Double

  package init(
    parts: Int, couplings: UnsafePointer<S>, inverses: UnsafePointer<S>, l1: S, lowest: S,
    highest: S, sweeps: Int, decay: Double
  ) {
    self.parts = parts
    (self.couplings, self.inverses) = (couplings, inverses)
    (self.l1, self.lowest, self.highest) = (l1, lowest, highest)
    (self.sweeps, self.decay) = (sweeps, decay)
  }

  /// Vectors of rows that are done at once: as many sums as keep the multipliers busy.
  @inlinable package static var tileVectors: Int { 4 }

  /// With more parts two tiles at a time would leave the first-level cache.
  @inlinable package static var mostPaired: Int { 32 }

  /// Tiles that are done at once.
  @inlinable package static func tiles(parts: Int) -> Int { parts <= mostPaired ? 2 : 1 }

  /// Numbers of `room` for k parts, in vectors of `width`.
  package static func room(parts: Int, width: Int) -> Int {
    (2 * parts + 1) * (tiles(parts: parts) * tileVectors + 1) * width
  }
}
