import Matrices
import Vocabulary

/// Many small pictures side by side: the parts that a factorization found, the weights of a layer.
/// As many are shown as stay recognizable in the area.
package struct TileGrid: Sendable {
  /// One tile a row, its pixels row after row.
  package var tiles: Matrix
  package var tileShape: Shape
  package var isSigned: Bool
  /// One scale for all tiles, or one for each: then colours are compared within a tile only.
  package var sharesScale = false
  /// The limits of all colours, where they are to stay the same from picture to picture.
  package var scale: ColorScale?
  /// The first tile shown.
  package var first = 0

  package init(_ tiles: Matrix, tileShape: Shape, isSigned: Bool? = nil) {
    precondition(tileShape.count == tiles.columns)
    self.tiles = tiles
    self.tileShape = tileShape
    self.isSigned = isSigned ?? ((tiles.finiteBounds.bounds?.lowerBound ?? 0) < 0)
  }

  /// A tile is not drawn with fewer pixels along its longer side, unless it has no more.
  static let fewestPixels = 7

  /// How tiles are laid out in a number of cells.
  package struct Layout: Equatable, Sendable {
    package var across: Int
    package var down: Int
    /// The pixels of one tile.
    package var tile: Shape
    /// The cells from one tile to the next.
    package var stride: Shape

    package var count: Int { across * down }
  }

  /// The layout whose tiles are largest; `nil` when not a single tile is recognizable.
  package func layout(width: Int, height: Int, _ drawing: Drawing) -> Layout? {
    guard tiles.rows > 0, !tileShape.isEmpty, width > 0, height > 0 else { return nil }
    let down = PixelCells.pixelsDown(drawing)
    let across = down == 1 ? 2 : 1
    let longer = max(tileShape.rows, tileShape.columns)
    let leastScale = min(1, Double(Self.fewestPixels) / Double(longer))
    var best: (layout: Layout, scale: Double)?
    for columns in 1...max(1, min(tiles.rows, width)) {
      let wanted = (tiles.rows + columns - 1) / columns
      for rows in 1...max(1, min(wanted, height)) {
        // Tiles are a pixel apart, or a cell where a pixel is one.
        let pitch = down == 1 ? (height + 1) / rows : height / rows
        let most = Shape(
          rows == 1 ? height * down : pitch * down - 1, (width + 1) / columns - 1)
        guard most.rows > 0, most.columns > 0 else { continue }
        var scale = min(
          Double(most.rows) / Double(tileShape.rows),
          Double(most.columns) / Double(tileShape.columns * across))
        if scale > 1 { scale = scale.rounded(.down) }
        // First as many tiles as possible at a recognizable size, then larger ones.
        let isSeen = scale >= leastScale * 0.999
        let count = min(tiles.rows, columns * rows)
        let bestCount = best.map { min(tiles.rows, $0.layout.count) } ?? 0
        guard isSeen, count > bestCount || count == bestCount && scale > (best?.scale ?? 0) * 1.001
        else { continue }
        let tile = Shape(
          max(1, Int((Double(tileShape.rows) * scale).rounded(.down))),
          max(1, Int((Double(tileShape.columns * across) * scale).rounded(.down))))
        let stride = Shape((tile.rows + down) / down, tile.columns + 1)
        best = (Layout(across: columns, down: rows, tile: tile, stride: stride), scale)
      }
    }
    return best?.layout
  }

  /// Draws the tiles; returns those that are shown.
  @discardableResult
  package func draw(on canvas: inout Canvas, in area: Area) -> Range<Int> {
    guard let layout = layout(width: area.width, height: area.height, canvas.drawing) else {
      canvas.write("too small for a picture", x: area.x, y: area.y, .dim, limit: area.width)
      return 0..<0
    }
    // The last page is a full one.
    let start = min(max(0, first), max(0, tiles.rows - layout.count))
    let shown = start..<min(tiles.rows, start + layout.count)
    let pictures = shown.map { index in
      tiles.rows(in: index..<index + 1).reshaped(tileShape.rows, tileShape.columns)
        .resampled(to: layout.tile)
    }
    let common = scale ?? ColorScale(tiles.finiteBounds.bounds, signed: isSigned)
    for (place, picture) in pictures.enumerated() {
      let own =
        sharesScale ? common : ColorScale(picture.finiteBounds.bounds, signed: isSigned)
      PixelCells.draw(
        picture, on: &canvas, x: area.x + place % layout.across * layout.stride.columns,
        y: area.y + place / layout.across * layout.stride.rows, own)
    }
    return shown
  }
}
