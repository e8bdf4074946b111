import Matrices
import Vocabulary

/// One curve of a plot.
package struct Curve: Sendable {
  package enum Form: Sendable { case line, dots }

  package var name: String
  package var form: Form
  /// What is drawn for its points, instead of dots.
  package let mark: Unicode.Scalar?
  let points: [PlotPoint]
  /// How many numbers are not finite.
  let voids: Int
  private let runsRight: Bool

  /// A series, numbered from 1.
  package init(_ name: String, _ store: SeriesStore) {
    self.name = name
    form = .line
    mark = nil
    points = store.points
    voids = store.voids
    runsRight = true
  }

  /// Points in the order in which they are joined.
  package init(
    _ name: String = "", x: [Double], y: [Double], form: Form = .line, mark: Unicode.Scalar? = nil
  ) {
    self.name = name
    self.form = form
    self.mark = mark
    // A point without a place on the x axis is a gap too.
    points = zip(x, y).map { PlotPoint(x: $0.isFinite ? $0 : 0, y: $0.isFinite ? $1 : .nan) }
    voids = points.count { !$0.y.isFinite }
    runsRight = form == .line && zip(points, points.dropFirst()).allSatisfy { $0.x <= $1.x }
  }

  /// Where its points lie.
  package var places: [(x: Double, y: Double)] { points.map { ($0.x, $0.y) } }

  /// The faint and the bright dots. Where many points share a column, the whole line is faint and
  /// the line through the last points of the columns bright; else all of it is bright.
  func dots(_ scale: PlotScale) -> (faint: DotGrid?, bright: DotGrid) {
    switch form {
    case .dots: return (nil, Raster.scatter(points, scale))
    case .line:
      let path = Raster.path(points, scale)
      guard runsRight, points.count > 2 * scale.width else { return (nil, path) }
      return (path, Raster.path(Raster.lasts(points, scale), scale))
    }
  }
}

