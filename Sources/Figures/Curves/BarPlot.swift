import Matrices
import Vocabulary

/// Named numbers as horizontal bars: histograms, scores, shares.
package struct BarPlot: Sendable {
  package var labels: [String]
  package var values: [Double]

  package init(labels: [String], values: [Double]) {
    precondition(labels.count == values.count)
    self.labels = labels
    self.values = values
  }

  /// Counts of numbers in bins of equal, round width: at most `bins`.
  package static func histogram(_ numbers: [Double], bins: Int) -> BarPlot {
    let finite = numbers.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else {
      return BarPlot(labels: [], values: [])
    }
    guard high > low, (high - low).isFinite else {
      return BarPlot(
        labels: [NumberFormat.short(low, digits: 4)], values: [Double(finite.count)])
    }
    var step = Ticks.niceStep((high - low) / Double(max(1, bins)))
    var first = (low / step).rounded(.down)
    while (high / step).rounded(.down) - first + 1 > Double(max(2, bins)) {
      step = Ticks.niceStep(step * 1.01)
      first = (low / step).rounded(.down)
    }
    let count = Int((high / step).rounded(.down) - first) + 1
    var counts = [Double](repeating: 0, count: count)
    for number in finite {
      counts[min(count - 1, max(0, Int((number / step).rounded(.down) - first)))] += 1
    }
    let labels = (0..<count).map { NumberFormat.short((first + Double($0)) * step, digits: 4) }
    return BarPlot(labels: labels, values: counts)
  }

  private static let eighths: [Unicode.Scalar] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  /// Draws one bar a line; returns the lines it took.
  @discardableResult
  package func draw(on canvas: inout Canvas, in area: Area) -> Int {
    let color = canvas.drawing.color
    let gutter = min(labels.map(\.count).max() ?? 0, max(0, area.width / 2))
    let numbers = values.map { NumberFormat.short($0, digits: 4) }
    let longest = numbers.map(\.count).max() ?? 0
    let room = area.width - gutter - longest - 3
    guard room > 0 else { return 0 }
    let low = min(0, values.filter(\.isFinite).min() ?? 0)
    let high = max(0, values.filter(\.isFinite).max() ?? 0)
    let unit = high > low ? Double(room) / (high - low) : 0
    let zero = Int((-low * unit).rounded())
    let lines = min(area.height, values.count)
    for line in 0..<lines {
      let (y, value) = (area.y + line, values[line])
      canvas.write(labels[line], before: area.x + gutter, from: area.x, y: y)
      let start = area.x + gutter + 1
      canvas[start + zero, y] = Cell("│", Ink.faint(color))
      guard value.isFinite else {
        canvas.write(numbers[line], x: start + zero + 2, y: y)
        continue
      }
      let length = abs(value) * unit
      let style = Style(Ink.series(value < 0 ? 1 : 0, color))
      if value < 0 {
        for x in 0..<Int(length.rounded()) { canvas[start + zero - 1 - x, y] = Cell("█", style) }
        canvas.write(numbers[line], x: start + zero + 2, y: y)
        continue
      }
      let whole = Int(length)
      for x in 0..<whole { canvas[start + zero + 1 + x, y] = Cell("█", style) }
      let rest = Int((length - Double(whole)) * 8)
      if rest > 0, canvas.drawing.unicode {
        canvas[start + zero + 1 + whole, y] = Cell(Self.eighths[rest], style)
      }
      canvas.write(numbers[line], x: start + zero + 2 + whole + (rest > 0 ? 1 : 0), y: y)
    }
    return lines
  }
}
