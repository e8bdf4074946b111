extension Block {
  /// The largest number of every window of the images, channel by channel; one image a row.
  package func poolMaximum(_ images: Block, _ windows: Windows) {
    switch precision {
    case .double: pool(images, windows, Double.self) { Double.larger($1, $0) }
    case .single: pool(images, windows, Float.self) { Float.larger($1, $0) }
    }
  }

  /// The mean of every window of the images, channel by channel; one image a row.
  package func poolMean(_ images: Block, _ windows: Windows) {
    let share = 1 / Double(windows.rows * windows.columns)
    switch precision {
    case .double: pool(images, windows, Double.self) { $0 + $1 }
    case .single: pool(images, windows, Float.self) { $0 + $1 }
    }
    scale(by: share)
  }

  @inline(__always)
  private func pool<S: Scalar>(
    _ images: Block, _ windows: Windows, _: S.Type, _ join: (S.Vector, S.Vector) -> S.Vector
  ) {
    let width = S.Vector.scalarCount
    let channels = windows.channels
    let pitch = windows.width * channels
    for index in 0..<rows {
      let image = UnsafePointer(images.row(index, S.self))
      var out = self.row(index, S.self)
      for y in 0..<windows.outputHeight {
        for x in 0..<windows.outputWidth {
          let corner = image + y * windows.stride * pitch + x * windows.stride * channels
          var channel = 0
          while channel < channels {
            let lanes = min(width, channels - channel)
            var found = loadPart(corner, channel, lanes)
            for row in 0..<windows.rows {
              for column in (row == 0 ? 1 : 0)..<windows.columns {
                found = join(
                  found, loadPart(corner, row * pitch + column * channels + channel, lanes))
              }
            }
            storePart(found, out, channel, lanes)
            channel += lanes
          }
          out += channels
        }
      }
    }
  }

  /// The derivative in the images of the largest numbers: it goes to the first of a window that is
  /// as large.
  package func unpoolMaximum(_ dy: Block, _ images: Block, _ maxima: Block, _ windows: Windows) {
    switch precision {
    case .double: unpoolMaximum(dy, images, maxima, windows, Double.self)
    case .single: unpoolMaximum(dy, images, maxima, windows, Float.self)
    }
  }

  private func unpoolMaximum<S: Scalar>(
    _ dy: Block, _ images: Block, _ maxima: Block, _ windows: Windows, _: S.Type
  ) {
    let width = S.Vector.scalarCount
    let channels = windows.channels
    let pitch = windows.width * channels
    // Windows that do not overlap and leave nothing over write every number once.
    let overlaps = windows.stride < max(windows.rows, windows.columns)
    let leaves =
      windows.stride > min(windows.rows, windows.columns)
      || windows.outputHeight * windows.stride < windows.height
      || windows.outputWidth * windows.stride < windows.width
    for index in 0..<rows {
      let image = UnsafePointer(images.row(index, S.self))
      let dx = self.row(index, S.self)
      if overlaps || leaves { dx.update(repeating: 0, count: columns) }
      var top = UnsafePointer(maxima.row(index, S.self))
      var slope = UnsafePointer(dy.row(index, S.self))
      for y in 0..<windows.outputHeight {
        for x in 0..<windows.outputWidth {
          let corner = y * windows.stride * pitch + x * windows.stride * channels
          var channel = 0
          while channel < channels {
            let lanes = min(width, channels - channel)
            let largest = loadPart(top, channel, lanes)
            var rest = loadPart(slope, channel, lanes)
            for row in 0..<windows.rows {
              for column in 0..<windows.columns {
                let place = corner + row * pitch + column * channels + channel
                let share = rest * S.marks(loadPart(image, place, lanes), equal: largest)
                rest -= share
                let before = overlaps ? loadPart(UnsafePointer(dx), place, lanes) : S.Vector()
                storePart(before + share, dx, place, lanes)
              }
            }
            channel += lanes
          }
          top += channels
          slope += channels
        }
      }
    }
  }

  /// The derivative in the images of the means: it is shared evenly.
  package func unpoolMean(_ dy: Block, _ windows: Windows) {
    switch precision {
    case .double: unpoolMean(dy, windows, Double.self)
    case .single: unpoolMean(dy, windows, Float.self)
    }
  }

  private func unpoolMean<S: Scalar>(_ dy: Block, _ windows: Windows, _: S.Type) {
    let width = S.Vector.scalarCount
    let channels = windows.channels
    let pitch = windows.width * channels
    let part = S.Vector(repeating: S(1 / Double(windows.rows * windows.columns)))
    for index in 0..<rows {
      let dx = self.row(index, S.self)
      dx.update(repeating: 0, count: columns)
      var slope = UnsafePointer(dy.row(index, S.self))
      for y in 0..<windows.outputHeight {
        for x in 0..<windows.outputWidth {
          let corner = y * windows.stride * pitch + x * windows.stride * channels
          for channel in Swift.stride(from: 0, to: channels, by: width) {
            let lanes = min(width, channels - channel)
            let share = part * loadPart(slope, channel, lanes)
            for row in 0..<windows.rows {
              for column in 0..<windows.columns {
                let place = corner + row * pitch + column * channels + channel
                storePart(loadPart(UnsafePointer(dx), place, lanes) + share, dx, place, lanes)
              }
            }
          }
          slope += channels
        }
      }
    }
  }
}
