import Figures
import Matrices
import Training
import Vocabulary

extension LiveViewModel {
  /// The smallest terminal that shows everything.
  package static let leastWidth = 60
  package static let leastHeight = 16

  /// The whole view. Any size can be drawn on; a small one gets the essentials. Notes how many
  /// tiles there was room for.
  package mutating func draw(on canvas: inout Canvas) {
    guard canvas.width >= Self.leastWidth, canvas.height >= Self.leastHeight else {
      return drawEssentials(on: &canvas)
    }
    let (header, belowHeader) = canvas.area.split(top: 1)
    let (panes, footer) = belowHeader.split(top: belowHeader.height - 3)
    drawHeader(on: &canvas, in: header)
    drawPanes(on: &canvas, in: panes)
    drawProgress(on: &canvas, in: footer.split(top: 1).top)
    drawNumbersLine(on: &canvas, y: footer.y + 1)
    drawKeys(on: &canvas, y: footer.y + 2)
    if showsHelp { drawHelp(on: &canvas) }
  }

  /// For terminals too small for panes: how far, how well, and what would help.
  private func drawEssentials(on canvas: inout Canvas) {
    var lines: [(String, Style)] = []
    if let plan = run.plan {
      lines.append((plan.title, .bold))
      lines.append(("\(plan.unit.rawValue) \(stepText)", .plain))
      if let last = run.last {
        lines.append(("\(plan.objective) \(Words.number(last.objective, digits: 5))", .plain))
      }
    }
    lines.append((stateText.text, Style(stateText.paint(canvas.drawing.color))))
    lines.append(("s stop and keep", Ink.faint(canvas.drawing.color)))
    lines.append(
      ("\(Self.leastWidth)×\(Self.leastHeight) shows more", Ink.faint(canvas.drawing.color)))
    for (y, line) in lines.enumerated() { canvas.write(line.0, x: 0, y: y, line.1) }
  }

  // MARK: Header and footer

  private var stepText: String { "\(Int(run.position))/\(run.plan?.total ?? 0)" }

  /// What the run is doing, and its colour.
  private var stateText: (text: String, paint: (Drawing.Color) -> Paint?) {
    if let outcome = run.outcome { return (outcome.reason.words, Ink.accent) }
    if isStopping { return ("stopping after this step", Ink.warning) }
    if isPaused { return ("paused", Ink.warning) }
    return ("running", Ink.accent)
  }

  private func drawHeader(on canvas: inout Canvas, in area: Area) {
    let (text, paint) = stateText
    let color = canvas.drawing.color
    let badge = " \(isPaused && !isStopping ? "■" : "▶") \(text) "
    let clock = Words.seconds(elapsed)
    let end = area.x + area.width - 1
    canvas.write(clock, before: end, y: area.y, Ink.faint(color))
    canvas.write(
      badge, before: end - clock.count - 1, y: area.y, Style(paint(color), bold: true))
    canvas.write(
      run.plan?.title ?? "starting", x: 1, y: area.y, .bold,
      limit: max(0, area.width - badge.count - clock.count - 4))
  }

  private func drawProgress(on canvas: inout Canvas, in area: Area) {
    guard let plan = run.plan else { return }
    let color = canvas.drawing.color
    var tail = "\(Int(run.part * 100)) %"
    let rate = Words.rate(run.rate, unit: plan.unit)
    if !rate.isEmpty { tail += "  \(rate)" }
    tail += "  ETA \(Words.clock(isPaused ? nil : run.remaining(elapsed: elapsed)))"
    let x = 1 + canvas.write("\(plan.unit.rawValue) \(stepText) ", x: 1, y: area.y)
    // The tail has a fixed place, so that the bar does not change its length all the time.
    let room = max(tail.count, 30)
    let end = area.x + area.width - 1 - room
    ProgressBar.draw(
      run.part, on: &canvas, x: x, y: area.y, width: max(0, end - x - 1),
      Style(isPaused ? Ink.warning(color) : Ink.accent(color), bold: color == .eight))
    canvas.write(tail, x: end + 1, y: area.y)
  }

  private func drawNumbersLine(on canvas: inout Canvas, y: Int) {
    guard let plan = run.plan, let last = run.last else { return }
    let faint = Ink.faint(canvas.drawing.color)
    var x = 1
    x += canvas.write("\(plan.objective) ", x: x, y: y, faint)
    x += canvas.write(Words.number(last.objective, digits: 5), x: x, y: y, .bold) + 3
    if let best = run.best {
      x += canvas.write("best ", x: x, y: y, faint)
      x +=
        canvas.write("\(Words.number(best.objective, digits: 5)) at \(best.step)", x: x, y: y) + 3
    }
    let recent = run.objective.recent
    if recent.count >= 2 {
      let change = recent[recent.count - 1] - recent[recent.count - 2]
      x += canvas.write("change ", x: x, y: y, faint)
      let sign = change < 0 ? "−" : "+"
      let size = NumberFormat.written("%.*e", 1, abs(change))
      x += canvas.write(change == 0 ? "0" : sign + size, x: x, y: y) + 3
    }
    for (name, store) in zip(plan.metrics, run.metrics) {
      guard let value = store.last, value.isFinite else { continue }
      let text = Words.number(value, digits: 5)
      guard x + name.count + text.count + 1 < canvas.width else { break }
      x += canvas.write("\(name) ", x: x, y: y, faint)
      x += canvas.write(text, x: x, y: y, .bold) + 3
    }
  }

