import Matrices

/// What a training run is about to do: said once, before the first step.
package struct TrainingPlan: Sendable, Equatable {
  /// What one step is.
  package enum Unit: String, Sendable { case iteration, epoch }

  /// What is trained, on what: `nmf 10000×784, rank 49`.
  package var title: String
  package var unit: Unit
  /// The largest number of steps.
  package var total: Int
  /// What the objective of a step is: `relative error`, `loss`.
  package var objective: String
  /// The names of further numbers that every step reports, in order: `accuracy`, `validation loss`.
  package var metrics: [String]

  package init(
    _ title: String, unit: Unit, total: Int, objective: String, metrics: [String] = []
  ) {
    self.title = title
    self.unit = unit
    self.total = total
    self.objective = objective
    self.metrics = metrics
  }
}

/// One finished step: numbers only.
package struct TrainingStep: Sendable, Equatable {
  /// Counted from 1.
  package var index: Int
  package var objective: Double
  /// In the order of `TrainingPlan.metrics`; NaN where a step has none.
  package var metrics: [Double]
  /// Seconds since the start, pauses excluded.
  package var seconds: Double

  package init(index: Int, objective: Double, metrics: [Double] = [], seconds: Double) {
    self.index = index
    self.objective = objective
    self.metrics = metrics
    self.seconds = seconds
  }
}

/// Why a run ended.
package enum StopReason: String, Sendable, CaseIterable {
  case converged
  case limit
  /// The validation loss stopped falling, or what a run makes small did before the run had converged.
  case patience
  /// The user asked, and keeps what is there.
  case stopped
  /// A step gave no number; what was there before is kept.
  case diverged

  package var words: String {
    switch self {
    case .converged: "converged"
    case .limit: "reached the limit of steps"
    case .patience: "stopped improving"
    case .stopped: "stopped by you"
    case .diverged: "met numbers that are none, and kept the last good state"
    }
  }
}

/// How a run ended: said once, after the last step.
package struct TrainingOutcome: Sendable, Equatable {
  package var reason: StopReason
  package var steps: Int
  package var objective: Double
  package var seconds: Double

  package init(reason: StopReason, steps: Int, objective: Double, seconds: Double) {
    self.reason = reason
    self.steps = steps
    self.objective = objective
    self.seconds = seconds
  }
}

/// A reduced picture of factors or weights, taken only when a view has asked for it.
package struct FactorPicture: Sendable {
  /// What the tiles are: `parts (rows of H)`.
  package var title: String
  /// One tile a row, pixels row after row. At most `maximumTiles` × `maximumPixels`.
  package var tiles: Matrix
  /// The shape of one tile.
  package var tileShape: Shape
  /// Whether values below zero mean something, so that colours run both ways.
  package var isSigned: Bool

  package static let maximumTiles = 100
  package static let maximumPixels = 4096

  /// The first tiles of `rows`, each `tileShape` or, when unknown, a square if the length is one,
  /// else one line. Costs a copy of what is shown.
  package init(title: String, rows: Matrix, tileShape: Shape? = nil, isSigned: Bool) {
    self.title = title
    let count = min(rows.rows, Self.maximumTiles)
    let pixels = min(rows.columns, Self.maximumPixels)
    let kept = rows.rows(in: 0..<count)
    tiles = pixels == rows.columns ? kept : kept.selecting(columns: Array(0..<pixels))
    tiles.detach()
    let side = Int(Double(pixels).squareRoot().rounded())
    let square = side * side == pixels ? Shape(side, side) : Shape(1, pixels)
    self.tileShape = tileShape.flatMap { $0.count == pixels ? $0 : nil } ?? square
    self.isSigned = isSigned
  }
}

/// What a run tells its observers, in this order:
/// `started (progressed* advanced pictured?)* finished`.
package enum TrainingEvent: Sendable {
  case started(TrainingPlan)
  /// How far the run is, in steps and parts of a step.
  case progressed(Double)
  case advanced(TrainingStep)
  case pictured(FactorPicture)
  case finished(TrainingOutcome)
}

/// Somebody who wants to know how a run goes. `receive` is called on the training thread and must
/// return at once: write the event where another thread reads it, and go.
package protocol TrainingObserver: AnyObject, Sendable {
  func receive(_ event: TrainingEvent)
}
