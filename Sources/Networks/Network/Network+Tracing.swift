import Autodiff
import Matrices
import Vocabulary

extension Network {
  /// The outputs for rows that a gradient is taken in, in the precision of the rows. Layers of which
  /// no rule is known refuse.
  package func outputs(for x: Trace) throws -> Trace {
    _ = try checked(x.value.matrix, at: "inputs")
    var outputs: [Trace] = []
    for (place, (layer, values)) in zip(layers, parameters).enumerated() {
      let read = graph.sources[place].map { $0 < 0 ? x : outputs[$0] }
      var rows = read[0]
      switch layer {
      case let dense as Dense:
        let parameters = values.converted(to: x.value.precision)
        rows =
          rows * Trace(parameters.rows(in: 0..<dense.inputs))
          + Trace(parameters.rows(in: dense.inputs..<dense.inputs + 1))
      case let dense as TiedDense:
        guard let tie = graph.ties[place] else { throw refusal(layer.title) }
        let shared = parameters[tie].converted(to: x.value.precision)
        rows =
          rows * Trace(shared.rows(in: 0..<dense.outputs).transposed)
          + Trace(values.converted(to: x.value.precision))
      case is ActivationLayer, is DropoutLayer: break
      case is Sum: rows = read.dropFirst().reduce(rows) { $0 + $1 }
      case is Concatenation where layer.output.isPlain: rows = Trace.joined([read])
      default: throw refusal(layer.title)
      }
      outputs.append(try activated(rows, layer))
    }
    return outputs.last ?? x
  }

  /// The activations that are one function of every element.
  private static let functions: [Activation: ElementwiseFunction] = [
    .relu: .relu, .sigmoid: .sigmoid, .tanh: .tanh,
  ]

  private func activated(_ z: Trace, _ layer: any Layer) throws -> Trace {
    if layer.activation == .linear { return z }
    if layer.activation == .softmax { return z.softmax(along: .columns) }
    guard let function = Self.functions[layer.activation] else { throw refusal(layer.title) }
    return z.mapped(function)
  }

  private func refusal(_ layer: String) -> Problem {
    Problem(
      .computation, "the layer '\(layer)' has no derivative in its inputs here", at: "model",
      label: flow, help: "dense layers, dropout, activations, add and concat have one")
  }
}
