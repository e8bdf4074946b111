import Figures
import LiveView
import Matrices
import Training
import Vocabulary

/// A screen that keeps what was shown, and plays keys.
final class PlayedScreen: Screen {
  var width: Int
  var height: Int
  let drawing: Drawing
  var pending: [Key] = []
  var frames: [Canvas] = []
  var calls: [String] = []

  init(width: Int = 80, height: Int = 24, drawing: Drawing = .plain) {
    self.width = width
    self.height = height
    self.drawing = drawing
  }

  var inputDescriptor: Int32 { -1 }
  var isUsable: Bool { true }
  func show(_ canvas: Canvas) { frames.append(canvas) }
  func keys() -> [Key] {
    defer { pending = [] }
    return pending
  }
  func resize() { calls.append("resize") }
  func invalidate() { calls.append("invalidate") }
  func suspend() { calls.append("suspend") }
  func resume() { calls.append("resume") }
  func close() { calls.append("close") }
}

/// Signals that a test sends.
final class PlayedSignals: ViewSignals {
  var interruptCount = 0
  var suspends = false
  var continues = false
  var resizes = false
  var onStop: () -> Void = {}

  func takeSuspend() -> Bool { take(&suspends) }
  func takeContinue() -> Bool { take(&continues) }
  func takeResize() -> Bool { take(&resizes) }
  func stopProcess() { onStop() }

  private func take(_ flag: inout Bool) -> Bool {
    defer { flag = false }
    return flag
  }
}

/// A factorization that only counts: its error is 1, 1/2, 1/3 …
struct CountingProcess: TrainingProcess {
  var total = 20
  var metrics: [String] = []
  var done = 0
  var failsAt = 0
  /// What is learned: it must not depend on who watches.
  var weights = Matrix.ones(4, 9)
  var onStep: @Sendable (Int) -> Void = { _ in }

  var plan: TrainingPlan {
    TrainingPlan(
      "nmf 100×80, rank 4", unit: .iteration, total: total, objective: "relative error",
      metrics: metrics)
  }

  mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    onStep(index)
    if index == failsAt { throw TrainingError.diverged(step: index) }
    done = index
    weights = weights * (1 + 1 / Double(index * index))
    weights[index % 4, index % 9] = Double(index)
    monitor.report(Double(index) - 0.5)
    return TrainingProgress(objective: 1 / Double(index), metrics: metrics.map { _ in 0.5 })
  }

  func picture() -> FactorPicture? {
    FactorPicture(title: "parts (rows of H)", rows: weights, isSigned: false)
  }
}

/// A state in the middle of a run.
func stateInTheMiddle(metrics: [String] = [], tiles: Int = 49) -> RunState {
  var state = RunState()
  state.receive(
    .started(
      TrainingPlan(
        "nmf 10000×784, rank 49", unit: .iteration, total: 200, objective: "relative error",
        metrics: metrics)))
  let pixels = (0..<tiles * 64).map { place -> Double in
    let (tile, row, column) = (place / 64, place / 8 % 8, place % 8)
    return (row + column + tile) % 9 == 4 ? 1 : 0
  }
  if tiles > 0 {
    state.receive(
      .pictured(
        FactorPicture(
          title: "parts (rows of H)", rows: Matrix(tiles, 64, pixels), isSigned: false)))
  }
  for index in 1...50 {
    state.receive(
      .advanced(
        TrainingStep(
          index: index, objective: 0.4 + 0.5 / Double(index),
          metrics: metrics.indices.map { Double($0) + 0.5 / Double(index) },
          seconds: Double(index) / 4)))
  }
  return state
}
