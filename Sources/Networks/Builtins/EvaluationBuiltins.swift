import Autodiff
import Matrices
import Vocabulary

let evaluateBuiltin = Builtin(
  "evaluate", in: .train, "The loss of a network on rows of X with targets y, and its accuracy.",
  Parameter<Network>("net", "the network"),
  Parameter<Matrix>("X", "one sample a row"),
  Parameter<Matrix>("y", "a column of classes, or a column for every output"),
  shapes: "network, m×n, m×k → record",
  math: "The loss that it was trained with, without dropout: the mean over the rows.",
  seeAlso: ["train", "accuracy", "predict"],
  examples: [
    Example(
      """
      X = [0; 1; 2; 3]
      net = train(input(1) |> dense(1), X, 2 * X, epochs=200, batch=4, optimizer=sgd(0.1), seed=1)
      evaluate(net, X, 2 * X).loss < 0.001
      """, prints: "true")
  ]
) { (net: Network, x: Matrix, y: Matrix) -> Record in
  let found = try net.evaluated(x, y)
  var record = Record([("loss", .number(found.loss))])
  if let accuracy = found.accuracy { record["accuracy"] = .number(accuracy) }
  return record
}

let accuracyBuiltin = Builtin(
  "accuracy", in: .train, "The part of the rows whose class is right.",
  Parameter<Value>("predictions", "a network, or its predictions: probabilities or classes"),
  Parameter<Matrix>("X", "one sample a row for a network; for predictions the true classes"),
  Parameter<Matrix?>(positional: "y", "the true classes, for a network"),
  shapes: "value → number",
  seeAlso: ["evaluate", "predict", "one_hot"],
  examples: [
    Example("accuracy([0.9, 0.1; 0.2, 0.8; 0.6, 0.4], [0; 1; 1]) > 0.6", prints: "true"),
    Example("accuracy([1; 2; 3; 3], [1; 2; 3; 1])", prints: "0.75"),
  ]
) { (predictions: Value, x: Matrix, y: Matrix?) -> Double in
  if let net = Network.from(predictions) {
    guard let y else {
      throw Problem(
        .type, "'y' is missing: a network needs inputs and classes",
        help: "write accuracy(net, X, y)")
    }
    guard let accuracy = try net.evaluated(x, y).accuracy else {
      throw Problem(
        .value, "accuracy needs classes: the network must end in softmax", at: "predictions",
        label: net.flow, help: "for measured quantities see evaluate(net, X, y).loss")
    }
    return accuracy
  }
  guard let predictions = Matrix.from(predictions) else {
    throw Problem(
      .type, "'predictions' needs a network or a matrix", at: "predictions",
      label: predictions.label)
  }
  if y != nil {
    throw Problem(
      .type, "predictions are compared with one matrix of classes", at: "y",
      help: "write accuracy(predictions, labels), or accuracy(net, X, y)")
  }
  return try agreement(finite(predictions, at: "predictions"), finite(x, at: "X"))
}

/// The part of the rows on which predictions and labels name the same class.
private func agreement(_ predictions: Matrix, _ labels: Matrix) throws -> Double {
  guard predictions.rows == labels.rows, !predictions.isEmpty else {
    throw Problem(
      .shape, "predictions and labels need the same number of rows, and a column at least",
      mentioning: [
        .init(parameter: "predictions", label: predictions.label),
        .init(parameter: "X", label: labels.label),
      ])
  }
  guard labels.columns == 1 || predictions.columns == labels.columns else {
    throw Problem(
      .shape, "labels are one column of classes, or as many columns as the predictions",
      mentioning: [
        .init(parameter: "predictions", label: predictions.label),
        .init(parameter: "X", label: labels.label),
      ])
  }
  let pairs: Zip2Sequence<[Double], [Double]>
  if predictions.columns == 1 {
    pairs = zip(predictions.elements, labels.elements)
  } else {
    let truth =
      labels.columns > 1
      ? labels.argMaximum(along: .columns).map(Double.init)
      : try Targets.classed(
        labels, outputs: predictions.columns, known: nil, at: "X", allowsOneClass: true
      ).0.elements
    pairs = zip(predictions.argMaximum(along: .columns).map(Double.init), truth)
  }
  return Double(pairs.count { $0 == $1 }) / Double(labels.rows)
}

extension Network {
  /// The mean loss over the rows, and the accuracy when the targets are classes.
  package func evaluated(_ x: Matrix, _ y: Matrix) throws -> (loss: Double, accuracy: Double?) {
    let x = try checked(x, at: "X")
    let loss = try lossFunction(trained?.loss ?? "auto", for: self)
    let targets = try Targets(
      y, rows: x.rows, outputs: outputs, loss: loss, known: trained?.classes, at: "y",
      allowsOneClass: true)
    let precision = trained?.precision ?? .single
    let machine = Machine(
      graph, Parameters(parameters, precision), rows: min(x.rows, Self.forwardRows))
    let data = TrainingData(x, targets: targets.matrix, precision)
    let found = machine.evaluate(data, loss: loss)
    let classifies = loss.classifies || layers.last?.activation == .softmax
    return (
      found.loss / Double(x.rows), classifies ? Double(found.hits) / Double(x.rows) : nil
    )
  }
}
