/// What a row of numbers is: plain (`784`), a sequence (`28×28`: moments and the features of each)
/// or an image (`28×28×1`: rows, columns, channels). Its numbers lie with the last size fastest.
package struct Geometry: Sendable, Equatable, CustomStringConvertible {
  package let sizes: [Int]

  package init(_ sizes: Int...) { self.sizes = sizes }

  package init(sizes: [Int]) { self.sizes = sizes }

  package var count: Int { sizes.reduce(1, *) }
  package var isPlain: Bool { sizes.count == 1 }
  /// The numbers of the last size: features, or channels.
  package var features: Int { sizes.last ?? 1 }
  /// How often they occur: moments, or pixels.
  package var positions: Int { count / max(features, 1) }

  /// As an image: without channels it has one.
  package var image: (height: Int, width: Int, channels: Int)? {
    switch sizes.count {
    case 2: (sizes[0], sizes[1], 1)
    case 3: (sizes[0], sizes[1], sizes[2])
    default: nil
    }
  }

  /// As a sequence: an image is read row by row.
  package var sequence: (times: Int, features: Int)? {
    switch sizes.count {
    case 2: (sizes[0], sizes[1])
    case 3: (sizes[0], sizes[1] * sizes[2])
    default: nil
    }
  }

  package var description: String { sizes.map(String.init).joined(separator: "×") }

  /// As the arguments of `input`: `28, 28, 1`.
  package var call: String { sizes.map(String.init).joined(separator: ", ") }
}
