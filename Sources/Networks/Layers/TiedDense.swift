import Autodiff
import Matrices

/// A layer that uses the weights of another layer beside its own parameters.
package protocol TyingLayer: Layer {
  /// Adds the derivative in a range of the rows of the other's weights, over all rows of the batch.
  func addTiedGradient(rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block)
}

/// A fully connected layer with the weights of a `Dense` one, transposed: `y = f(x·Wᵀ + b)`, as the
/// decoder of an autoencoder has them. Its own parameter is b.
package struct TiedDense: TyingLayer {
  package let input: Geometry
  package let output: Geometry
  package let activation: Activation

  /// The way back through a layer.
  package init(of layer: Dense, activation: Activation) {
    input = layer.output
    output = layer.input
    self.activation = activation
  }

  package var title: String { "dense \(outputs)\(activation.suffix) tied" }
  package var parameterShape: Shape { Shape(1, outputs) }
  package var work: Int { inputs * outputs }
  package var weightRows: Range<Int> { 0..<0 }

  package func initialParameters(_ random: inout Random) -> Matrix { .zeros(1, outputs) }

  private func weights(_ pass: Pass) -> Block? { pass.tied?.rows(in: 0..<outputs) }

  package func forward(_ pass: Pass) {
    guard let weights = weights(pass) else { return }
    Block.product(pass.x, weights, transposing: .right, into: pass.y)
    pass.y.activate(pass.activation, bias: pass.parameters)
  }

  package func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
    pass.activation.gradient(dy, outputs: pass.y)
    if let dx, let weights = weights(pass) { Block.product(dy, weights, into: dx) }
    return 0
  }

  package func parameterGradient(
    rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block
  ) { dz.sumColumns(into: gradient) }

  package func addTiedGradient(
    rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block
  ) {
    Block.product(dz.columns(in: rows), x, transposing: .left, adding: true, into: gradient)
  }

  package func named(_ parameters: Matrix) -> [(name: String, value: Matrix)] {
    [("b", parameters)]
  }
}
