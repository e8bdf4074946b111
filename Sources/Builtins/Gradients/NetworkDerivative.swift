import Autodiff
import Matrices
import Networks
import Vocabulary

/// What a network says of inputs that a gradient is taken in.
enum NetworkDerivative {
  @Sendable static func predict(_ call: TracedCall) throws -> Value {
    guard let value = call.value("model"), let network = Network.from(value) else {
      throw Problem(
        .computation, "'predict' has a derivative for networks only", at: "model",
        label: call.plain("model")?.label ?? "")
    }
    guard case .list(let inputs) = call.value("inputs"), inputs.count == 1,
      let x = Trace(inputs[0])
    else {
      return try network.predict([call.plain("inputs") ?? .nothing], call.context)
    }
    return Value(try network.outputs(for: x.asMatrix))
  }
}
