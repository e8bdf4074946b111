import Matrices
import Vocabulary

/// The limits between which numbers become colours, and the ramp.
package struct ColorScale: Sendable, Equatable {
  package var low: Double
  package var high: Double
  package var isSigned: Bool

  /// A scale for numbers within bounds: from 0 (or the smallest) up, or, when the sign means
  /// something, the same distance on both sides of zero.
  package init(_ bounds: ClosedRange<Double>?, signed: Bool) {
    isSigned = signed
    guard let bounds else {
      (low, high) = (signed ? -1 : 0, 1)
      return
    }
    if signed {
      let most = max(abs(bounds.lowerBound), abs(bounds.upperBound))
      (low, high) = (-most, most)
    } else {
      (low, high) = (min(0, bounds.lowerBound), max(0, bounds.upperBound))
    }
    if low == high { high = low + 1 }
  }

  /// A scale for the elements of a matrix: signed where some are below zero.
  package init(for matrix: Matrix) {
    let bounds = matrix.finiteBounds.bounds
    self.init(bounds, signed: (bounds?.lowerBound ?? 0) < 0)
  }

  var ramp: Ramp { isSigned ? .diverging : .sequential }

  /// Where a number lies between the limits, from 0 to 1.
  func part(_ value: Double) -> Double { min(max((value - low) / (high - low), 0), 1) }
}

/// How pixels become cells on a terminal.
enum PixelCells {
  /// Half blocks where there are colours: two pixels a cell, each its own colour. Shades where
  /// there are none: one pixel a cell.
  static func pixelsDown(_ drawing: Drawing) -> Int {
    drawing.color != .none && drawing.unicode ? 2 : 1
  }

  /// Draws the pixels into cells from a place on.
  static func draw(
    _ pixels: Matrix, on canvas: inout Canvas, x: Int, y: Int, _ scale: ColorScale
  ) {
    let drawing = canvas.drawing
    let rows = (0..<pixels.rows).map(pixels.row)
    if pixelsDown(drawing) == 1 {
      for (line, row) in rows.enumerated() {
        for (column, value) in row.enumerated() {
          canvas[x + column, y + line] = shade(value, scale, drawing)
        }
      }
      return
    }
    for line in 0..<(pixels.rows + 1) / 2 {
      let upper = rows[2 * line]
      let lower = 2 * line + 1 < rows.count ? rows[2 * line + 1] : nil
      for column in 0..<pixels.columns {
        canvas[x + column, y + line] = half(upper[column], lower?[column], scale, drawing)
      }
    }
  }

  private static func half(
    _ upper: Double, _ lower: Double?, _ scale: ColorScale, _ drawing: Drawing
  ) -> Cell {
    let paint = { (value: Double) -> Paint? in
      value.isFinite ? scale.ramp.paint(scale.part(value), drawing.color) : nil
    }
    let (above, below) = (paint(upper), lower.flatMap(paint))
    switch (above, below) {
    case (nil, nil): return Cell("╱", .dim)
    case (let above?, nil): return Cell("▀", Style(above))
    case (nil, let below?): return Cell("▄", Style(below))
    case (let above?, let below?):
      // One colour needs one code only.
      return above == below ? Cell(" ", Style(on: above)) : Cell("▀", Style(above, on: below))
    }
  }

  /// One pixel as a letter: how dark it is tells the number; signed numbers tell their side.
  private static func shade(_ value: Double, _ scale: ColorScale, _ drawing: Drawing) -> Cell {
    guard value.isFinite else { return Cell(drawing.unicode ? "╱" : "/", .dim) }
    let letters = drawing.unicode ? Shading.blocks : Shading.letters
    let part = scale.isSigned ? abs(scale.part(value) - 0.5) * 2 : scale.part(value)
    let step = min(letters.count - 1, Int(part * Double(letters.count)))
    var letter = letters[step].unicodeScalars.first ?? " "
    if scale.isSigned, value < 0, step > 0 {
      letter = negative[min(negative.count - 1, step * negative.count / letters.count)]
    }
    let paint = drawing.color == .none ? nil : scale.ramp.paint(scale.part(value), drawing.color)
    return Cell(letter, Style(paint))
  }

  /// Shades of numbers below zero, for terminals without colours.
  private static let negative: [Unicode.Scalar] = ["-", "-", "=", "="]
}
