import Matrices

/// The convolution of images with filters: an affine map of every window. The parameters lie as
/// those of the affine map do: a row for every number of a window (row, column, channel), then `b`.
///
/// Images of up to four channels are convolved directly, and with wide vectors those whose size
/// stays the same; else windows are unfolded, as many images at a time as stay in the second-level
/// cache, and multiplied.
package struct Convolution: Sendable, Equatable {
  package let windows: Windows
  package let filters: Int
  /// How derivatives go back where nothing is unfolded on the way either: a convolution with the
  /// filters turned by 180°, whose channels and filters have changed places.
  private let returning: Windows?

  package init(_ windows: Windows, filters: Int) {
    self.windows = windows
    self.filters = filters
    returning = Self.returning(windows, filters)
  }

  /// With more channels the filters leave the first-level cache, and products are as fast; of fewer
  /// windows the last tile would be half empty.
  private static let (mostChannels, leastWindows) = (64, 49)

  /// Sizes that fill vectors of sixteen, windows with a middle, as many of them as pixels.
  private static func returning(_ windows: Windows, _ filters: Int) -> Windows? {
    guard Block.multipliesRowsFaster, windows.channels % 16 == 0, filters % 16 == 0,
      max(windows.channels, filters) <= mostChannels, windows.count >= leastWindows,
      windows.stride == 1, windows.rows % 2 == 1, windows.columns % 2 == 1,
      windows.outputHeight == windows.height, windows.outputWidth == windows.width
    else { return nil }
    return Windows(
      height: windows.height, width: windows.width, channels: filters, rows: windows.rows,
      columns: windows.columns, stride: 1, keepsSize: true)
  }

  private var isDirect: Bool { windows.channels <= 4 || returning != nil }

  /// Numbers of unfolded windows that stay in the cache.
  private static let panel = 1 << 17

  private var imagesAtOnce: Int { max(1, Self.panel / (windows.count * windows.patch)) }

  /// Whether the derivative may be taken a strip at a time.
  package var takesStrips: Bool { isDirect }

  /// Numbers of a derivative that stay close while two passes go over them.
  private static let strip = 1 << 14

  /// Lines of the results that a strip of so many images has.
  private func linesAtOnce(_ rows: Int) -> Int {
    min(max(Self.strip / (max(rows, 1) * lineCount), 1), windows.outputHeight)
  }

  private var lineCount: Int { windows.outputWidth * filters }

  private var packedCount: Int {
    if !isDirect { return 0 }
    let back = returning.map { Block.packedFilters($0, filters: windows.channels) } ?? 0
    return max(Block.packedFilters(windows, filters: filters), back)
  }

  /// The numbers of an image with zeros around it, on the way there or back.
  private var paddedCount: Int { max(windows.paddedCount, returning?.paddedCount ?? 0) }

  /// Unfolded windows, or the turned filters with a bias of zeros.
  private func panelShape(_ rows: Int) -> Shape {
    if let returning { return Shape(returning.patch + 1, windows.channels) }
    return Shape(min(imagesAtOnce, max(rows, 1)) * windows.count, windows.patch)
  }

  /// Numbers of the largest strip that so many images or fewer have: fewer may fill one better.
  private func stripCount(_ rows: Int) -> Int {
    if !takesStrips { return 0 }
    return min(max(Self.strip, rows * lineCount), rows * windows.outputHeight * lineCount)
  }

  /// Numbers that a call needs to work in, for so many images.
  package func scratch(rows: Int) -> Int {
    max(panelShape(rows).count, stripCount(rows)) + packedCount + 2 * paddedCount
  }

  private struct Room {
    var panel: Block
    /// Where the panel is: nobody needs both.
    var strip: Block
    var packed: Block
    var padded: Block
    var slope: Block
  }

  private func room(_ scratch: Block, _ rows: Int) -> Room {
    var stretch = Stretch(scratch)
    let (panel, strip) = (panelShape(rows), stripCount(rows))
    let shared = stretch.take(1, max(panel.count, strip))
    return Room(
      panel: shared.columns(in: 0..<panel.count).packed(panel.rows, panel.columns),
      strip: shared.columns(in: 0..<strip),
      packed: stretch.take(1, packedCount), padded: stretch.take(1, paddedCount),
      slope: stretch.take(1, paddedCount))
  }

  private func image(_ x: Block, _ row: Int, _ room: Room) -> Block {
    let image = x.rows(in: row..<row + 1)
    if !windows.isPadded { return image }
    room.padded.pad(image, windows)
    return room.padded
  }

  /// Calls `body` for groups of images with their unfolded windows.
  private func unfolded(_ x: Block, _ room: Room, _ body: (Range<Int>, Block) -> Void) {
    for first in stride(from: 0, to: x.rows, by: imagesAtOnce) {
      let rows = first..<min(first + imagesAtOnce, x.rows)
      let panel = room.panel.rows(in: 0..<rows.count * windows.count)
      for (place, row) in rows.enumerated() {
        panel.rows(in: place * windows.count..<(place + 1) * windows.count)
          .unfold(image(x, row, room), windows)
      }
      body(rows, panel)
    }
  }

  /// `y = f(windows(x)·W + b)`.
  package func forward(
    _ x: Block, parameters: Block, activation f: Activation, scratch: Block, into y: Block
  ) {
    let room = room(scratch, x.rows)
    if isDirect {
      room.packed.packFilters(parameters)
      for row in 0..<x.rows {
        let result = y.rows(in: row..<row + 1)
        result.convolve(
          image(x, row, room), packed: room.packed, filters: filters, windows, clamps: f == .relu)
        if f != .relu && f != .linear { f.forward(result.packed(windows.count, filters)) }
      }
    } else {
      unfolded(x, room) { rows, panel in
        Affine.forward(
          panel, parameters: parameters, activation: f,
          into: y.rows(in: rows).reshaped(rows.count * windows.count, filters))
      }
    }
  }

  /// From `dy`, which becomes `dz` where `dx` is wanted too, the derivative in the parameters.
  package func backward(
    _ x: Block, parameters: Block, activation f: Activation, outputs y: Block, scratch: Block,
    _ dy: Block, into dx: Block?, gradient: Block
  ) {
    let room = room(scratch, x.rows)
    let weights = gradient.rows(in: 0..<windows.patch)
    gradient.fill(0)
    if isDirect {
      // Nobody else reads the derivative behind relu: the kernel takes it on the way.
      let isMasked = f == .relu && dx == nil
      if dx != nil, returning != nil { turn(parameters, room) }
      for row in 0..<x.rows {
        let (slope, value) = (dy.rows(in: row..<row + 1), y.rows(in: row..<row + 1))
        if !isMasked {
          f.gradient(
            slope.packed(windows.count, filters), outputs: value.packed(windows.count, filters))
        }
        gradient.addFilterGradient(
          image(x, row, room), slope, keptWhereAboveZero: isMasked ? value : nil, windows,
          lines: 0..<windows.outputHeight)
        if let dx, let returning {
          room.slope.pad(slope, returning)
          dx.rows(in: row..<row + 1).convolve(
            room.slope, packed: room.packed, filters: windows.channels, returning, clamps: false)
        } else if let dx {
          foldBack(
            slope.packed(windows.count, filters), row..<row + 1, room, parameters, into: dx)
        }
      }
      return
    }
    let bias = gradient.rows(in: windows.patch..<windows.patch + 1)
    unfolded(x, room) { rows, panel in
      let slopes = dy.rows(in: rows).reshaped(rows.count * windows.count, filters)
      f.gradient(
        slopes, outputs: y.rows(in: rows).reshaped(rows.count * windows.count, filters))
      Block.product(panel, slopes, transposing: .left, adding: true, into: weights)
      slopes.addColumns(into: bias)
      if let dx { foldBack(slopes, rows, room, parameters, into: dx) }
    }
  }

  /// The derivative in the parameters alone, from a `dy` that is not in memory: `strips` writes some
  /// of its columns, for all images, and they are used up while they are in a cache.
  package func backward(
    _ x: Block, activation f: Activation, outputs y: Block, scratch: Block, gradient: Block,
    strips: (Range<Int>, Block) -> Void
  ) {
    let room = room(scratch, x.rows)
    gradient.fill(0)
    let most = linesAtOnce(x.rows)
    for first in stride(from: 0, to: windows.outputHeight, by: most) {
      let lines = first..<min(first + most, windows.outputHeight)
      let columns = lines.lowerBound * lineCount..<lines.upperBound * lineCount
      let strip = room.strip.columns(in: 0..<x.rows * columns.count)
        .packed(x.rows, columns.count)
      strips(columns, strip)
      for row in 0..<x.rows {
        var image = x.rows(in: row..<row + 1)
        if windows.isPadded {
          room.padded.pad(image, windows, lines: lines)
          image = room.padded
        }
        let slope = strip.rows(in: row..<row + 1)
        let value = y.rows(in: row..<row + 1).columns(in: columns)
        if f != .relu {
          let windows = columns.count / filters
          f.gradient(slope.packed(windows, filters), outputs: value.packed(windows, filters))
        }
        gradient.addFilterGradient(
          image, slope, keptWhereAboveZero: f == .relu ? value : nil, windows, lines: lines)
      }
    }
  }

  /// Packs the filters that lead derivatives back.
  private func turn(_ parameters: Block, _ room: Room) {
    let (taps, channels) = (windows.rows * windows.columns, windows.channels)
    for tap in 0..<taps {
      let from = (taps - 1 - tap) * channels
      room.panel.rows(in: tap * filters..<(tap + 1) * filters)
        .copyTransposed(parameters.rows(in: from..<from + channels))
    }
    room.panel.rows(in: taps * filters..<taps * filters + 1).fill(0)
    room.packed.packFilters(room.panel)
  }

  private func foldBack(
    _ dz: Block, _ rows: Range<Int>, _ room: Room, _ parameters: Block, into dx: Block
  ) {
    let panel = room.panel.rows(in: 0..<rows.count * windows.count)
    Affine.inputGradient(dz, parameters: parameters, into: panel)
    for (place, row) in rows.enumerated() {
      let patches = panel.rows(in: place * windows.count..<(place + 1) * windows.count)
      let image = dx.rows(in: row..<row + 1)
      if windows.isPadded {
        room.slope.fold(patches, windows)
        image.unpad(room.slope, windows)
      } else {
        image.fold(patches, windows)
      }
    }
  }
}
