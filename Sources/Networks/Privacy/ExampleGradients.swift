import Autodiff
import Matrices

/// A layer whose part of the gradient of one example has a norm that is known from the example's
/// inputs and derivatives alone: the gradients of single examples are never formed.
package protocol GhostLayer: Layer {
  /// Adds the squared norms of the rows' gradients to a number a row. `dz` is what `backward` left.
  func addExampleNorms(_ dz: Block, inputs x: Block, to norms: UnsafeMutablePointer<Double>)
}

/// A layer that keeps, after going back without a gradient, all that its gradient is made of: norms
/// of single examples come from that, and then one gradient of many shortened examples.
package protocol LateLayer: Layer {
  /// Whether this one does so.
  var isLate: Bool { get }
  /// How much of each row it keeps then: `Pass.kept` is as wide.
  var lateColumns: Int { get }
  /// Goes back and keeps that. Returns what the layer adds to the loss.
  func lateBackward(_ pass: Pass, dy: Block, dx: Block?) -> Double
  /// Numbers that `addExampleNorms` works in.
  var normScratch: Int { get }
  /// Adds the squared norms of the rows' gradients to a number a row.
  func addExampleNorms(_ pass: Pass, to norms: UnsafeMutablePointer<Double>)
  /// The sum of the rows' gradients, each times a number of its own. What is kept is used up.
  func lateGradient(
    _ pass: Pass, scaledBy factors: UnsafePointer<Double>, into gradient: Block)
}

extension LateLayer {
  package var isLate: Bool { true }
  package var lateColumns: Int { keptColumns }
  package func lateBackward(_ pass: Pass, dy: Block, dx: Block?) -> Double {
    backward(pass, dy: dy, dx: dx, gradient: nil)
  }
}

extension Machine.Station {
  /// Its layer, where the gradients of single examples come late.
  var lateLayer: (any LateLayer)? {
    (layer as? any LateLayer).flatMap { $0.isLate ? $0 : nil }
  }
}

extension Dense: GhostLayer {
  package func addExampleNorms(
    _ dz: Block, inputs x: Block, to norms: UnsafeMutablePointer<Double>
  ) { dz.addAffineSquares(inputs: x, to: norms) }
}

extension Embedding: GhostLayer {
  package func addExampleNorms(
    _ dz: Block, inputs x: Block, to norms: UnsafeMutablePointer<Double>
  ) { dz.addTableSquares(tokens: x.columns(in: columns), width: output.features, to: norms) }
}

extension Layer {
  /// Goes back through some rows and writes the gradient of each into a row of its own. Returns what
  /// the layer adds to the loss.
  ///
  /// Layers that find their gradient by rows use few parameters often: theirs is formed row by row.
  func exampleGradients(_ pass: Pass, dy: Block, dx: Block?, into gradients: Block) -> Double {
    let shape = parameterShape
    if gradientPlan == .byParameters {
      let added = backward(pass, dy: dy, dx: dx, gradient: nil)
      for row in 0..<dy.rows {
        let own = row..<row + 1
        parameterGradient(
          rows: 0..<shape.rows, dy.rows(in: own), inputs: pass.x.rows(in: own),
          into: gradients.rows(in: own).packed(shape.rows, shape.columns))
      }
      return added
    }
    var added = 0.0
    for row in 0..<dy.rows {
      let own = row..<row + 1
      let single = pass.row(row)
      // What is kept for several rows does not lie row by row.
      if keptColumns > 0 { forward(single) }
      added += backward(
        single, dy: dy.rows(in: own), dx: dx?.rows(in: own),
        gradient: gradients.rows(in: own).packed(shape.rows, shape.columns))
    }
    return added
  }
}

extension Pass {
  /// One of the rows.
  fileprivate func row(_ index: Int) -> Pass {
    let own = index..<index + 1
    var single = self
    single.x = x.rows(in: own)
    single.y = y.rows(in: own)
    single.kept = kept.rows(in: own)
    single.chance?.firstRow += UInt64(index)
    return single
  }
}
