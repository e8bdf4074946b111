import Autodiff
import Matrices
import Vocabulary

extension Network {
  /// The outputs for rows that a gradient is taken in, in the precision of the rows. Dense layers
  /// and activations are operations of their own, so that gradients of gradients go through them;
  /// every other layer goes back as in training.
  package func outputs(for x: Trace) throws -> Trace {
    _ = try checked(x.value.matrix, at: "inputs")
    var outputs: [Trace] = []
    for (place, (layer, values)) in zip(layers, parameters).enumerated() {
      let read = graph.sources[place].map { $0 < 0 ? x : outputs[$0] }
      outputs.append(try output(of: layer, values, at: place, from: read))
    }
    return outputs.last ?? x
  }

  private func output(
    of layer: any Layer, _ values: Matrix, at place: Int, from read: [Trace]
  ) throws -> Trace {
    let rows = read[0]
    if layer.isView || layer is DropoutLayer { return rows }
    let precision = rows.value.precision
    switch layer {
    case let dense as Dense where Self.isOperation(layer.activation):
      let parameters = values.converted(to: precision)
      let product = rows * Trace(parameters.rows(in: 0..<dense.inputs))
      return activated(
        product + Trace(parameters.rows(in: dense.inputs..<dense.inputs + 1)), layer.activation)
    case let dense as TiedDense where Self.isOperation(layer.activation):
      guard let tie = graph.ties[place] else { throw refusal(layer.title) }
      let shared = parameters[tie].converted(to: precision)
      let product = rows * Trace(shared.rows(in: 0..<dense.outputs).transposed)
      return activated(product + Trace(values.converted(to: precision)), layer.activation)
    case is ActivationLayer where Self.isOperation(layer.activation):
      return activated(rows, layer.activation)
    case is Sum: return read.dropFirst().reduce(rows) { $0 + $1 }
    case is Concatenation:
      // Features stand side by side at every position.
      let (count, positions) = (rows.shape.rows, layer.output.positions)
      let parts = read.map {
        $0.reshaped(count * positions, $0.shape.columns / max(positions, 1))
      }
      return Trace.joined([parts]).reshaped(count, layer.outputs)
    case is BatchNorm:
      // What it has learnt is an affine map of every column.
      let call = LayerCall(layer, values)
      let shift = call.forward(.zeros(1, layer.inputs, precision))
      let scale = call.forward(.ones(1, layer.inputs, precision)) - shift
      return rows .* Trace(scale) + Trace(shift)
    default:
      if layer is any JoiningLayer || layer is any TyingLayer { throw refusal(layer.title) }
      return LayerCall(layer, values).outputs(for: rows)
    }
  }

  /// The activations that are one function of every element.
  private static let functions: [Activation: ElementwiseFunction] = [
    .relu: .relu, .sigmoid: .sigmoid, .tanh: .tanh,
  ]

  /// Whether an activation is an operation on traced values.
  private static func isOperation(_ activation: Activation) -> Bool {
    activation == .linear || activation == .softmax || functions[activation] != nil
  }

  private func activated(_ z: Trace, _ activation: Activation) -> Trace {
    if activation == .softmax { return z.softmax(along: .columns) }
    return Self.functions[activation].map { z.mapped($0) } ?? z
  }

  private func refusal(_ layer: String) -> Problem {
    Problem(
      .computation, "the layer '\(layer)' has no derivative in its inputs here", at: "model",
      label: flow, help: "the other layers have one")
  }
}

/// A layer with its parameters, on rows outside of a machine.
private struct LayerCall: Sendable {
  private let layer: any Layer
  private let parameters: Matrix

  init(_ layer: any Layer, _ parameters: Matrix) {
    self.layer = layer
    self.parameters = parameters
  }

  /// The outputs of traced rows; back goes the layer's own derivative, which is none of traces.
  func outputs(for x: Trace) -> Trace {
    .record(
      .matrix(forward(x.value.matrix)), x,
      by: Rule { pull in
        if pull.a.isTraced { throw DerivativeError.onlyOnce(layer.title) }
        return Trace(backward(pull.a.value.matrix, slope: pull.full.value.matrix))
      })
  }

  func forward(_ x: Matrix) -> Matrix {
    if x.rows == 0 { return .zeros(0, layer.outputs, x.precision) }
    return passing(x) { pass, _ in Matrix(pass.y) }
  }

  private func backward(_ x: Matrix, slope: Matrix) -> Matrix {
    if x.rows == 0 { return x }
    return passing(x) { pass, back in
      back.dy.copy(from: slope)
      _ = layer.backward(pass, dy: back.dy, dx: back.dx, gradient: back.gradient)
      return Matrix(back.dx)
    }
  }

  private typealias Back = (dy: Block, dx: Block, gradient: Block?)

  /// Goes forward in memory of its own, and hands on what going back needs.
  private func passing(_ x: Matrix, _ body: (Pass, Back) -> Matrix) -> Matrix {
    let (inputs, outputs) = (Shape(x.rows, layer.inputs), Shape(x.rows, layer.outputs))
    let shapes = [
      layer.parameterShape, inputs, outputs, Shape(x.rows, layer.keptColumns),
      Shape(1, layer.scratch(rows: x.rows)), Shape(1, layer.preparedCount), outputs, inputs,
      layer.parameterShape,
    ]
    let workspace = Workspace(x.precision, shapes: shapes)
    return withExtendedLifetime(workspace) {
      let blocks = shapes.map { workspace.take($0) }
      if !parameters.isEmpty { blocks[0].copy(from: parameters) }
      blocks[1].copy(from: x)
      layer.prepare(blocks[0], into: blocks[5])
      let pass = Pass(
        x: blocks[1], y: blocks[2], parameters: blocks[0], activation: layer.activation,
        kept: blocks[3], scratch: blocks[4], prepared: blocks[5], chance: nil, scale: 1)
      layer.forward(pass)
      var gradient: Block?
      if case .byRows = layer.gradientPlan { gradient = blocks[8] }
      return body(pass, (blocks[6], blocks[7], gradient))
    }
  }
}
