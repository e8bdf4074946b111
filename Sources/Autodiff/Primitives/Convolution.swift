import Matrices

/// The convolution of images with filters: an affine map of every window. The parameters lie as
/// those of the affine map do: a row for every number of a window (row, column, channel), then `b`.
///
/// Images of up to four channels are convolved directly; else windows are unfolded, as many images
/// at a time as stay in the second-level cache, and multiplied.
package struct Convolution: Sendable, Equatable {
  package let windows: Windows
  package let filters: Int

  package init(_ windows: Windows, filters: Int) {
    self.windows = windows
    self.filters = filters
  }

  private var isDirect: Bool { windows.channels <= 4 }

  /// Numbers of unfolded windows that stay in the cache.
  private static let panel = 1 << 17

  private var imagesAtOnce: Int { max(1, Self.panel / (windows.count * windows.patch)) }

  /// Numbers that a call needs to work in, for so many images.
  package func scratch(rows: Int) -> Int {
    let panel = min(imagesAtOnce, max(rows, 1)) * windows.count * windows.patch
    let packed = isDirect ? Block.packedFilters(windows, filters: filters) : 0
    return panel + packed + 2 * windows.paddedCount
  }

  private struct Room {
    var panel: Block
    var packed: Block
    var padded: Block
    var slope: Block
  }

  private func room(_ scratch: Block, _ rows: Int) -> Room {
    var stretch = Stretch(scratch)
    return Room(
      panel: stretch.take(min(imagesAtOnce, max(rows, 1)) * windows.count, windows.patch),
      packed: stretch.take(1, isDirect ? Block.packedFilters(windows, filters: filters) : 0),
      padded: stretch.take(1, windows.paddedCount), slope: stretch.take(1, windows.paddedCount))
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
      for row in 0..<x.rows {
        let (slope, value) = (dy.rows(in: row..<row + 1), y.rows(in: row..<row + 1))
        if !isMasked {
          f.gradient(
            slope.packed(windows.count, filters), outputs: value.packed(windows.count, filters))
        }
        gradient.addFilterGradient(
          image(x, row, room), slope, keptWhereAboveZero: isMasked ? value : nil, windows)
        if let dx {
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
