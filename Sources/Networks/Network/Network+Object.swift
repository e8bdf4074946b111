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
    if let weight = weights.first(where: { $0.name == name }) { return .matrix(weight.value) }
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

  private var classifies: Bool { trained?.history.accuracy.contains { !$0.isNaN } ?? false }

  /// The parameters by name: `W1`, `b1`, `W2` …, numbered by the layers that have any.
  private var weights: [(name: String, value: Matrix)] {
    let precision = trained?.precision ?? .single
    let filled = zip(layers, parameters).filter { !$0.1.isEmpty }
    return filled.enumerated().flatMap { index, pair in
      pair.0.named(pair.1.converted(to: precision)).map { ("\($0.name)\(index + 1)", $0.value) }
    }
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

  // MARK: Summary

  package func summary(width: Int) -> String { summary(width: width, times: []) }

  /// The summary, with the times of the layers where they were measured.
  func summary(width: Int, times: [LayerTime]) -> String {
    var lines = ["network \(shapeFlow), \(parameterCount) parameters"]
    lines += table(times) + audit
    if !times.isEmpty {
      lines.append(
        "times: µs a row of \(LayerTime.rows), on one thread, forward and back with the gradient")
    }
    lines += training(width: width)
    return lines.map { $0.count > width ? String($0.prefix(max(width - 1, 0))) + "…" : $0 }
      .joined(separator: "\n")
  }

  /// One line a layer: number, title, shapes, parameters, multiply-adds of a row. Where branches
  /// part and meet, a shape says which layers it comes from.
  private func table(_ times: [LayerTime]) -> [String] {
    let rows = layers.enumerated().map { index, layer in
      let own = [
        "\(index + 1)", layer.title + (graph.ties[index].map { " to \($0 + 1)" } ?? ""),
        "\(source(of: index)) → \(layer.output)",
        layer.parameterShape.isEmpty ? "–" : "\(layer.parameterShape.count)",
        layer.work == 0 ? "–" : "\(layer.work)",
      ]
      guard times.indices.contains(index) else { return own }
      return own
        + [times[index].forward, times[index].backward].map {
          NumberFormat.short($0 * 1e6, digits: 3)
        }
    }
    guard !rows.isEmpty else { return ["  no layers yet"] }
    let head = ["", "layer", "shape", "parameters", "multiply-adds"]
    let all = [head + (times.isEmpty ? [] : ["forward", "back"])] + rows
    let widths = all[0].indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      var line = " "
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += " " + (column >= 3 || column == 0 ? padding + cell : cell + padding) + " "
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// What a layer reads: a shape, and whose it is where that is not the layer before.
  private func source(of place: Int) -> String {
    let reads = graph.sources[place]
    func name(_ source: Int) -> String { source < 0 ? "input" : "\(source + 1)" }
    func shape(_ source: Int) -> Geometry { source < 0 ? input : layers[source].output }
    if reads.count > 1 {
      let names = reads.map(name)
      return Set(reads.map { shape($0).sizes }).count == 1
        ? "\(names.joined(separator: ", ")): \(shape(reads[0]))"
        : zip(names, reads).map { "\($0): \(shape($1))" }.joined(separator: ", ")
    }
    let own = "\(layers[place].input)"
    return reads == [place - 1] ? own : "\(name(reads[0])): \(own)"
  }

  /// What it takes, and whether constrained weights are where they should be.
  private var audit: [String] {
    let width = (trained?.precision ?? .single).bytes
    let row = layers.filter { !$0.isView }.reduce(inputs) { $0 + $1.outputs + $1.keptColumns }
    var lines: [String] = []
    if !layers.isEmpty {
      lines.append(
        "memory: \(Self.size(parameterCount * width)) of parameters, "
          + "\(Self.size(row * width)) a row on the way")
    }
    for (index, layer) in layers.enumerated() {
      guard let constraint = layer.rules.constraint else { continue }
      let values = parameters[index]
      let weights = Matrix.above(layer.weightRanges.map { values.rows(in: $0) })
      let lengths = weights.times(weights).reduced(.sum, along: .rows).mapped(.sqrt)
      func short(_ number: Double) -> String { NumberFormat.short(number, digits: 4) }
      lines.append(
        "layer \(index + 1) is \(constraint): weights \(short(weights.total(.minimum))) … "
          + "\(short(weights.total(.maximum))), columns of length "
          + "\(short(lengths.total(.minimum))) … \(short(lengths.total(.maximum)))")
    }
    return lines
  }

  /// Bytes in the largest unit that leaves a number above 1.
  private static func size(_ bytes: Int) -> String {
    let number = Double(bytes)
    if number < 1e3 { return "\(bytes) B" }
    return number < 1e6
      ? "\(NumberFormat.short(number / 1e3, digits: 3)) kB"
      : "\(NumberFormat.short(number / 1e6, digits: 3)) MB"
  }

  /// How it was trained, with the loss as a spark line.
  private func training(width: Int) -> [String] {
    guard let trained, let loss = trained.history.loss.last else {
      let start =
        graph.values.contains { $0?.isEmpty == false }
        ? "starts from learnt weights" : "not trained"
      return ["\(start) (seed \(seed))"]
    }
    let history = trained.history
    let epochs = history.epochs == 1 ? "1 epoch" : "\(history.epochs) epochs"
    let seconds = NumberFormat.fixed(history.seconds.last ?? 0, decimals: 2)
    var numbers = "loss \(NumberFormat.short(loss, digits: 4))"
    if let accuracy = history.accuracy.last, !accuracy.isNaN {
      numbers += ", accuracy \(NumberFormat.short(accuracy, digits: 4))"
    }
    let place = (trained.bestEpoch ?? history.epochs) - 1
    if history.validationLoss.indices.contains(place), !history.validationLoss[place].isNaN {
      numbers += "; validation \(NumberFormat.short(history.validationLoss[place], digits: 4))"
      let accuracy = history.validationAccuracy[place]
      if !accuracy.isNaN { numbers += ", accuracy \(NumberFormat.short(accuracy, digits: 4))" }
    }
    let curve = SparkLine.text(
      of: history.loss, width: max(8, min(24, width - 60)), logarithmic: true)
    var how = "trained \(epochs) in \(seconds) s, \(trained.reason)"
    if let best = trained.bestEpoch, best < history.epochs { how += ", kept epoch \(best)" }
    return [
      "\(numbers)  \(curve)", how,
      "\(trained.loss), \(trained.optimizer.title), batch \(trained.batch), seed \(seed)",
    ] + protection(trained)
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
