import Vocabulary

/// A row of colours from low to high: one for every kind of terminal, because the nearest of 256
/// colours would leave a dozen steps of a smooth ramp, and eight colours none.
package struct Ramp: Sendable, Equatable {
  private let anchors: [(UInt8, UInt8, UInt8)]
  private let palette: [UInt8]
  private let eight: [UInt8]

  /// From nothing (dark) to much (bright): rising in lightness, told apart by the colour-blind.
  package static let sequential = Ramp(
    anchors: [
      (0x2C, 0x06, 0x4A), (0x46, 0x2C, 0x7C), (0x3C, 0x50, 0x8B), (0x2E, 0x70, 0x8E),
      (0x22, 0x8B, 0x8D), (0x24, 0xA8, 0x84), (0x4A, 0xC1, 0x6D), (0x8B, 0xD6, 0x46),
      (0xC8, 0xE0, 0x2A), (0xFB, 0xE7, 0x28),
    ],
    palette: [17, 18, 54, 55, 24, 25, 30, 31, 36, 72, 78, 77, 113, 149, 185, 220, 226, 228],
    eight: [0, 4, 5, 6, 3, 7])

  /// From below zero (blue) through zero (white) to above (orange).
  package static let diverging = Ramp(
    anchors: [
      (0x0C, 0x33, 0x83), (0x2A, 0x66, 0xC0), (0x74, 0xA9, 0xDE), (0xC2, 0xDC, 0xF0),
      (0xF5, 0xF5, 0xF5),
      (0xFB, 0xD6, 0xA9), (0xF3, 0x9C, 0x4B), (0xD3, 0x62, 0x10), (0x84, 0x36, 0x04),
    ],
    palette: [
      18, 19, 25, 26, 32, 74, 117, 153, 189, 255, 230, 223, 216, 215, 208, 202, 166, 130, 94,
    ],
    eight: [4, 6, 7, 3, 1])

  private init(anchors: [(UInt8, UInt8, UInt8)], palette: [UInt8], eight: [UInt8]) {
    self.anchors = anchors
    self.palette = palette
    self.eight = eight
  }

  package static func == (a: Ramp, b: Ramp) -> Bool { a.palette == b.palette }

  /// How many different colours a terminal shows.
  package func steps(_ color: Drawing.Color) -> Int {
    switch color {
    case .none: 0
    case .eight: eight.count
    case .ansi256: palette.count
    case .truecolor: 256
    }
  }

  /// The colour of a part between 0 (low) and 1 (high); `nil` on a terminal without colours.
  package func paint(_ part: Double, _ color: Drawing.Color) -> Paint? {
    let part = min(max(part, 0), 1)
    switch color {
    case .none: return nil
    case .eight: return .palette(eight[min(eight.count - 1, Int(part * Double(eight.count)))])
    case .ansi256:
      return .palette(palette[min(palette.count - 1, Int(part * Double(palette.count)))])
    case .truecolor:
      let place = part * Double(anchors.count - 1)
      let index = min(anchors.count - 2, Int(place))
      let share = place - Double(index)
      let (a, b) = (anchors[index], anchors[index + 1])
      let mix = { (a: UInt8, b: UInt8) in
        UInt8((Double(a) * (1 - share) + Double(b) * share).rounded())
      }
      return .rgb(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
    }
  }
}

/// The colours of curves and texts, named for what they mean.
package enum Ink {
  /// The colour of the series with this number; each has its own lightness too.
  package static func series(_ index: Int, _ color: Drawing.Color) -> Paint? {
    switch color {
    case .none: nil
    case .eight: .palette([6, 3, 5, 2][index % 4])
    case .ansi256, .truecolor: .palette([81, 215, 176, 150][index % 4])
    }
  }

  /// The range of a series around its line: the same colour, fainter.
  package static func band(_ index: Int, _ color: Drawing.Color) -> Style {
    color >= .ansi256
      ? Style(.palette([24, 94, 96, 65][index % 4])) : Style(series(index, color), dim: true)
  }

  /// Something good or running.
  package static func accent(_ color: Drawing.Color) -> Paint? { series(0, color) }

  /// Something to notice: paused, stopping.
  package static func warning(_ color: Drawing.Color) -> Paint? { series(1, color) }

  /// What matters less: tick labels, borders.
  package static func faint(_ color: Drawing.Color) -> Style {
    color >= .ansi256 ? Style(.palette(245)) : color == .eight ? Style() : Style(dim: true)
  }
}
