import Autodiff
import Matrices
import Vocabulary

let accuracyBuiltin = Builtin(
  "accuracy", in: .train, "The part of the rows whose class is right.",
  Parameter<Value>("predictions", "a network, or its predictions: probabilities or classes"),
  Parameter<Matrix>("X", "one sample a row for a network; for predictions the true classes"),
  Parameter<Matrix?>(positional: "y", "the true classes, for a network"),
  shapes: "value → number",
  seeAlso: ["evaluate", "predict", "confusion", "one_hot"],
  examples: [
    Example("accuracy([0.9, 0.1; 0.2, 0.8; 0.6, 0.4], [0; 1; 1]) > 0.6", prints: "true"),
    Example("accuracy([1; 2; 3; 3], [1; 2; 3; 1])", prints: "0.75"),
  ]
) { (predictions: Value, x: Matrix, y: Matrix?) -> Double in
  try confusion(predictions, x, y).accuracy
}

let confusionBuiltin = Builtin(
  "confusion", in: .train, "How often each class was taken for each, as a shaded table.",
  Parameter<Value>("predictions", "a network, or its predictions: probabilities or classes"),
  Parameter<Matrix>("X", "one sample a row for a network; for predictions the true classes"),
  Parameter<Matrix?>(positional: "y", "the true classes, for a network"),
  shapes: "value → confusion",
  math: """
    Rows are the true classes, columns the predicted ones; a cell is the darker, the larger a part of \
    its row it holds. counts is the matrix, classes names its rows and columns.
    """,
  seeAlso: ["accuracy", "precision", "recall", "f1", "heatmap"],
  examples: [
    Example(
      "confusion([1; 2; 2; 1; 2], [1; 2; 2; 2; 2])",
      prints: """
        confusion of 5 rows, accuracy 0.8
         true  1   2 precision   recall       f1
            1  1█  ·     0.500    1.000    0.667
            2  1░  3▓    1.000    0.750    0.857
        """),
    Example("confusion([1; 2; 2], [1; 2; 1]).counts", prints: "1  2\n1  1\n0  1"),
  ]
) { (predictions: Value, x: Matrix, y: Matrix?) -> Confusion in try confusion(predictions, x, y) }

let precisionBuiltin = scoreBuiltin(
  .precision, "Of the rows that were predicted to be of a class, the part that is.",
  "tp / (tp + fp) of every class; 0 where none was predicted.",
  Example("precision([1; 2; 2; 1; 2], [1; 2; 2; 2; 2])", prints: "0.75"))

let recallBuiltin = scoreBuiltin(
  .recall, "Of the rows of a class, the part that was found.",
  "tp / (tp + fn) of every class; 0 where there are none.",
  Example("recall([1; 2; 2; 1; 2], [1; 2; 2; 2; 2], average=\"none\")'", prints: "1.00  0.75"))

let f1Builtin = scoreBuiltin(
  .f1, "Precision and recall in one number: their harmonic mean.",
  "2 tp / (2 tp + fp + fn) of every class (van Rijsbergen 1979).",
  Example("f1([1; 2; 2; 1; 2], [1; 2; 2; 2; 2]) > 0.76", prints: "true"))

private func scoreBuiltin(
  _ score: Confusion.Score, _ summary: String, _ math: String, _ example: Example
) -> Builtin {
  Builtin(
    score.rawValue, in: .train, summary,
    Parameter<Value>("predictions", "a network, or its predictions: probabilities or classes"),
    Parameter<Matrix>("X", "one sample a row for a network; for predictions the true classes"),
    Parameter<Matrix?>(positional: "y", "the true classes, for a network"),
    Parameter<String>(
      "average",
      "macro: the mean over the classes; weighted: by their rows; micro: over all rows; none: all",
      default: "macro", choices: Confusion.Average.allCases.map(\.rawValue)),
    shapes: "value → value",
    math: math + " The mean is over the classes that occur.",
    seeAlso: ["confusion", "accuracy"]
      + Confusion.Score.allCases.filter { $0 != score }.map(\.rawValue),
    examples: [example]
  ) { (predictions: Value, x: Matrix, y: Matrix?, average: String) -> Value in
    let found = try confusion(predictions, x, y)
    guard let average = Confusion.Average(rawValue: average), average != .none else {
      return .matrix(Matrix(column: found.scores(score)))
    }
    return .number(found.score(score, average))
  }
}

