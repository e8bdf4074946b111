import Vocabulary

/// A bar that fills from left to right, half a cell at a time.
package enum ProgressBar {
  /// The bar as letters of which the first `filled` are done.
  package static func letters(_ part: Double, width: Int) -> (text: String, filled: Int) {
    guard width > 0 else { return ("", 0) }
    let filled = Int((min(max(part, 0), 1) * Double(width)).rounded(.down))
    return (
      String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled), filled
    )
  }

  /// Draws the bar; what is done is bright.
  package static func draw(
    _ part: Double, on canvas: inout Canvas, x: Int, y: Int, width: Int, _ style: Style
  ) {
    let bar = letters(part, width: width)
    let faint = Ink.faint(canvas.drawing.color)
    for (place, letter) in bar.text.unicodeScalars.enumerated() {
      canvas[x + place, y] = Cell(letter, place < bar.filled ? style : faint)
    }
  }
}
