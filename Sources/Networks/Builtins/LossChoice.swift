import Autodiff
import Matrices
import Vocabulary

/// The loss of that name, if it suits the network's last layer.
func lossFunction(_ name: String, for net: Network) throws -> any Loss {
  let endsInSoftmax = net.layers.last?.activation == .softmax
  guard name != "auto", let loss = losses.first(where: { $0.name == name }) else {
    return endsInSoftmax ? CrossEntropy() : MeanSquaredError()
  }
  if let absorbed = loss.absorbs, net.layers.last?.activation != absorbed {
    let units = max(net.outputs, absorbed == .softmax ? 2 : 1)
    let other = absorbed == .softmax && net.outputs == 1 ? ", or use loss=\"mse\"" : ""
    throw Problem(
      .value, "\(name) needs probabilities: the last layer must end in \(absorbed.rawValue)",
      at: "net", label: net.flow,
      help: "end the network with dense(\(units), \(absorbed.rawValue))\(other)")
  }
  if case .sides = loss.targets, endsInSoftmax {
    throw Problem(
      .value, "hinge compares scores, not probabilities", at: "net", label: net.flow,
      help: "leave the softmax out: end the network with dense(\(net.outputs))",
      remedy: .replacing(
        "dense(\(net.outputs), softmax)", in: "net", with: "dense(\(net.outputs))"))
  }
  return loss
}
