import Glibc

/// How pictures may be changed at random without becoming others: moved, mirrored, turned.
package struct PictureChanges: Sendable, Equatable {
  package var height: Int
  package var width: Int
  package var channels: Int
  /// Pixels up or down and to the side, at most.
  package var shift: Int
  /// Whether left and right may be exchanged.
  package var flips: Bool
  /// Degrees to either side, at most.
  package var angle: Double

  package init(height: Int, width: Int, channels: Int, shift: Int, flips: Bool, angle: Double) {
    self.height = height
    self.width = width
    self.channels = channels
    self.shift = shift
    self.flips = flips
    self.angle = angle
  }

  /// What is done to one picture, from the random bits of its row.
  fileprivate struct Change {
    var rows: Int
    var columns: Int
    var isFlipped: Bool
    var angle: Double
  }

  fileprivate func change(seed: UInt64, stream: UInt32, position: UInt64) -> Change {
    let bits = Random.block(seed: seed, stream: stream, position: position)
    /// A whole number from −shift to shift.
    func offset(_ bits: UInt32) -> Int {
      Int((UInt64(bits) * UInt64(2 * shift + 1)) >> 32) - shift
    }
    return Change(
      rows: offset(bits.x), columns: offset(bits.y), isFlipped: flips && bits.z & 1 == 1,
      angle: (Double(bits.w) * 0x1p-31 - 1) * angle * .pi / 180)
  }
}

extension Block {
  /// Gathers rows of another block that are pictures, each changed at random: what comes in from
  /// outside is 0. The numbers of row i are drawn at `firstRow + i`, whoever gathers it.
  package func gather(
    _ wanted: ArraySlice<Int>, of source: Block, changed changes: PictureChanges, seed: UInt64,
    stream: UInt32, firstRow: UInt64
  ) {
    switch precision {
    case .single: gather(wanted, source, changes, seed, stream, firstRow, Float.self)
    case .double: gather(wanted, source, changes, seed, stream, firstRow, Double.self)
    }
  }

  private func gather<S: Scalar>(
    _ wanted: ArraySlice<Int>, _ source: Block, _ changes: PictureChanges, _ seed: UInt64,
    _ stream: UInt32, _ firstRow: UInt64, _: S.Type
  ) {
    assert(wanted.count == rows && columns == source.columns && precision == source.precision)
    for (place, row) in wanted.enumerated() {
      let change = changes.change(seed: seed, stream: stream, position: firstRow &+ UInt64(place))
      let (from, into) = (source.row(row, S.self), self.row(place, S.self))
      if change.angle == 0 {
        Self.move(from, into, changes, change)
      } else {
        Self.turn(from, into, changes, change)
      }
    }
  }

  /// Moves and mirrors: every pixel comes from one pixel.
  private static func move<S: Scalar>(
    _ from: UnsafeMutablePointer<S>, _ into: UnsafeMutablePointer<S>, _ size: PictureChanges,
    _ change: PictureChanges.Change
  ) {
    let (height, width, channels) = (size.height, size.width, size.channels)
    for i in 0..<height {
      let line = i - change.rows
      for j in 0..<width {
        let moved = j - change.columns
        let column = change.isFlipped ? width - 1 - moved : moved
        let pixel = into + (i * width + j) * channels
        if line >= 0, line < height, column >= 0, column < width {
          pixel.update(from: from + (line * width + column) * channels, count: channels)
        } else {
          pixel.update(repeating: 0, count: channels)
        }
      }
    }
  }

  /// Turns about the middle as well: every pixel is interpolated between four (bilinear).
  private static func turn<S: Scalar>(
    _ from: UnsafeMutablePointer<S>, _ into: UnsafeMutablePointer<S>, _ size: PictureChanges,
    _ change: PictureChanges.Change
  ) {
    let (height, width, channels) = (size.height, size.width, size.channels)
    let (middle, centre) = (Double(height - 1) / 2, Double(width - 1) / 2)
    let (cosine, sine) = (cos(change.angle), sin(change.angle))
    for i in 0..<height {
      let down = Double(i - change.rows) - middle
      for j in 0..<width {
        var right = Double(j - change.columns) - centre
        if change.isFlipped { right = -right }
        let y = cosine * down + sine * right + middle
        let x = cosine * right - sine * down + centre
        let (top, left) = (y.rounded(.down), x.rounded(.down))
        let pixel = into + (i * width + j) * channels
        pixel.update(repeating: 0, count: channels)
        for (line, heightPart) in [(Int(top), 1 - (y - top)), (Int(top) + 1, y - top)]
        where line >= 0 && line < height {
          for (column, widthPart) in [(Int(left), 1 - (x - left)), (Int(left) + 1, x - left)]
          where column >= 0 && column < width {
            let part = S(heightPart * widthPart)
            let source = from + (line * width + column) * channels
            for channel in 0..<channels { pixel[channel] += part * source[channel] }
          }
        }
      }
    }
  }
}
