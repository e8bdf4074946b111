import Matrices
import Training

/// Ratings as the training loop factorizes them, by any rule.
package struct RatingsProcess: TrainingProcess {
  package let task: RatingsTask
  private var rule: any RatingsRule
  /// What the rule reported after every iteration.
  package private(set) var objectives: [Double] = []

  package init(_ task: RatingsTask, by method: RatingsMethod) {
    self.task = task
    rule = method.rule(task)
  }

  package var factors: RatingsFactors { rule.factors }
  package var release: PrivateRelease? { rule.release }

  package var plan: TrainingPlan {
    let isImplicit = task.options.implicit != nil
    return TrainingPlan(
      "mf of \(task.entries.count) \(isImplicit ? "implicit " : "")ratings, "
        + "rank \(task.options.rank)", unit: .iteration, total: task.options.iterations,
      objective: isImplicit ? "loss" : "rmse")
  }

  /// At first biases take all there is to win, and small factors wait to grow: the error is still for
  /// an iteration or two, long before the end.
  private static let fewest = 5

  /// A stop does not wait for the step, which then has not been.
  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    var trial = rule
    let objective = Interrupt.exposingKernels { trial.iterate() }
    if Interrupt.isRequested { return TrainingProgress(objective: .nan) }
    rule = trial
    let before = objectives.last
    objectives.append(objective)
    let tolerance = task.options.tolerance
    let isStill = before.map { abs($0 - objective) <= tolerance * abs($0) } ?? false
    let isDone = isStill && tolerance > 0 && index >= Self.fewest
    return TrainingProgress(objective: objective, end: isDone ? .converged : nil)
  }

  package func picture() -> FactorPicture? {
    if task.options.rank == 0 { return nil }
    return FactorPicture(
      title: "items (columns of H)",
      rows: rule.factors.items.selecting(columns: Array(0..<task.options.rank)),
      isSigned: !task.options.isNonnegative)
  }
}
