import Synchronization
import Training
import Vocabulary

/// One line about a run that is redrawn in place, for terminals: it appears after half a second,
/// changes at most ten times a second, and leaves one finished line behind.
package final class ProgressLine: TrainingObserver {
  private struct State {
    var run = RunState()
    var start: Double?
    var lastDrawn = -Double.infinity
    var isShown = false
  }

  private let state = Mutex(State())
  private let drawing: Drawing
  private let delay: Double
  private let width: @Sendable () -> Int
  private let now: @Sendable () -> Double
  private let write: @Sendable (String) -> Void

  private static let interval = 0.1

  /// `width` is asked before every redraw; `now` is a clock in seconds.
  package init(
    drawing: Drawing, delay: Double = 0.5, width: @escaping @Sendable () -> Int,
    now: @escaping @Sendable () -> Double, write: @escaping @Sendable (String) -> Void
  ) {
    self.drawing = drawing
    self.delay = delay
    self.width = width
    self.now = now
    self.write = write
  }

  package func receive(_ event: TrainingEvent) {
    let now = now()
    let text = state.withLock { state -> String? in
      if case .started = event {
        state = State()
        state.start = now
      }
      state.run.receive(event)
      if case .finished = event {
        defer { state = State() }
        guard state.isShown || state.run.outcome?.reason == .diverged,
          let summary = state.run.summary(width: max(1, width() - 1), drawing)
        else { return nil }
        return "\r\u{1B}[K\(summary)\n"
      }
      guard let start = state.start, now - start >= delay,
        now - state.lastDrawn >= Self.interval - 1e-6
      else { return nil }
      state.lastDrawn = now
      state.isShown = true
      return "\r" + line(state.run, elapsed: now - start) + "\u{1B}[K"
    }
    if let text { write(text) }
  }

  /// What fits of: how far, a bar, the objective, the rate, the time left.
  private func line(_ run: RunState, elapsed: Double) -> String {
    guard let plan = run.plan else { return "" }
    let width = max(1, width() - 1)
    var canvas = Canvas(width: width, height: 1, drawing: drawing)
    let step = "\(plan.unit.rawValue) \(Int(run.position))/\(plan.total) "
    var facts: [String] = []
    if let last = run.last { facts.append("\(plan.objective) \(Words.number(last.objective))") }
    let rate = Words.rate(run.rate, unit: plan.unit)
    if !rate.isEmpty { facts.append(rate) }
    if let left = run.remaining(elapsed: elapsed) { facts.append("ETA \(Words.clock(left))") }
    let percent = "\(Int(run.part * 100)) %"
    var tail = facts.joined(separator: "  ")
    while step.count + percent.count + tail.count + 12 > width, !facts.isEmpty {
      facts.removeLast()
      tail = facts.joined(separator: "  ")
    }
    var x = canvas.write(step, x: 0, y: 0)
    let bar = min(24, width - x - percent.count - tail.count - 4)
    if bar >= 4 {
      ProgressBar.draw(
        run.part, on: &canvas, x: x, y: 0, width: bar, Style(Ink.accent(drawing.color)))
      x += bar + 1
    }
    x += canvas.write(percent, x: x, y: 0) + 2
    canvas.write(tail, x: x, y: 0)
    return canvas.text
  }
}
