import Glibc

/// Single elements drawn by chance.
extension SparseMatrix {
  /// A 1 at every element with a probability of `part`, which lies between 0 and 1. The gaps between
  /// them are drawn (geometric, Devroye 1986), so that work follows their number.
  package static func speckles(
    _ shape: Shape, _ part: Double, _ precision: Precision, _ random: inout Random
  ) -> SparseMatrix {
    switch precision {
    case .double: SparseMatrix(shape, lines(shape, part, &random, Double.self))
    case .single: SparseMatrix(shape, lines(shape, part, &random, Float.self))
    }
  }

  private static func lines<S: Scalar>(
    _ shape: Shape, _ part: Double, _ random: inout Random, _: S.Type
  ) -> SparseLines {
    var builder = SparseBuilder<S>(
      lines: shape.rows, room: Int(1.01 * part * Double(shape.rows) * Double(shape.columns)))
    let scale = 1 / log1p(-part)
    var column = Int(log1p(-random.uniform()) * scale)
    for _ in 0..<shape.rows {
      if Interrupt.abandonsKernels { break }
      while column < shape.columns {
        builder.add(Int32(truncatingIfNeeded: column), 1)
        column += 1 + Int(log1p(-random.uniform()) * scale)
      }
      column -= shape.columns
      builder.endLine()
    }
    return builder.lines
  }

  /// A 1 at every stored element with a probability of `part`.
  package func speckled(_ part: Double, _ random: inout Random) -> SparseMatrix {
    var lines = byRows
    let shape = lines.values.shape
    lines.values = Matrix.combine(
      .less, random.uniform(shape.rows, shape.columns, precision), part)
    lines.values.clearBehind(lines.places.count)
    lines.values.isLogical = false
    return SparseMatrix(self.shape, lines.withoutZeros())
  }
}
