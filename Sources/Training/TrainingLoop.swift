import Matrices

/// What a step achieved.
package struct TrainingProgress: Sendable {
  package var objective: Double
  package var metrics: [Double]
  /// A reason to end the run after this step. After `diverged` the step does not count: the process
  /// holds what was there before it.
  package var end: StopReason?

  package init(objective: Double, metrics: [Double] = [], end: StopReason? = nil) {
    self.objective = objective
    self.metrics = metrics
    self.end = end
  }
}

/// Something that is trained step by step: a factorization rule with its factors, a network with
/// its optimizer. It owns no loop, prints nothing and knows no observer.
package protocol TrainingProcess {
  var plan: TrainingPlan { get }

  /// One iteration or epoch. A step that takes long calls `monitor.report` between its parts and
  /// returns early, with its state usable, when `monitor.isStopRequested`.
  mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress

  /// What a view shows, now. Called between steps, only when a view has asked.
  func picture() -> FactorPicture?
}

/// What a step may ask and say while it works.
package struct TrainingMonitor {
  /// Whoever shares out a long step asks this one between its pieces.
  package let control: TrainingControl
  let observers: [any TrainingObserver]

  package var isStopRequested: Bool { control.isStopRequested }

  /// Says how far the run is, in steps: 2.5 is the middle of the third step. While the run is
  /// paused it waits here, so that a long step pauses too.
  package func report(_ steps: Double) {
    for observer in observers { observer.receive(.progressed(steps)) }
    if control.isPaused { control.exclude(seconds: control.waitWhilePaused()) }
  }
}

/// A run that cannot go on.
package enum TrainingError: Error, Equatable {
  /// The objective became NaN or infinite at this step.
  case diverged(step: Int)
}

/// The one training loop: for factorizations and networks alike.
package struct TrainingLoop: Sendable {
  package var observers: [any TrainingObserver]
  package var control: TrainingControl

  package init(
    observers: [any TrainingObserver] = [], control: TrainingControl = TrainingControl()
  ) {
    self.observers = observers
    self.control = control
  }

  /// Steps until the plan is fulfilled, the process says it is done, or the user stops it. The
  /// process then holds the result of the last finished step. Interrupted kernels would leave
  /// void numbers in it, so kernels are shielded from the interrupt while a step runs.
  @discardableResult
  package func run(_ process: inout some TrainingProcess) throws -> TrainingOutcome {
    let clock = ContinuousClock()
    let start = clock.now
    let plan = process.plan
    let monitor = TrainingMonitor(control: control, observers: observers)
    var paused = 0.0
    var outcome = TrainingOutcome(reason: .limit, steps: 0, objective: .nan, seconds: 0)
    send(.started(plan))
    defer { send(.finished(outcome)) }
    if control.takePictureRequest(), let picture = process.picture() { send(.pictured(picture)) }
    for index in 1...max(plan.total, 1) where plan.total > 0 {
      paused += control.waitWhilePaused()
      if control.isStopRequested {
        outcome.reason = .stopped
        break
      }
      let progress = try Interrupt.shieldingKernels { try process.step(index, monitor) }
      outcome.seconds = (clock.now - start).inSeconds - paused - control.excludedSeconds
      if control.isStopRequested && progress.objective.isNaN {
        // The step ended early, before it knew its objective.
        outcome.reason = .stopped
        break
      }
      if progress.end == .diverged {
        outcome.reason = .diverged
        break
      }
      guard progress.objective.isFinite else { throw TrainingError.diverged(step: index) }
      outcome.steps = index
      outcome.objective = progress.objective
      send(
        .advanced(
          TrainingStep(
            index: index, objective: progress.objective, metrics: progress.metrics,
            seconds: outcome.seconds)))
      if control.takePictureRequest(), let picture = process.picture() { send(.pictured(picture)) }
      if let end = progress.end {
        outcome.reason = end
        break
      }
    }
    if Interrupt.isRequested {
      guard control.keepsOnInterrupt else { throw Interrupted() }
      Interrupt.forgetUser()
    }
    return outcome
  }

  private func send(_ event: TrainingEvent) {
    for observer in observers { observer.receive(event) }
  }
}
