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
  private let width: @Sendable () -> Int
  private let write: @Sendable (String) -> Void

  /// Runs shorter than `threshold` seconds are not mentioned. `width` is what a line has room for.
  package init(
    threshold: Double = 0.5, drawing: Drawing = .plain,
    width: @escaping @Sendable () -> Int = { .max }, write: @escaping @Sendable (String) -> Void
  ) {
    self.threshold = threshold
    self.drawing = drawing
    self.width = width
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
          let summary = state.run.summary(width: width(), drawing)
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
    state.held.append(Self.line(plan, step, width: width()))
    guard step.seconds >= threshold else { return [] }
    defer { state.held = [] }
    return state.held
  }

  /// What fits of: the run, how far, the objective, the metrics, the time. The run goes first, then
  /// the metrics from the last.
  private static func line(_ plan: TrainingPlan, _ step: TrainingStep, width: Int) -> String {
    let place = "\(plan.unit.rawValue) \(step.index)/\(plan.total)"
    var facts = ["\(plan.objective) \(Words.number(step.objective))"]
    for (name, value) in zip(plan.metrics, step.metrics) where !value.isNaN {
      facts.append("\(name) \(Words.number(value))")
    }
    let time = Words.seconds(step.seconds)
    func line() -> String { ([place] + facts + [time]).joined(separator: "  ") }
    let whole = "\(plan.title): \(line())"
    if whole.count <= width { return whole }
    while facts.count > 1, line().count > width { facts.removeLast() }
    return line()
  }
}