/// Curves with axes, drawn into any area.
package struct CurvePlot: Sendable {
  package var curves: [Curve]
  package var isLogarithmic = false
  package var glyphs: Glyphs?
  /// The range of the x axis, where it is not that of the points.
  package var domain: ClosedRange<Double>?
  /// Whether the names of several curves are shown.
  package var showsLegend = true

  package init(_ curves: [Curve]) { self.curves = curves }

  /// The numbers that the y axis must show.
  private var bounds: ClosedRange<Double>? {
    var (low, high) = (Double.infinity, -Double.infinity)
    for curve in curves {
      for point in curve.points where point.y.isFinite && (!isLogarithmic || point.y > 0) {
        low = min(low, point.y)
        high = max(high, point.y)
      }
    }
    return low <= high ? low...high : nil
  }

  private var extent: ClosedRange<Double> {
    if let domain { return domain }
    var (low, high) = (Double.infinity, -Double.infinity)
    for curve in curves {
      for point in curve.points where point.y.isFinite {
        low = min(low, point.x)
        high = max(high, point.x)
      }
    }
    return low < high ? low...high : low == high ? low - 1...high + 1 : 0...1
  }

  /// What cannot be drawn, counted: `3 values are not finite`.
  package var warning: String? {
    let voids = curves.reduce(0) { $0 + $1.voids }
    let low =
      isLogarithmic
      ? curves.reduce(0) { $0 + $1.points.count { $0.y.isFinite && $0.y <= 0 } } : 0
    let parts = [
      voids > 0 ? "\(voids) not finite" : nil, low > 0 ? "values ≤ 0 left out" : nil,
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// Draws axes, ticks, curves and their names. An area too small for axes gets the curves alone.
  package func draw(on canvas: inout Canvas, in area: Area) {
    guard !area.isEmpty else { return }
    let color = canvas.drawing.color
    guard let bounds else {
      let words = "nothing to draw yet"
      canvas.write(
        words, x: area.x + max(0, (area.width - words.count) / 2), y: area.y + area.height / 2,
        Ink.faint(color), limit: area.width)
      return
    }
    let glyphs = canvas.drawing.unicode ? glyphs ?? .braille : .ascii
    var scale = PlotScale(
      x: extent, y: PlotScale.padded(bounds, logarithmic: isLogarithmic),
      logarithmic: isLogarithmic, width: 0, height: 0)
    var plot = area
    let hasAxes = area.width >= 20 && area.height >= 5
    let limit = max(2, area.height / 3 + 1)
    let ticks =
      isLogarithmic
      ? Ticks.logarithmic(scale.y, limit: limit) : Ticks.linear(scale.y, limit: limit)
    if hasAxes {
      let gutter = (ticks.labels.map(\.count).max() ?? 0) + 1
      plot = Area(
        x: area.x + gutter + 1, y: area.y, width: area.width - gutter - 1,
        height: area.height - 2)
    }
    scale.width = plot.width * glyphs.dotsAcross
    scale.height = plot.height * glyphs.dotsDown
    guard scale.width > 0, scale.height > 0 else { return }
    if hasAxes { drawAxes(on: &canvas, area, plot, scale, ticks, glyphs) }
    for (index, curve) in curves.enumerated().reversed() {
      draw(curve, index, on: &canvas, plot, scale, glyphs)
    }
    if hasAxes { drawLegend(on: &canvas, plot) }
  }

  private func draw(
    _ curve: Curve, _ index: Int, on canvas: inout Canvas, _ plot: Area, _ scale: PlotScale,
    _ glyphs: Glyphs
  ) {
    let color = canvas.drawing.color
    var (faint, bright) = curve.dots(scale)
    if curve.form == .line, index > 0, glyphs != .ascii {
      // Told apart without colours: the second curve is dashed, the third dotted.
      bright.keep { index == 1 ? $0 % 6 < 4 : $0 % 4 < 1 }
    }
    let needsMark = curve.points.count == 1 || glyphs == .ascii && index > 0
    let mark = curve.mark ?? (needsMark ? marks[index % 4] : nil)
    for y in 0..<plot.height {
      for x in 0..<plot.width {
        if let letter = bright.letter(cell: x, y, glyphs) {
          let style = Style(Ink.series(index, color), bold: color == .eight)
          canvas[plot.x + x, plot.y + y] = Cell(mark ?? letter, style)
        } else if let letter = faint?.letter(cell: x, y, glyphs) {
          canvas[plot.x + x, plot.y + y] = Cell(letter, Ink.band(index, color))
        }
      }
    }
  }

  private var marks: [Unicode.Scalar] { ["*", "o", "+", "x"] }

  private func drawAxes(
    on canvas: inout Canvas, _ area: Area, _ plot: Area, _ scale: PlotScale, _ ticks: Ticks,
    _ glyphs: Glyphs
  ) {
    let style = Ink.faint(canvas.drawing.color)
    let (axis, floor) = (plot.x - 1, plot.y + plot.height)
    for y in plot.y..<floor { canvas[axis, y] = Cell("│", style) }
    for x in plot.x..<plot.x + plot.width { canvas[x, floor] = Cell("─", style) }
    canvas[axis, floor] = Cell("└", style)
    var lastLine = Int.max
    for (value, label) in zip(ticks.values, ticks.labels) {
      guard let row = scale.row(value) else { continue }
      let line = plot.y + row / glyphs.dotsDown
      guard line < lastLine else { continue }
      lastLine = line
      canvas[axis, line] = Cell("┤", style)
      canvas.write(label, before: axis, from: area.x, y: line, style)
    }
    let across = Ticks.linear(scale.x, limit: max(2, plot.width / 12))
    var free = area.x
    for (value, label) in zip(across.values, across.labels) {
      let x = plot.x + scale.column(value) / glyphs.dotsAcross
      guard x >= plot.x, x < plot.x + plot.width else { continue }
      canvas[x, floor] = Cell("┬", style)
      let start = min(x - label.count / 2, area.x + area.width - label.count)
      guard start >= free else { continue }
      canvas.write(label, x: start, y: floor + 1, style)
      free = start + label.count + 1
    }
  }

  /// Names, and what is missing, in the upper right, where falling curves leave room.
  private func drawLegend(on canvas: inout Canvas, _ plot: Area) {
    let color = canvas.drawing.color
    var line = plot.y
    let end = plot.x + plot.width
    if showsLegend, curves.count > 1 {
      let samples = canvas.drawing.unicode ? ["━━", "╺╸", "┈┈", "──"] : ["-", "o", "+", "x"]
      // A mark that is the name needs no words.
      let named = curves.enumerated().filter { $1.mark.map(String.init) != $1.name }
      for (index, curve) in named where line < plot.y + plot.height {
        let text = "\(curve.mark.map(String.init) ?? samples[index % 4]) \(curve.name)"
        canvas.write(text, before: end, from: plot.x, y: line, Style(Ink.series(index, color)))
        line += 1
      }
    }
    if let warning, line < plot.y + plot.height {
      canvas.write(
        "! \(warning)", before: end, from: plot.x, y: line, Style(Ink.warning(color), bold: true))
    }
  }
}
