import Matrices
import Vocabulary

/// The short way from numbers to a picture in text: what `plot`, `heatmap`, `images` and `hist`
/// print. Lines are joined by new lines, without one at the end; none is wider than `width`, and
/// there are at most `height`.
package enum Picture {
  /// A matrix as colours with a bar of numbers under it.
  package static func heatmap(
    _ matrix: Matrix, title: String = "", width: Int, height: Int, drawing: Drawing,
    resampling: Resampling = .mean, keepsAspect: Bool = false
  ) -> String {
    var canvas = Canvas(width: width, height: height, drawing: drawing)
    var heatmap = Heatmap(matrix)
    heatmap.resampling = resampling
    heatmap.keepsAspect = keepsAspect
    let area = titled(title, on: &canvas)
    let lines = heatmap.draw(on: &canvas, in: area)
    return trimmed(canvas, lines: area.y + lines)
  }

  /// One picture of grey or signed pixels, its sides in proportion.
  package static func image(
    _ matrix: Matrix, title: String = "", width: Int, height: Int, drawing: Drawing
  ) -> String {
    heatmap(
      matrix, title: title, width: width, height: height, drawing: drawing, keepsAspect: true)
  }

  /// Many small pictures, one a row of the matrix; says how many are shown when not all are.
  package static func tiles(
    _ tiles: Matrix, tileShape: Shape, title: String = "", width: Int, height: Int,
    drawing: Drawing, sharesScale: Bool = false
  ) -> String {
    var canvas = Canvas(width: width, height: height, drawing: drawing)
    var grid = TileGrid(tiles, tileShape: tileShape)
    grid.sharesScale = sharesScale
    let area = titled(title, on: &canvas)
    guard let layout = grid.layout(width: area.width, height: area.height - 1, drawing) else {
      return heatmap(tiles, title: title, width: width, height: height, drawing: drawing)
    }
    let shown = grid.draw(
      on: &canvas, in: Area(x: 0, y: area.y, width: area.width, height: area.height - 1))
    let rows = (shown.count + layout.across - 1) / layout.across
    var lines = min(height - 1, area.y + rows * layout.stride.rows)
    if shown.count < tiles.rows {
      canvas.write("the first \(shown.count) of \(tiles.rows)", x: 0, y: lines, .dim)
      lines += 1
    }
    return trimmed(canvas, lines: lines)
  }

  /// Curves in one pair of axes.
  package static func curves(
    _ curves: [Curve], title: String = "", logarithmic: Bool = false, width: Int, height: Int,
    drawing: Drawing, glyphs: Glyphs? = nil
  ) -> String {
    var canvas = Canvas(width: width, height: height, drawing: drawing)
    var plot = CurvePlot(curves)
    plot.isLogarithmic = logarithmic
    plot.glyphs = glyphs
    let area = titled(title, on: &canvas)
    plot.draw(on: &canvas, in: area)
    return canvas.text
  }

  /// Named numbers as bars.
  package static func bars(
    labels: [String], values: [Double], title: String = "", width: Int, height: Int,
    drawing: Drawing
  ) -> String {
    draw(
      BarPlot(labels: labels, values: values), title: title, width: width, height: height,
      drawing: drawing)
  }

  /// How many of the numbers lie where.
  package static func histogram(
    _ numbers: [Double], bins: Int = 12, title: String = "", width: Int, height: Int,
    drawing: Drawing
  ) -> String {
    let rows = height - (title.isEmpty ? 0 : 1)
    return draw(
      .histogram(numbers, bins: max(1, min(bins, rows))), title: title, width: width,
      height: height, drawing: drawing)
  }

  private static func draw(
    _ bars: BarPlot, title: String, width: Int, height: Int, drawing: Drawing
  ) -> String {
    var canvas = Canvas(width: width, height: height, drawing: drawing)
    let area = titled(title, on: &canvas)
    let lines = bars.draw(on: &canvas, in: area)
    return trimmed(canvas, lines: area.y + lines)
  }

  private static func titled(_ title: String, on canvas: inout Canvas) -> Area {
    guard !title.isEmpty else { return canvas.area }
    canvas.write(title, x: 0, y: 0, .bold)
    return canvas.area.split(top: 1).rest
  }

  private static func trimmed(_ canvas: Canvas, lines: Int) -> String {
    canvas.lines(drawing: canvas.drawing).prefix(lines).joined(separator: "\n")
  }
}
