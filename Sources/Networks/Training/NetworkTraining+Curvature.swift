import Autodiff
import Matrices
import Training

/// Epochs of optimizers that move all parameters at once, on all rows.
extension NetworkTraining {
  /// One step on all rows: the loss and the accuracy after it.
  mutating func advance(by rule: LBFGS, _ index: Int, _ monitor: TrainingMonitor) throws
    -> TrainingProgress
  {
    var count = steps
    let (machine, data, request, parameters) = (self.machine, self.data, self.request, parameters)
    let rows = Array(0..<data.rows)
    var evaluations = 0.0
    /// The loss, its gradient and the hits with some parameters.
    func place(_ x: Matrix) -> LBFGS.Place {
      withExtendedLifetime(parameters) { parameters.all.copy(from: x) }
      var sum = LossSum()
      var gradient = Matrix.zeros(1, x.columns)
      for start in stride(from: 0, to: rows.count, by: Network.forwardRows) {
        if monitor.isStopRequested { break }
        let batch = rows[start..<min(start + Network.forwardRows, rows.count)]
        sum += machine.step(
          on: batch, of: data, loss: request.loss, chance: RowChance(seed: 0), optimizer: nil,
          time: 0)
        gradient = gradient + Double(batch.count) / Double(rows.count) * machine.gradient
      }
      evaluations += 1
      monitor.report(Double(index) - 1 / (1 + evaluations))
      let loss = monitor.isStopRequested ? .infinity : sum.loss / Double(rows.count)
      return LBFGS.Place(
        x: parameters.row, loss: loss, gradient: gradient,
        accuracy: Double(sum.hits) / Double(rows.count))
    }
    let start = whole ?? place(parameters.row)
    if monitor.isStopRequested { return TrainingProgress(objective: .nan) }
    guard start.loss.isFinite else { return diverged(step: 1, rows: rows[...]) }
    var end = start
    var isStill = false
    switch try rule.advance(
      from: start, state: machine.stateBlock, count: &count, evaluate: { place($0) })
    {
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
    var progress = try close(sum, rows.count)
    if isStill { progress.end = .converged }
    return progress
  }
}
