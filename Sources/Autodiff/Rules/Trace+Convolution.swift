import Matrices

/// Which part of a convolution is wanted.
package enum ConvolutionPart: String, Sendable, CaseIterable {
  /// All of it, as if there were zeros around.
  case full
  /// The middle, of the size of the first matrix.
  case same
  /// What needs no zeros around.
  case valid
}

extension Trace {
  /// The convolution `yᵢⱼ = Σ xᵢ₋ₐ,ⱼ₋ᵦ kₐᵦ`: one sum for each element of the kernel, over shifted
  /// parts of the matrix. The kernel must have elements; of `valid` it must fit inside.
  package func convolved(with kernel: Trace, _ part: ConvolutionPart) -> Trace {
    let (k, x) = (kernel.shape, shape)
    let (down, along): (Int, Int)
    let size: Shape
    switch part {
    case .full: (size, down, along) = (Shape(x.rows + k.rows - 1, x.columns + k.columns - 1), 0, 0)
    case .same: (size, down, along) = (x, k.rows / 2, k.columns / 2)
    case .valid:
      size = Shape(x.rows - k.rows + 1, x.columns - k.columns + 1)
      (down, along) = (k.rows - 1, k.columns - 1)
    }
    let padded = asMatrix.placed(
      rows: Array(k.rows - 1..<k.rows - 1 + x.rows),
      columns: Array(k.columns - 1..<k.columns - 1 + x.columns),
      in: Shape(x.rows + 2 * (k.rows - 1), x.columns + 2 * (k.columns - 1)))
    var sum: Trace?
    for row in 0..<k.rows {
      for column in 0..<k.columns {
        let (top, left) = (down + k.rows - 1 - row, along + k.columns - 1 - column)
        let shifted = padded.picked(
          rows: Array(top..<top + size.rows), columns: Array(left..<left + size.columns))
        let term = kernel.asMatrix.element(row, column) .* shifted
        sum = sum.map { $0 + term } ?? term
      }
    }
    return sum ?? self
  }
}
