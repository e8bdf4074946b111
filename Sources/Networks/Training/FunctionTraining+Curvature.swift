import Autodiff
import Matrices
import Training
import Vocabulary

extension FunctionTraining {
  /// One step of an optimizer that moves all parameters at once, on all data: the loss after it.
  mutating func advance(by rule: LBFGS) throws -> TrainingProgress {
    let others = data.map { [$0.rows(nil)] } ?? []
    let run = self
    let place = { (x: Matrix) throws -> LBFGS.Place in
      try withExtendedLifetime((run.parameters, run.workspace)) {
        run.parameters.all.copy(from: x)
        let (loss, slopes) = try run.evaluate(others)
        for (block, slope) in zip(run.gradients, slopes) where !slope.isEmpty {
          block.copy(from: slope)
        }
        return LBFGS.Place(
          x: run.parameters.row, loss: loss, gradient: Matrix(run.gradient).converted(to: .double))
      }
    }
    var count = steps
    let before = parameters.row
    do {
      let start = try whole ?? place(before)
      guard start.loss.isFinite else { return try close(start.loss) }
      let move = try withExtendedLifetime(workspace) {
        try bounds.map {
          try rule.advance(
            from: start, within: $0, state: state, count: &count, evaluate: place)
        } ?? rule.advance(from: start, state: state, count: &count, evaluate: place)
      }
      let end = if case .moved(let found) = move { found } else { start }
      withExtendedLifetime(parameters) { parameters.all.copy(from: end.x) }
      (steps, whole) = (count, end)
      var progress = try close(end.loss)
      if case .still = move { progress.end = .converged }
      return progress
    } catch is Interrupted {
      withExtendedLifetime(parameters) { parameters.all.copy(from: before) }
      return try close(nil)
    }
  }

  /// Between which numbers the parameters stay, where that is asked for.
  private var bounds: Bounds? {
    Bounds(
      parameters,
      parameters.starts.indices.compactMap { place in
        constraints[place].map {
          let start = parameters.starts[place]
          return (start..<start + parameters.shapes[place].count, $0)
        }
      })
  }
}