  private func drawKeys(on canvas: inout Canvas, y: Int) {
    let faint = Ink.faint(canvas.drawing.color)
    let hints = [
      ("space", isPaused ? "go on" : "pause"), ("n", "step"), ("s", "stop & keep"),
      ("l", isLogarithmic ? "linear" : "log"), ("Tab", "pane"), ("v", "leave"),
    ]
    // The keys to all other keys have their place in any width.
    let all = (key: "?", meaning: "keys")
    let end = canvas.width - all.key.count - all.meaning.count - 3
    var x = 1
    for (key, meaning) in hints + [all] {
      guard key == all.key || x + key.count + meaning.count + 1 < end else { continue }
      x += canvas.write(key, x: x, y: y, .bold) + 1
      x += canvas.write(meaning, x: x, y: y, faint) + 2
    }
  }

  // MARK: Panes

  private mutating func drawPanes(on canvas: inout Canvas, in area: Area) {
    switch focus {
    case .curve: return drawCurve(on: &canvas, in: area)
    case .picture: return drawPicture(on: &canvas, in: area)
    case .numbers: return drawTable(on: &canvas, in: area)
    case nil: break
    }
    var left = area
    if run.picture != nil {
      // Wide enough for five tiles across on the smallest common terminal.
      let share = area.width >= 110 ? area.width * 55 / 100 : area.width * 57 / 100
      let (curve, picture) = area.split(left: area.width - share)
      drawPicture(on: &canvas, in: picture)
      left = curve
    }
    let rows = run.metrics.count + 4
    if rows > 4, left.height >= rows + 8 {
      let (curve, table) = left.split(top: left.height - rows)
      drawCurve(on: &canvas, in: curve)
      drawTable(on: &canvas, in: table)
    } else {
      drawCurve(on: &canvas, in: left)
    }
  }

  private func drawCurve(on canvas: inout Canvas, in area: Area) {
    guard let plan = run.plan else { return }
    let chosen = min(curve, run.metrics.count)
    let name = chosen == 0 ? plan.objective : plan.metrics[chosen - 1]
    var series = [(name, chosen == 0 ? run.objective : run.metrics[chosen - 1])]
    if chosen == 0 {
      // The same quantity on other data belongs in the same axes.
      for (metric, store) in zip(plan.metrics, run.metrics)
      where metric.hasSuffix(" \(plan.objective)") {
        series.append((metric, store))
      }
    }
    var notes: [String] = []
    if isLogarithmic { notes.append("log") }
    if showsRecent { notes.append("last \(run.objective.recent.count)") }
    let inside = canvas.frame(
      area, title: "1 \(name)", note: notes.joined(separator: ", "),
      Ink.faint(canvas.drawing.color))
    let count = run.objective.count
    var plot: CurvePlot
    if showsRecent {
      plot = CurvePlot(
        series.map { name, store in
          let recent = store.recent
          let first = Double(store.count - recent.count)
          return Curve(name, x: recent.indices.map { first + Double($0 + 1) }, y: recent)
        })
    } else {
      plot = CurvePlot(series.map { Curve($0.0, $0.1) })
      plot.domain = 1...Double(max(2, Self.roundedUp(count, total: plan.total)))
    }
    plot.isLogarithmic = isLogarithmic
    plot.draw(on: &canvas, in: inside)
  }

  /// The end of the axis: a round number of steps, so that the curve does not shrink at every one.
  static func roundedUp(_ count: Int, total: Int) -> Int {
    let nice = Int(Ticks.niceStep(Double(max(10, count))))
    return max(count, min(nice, total))
  }

  private mutating func drawPicture(on canvas: inout Canvas, in area: Area) {
    let faint = Ink.faint(canvas.drawing.color)
    guard let picture = run.picture else {
      let inside = canvas.frame(area, title: "2 picture", faint)
      canvas.write("this run has no picture", x: inside.x, y: inside.y, faint, limit: inside.width)
      return
    }
    let inside = canvas.frame(area, title: "2 \(picture.title)", faint)
    guard picture.tileShape.rows > 1, picture.tileShape.columns > 1 else {
      // Tiles of one line are the rows of one picture.
      Heatmap(picture.tiles).draw(on: &canvas, in: inside)
      return
    }
    var grid = TileGrid(
      picture.tiles, tileShape: picture.tileShape, isSigned: picture.isSigned)
    grid.sharesScale = sharesScale
    grid.first = firstTile
    let layout = grid.layout(width: inside.width, height: inside.height, canvas.drawing)
    let used = layout.map { $0.stride.columns * $0.across - 1 } ?? inside.width
    let shift = max(0, (inside.width - used) / 2)
    let shown = grid.draw(
      on: &canvas,
      in: Area(x: inside.x + shift, y: inside.y, width: used, height: inside.height))
    shownTiles = shown.count
    let count = picture.tiles.rows
    let which =
      shown.count < count && !shown.isEmpty
      ? " \(shown.lowerBound + 1)–\(shown.upperBound) of \(count) ← → " : " \(count) "
    let scale = sharesScale ? " one scale " : " each its own scale "
    let bottom = area.y + area.height - 1
    canvas.write(which, before: area.x + area.width - 2, from: area.x + 1, y: bottom, faint)
    if which.count + scale.count + 6 < area.width {
      canvas.write(scale, x: area.x + 2, y: bottom, faint)
    }
  }

