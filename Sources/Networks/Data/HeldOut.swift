import Matrices
import Vocabulary

/// The data to train on and the data to validate with: a pair that was given, or rows held out.
func heldOut(
  _ validation: Value?, _ x: Matrix, _ targets: Targets, net: Network, _ request: TrainingRequest
) throws -> (TrainingData, TrainingData?) {
  let precision = request.precision
  guard let validation else { return (TrainingData(x, targets: targets.matrix, precision), nil) }
  if case .list(let pair) = validation, pair.count == 2, let xv = Matrix.from(pair[0]),
    let yv = Matrix.from(pair[1])
  {
    let held = try net.checked(xv, at: "validation")
    let heldTargets = try Targets(
      yv, rows: held.rows, outputs: net.outputs, loss: request.loss, known: targets.classes,
      at: "validation", allowsOneClass: true)
    return (
      TrainingData(x, targets: targets.matrix, precision),
      TrainingData(held, targets: heldTargets.matrix, precision)
    )
  }
  guard let fraction = Double.from(validation) else {
    throw Problem(
      .type, "validation is a list {X, y}, or the part of the rows to hold out", at: "validation",
      label: validation.label, help: "write validation=0.1")
  }
  guard fraction > 0 && fraction < 1 else {
    throw Problem(
      .value, "the part to hold out must be above 0 and below 1", at: "validation",
      label: validation.label)
  }
  let count = max(1, Int((Double(x.rows) * fraction).rounded()))
  guard x.rows - count >= request.batch else {
    throw Problem(
      .value,
      "with \(count) of \(x.rows) rows held out, a batch of \(request.batch) rows must remain",
      at: "batch", label: "the number \(request.batch)",
      help: x.rows > count ? "use batch=\(x.rows - count)" : "hold out a smaller part")
  }
  var random = Chance.validation(request.seed)
  let order = random.permutation(x.rows)
  let (out, kept) = (order.prefix(count).sorted(), order.dropFirst(count).sorted())
  func part(_ rows: [Int]) -> TrainingData {
    TrainingData(x.selecting(rows: rows), targets: targets.matrix.selecting(rows: rows), precision)
  }
  return (part(kept), part(out))
}
