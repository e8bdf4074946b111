import Autodiff
import Matrices

/// One layer: a map of rows with parameters, followed by an activation. The machine applies the
/// activation's derivative; the layer knows its own part and that part's derivatives.
///
/// All calls concern some rows of a batch and may run for other rows at the same time.
package protocol Layer: Sendable {
  /// What it is, as the call that made it: `dense 128 relu`.
  var title: String { get }
  var inputs: Int { get }
  var outputs: Int { get }
  var activation: Activation { get }
  /// The parameters as one matrix, 0×0 without any.
  var parameterShape: Shape { get }
  /// Whether the layer draws a mask while it trains, as large as its outputs.
  var drawsMask: Bool { get }

  /// The parameters that training starts with.
  func initialParameters(_ random: inout Random) -> Matrix
  /// `y = f(map(x))`. Outside training there is no mask, and no chance.
  func forward(
    _ x: Block, parameters: Block, activation f: Activation, drawing: Drawn?, into y: Block)
  /// `dx` from `dz`, the derivative in what the activation was given.
  func inputGradient(_ dz: Block, parameters: Block, drawing: Drawn?, into dx: Block)
  /// The derivative in a range of the rows of the parameters, over all rows of the batch.
  func parameterGradient(rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block)
  /// The parameters under the names of the formulas: `W`, `b`.
  func named(_ parameters: Matrix) -> [(name: String, value: Matrix)]
}

/// What a layer that draws has for some rows: the memory of the mask and where chance comes from.
package struct Drawn {
  package var mask: Block
  package var chance: RowChance
}

extension Layer {
  package var parameterShape: Shape { Shape(0, 0) }
  package var drawsMask: Bool { false }
  package func initialParameters(_ random: inout Random) -> Matrix { .zeros(0, 0) }
  package func parameterGradient(
    rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block
  ) {}
  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] { [] }
}
