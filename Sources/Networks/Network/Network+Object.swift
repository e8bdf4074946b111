import Matrices
import Vocabulary

extension Network: Object {
  package var kind: String { "network" }

  package var fieldNames: [String] {
    let always =
      ["layers", "parameters", "weights"] + weights.map(\.name) + [
        "inputs", "outputs", "seed",
      ]
    guard let trained else { return always }
    return always + ["history", "epochs", "loss"] + (classifies ? ["accuracy"] : [])
      + (trained.classes == nil ? [] : ["classes"]) + ["optimizer", "reason", "seconds"]
      + (trained.privacy == nil ? [] : ["privacy"])
  }

  package func field(_ name: String) -> Value? {
    switch name {
    case "layers": return .list(layerRecords.map { .record($0) })
    case "parameters": return .number(Double(parameterCount))
    case "weights": return .list(weights.map { .matrix($0.value) })
    case "inputs": return .number(Double(inputs))
    case "outputs": return .number(Double(outputs))
    case "seed": return .number(Double(seed))
    default: break
    }
    if let weight = weight(name) { return .matrix(weight) }
    guard let trained else { return nil }
    let history = trained.history
    switch name {
    case "history": return .record(history.record)
    case "epochs": return .number(Double(history.epochs))
    case "loss": return .number(history.loss.last ?? .nan)
    case "accuracy": return classifies ? .number(history.accuracy.last ?? .nan) : nil
    case "classes": return trained.classes.map { .matrix(Matrix(row: $0)) }
    case "optimizer": return .text(trained.optimizer.title)
    case "reason": return .text(trained.reason)
    case "privacy": return trained.privacy.map { .record($0.record) }
    case "seconds": return .number(history.seconds.last ?? 0)
    default: return nil
    }
  }

  /// Whether its training counted how many outputs were right.
  var classifies: Bool { trained?.history.accuracy.contains { !$0.isNaN } ?? false }

  /// The parameters by name: `W1`, `b1`, `W2` …, numbered by the layers that have any.
  private var weights: [(name: String, value: Matrix)] {
    filled.indices.flatMap { weights(number: $0 + 1) }
  }

  /// The layers that have parameters.
  private var filled: [Int] { layers.indices.filter { !layers[$0].parameterShape.isEmpty } }

  private func weights(number: Int) -> [(name: String, value: Matrix)] {
    let index = filled[number - 1]
    let parameters = parameters(of: index).converted(to: trained?.precision ?? .single)
    return layers[index].named(parameters).map { ("\($0.name)\(number)", $0.value) }
  }

  /// One of them, without those of other layers.
  private func weight(_ name: String) -> Matrix? {
    let digits = String(name.reversed().prefix(while: \.isNumber).reversed())
    guard let number = Int(digits), filled.indices.contains(number - 1) else { return nil }
    return weights(number: number).first { $0.name == name }?.value
  }

  private var layerRecords: [Record] {
    layers.enumerated().map { place, layer in
      Record([
        ("layer", .text(layer.title)),
        ("reads", .matrix(Matrix(row: graph.sources[place].map { Double($0 + 1) }))),
        ("inputs", .number(Double(layer.inputs))),
        ("outputs", .number(Double(layer.outputs))),
        ("activation", .text(layer.activation.rawValue)),
        ("parameters", .number(Double(layer.parameterShape.count))),
      ])
    }
  }
}

extension Network: Argument {
  package static var takes: String { "network" }
  package static var hint: String? { "start one with input: input(784) |> dense(10, softmax)" }
  package static func from(_ value: Value) -> Network? {
    if case .object(let object) = value { object as? Network } else { nil }
  }
}

extension Network: Returnable {
  package var value: Value { .object(self) }
}
