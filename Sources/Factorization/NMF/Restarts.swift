import Matrices
import Training
import Vocabulary

/// Runs from different starts, a few at a time beside each other. What each finds depends on its
/// seed alone, so the best does not depend on the number of threads.
struct Restarts: TrainingProcess {
  private let x: AnyMatrix
  private let options: NMFOptions
  private let start: NMFFactors?
  private let weights: AnyMatrix?
  private let control: TrainingControl
  private var runs: [(model: NMFModel, measure: Double)] = []

  /// Runs that a step does.
  static let batch = 4

  init(
    _ x: AnyMatrix, _ options: NMFOptions, start: NMFFactors?, weights: AnyMatrix?,
    control: TrainingControl
  ) {
    self.x = x
    self.options = options
    self.start = start
    self.weights = weights
    self.control = control
  }

  var models: [NMFModel] { runs.map(\.model) }

  var plan: TrainingPlan {
    TrainingPlan(
      "nmf \(x.shape), rank \(options.rank), \(options.restarts) runs", unit: .iteration,
      total: (options.restarts + Self.batch - 1) / Self.batch, objective: "best loss")
  }

  mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    let first = runs.count
    let count = min(Self.batch, options.restarts - first)
    var results = [Result<(model: NMFModel, measure: Double), any Error>?](
      repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
      let results = results
      ThreadPool.shared.run(count) { place in
        results[place] = Result { try run(first + place) }
      }
    }
    for result in results {
      switch result {
      case .success(let run): runs.append(run)
      // The loop around this one knows what an interrupt means.
      case .failure(let error) where error is Interrupted: continue
      case .failure(let error): throw error
      case nil: continue
      }
    }
    guard let best = runs.min(by: { $0.measure < $1.measure }) else {
      return TrainingProgress(objective: .nan)
    }
    let objective = best.model.objective
    return TrainingProgress(objective: objective.isFinite ? objective : best.measure)
  }

  func picture() -> FactorPicture? {
    best.map {
      FactorPicture(
        title: "parts of the best run", rows: $0.h, tileShape: options.tile, isSigned: false)
    }
  }

  /// The first of those with the smallest loss and penalties.
  var best: NMFModel? { runs.min { $0.measure < $1.measure }?.model }

  /// The run of a number: the first as the options say, the others from random starts, where the
  /// named start does not depend on chance.
  private func run(_ number: Int) throws -> (model: NMFModel, measure: Double) {
    var own = options
    own.restarts = 1
    own.seed = options.seed &+ number
    if number > 0 && own.start.isFixed { own.start = .random }
    return try NMFModel.measured(
      x, own, loop: .within(control), start: number == 0 ? start : nil,
      weights: weights)
  }
}

/// Hands a request to stop on to a run inside another one.
private final class StopRelay: TrainingObserver {
  private let outer: TrainingControl
  let inner = TrainingControl()

  init(_ outer: TrainingControl) { self.outer = outer }

  func receive(_ event: TrainingEvent) {
    if outer.isStopRequested { inner.requestStop() }
  }
}

extension TrainingLoop {
  /// A loop for a run inside a step of another run: nobody watches it, it ends when the other is to
  /// end, and leaves the interrupt to it.
  static func within(_ control: TrainingControl) -> TrainingLoop {
    let relay = StopRelay(control)
    return TrainingLoop(observers: [relay], control: relay.inner)
  }
}

extension NMFModel {
  /// The best of several runs, with the losses and seeds of all of them.
  static func best(
    of x: AnyMatrix, _ options: NMFOptions, loop: TrainingLoop, start: NMFFactors?,
    weights: AnyMatrix?
  ) throws -> NMFModel {
    var process = Restarts(x, options, start: start, weights: weights, control: loop.control)
    _ = try loop.run(&process)
    guard let best = process.best else {
      // Stopped before the first run.
      var single = options
      single.restarts = 1
      return try once(x, single, loop: loop, start: start, weights: weights)
    }
    return best.adding(
      Record([
        (
          "restarts",
          .record(
            Record([
              ("seeds", .matrix(Matrix(column: process.models.map { Double($0.options.seed) }))),
              ("losses", .matrix(Matrix(column: process.models.map(\.objective)))),
            ]))
        )
      ]))
  }
}
