/// A line of explicit ratings: `r ≈ offset + p·q + b` over its entries, whose p and b are sought.
///
/// Rows q of the other factor are `stride` numbers long, in whole vectors, with zeros behind the last
/// factor; so is p.
package struct RidgeLine<S>: @unchecked Sendable {
  package let factor: UnsafePointer<S>
  /// What every row of the other factor says without p: the mean and its bias.
  package let offsets: UnsafePointer<S>
  package let stride: Int
  /// Whether b is sought, or 0.
  package let solvesBias: Bool
  package let p: UnsafeMutablePointer<S>
  package let bias: UnsafeMutablePointer<S>
  /// Three vectors of the search.
  package let room: UnsafeMutablePointer<S>
  /// What the entries leave of their ratings: `spareTargets` numbers more than the longest line has.
  package let targets: UnsafeMutablePointer<S>
  /// What belongs to the line: the rows q, the ratings, how many, and what p² and b² cost.
  package var places: UnsafePointer<Int32>?
  package var values: UnsafePointer<Double>?
  package var count = 0
  package var penalty = 0.0
  package var biasPenalty = 0.0

  /// `memory` is `roomCount` numbers.
  package init(
    factor: UnsafePointer<S>, offsets: UnsafePointer<S>, stride: Int, solvesBias: Bool,
    memory: UnsafeMutablePointer<S>
  ) {
    (self.factor, self.offsets) = (factor, offsets)
    (self.stride, self.solvesBias) = (stride, solvesBias)
    p = memory
    room = memory + stride
    bias = memory + 4 * stride
    targets = bias + 1
  }

  /// Targets are read four at a time.
  private static var spareTargets: Int { 3 }

  /// The numbers of `memory` for lines of at most so many entries.
  package static func roomCount(stride: Int, longest: Int) -> Int {
    4 * stride + 1 + longest + spareTargets
  }
}
