/// From points to dots.
package enum Raster {
  /// The dots of the line through all points, one straight piece after the other: simple and slow.
  package static func naive(_ points: [PlotPoint], _ scale: PlotScale) -> DotGrid {
    var grid = DotGrid(width: scale.width, height: scale.height)
    var before: (x: Int, y: Int)?
    for point in points {
      guard let row = scale.row(point.y) else {
        before = nil
        continue
      }
      let here = (x: scale.column(point.x), y: row)
      grid.line(from: before ?? here, to: here)
      before = here
    }
    return grid
  }

  /// The same dots. Points that follow each other within one column of dots cover all rows between
  /// their lowest and highest, so a column is filled once, however many points it has.
  package static func path(_ points: [PlotPoint], _ scale: PlotScale) -> DotGrid {
    var grid = DotGrid(width: scale.width, height: scale.height)
    var run: (x: Int, top: Int, bottom: Int, last: Int)?
    for point in points {
      guard let row = scale.row(point.y) else {
        if let run { grid.fill(run.x, run.top, run.bottom) }
        run = nil
        continue
      }
      let column = scale.column(point.x)
      if let open = run {
        if open.x == column {
          run = (column, min(open.top, row), max(open.bottom, row), row)
          continue
        }
        grid.fill(open.x, open.top, open.bottom)
        grid.line(from: (open.x, open.last), to: (column, row))
      }
      run = (column, row, row, row)
    }
    if let run { grid.fill(run.x, run.top, run.bottom) }
    return grid
  }

  /// Single dots, not joined.
  package static func scatter(_ points: [PlotPoint], _ scale: PlotScale) -> DotGrid {
    var grid = DotGrid(width: scale.width, height: scale.height)
    for point in points {
      guard let row = scale.row(point.y) else { continue }
      grid.fill(scale.column(point.x), row, row)
    }
    return grid
  }

  /// The last point of every column of dots, and a gap where a column has gaps alone: the points
  /// must run from left to right.
  package static func lasts(_ points: [PlotPoint], _ scale: PlotScale) -> [PlotPoint] {
    var kept: [PlotPoint] = []
    var column = Int.min
    for point in points {
      let here = scale.column(point.x)
      let isGap = scale.row(point.y) == nil
      if here != column {
        kept.append(point)
        column = here
      } else if !isGap {
        kept[kept.count - 1] = point
      }
    }
    return kept
  }
}
