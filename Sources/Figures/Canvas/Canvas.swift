import Vocabulary

/// A rectangle of cells to draw on. The live view shows it on a screen, `text` makes a string of
/// it, tests read it. Drawing outside is cut off, never a mistake: a panel need not know how small
/// the terminal is. Every letter takes one column; letters of other widths become `?`.
package struct Canvas: Sendable, Equatable {
  package let width: Int
  package let height: Int
  /// What the terminal can show: drawings choose their letters and colours by it.
  package let drawing: Drawing
  package private(set) var cells: [Cell]

  package init(width: Int, height: Int, drawing: Drawing) {
    self.width = max(0, width)
    self.height = max(0, height)
    self.drawing = drawing
    cells = Array(repeating: Cell(), count: self.width * self.height)
  }

  package var area: Area { Area(x: 0, y: 0, width: width, height: height) }

  /// One cell; outside the canvas reads are blank and writes are lost.
  package subscript(x: Int, y: Int) -> Cell {
    get { contains(x, y) ? cells[y * width + x] : Cell() }
    set { if contains(x, y) { cells[y * width + x] = newValue } }
  }

  private func contains(_ x: Int, _ y: Int) -> Bool { x >= 0 && y >= 0 && x < width && y < height }

  /// Writes text from a place to the right, in at most `limit` columns; returns how many it took.
  /// Text that is too long ends with an ellipsis.
  @discardableResult
  package mutating func write(
    _ text: String, x: Int, y: Int, _ style: Style = .plain, limit: Int = .max
  ) -> Int {
    let letters = text.map(Self.letter)
    let limit = min(limit, max(0, width - x))
    let isCut = letters.count > limit
    for (place, letter) in letters.prefix(limit).enumerated() {
      let shown: Unicode.Scalar = isCut && place == limit - 1 ? "…" : letter
      self[x + place, y] = Cell(shown, style)
    }
    return min(limit, letters.count)
  }

  /// Writes text that ends before the column `end`, not reaching left of `start`.
  package mutating func write(
    _ text: String, before end: Int, from start: Int = 0, y: Int, _ style: Style = .plain
  ) {
    let room = max(0, end - start)
    write(text, x: max(start, end - text.count), y: y, style, limit: room)
  }

  /// Fills an area with one cell.
  package mutating func fill(_ area: Area, with cell: Cell = Cell()) {
    for y in area.y..<area.y + area.height {
      for x in area.x..<area.x + area.width { self[x, y] = cell }
    }
  }

  /// Draws a border with a title in it; returns the area inside.
  @discardableResult
  package mutating func frame(
    _ area: Area, title: String = "", note: String = "", _ style: Style = .dim,
    titleStyle: Style = .bold
  ) -> Area {
    guard area.width >= 2, area.height >= 2 else { return area.inset() }
    let (right, bottom) = (area.x + area.width - 1, area.y + area.height - 1)
    for x in area.x...right {
      self[x, area.y] = Cell("─", style)
      self[x, bottom] = Cell("─", style)
    }
    for y in area.y...bottom {
      self[area.x, y] = Cell("│", style)
      self[right, y] = Cell("│", style)
    }
    self[area.x, area.y] = Cell("╭", style)
    self[right, area.y] = Cell("╮", style)
    self[area.x, bottom] = Cell("╰", style)
    self[right, bottom] = Cell("╯", style)
    var used = 0
    if !title.isEmpty, area.width > 6 {
      used = write(" \(title) ", x: area.x + 2, y: area.y, titleStyle, limit: area.width - 4)
    }
    if !note.isEmpty, note.count + used + 6 < area.width {
      write(" \(note) ", before: right - 1, y: area.y, style)
    }
    return area.inset()
  }

  /// The one scalar of a letter that takes one column.
  private static func letter(_ character: Character) -> Unicode.Scalar {
    guard let first = character.unicodeScalars.first else { return " " }
    switch first.value {
    case 0x20..<0x7F, 0xA0..<0x300, 0x370..<0x1100, 0x2010..<0x2028, 0x2030..<0x2060,
      0x2070..<0x231A, 0x2320..<0x23E9, 0x23F4..<0x2600, 0x2605..<0x2614, 0x2700..<0x2705,
      0x2750..<0x2753, 0x2758..<0x2795, 0x2798..<0x27B0, 0x27C0..<0x2B1B:
      return first
    case 0x9: return " "
    default: return "?"
    }
  }
}
