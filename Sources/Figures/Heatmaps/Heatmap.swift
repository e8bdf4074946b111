import Matrices
import Vocabulary

/// A matrix as colours: two elements a cell where it is small, means of many where it is large,
/// with a bar that says which colour is which number.
package struct Heatmap: Sendable {
  package var matrix: Matrix
  /// The limits of the colours; those of the matrix when none are given.
  package var scale: ColorScale?
  /// How several elements become one pixel.
  package var resampling = Resampling.mean
  /// Whether elements become squares of equal size, as in an image, rather than filling the area.
  package var keepsAspect = false

  package init(_ matrix: Matrix) { self.matrix = matrix }

  /// The largest square that one element is drawn as.
  private static let largestPixel = 8

  /// The pixels for a number of cells.
  func pixelShape(width: Int, height: Int, _ drawing: Drawing) -> Shape {
    // A cell is twice as high as wide: without half blocks a pixel is, too.
    let tall = PixelCells.pixelsDown(drawing) == 1
    let room = Shape(height * PixelCells.pixelsDown(drawing), width)
    let whole = Shape(matrix.rows, matrix.columns)
    guard !room.isEmpty, !whole.isEmpty else { return Shape(0, 0) }
    let across = tall ? 2 : 1
    let growth = min(
      room.rows / whole.rows, room.columns / (whole.columns * across), Self.largestPixel)
    if growth >= 1 { return Shape(whole.rows * growth, whole.columns * growth * across) }
    if keepsAspect {
      let scale = min(
        Double(room.rows) / Double(whole.rows),
        Double(room.columns) / Double(whole.columns * across))
      return Shape(
        max(1, Int(Double(whole.rows) * scale)), max(1, Int(Double(whole.columns * across) * scale))
      )
    }
    return Shape(min(room.rows, whole.rows), min(room.columns, whole.columns * across))
  }

  /// Draws the picture from the upper left of an area, and under it the colour bar; returns the
  /// lines it took.
  @discardableResult
  package func draw(on canvas: inout Canvas, in area: Area) -> Int {
    guard area.width > 0, area.height > 0 else { return 0 }
    guard !matrix.isEmpty else {
      canvas.write("empty", x: area.x, y: area.y, .dim, limit: area.width)
      return 1
    }
    let hasBar = area.height >= 3 && area.width >= 16
    let shape = pixelShape(
      width: area.width, height: area.height - (hasBar ? 1 : 0), canvas.drawing)
    let pixels = matrix.resampled(to: shape, by: resampling)
    let scale = scale ?? ColorScale(for: pixels)
    PixelCells.draw(pixels, on: &canvas, x: area.x, y: area.y, scale)
    let down = PixelCells.pixelsDown(canvas.drawing)
    let lines = (shape.rows + down - 1) / down
    guard hasBar else { return lines }
    let bar = ColorBar(scale: scale, note: note(shape))
    bar.draw(
      on: &canvas, in: Area(x: area.x, y: area.y + lines, width: area.width, height: 1))
    return lines + 1
  }

  /// What the picture does not show.
  private func note(_ shape: Shape) -> String {
    var parts: [String] = []
    if shape.rows < matrix.rows || shape.columns < matrix.columns {
      parts.append("\(resampling == .mean ? "means" : "peaks") of \(matrix.shape)")
    }
    let voids = matrix.finiteBounds.others
    if voids > 0 { parts.append("\(voids) not finite") }
    return parts.joined(separator: ", ")
  }
}

/// One line that says which colour is which number: `0 ▁▂▃ 0.42`.
package struct ColorBar: Sendable {
  package var scale: ColorScale
  package var note = ""

  package init(scale: ColorScale, note: String = "") {
    self.scale = scale
    self.note = note
  }

  /// Draws the bar at the left of a line, as wide as there is room.
  package func draw(on canvas: inout Canvas, in area: Area) {
    let (low, high) = (
      NumberFormat.short(scale.low, digits: 3), NumberFormat.short(scale.high, digits: 3)
    )
    let style = Ink.faint(canvas.drawing.color)
    let room = area.width - low.count - high.count - 2
    guard room >= 3 else { return }
    let width = min(room, note.isEmpty ? 24 : max(6, min(24, room - note.count - 2)))
    var x = area.x + canvas.write(low, x: area.x, y: area.y, style) + 1
    let values = (0..<width).map {
      scale.low + (scale.high - scale.low) * (Double($0) + 0.5) / Double(width)
    }
    let rows = PixelCells.pixelsDown(canvas.drawing)
    let pixels = Matrix(Array(repeating: values, count: rows))
    PixelCells.draw(pixels, on: &canvas, x: x, y: area.y, scale)
    x += width + 1
    x += canvas.write(high, x: x, y: area.y, style) + 2
    canvas.write(note, x: x, y: area.y, style, limit: max(0, area.x + area.width - x))
  }
}
