import Matrices

/// A matrix as a small picture in text without colours, for summaries.
package enum Shading {
  /// At most `height` lines of at most `width` letters: the darker the smaller. A matrix larger
  /// than that is averaged; one that fits has a letter an element. What is not finite is `?`.
  package static func text(
    of matrix: Matrix, width: Int, height: Int, unicode: Bool = true
  ) -> [String] {
    let shape = Shape(min(height, matrix.rows), min(width, matrix.columns))
    guard shape.rows > 0, shape.columns > 0 else { return [] }
    let pixels = matrix.resampled(to: shape)
    let bounds = pixels.finiteBounds.bounds ?? 0...0
    let low = min(0, bounds.lowerBound)
    let ramp = unicode ? blocks : letters
    return (0..<shape.rows).map { row in
      String(
        pixels.row(row).map { value in
          guard value.isFinite else { return "?" }
          let part = bounds.upperBound > low ? (value - low) / (bounds.upperBound - low) : 0
          return ramp[min(ramp.count - 1, Int(part * Double(ramp.count)))]
        })
    }
  }

  /// From nothing to full.
  package static let blocks = Array(" ░▒▓█")
  /// The same for terminals that show ASCII alone.
  package static let letters = Array(" .:-=+*#%@")
}
