/// A colour of a cell: one of the terminal's own, or a mixture.
package enum Paint: Hashable, Sendable {
  case palette(UInt8)
  case rgb(UInt8, UInt8, UInt8)
}

/// How the letter of a cell looks. No paint means the terminal's own colour.
package struct Style: Hashable, Sendable {
  package var foreground: Paint?
  package var background: Paint?
  package var isBold: Bool
  package var isDim: Bool
  package var isReversed: Bool

  package init(
    _ foreground: Paint? = nil, on background: Paint? = nil, bold: Bool = false, dim: Bool = false,
    reversed: Bool = false
  ) {
    self.foreground = foreground
    self.background = background
    isBold = bold
    isDim = dim
    isReversed = reversed
  }

  package static let plain = Style()
  package static let bold = Style(bold: true)
  package static let dim = Style(dim: true)
}

/// One place on a canvas: a letter one column wide.
package struct Cell: Hashable, Sendable {
  package var letter: Unicode.Scalar
  package var style: Style

  package init(_ letter: Unicode.Scalar = " ", _ style: Style = .plain) {
    self.letter = letter
    self.style = style
  }
}

/// A rectangle of cells.
package struct Area: Hashable, Sendable {
  package var x: Int
  package var y: Int
  package var width: Int
  package var height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  package var isEmpty: Bool { width == 0 || height == 0 }

  /// What is left inside a border.
  package func inset(horizontally: Int = 1, vertically: Int = 1) -> Area {
    Area(
      x: x + horizontally, y: y + vertically, width: width - 2 * horizontally,
      height: height - 2 * vertically)
  }

  /// The top `count` lines and what is below them.
  package func split(top count: Int) -> (top: Area, rest: Area) {
    let count = min(max(0, count), height)
    return (
      Area(x: x, y: y, width: width, height: count),
      Area(x: x, y: y + count, width: width, height: height - count)
    )
  }

  /// The left `count` columns and what is right of them.
  package func split(left count: Int) -> (left: Area, rest: Area) {
    let count = min(max(0, count), width)
    return (
      Area(x: x, y: y, width: count, height: height),
      Area(x: x + count, y: y, width: width - count, height: height)
    )
  }
}
