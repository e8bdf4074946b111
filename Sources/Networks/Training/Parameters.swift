import Matrices

/// The parameters of a network in one stretch of memory, layer after layer, so that an optimizer
/// updates them in one pass; and the places of the layers in it.
package final class Parameters {
  package let precision: Precision
  /// The first parameter of every layer in the stretch.
  let starts: [Int]
  let shapes: [Shape]
  /// All parameters, 1×n.
  package let all: Block
  /// The parameters of every layer in their own shape.
  let blocks: [Block]
  private let workspace: Workspace

  /// Memory for the parameters of the layers, with the given values.
  package init(_ values: [Matrix], _ precision: Precision) {
    self.precision = precision
    shapes = values.map(\.shape)
    // Every layer starts on a cache line of its own.
    let line = 64 / precision.bytes
    var starts: [Int] = []
    var total = 0
    for value in values {
      starts.append(total)
      total += (value.count + line - 1) / line * line
    }
    self.starts = starts
    workspace = Workspace(precision, shapes: [Shape(1, total)])
    all = workspace.take(Shape(1, total))
    var blocks: [Block] = []
    for (start, shape) in zip(starts, shapes) {
      blocks.append(
        all.columns(in: start..<start + shape.count).packed(shape.rows, shape.columns))
    }
    self.blocks = blocks
    for (block, value) in zip(blocks, values) where !value.isEmpty { block.copy(from: value) }
  }

  /// The parameters of every layer as matrices of their own.
  package var values: [Matrix] {
    withExtendedLifetime(self) { blocks.map { Matrix($0) } }
  }

  /// All of them as one row, in 64 bits.
  var row: Matrix {
    withExtendedLifetime(self) { Matrix(all).converted(to: .double) }
  }

  /// A stretch of memory laid out like `all`, in the shapes of the layers.
  func shaped(_ stretch: Block) -> [Block] {
    zip(starts, shapes).map { start, shape in
      stretch.columns(in: start..<start + shape.count).packed(shape.rows, shape.columns)
    }
  }
}
