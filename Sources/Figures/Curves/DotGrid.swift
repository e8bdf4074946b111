/// The letters that curves are made of.
package enum Glyphs: String, Sendable, CaseIterable {
  /// 2×4 dots a cell: the finest.
  case braille
  /// 2×2 quarters a cell, for fonts without good braille.
  case blocks
  /// 1×3 places a cell: `'`, `-` and `.`.
  case ascii

  var dotsAcross: Int { self == .ascii ? 1 : 2 }
  var dotsDown: Int {
    switch self {
    case .braille: 4
    case .blocks: 2
    case .ascii: 3
    }
  }
}

/// Dots finer than cells. Row 0 is on top; dots outside are cut off.
package struct DotGrid: Equatable {
  package let width: Int
  package let height: Int
  private var dots: [Bool]

  init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    dots = Array(repeating: false, count: self.width * self.height)
  }

  /// Whether a dot is set.
  package subscript(x: Int, y: Int) -> Bool {
    x >= 0 && y >= 0 && x < width && y < height && dots[y * width + x]
  }

  /// How many dots are set.
  package var count: Int { dots.count(where: { $0 }) }

  /// Sets the dots of one column between two rows, both included.
  mutating func fill(_ x: Int, _ a: Int, _ b: Int) {
    guard x >= 0, x < width else { return }
    let (top, bottom) = (max(0, min(a, b)), min(height - 1, max(a, b)))
    guard top <= bottom else { return }
    for y in top...bottom { dots[y * width + x] = true }
  }

  /// Sets the dots that a straight line between two dots runs through; in every column from the
  /// height where it enters to the height where it leaves.
  mutating func line(from a: (x: Int, y: Int), to b: (x: Int, y: Int)) {
    if a.x == b.x { return fill(a.x, a.y, b.y) }
    let (start, end) = a.x < b.x ? (a, b) : (b, a)
    let slope = Double(end.y - start.y) / Double(end.x - start.x)
    // Halves are rounded towards the start, so that a diagonal is one dot thick.
    let row = { (x: Double) in
      let rise = x * slope
      return start.y + (rise < 0 ? -1 : 1) * (Int((abs(rise) + 0.5).rounded(.up)) - 1)
    }
    let first = max(start.x, 0)
    guard first <= min(end.x, width - 1) else { return }
    var edge = first == start.x ? start.y : row(Double(first - start.x) - 0.5)
    for x in first...min(end.x, width - 1) {
      let leave = x == end.x ? end.y : row(Double(x - start.x) + 0.5)
      // The row where the line enters was drawn in the column before.
      let enter = x == start.x || leave == edge ? edge : edge + (leave - edge).signum()
      fill(x, enter, leave)
      edge = leave
    }
  }

  /// Removes the dots of some columns, which makes a line dashed.
  mutating func keep(columns isKept: (Int) -> Bool) {
    for x in 0..<width where !isKept(x) {
      for y in 0..<height { dots[y * width + x] = false }
    }
  }

  /// The letter that shows the dots of one cell; `nil` where there are none.
  func letter(cell x: Int, _ y: Int, _ glyphs: Glyphs) -> Unicode.Scalar? {
    let (left, top) = (x * glyphs.dotsAcross, y * glyphs.dotsDown)
    switch glyphs {
    case .braille:
      var bits: UInt32 = 0
      for (bit, place) in Self.brailleDots.enumerated() where self[left + place.0, top + place.1] {
        bits |= 1 << UInt32(bit)
      }
      return bits == 0 ? nil : Unicode.Scalar(0x2800 + bits)
    case .blocks:
      var bits = 0
      for bit in 0..<4 where self[left + bit % 2, top + bit / 2] { bits |= 1 << bit }
      return bits == 0 ? nil : Self.quarters[bits]
    case .ascii:
      let dots = (self[left, top], self[left, top + 1], self[left, top + 2])
      switch dots {
      case (false, false, false): return nil
      case (true, true, true), (true, false, true): return "|"
      case (true, _, false): return "'"
      case (false, true, false): return "-"
      case (false, _, true): return "."
      }
    }
  }

  /// Where the dots of a braille letter lie, by bit.
  private static let brailleDots = [
    (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3),
  ]
  /// Bit 0 upper left, 1 upper right, 2 lower left, 3 lower right.
  private static let quarters: [Unicode.Scalar] = [
    " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
  ]
}
