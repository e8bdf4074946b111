import Vocabulary

extension Canvas {
  /// The canvas as lines of text, each without trailing blanks. Escape codes are written only
  /// where the style changes, and none at all where there is no colour; letters that are not ASCII
  /// are replaced where the terminal has none.
  package func text(drawing: Drawing) -> String {
    lines(drawing: drawing).joined(separator: "\n")
  }

  /// The canvas as text for the terminal it was drawn for.
  package var text: String { text(drawing: drawing) }

  /// The lines of `text(drawing:)`.
  package func lines(drawing: Drawing) -> [String] {
    (0..<height).map { y in
      var line = ""
      var style = Style.plain
      for cell in cells[y * width..<y * width + lastUsed(y, drawing)] {
        let wanted = drawing.color == .none ? Style.plain : cell.style
        if wanted != style {
          line += Escape.change(from: style, to: wanted, drawing.color)
          style = wanted
        }
        line.unicodeScalars.append(drawing.unicode ? cell.letter : Plainer.ascii(cell.letter))
      }
      if style != .plain { line += Escape.reset }
      return line
    }
  }

  /// One past the last cell of a line that can be seen.
  private func lastUsed(_ y: Int, _ drawing: Drawing) -> Int {
    let shows = { (cell: Cell) in
      cell.letter != " "
        || drawing.color != .none && (cell.style.background != nil || cell.style.isReversed)
    }
    return (0..<width).last { shows(cells[y * width + $0]) }.map { $0 + 1 } ?? 0
  }
}

/// The escape codes of styles.
enum Escape {
  static let reset = "\u{1B}[0m"

  /// The shortest code that turns one style into another.
  static func change(from old: Style, to new: Style, _ color: Drawing.Color) -> String {
    if new == .plain { return reset }
    var codes: [String] = []
    var old = old
    let loses =
      old.isBold && !new.isBold || old.isDim && !new.isDim || old.isReversed && !new.isReversed
    if loses {
      codes.append("0")
      old = .plain
    }
    if new.isBold && !old.isBold { codes.append("1") }
    if new.isDim && !old.isDim { codes.append("2") }
    if new.isReversed && !old.isReversed { codes.append("7") }
    if new.foreground != old.foreground { codes.append(code(new.foreground, 30, color)) }
    if new.background != old.background { codes.append(code(new.background, 40, color)) }
    return "\u{1B}[\(codes.joined(separator: ";"))m"
  }

  private static func code(_ paint: Paint?, _ base: Int, _ color: Drawing.Color) -> String {
    switch paint {
    case nil: "\(base + 9)"
    case .palette(let index) where index < 8: "\(base + Int(index))"
    case .palette(let index): "\(base + 8);5;\(index)"
    case .rgb(let red, let green, let blue): "\(base + 8);2;\(red);\(green);\(blue)"
    }
  }
}