/// The classes of a network for rows of X against y, or of predictions against X.
private func confusion(_ predictions: Value, _ x: Matrix, _ y: Matrix?) throws -> Confusion {
  if let net = Network.from(predictions) {
    guard let y else {
      throw Problem(
        .type, "'y' is missing: a network needs inputs and classes",
        help: "write accuracy(net, X, y)")
    }
    return try net.confusion(x, y)
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
  return try compared(finite(predictions, at: "predictions"), finite(x, at: "X"))
}

/// Predictions and labels that name classes, row by row.
private func compared(_ predictions: Matrix, _ labels: Matrix) throws -> Confusion {
  let both = [
    Problem.Mention(parameter: "predictions", label: predictions.label),
    Problem.Mention(parameter: "X", label: labels.label),
  ]
  guard predictions.rows == labels.rows, !predictions.isEmpty else {
    throw Problem(
      .shape, "predictions and labels need the same number of rows, and a column at least",
      mentioning: both)
  }
  guard labels.columns == 1 || predictions.columns == labels.columns else {
    throw Problem(
      .shape, "labels are one column of classes, or as many columns as the predictions",
      mentioning: both)
  }
  if predictions.columns == 1 {
    let classes = Set(predictions.elements + labels.elements).sorted()
    guard classes.count <= 10_000 else {
      throw Problem(
        .value, "\(classes.count) different numbers are no classes", mentioning: both,
        help: "for measured quantities see evaluate(net, X, y).loss")
    }
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    return Confusion(
      classes: classes, truth: labels.elements.map { places[$0] ?? 0 },
      predicted: predictions.elements.map { places[$0] ?? 0 })
  }
  let found = predictions.argMaximum(along: .columns)
  if labels.columns > 1 {
    return Confusion(
      classes: (1...labels.columns).map(Double.init),
      truth: labels.argMaximum(along: .columns), predicted: found)
  }
  let (truth, classes) = try Targets.classed(
    labels, outputs: predictions.columns, known: nil, at: "X", allowsOneClass: true)
  return Confusion(classes: classes, truth: truth.elements.map { Int($0) }, predicted: found)
}

extension Network {
  /// Its classes for the rows of X against those of y.
  package func confusion(_ x: Matrix, _ y: Matrix) throws -> Confusion {
    let x = try checked(x, at: "X")
    let last = layers.last?.activation
    let hinge = Hinge()
    let tellsSides = trained?.loss == hinge.name
    guard last == .softmax || tellsSides || last == .sigmoid && outputs == 1 else {
      throw Problem(
        .value, "classes are needed: the network must end in softmax", at: "predictions",
        label: flow,
        help: classifies
          ? "how many outputs are right says evaluate(net, X, y).accuracy"
          : "for measured quantities see evaluate(net, X, y).loss")
    }
    if outputs == 1 {
      let classes: [Double] = tellsSides ? [-1, 1] : [0, 1]
      let limit = tellsSides ? 0 : 0.5
      let y = try finite(y, at: "y")
      guard y.shape == Shape(x.rows, 1), y.elements.allSatisfy(classes.contains) else {
        let names = classes.map { NumberFormat.short($0) }.joined(separator: " from ")
        throw Problem(
          .value, "one output tells \(names): y is a column of them, one a row of X", at: "y",
          label: y.label)
      }
      return Confusion(
        classes: classes, truth: y.elements.map { $0 == classes[0] ? 0 : 1 },
        predicted: outputs(for: x).elements.map { $0 > limit ? 1 : 0 })
    }
    let targets = try Targets(
      y, rows: x.rows, outputs: outputs, loss: tellsSides ? hinge : CrossEntropy(),
      known: trained?.classes, at: "y", allowsOneClass: true)
    let truth =
      targets.classes == nil
      ? targets.matrix.argMaximum(along: .columns) : targets.matrix.elements.map { Int($0) }
    return Confusion(
      classes: targets.classes ?? trained?.classes ?? (1...outputs).map(Double.init),
      truth: truth, predicted: outputs(for: x).argMaximum(along: .columns))
  }
}
