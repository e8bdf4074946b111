/// A line w of an implicit factorization, whose equations are
/// `(α₀HᵀH + Σ (c − α₀) h hᵀ + λ) w = Σ c h` over its entries.
///
/// Rows of the other factor H and of `α₀HᵀH` are `stride` numbers long, in whole vectors, with zeros
/// behind the last factor; so is w.
package struct ImplicitLine<S>: @unchecked Sendable {
  package let factor: UnsafePointer<S>
  package let gram: UnsafePointer<S>
  package let stride: Int
  package let unobserved: S
  package let w: UnsafeMutablePointer<S>
  /// For conjugate gradients: `roomCount` numbers.
  package let room: UnsafeMutablePointer<S>
  /// What belongs to the line: the rows of H, the confidences c, how many, and λ.
  package var places: UnsafePointer<Int32>?
  package var confidences: UnsafePointer<Double>?
  package var count = 0
  package var penalty = 0.0

  package init(
    factor: UnsafePointer<S>, gram: UnsafePointer<S>, stride: Int, unobserved: S,
    w: UnsafeMutablePointer<S>, room: UnsafeMutablePointer<S>
  ) {
    (self.factor, self.gram, self.stride) = (factor, gram, stride)
    (self.unobserved, self.w, self.room) = (unobserved, w, room)
  }

  /// The numbers of `room`: three vectors of the search.
  package static func roomCount(stride: Int) -> Int { 3 * stride }
}
