import Autodiff
import Matrices
import Training

/// Epochs of optimizers that move all parameters at once, on all rows.
///
/// Within an epoch the loss is one function of the parameters: dropout leaves the same numbers out
/// at every evaluation, and others in the next epoch, so that changes of the gradient tell of
/// curvature alone (Schraudolph, Yu & Günter, AISTATS 2007); layers that look at the batch see all
/// rows at once.
extension NetworkTraining {
  /// One step on all rows: the loss and the accuracy after it.
  mutating func advance(by rule: LBFGS, _ index: Int, _ monitor: TrainingMonitor) throws
    -> TrainingProgress
  {
    var count = steps
    let (machine, data, request, parameters) = (self.machine, self.data, self.request, parameters)
    let rows = Array(0..<data.rows)
    let size = network.layers.contains { $0 is any BatchLayer } ? rows.count : Network.forwardRows
    var chance = RowChance(
      seed: UInt64(bitPattern: Int64(request.seed)), stream: Chance.dropoutStream)
    let firstRow = UInt64(history.epochs) * UInt64(rows.count)
    var evaluations = 0.0
    /// The loss, its gradient and the hits with some parameters.
    func place(_ x: Matrix) -> LBFGS.Place {
      withExtendedLifetime(parameters) { parameters.all.copy(from: x) }
      var sum = LossSum()
      var gradient = Matrix.zeros(1, x.columns)
      for start in stride(from: 0, to: rows.count, by: size) {
        if monitor.isStopRequested { break }
        let batch = rows[start..<min(start + size, rows.count)]
        chance.firstRow = firstRow + UInt64(start)
        sum += machine.step(
          on: batch, of: data, loss: request.loss, chance: chance, optimizer: nil, time: 0,
          control: monitor.control)
        gradient = gradient + Double(batch.count) / Double(rows.count) * machine.gradient
      }
      evaluations += 1
      monitor.report(Double(index) - 1 / (1 + evaluations))
      let loss = monitor.isStopRequested ? .infinity : sum.loss / Double(rows.count)
      return LBFGS.Place(
        x: parameters.row, loss: loss, gradient: gradient,
        accuracy: Double(sum.hits) / Double(rows.count))
    }
    let draws = network.layers.contains { $0 is DropoutLayer }
    let start = draws ? place(parameters.row) : whole ?? place(parameters.row)
    if monitor.isStopRequested { return TrainingProgress(objective: .nan) }
    guard start.loss.isFinite else { return diverged(step: 1, rows: rows[...]) }
    var end = start
    var isStill = false
    let move =
      try self.bounds.map {
        try rule.advance(
          from: start, within: $0, state: machine.stateBlock, count: &count, evaluate: place)
      }
      ?? rule.advance(
        from: start, state: machine.stateBlock, count: &count, evaluate: { place($0) })
    switch move {
    case .moved(let found): end = found
    case .still: isStill = true
    }
    withExtendedLifetime(parameters) { parameters.all.copy(from: end.x) }
    // A stop ends the search before it has found anything: the epoch does not count.
    if isStill && monitor.isStopRequested { return TrainingProgress(objective: .nan) }
    steps = count
    whole = end
    var sum = LossSum()
    sum.loss = end.loss * Double(rows.count)
    sum.hits = Int((end.accuracy * Double(rows.count)).rounded())
    var progress = try close(sum, rows.count, monitor)
    if isStill { progress.end = .converged }
    return progress
  }
}

extension Network {
  /// The bounds of its weights among all parameters, where any are asked for.
  func bounds(of parameters: Parameters) -> Bounds? {
    var parts: [(places: Range<Int>, constraint: Constraint)] = []
    for (place, layer) in layers.enumerated() {
      guard let constraint = layer.rules.constraint else { continue }
      let (start, width) = (parameters.starts[place], layer.parameterShape.columns)
      for rows in layer.weightRanges {
        let places = start + rows.lowerBound * width..<start + rows.upperBound * width
        parts.append((places, constraint))
      }
    }
    return Bounds(parameters, parts)
  }
}
