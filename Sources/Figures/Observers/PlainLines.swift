import Matrices
import Synchronization
import Training
import Vocabulary

/// Finished lines about a run, for pipes, logs and screen readers: one for every tenth of the plan
/// or every ten seconds, and one at the end. No carriage return, no escape byte.
package final class PlainLines: TrainingObserver {
  private struct State {
    var run = RunState()
    var nextPart = 0.1
    var lastSeconds = 0.0
    /// Lines that wait until the run has taken long enough to be worth words.
    var held: [String] = []
  }

  private let state = Mutex(State())
  private let threshold: Double
  private let drawing: Drawing
  private let write: @Sendable (String) -> Void

  /// Runs shorter than `threshold` seconds are not mentioned.
  package init(
    threshold: Double = 0.5, drawing: Drawing = .plain, write: @escaping @Sendable (String) -> Void
  ) {
    self.threshold = threshold
    self.drawing = drawing
    self.write = write
  }

  package func receive(_ event: TrainingEvent) {
    let lines = state.withLock { state -> [String] in
      if case .started = event { state = State() }
      state.run.receive(event)
      switch event {
      case .started, .progressed, .pictured: return []
      case .advanced(let step): return advance(step, &state)
      case .finished(let outcome):
        guard outcome.seconds >= threshold || outcome.reason == .diverged,
          let summary = state.run.summary
        else { return [] }
        defer { state.held = [] }
        return state.held + [summary]
      }
    }
    for line in lines { write(Plainer.text(line, drawing) + "\n") }
  }

  private func advance(_ step: TrainingStep, _ state: inout State) -> [String] {
    guard let plan = state.run.plan, step.index < plan.total else { return [] }
    let part = state.run.part
    guard part >= state.nextPart - 1e-9 || step.seconds - state.lastSeconds >= 10 else { return [] }
    while state.nextPart <= part + 1e-9 { state.nextPart += 0.1 }
    state.lastSeconds = step.seconds
    state.held.append(Self.line(plan, step))
    guard step.seconds >= threshold else { return [] }
    defer { state.held = [] }
    return state.held
  }

  private static func line(_ plan: TrainingPlan, _ step: TrainingStep) -> String {
    var line = "\(plan.title): \(plan.unit.rawValue) \(step.index)/\(plan.total)"
    line += "  \(plan.objective) \(Words.number(step.objective))"
    for (name, value) in zip(plan.metrics, step.metrics) where !value.isNaN {
      line += "  \(name) \(Words.number(value))"
    }
    return line + "  \(Words.seconds(step.seconds))"
  }
}
