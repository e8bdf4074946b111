import Matrices

/// The affine map of rows, `z = x·W + b`. Its parameters lie together: the rows of `W`, then `b`.
package enum Affine {
  /// `y = f(x·W + b)`: one product with the bias, and relu, in it; other activations are a pass.
  package static func forward(
    _ x: Block, parameters: Block, activation f: Activation, into y: Block
  ) {
    y.affine(
      x, parameters.rows(in: 0..<x.columns),
      bias: parameters.rows(in: x.columns..<x.columns + 1), activation: f)
  }

  /// `dx = dz·Wᵀ`.
  package static func inputGradient(_ dz: Block, parameters: Block, into dx: Block) {
    Block.product(
      dz, parameters.rows(in: 0..<dx.columns), transposing: .right, into: dx)
  }

  /// `dW = xᵀ·dz` and `db = 1ᵀ·dz`, for a range of the rows of the parameters: every range can be
  /// computed apart from the others.
  package static func parameterGradient(
    rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block
  ) {
    let weights = rows.clamped(to: 0..<x.columns)
    if !weights.isEmpty {
      Block.product(
        x.columns(in: weights), dz, transposing: .left,
        into: gradient.rows(in: 0..<weights.count))
    }
    if rows.contains(x.columns) {
      dz.sumColumns(into: gradient.rows(in: weights.count..<weights.count + 1))
    }
  }
}
