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
