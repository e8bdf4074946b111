import Matrices

/// One number for every window of an image and every channel: the largest, or the mean.
package struct Pooling: Layer {
  package enum Kind: String, Sendable {
    case largest = "maxpool2d"
    case mean = "avgpool2d"
  }

  package let input: Geometry
  package let output: Geometry
  package let kind: Kind
  private let windows: Windows

  /// Nothing when the windows are larger than the image.
  package init?(_ kind: Kind, input: Geometry, rows: Int, columns: Int, stride: Int) {
    guard let (height, width, channels) = input.image, rows <= height, columns <= width else {
      return nil
    }
    windows = Windows(
      height: height, width: width, channels: channels, rows: rows, columns: columns,
      stride: stride, keepsSize: false)
    self.input = input
    self.kind = kind
    output = Geometry(windows.outputHeight, windows.outputWidth, channels)
  }

  package var title: String {
    "\(kind.rawValue) \(windows.rows)×\(windows.columns)"
      + (windows.stride == windows.rows && windows.rows == windows.columns
        ? "" : " stride \(windows.stride)")
  }
  package var work: Int { windows.count * windows.patch }

  package func forward(_ pass: Pass) {
    switch kind {
    case .largest: pass.y.poolMaximum(pass.x, windows)
    case .mean: pass.y.poolMean(pass.x, windows)
    }
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    switch kind {
    case .largest: dx?.unpoolMaximum(dy, pass.x, pass.y, windows)
    case .mean: dx?.unpoolMean(dy, windows)
    }
    return 0
  }
}