  private func drawTable(on canvas: inout Canvas, in area: Area) {
    guard let plan = run.plan else { return }
    let faint = Ink.faint(canvas.drawing.color)
    let inside = canvas.frame(area, title: "3 numbers", faint)
    let rows = [(plan.objective, run.objective)] + Array(zip(plan.metrics, run.metrics))
    let label = min((rows.map(\.0.count).max() ?? 0) + 1, max(9, inside.width - 11))
    let number = { (value: Double?) in
      value.map { $0.isFinite ? NumberFormat.short($0, digits: 5) : "-" } ?? "-"
    }
    // As many columns as there is room for.
    let columns: [(title: String, style: Style, value: (SeriesStore) -> Double?)] = [
      ("now", .bold, { $0.last }), ("least", .plain, { $0.bounds?.lowerBound }),
      ("most", .plain, { $0.bounds?.upperBound }),
    ]
    let shown = columns.prefix(max(1, (inside.width - label) / 11))
    for (place, column) in shown.enumerated() {
      canvas.write(
        column.title, before: inside.x + label + 11 * (place + 1), y: inside.y, faint)
    }
    let spark = Area(
      x: inside.x + label + 11 * shown.count + 2, y: inside.y,
      width: min(60, inside.width - label - 11 * shown.count - 3), height: 1)
    for (place, row) in rows.enumerated() where place + 1 < inside.height {
      let y = inside.y + 1 + place
      canvas.write(row.0, x: inside.x, y: y, limit: label)
      for (place, column) in shown.enumerated() {
        canvas.write(
          number(column.value(row.1)), before: inside.x + label + 11 * (place + 1), y: y,
          column.style)
      }
      guard spark.width >= 6 else { continue }
      let line = SparkLine.text(
        of: row.1.recent, width: spark.width, logarithmic: isLogarithmic,
        unicode: canvas.drawing.unicode)
      canvas.write(line, x: spark.x, y: y, Style(Ink.series(place, canvas.drawing.color)))
    }
    drawFacts(on: &canvas, inside, from: rows.count + 2, plan)
  }

  /// Where the table has room: what else is known.
  private func drawFacts(
    on canvas: inout Canvas, _ inside: Area, from row: Int, _ plan: TrainingPlan
  ) {
    var facts = [
      ("steps", "\(stepText) \(plan.unit.rawValue)s"),
      ("rate", Words.rate(run.rate, unit: plan.unit)),
      ("time", Words.seconds(elapsed)),
      ("left", Words.clock(run.remaining(elapsed: elapsed))),
    ]
    if let best = run.best { facts.append(("best at", "\(best.step)")) }
    if run.objective.voids > 0 { facts.append(("not finite", "\(run.objective.voids)")) }
    for (place, fact) in facts.enumerated() where row + place < inside.height {
      canvas.write(fact.0, x: inside.x, y: inside.y + row + place, Ink.faint(canvas.drawing.color))
      canvas.write(fact.1, x: inside.x + 12, y: inside.y + row + place, limit: inside.width - 12)
    }
  }

  // MARK: Help

  /// The keys and what they do.
  static let keys: [(key: String, meaning: String)] = [
    ("space", "pause, go on"),
    ("n", "one step, when paused"),
    ("s q", "stop and keep the result (Ctrl-C too)"),
    ("v Esc", "leave the view, the run goes on"),
    ("1 2 3", "one pane alone, or all again"),
    ("Tab", "the next pane"),
    ("l", "logarithmic axis"),
    ("r", "the last steps, or all"),
    ("m", "the next metric as curve"),
    ("← →", "more tiles"),
    ("f", "one colour scale for all tiles"),
    ("Ctrl-Z", "put aside; fg comes back"),
  ]

  private func drawHelp(on canvas: inout Canvas) {
    let width = min(canvas.width, 54)
    let height = min(canvas.height, Self.keys.count + 2)
    let area = Area(
      x: (canvas.width - width) / 2, y: (canvas.height - height) / 2, width: width, height: height)
    canvas.fill(area)
    let inside = canvas.frame(
      area, title: "keys", note: "any key closes", Ink.faint(canvas.drawing.color))
    for (place, line) in Self.keys.prefix(inside.height).enumerated() {
      canvas.write(line.key, x: inside.x + 1, y: inside.y + place, .bold)
      canvas.write(
        line.meaning, x: inside.x + 10, y: inside.y + place, limit: inside.width - 11)
    }
  }
}
