import Matrices

/// The right operand of products with few rows, laid out in panels: the columns that a product takes
/// at once lie together. Where its rows lie far apart, such products read it twice as fast so, and
/// those with more rows need not lay it out themselves each time. The bits are the same.
///
/// Panels are views of memory of the caller: neither to make nor to use them takes any.
package struct Panels {
  /// All columns as they came, or the panels one after the other.
  private let memory: Block
  private let rows: Int
  private let columns: Int
  private let isWhole: Bool

  /// A right operand as it lies.
  package init(_ whole: Block) {
    (memory, rows, columns, isWhole) = (whole, whole.rows, whole.columns, true)
  }

  /// Panels of so many rows and columns, in memory of as many numbers.
  package init(rows: Int, columns: Int, in memory: Block) {
    self.memory = memory.reshaped(1, memory.count)
    (self.rows, self.columns, isWhole) = (rows, columns, false)
  }

  /// `result ← left · P` for some of the rows and columns of these panels P, or all of them; or
  /// `result ← result + left · P` where `adding`.
  package func product(
    _ left: Block, rows part: Range<Int>? = nil, columns wanted: Range<Int>? = nil,
    adding: Bool = false, into result: Block
  ) {
    forEach(wanted ?? 0..<columns) { panel, place in
      Block.product(
        left, panel.rows(in: part ?? 0..<rows), adding: adding, into: result.columns(in: place))
    }
  }

  /// `result ← left · P + bias`, where `bias` is a 1×n block.
  package func affine(_ left: Block, bias: Block, into result: Block) {
    forEach(0..<columns) { panel, place in
      result.columns(in: place).affine(
        left, panel, bias: bias.columns(in: place), activation: .linear)
    }
  }

  /// Lays out all columns of a matrix.
  package func lay(_ right: Block) {
    forEach(0..<columns) { panel, place in panel.copy(from: right.columns(in: place)) }
  }

  /// Lays out some columns of the transpose of a matrix: rows of it.
  package func layTransposed(_ matrix: Block, columns wanted: Range<Int>) {
    let source = matrix.rows(in: wanted)
    forEach(wanted) { panel, place in panel.copyTransposed(source.rows(in: place)) }
  }

  /// Calls `body` with what every panel has of the wanted columns, and with the place of these among
  /// all that are wanted.
  @inline(__always)
  private func forEach(_ wanted: Range<Int>, _ body: (Block, Range<Int>) -> Void) {
    if isWhole { return body(memory.columns(in: wanted), 0..<wanted.count) }
    let width = Block.panelColumns(memory.precision)
    // A last panel that would be narrow belongs to the one before.
    let most = width + width / 3
    var start = wanted.lowerBound / width * width
    if start > 0 && columns - (start - width) <= most { start -= width }
    while start < wanted.upperBound {
      let left = columns - start
      let end = start + (left <= most ? left : width)
      let panel = memory.columns(in: start * rows..<end * rows).packed(rows, end - start)
      let part = wanted.clamped(to: start..<end)
      body(
        panel.columns(in: part.lowerBound - start..<part.upperBound - start),
        part.lowerBound - wanted.lowerBound..<part.upperBound - wanted.lowerBound)
      start = end
    }
  }
}
