/// Non-negative codes of rows in a dictionary, and what their derivatives need: told to a kernel by
/// where everything lies.
///
/// `prepared` holds `G = DᵀD + ridge·I`, its rows and columns padded with zeros to a multiple of four
/// (`width`), then the inverses of its diagonal, padded as well. `room` is memory of `roomCount`
/// numbers.
package struct Coding<S>: @unchecked Sendable {
  package var rows: Int
  package var components: Int
  package var prepared: UnsafePointer<S>
  package var room: UnsafeMutablePointer<S>

  package init(
    rows: Int, components: Int, prepared: UnsafePointer<S>, room: UnsafeMutablePointer<S>
  ) {
    (self.rows, self.components) = (rows, components)
    (self.prepared, self.room) = (prepared, room)
  }

  package var width: Int { Self.width(components) }
  @inlinable package static func width(_ components: Int) -> Int { (components + 3) & ~3 }

  /// Numbers of `prepared`.
  package static func preparedCount(_ components: Int) -> Int {
    width(components) * (width(components) + 1)
  }

  /// The most components that are solved for several rows side by side.
  @inlinable package static var together: Int { 48 }

  /// Lanes of the widest group of rows that is worked on at once.
  @inlinable package static var lanes: Int { 32 }

  /// Numbers to work in: codes and targets of a group of rows; or, for the derivatives of rows side
  /// by side, codes, slopes and one half of a system each; or of one row alone, a whole system.
  package static func roomCount(_ components: Int) -> Int {
    let few = min(components, together)
    let side = (components + lanes - 1) / lanes * lanes
    let alone = (components + 4) * side
    return max(
      2 * width(components) * lanes,
      lanes / 2 * (2 * components + few + few * (few + 1) / 2) + components + alone) + lanes
  }
}
