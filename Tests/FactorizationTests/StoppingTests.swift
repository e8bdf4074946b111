import Factorization
import Matrices
import Testing
import Training

/// Ways to end a run early, all of which keep a usable model.
@Suite(.serialized) struct StoppingTests {
  /// Does something when a step is finished.
  final class Watcher: TrainingObserver {
    private let body: @Sendable (TrainingEvent) -> Void
    init(_ body: @escaping @Sendable (TrainingEvent) -> Void) { self.body = body }
    func receive(_ event: TrainingEvent) { body(event) }
  }

  private func options() -> NMFOptions {
    var options = NMFOptions(rank: 3)
    (options.iterations, options.tolerance) = (10_000, 0)
    return options
  }

  private let x = Planted.matrix(60, 40, rank: 3, seed: 31, noise: 0.1)

  private func isUsable(_ model: NMFModel) -> Bool {
    model.w.firstNonFinite == nil && model.error < 0.5
      && abs(model.error - (x - model.w * model.h).frobeniusNorm / x.frobeniusNorm) < 1e-12
  }

  @Test func theControlStopsAndKeeps() throws {
    let control = TrainingControl()
    let watcher = Watcher { event in
      if case .advanced(let step) = event, step.index == 5 { control.requestStop() }
    }
    let model = try NMFModel.fit(
      x, options(), loop: TrainingLoop(observers: [watcher], control: control))
    #expect(model.reason == .stopped && model.iterations == 5)
    #expect(model.past("loss").count == 5 && isUsable(model))
  }

  @Test func anInterruptAtAPromptKeepsTheModel() throws {
    let watcher = Watcher { event in
      if case .advanced(let step) = event, step.index == 7 { Interrupt.request() }
    }
    defer { Interrupt.clear() }
    let model = try NMFModel.fit(
      x, options(),
      loop: TrainingLoop(observers: [watcher], control: TrainingControl(keepsOnInterrupt: true)))
    #expect(model.reason == .stopped && model.iterations == 7 && isUsable(model))
    #expect(!Interrupt.isRequested)
  }

  /// A run whose first step is interrupted before it has begun.
  private struct InterruptedAtOnce: TrainingProcess {
    var process: NMFProcess
    var plan: TrainingPlan { process.plan }
    mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
      Interrupt.request()
      return try process.step(index, monitor)
    }
    func picture() -> FactorPicture? { process.picture() }
  }

  @Test(arguments: [NMFStart.nndsvda, .random, .spa, .kmeans])
  func anInterruptDoesNotWaitForTheStart(_ start: NMFStart) throws {
    var options = options()
    options.start = start
    var run = InterruptedAtOnce(
      process: NMFProcess(.dense(x), options, random: Random(seed: 5)))
    defer { Interrupt.clear() }
    let loop = TrainingLoop(observers: [], control: TrainingControl(keepsOnInterrupt: true))
    let outcome = try loop.run(&run)
    #expect(outcome.reason == .stopped && outcome.steps == 0)
    #expect(run.process.hasLeftStart)
  }

  @Test func anInterruptInAScriptEndsIt() {
    let watcher = Watcher { event in
      if case .advanced(let step) = event, step.index == 2 { Interrupt.request() }
    }
    defer { Interrupt.clear() }
    #expect(throws: Interrupted.self) {
      try NMFModel.fit(x, options(), loop: TrainingLoop(observers: [watcher]))
    }
  }

  @Test func aStopBeforeTheFirstStepGivesTheStart() throws {
    let control = TrainingControl()
    control.requestStop()
    let model = try NMFModel.fit(x, options(), loop: TrainingLoop(control: control))
    #expect(model.iterations == 0 && model.reason == .stopped)
    #expect(model.w.shape == Shape(60, 3) && model.w.firstNonFinite == nil)
  }

  @Test(arguments: [NMFLoss.frobenius, .kl, .huber(0.2), .beta(1.5)])
  func updatesThatCreepHaveNotConverged(_ loss: NMFLoss) throws {
    let x = (Planted.matrix(60, 40, rank: 6, seed: 32, noise: 0.5) - 0.9).clamped(0, .infinity)
    let model = try fitted(x, rank: 4, iterations: 100_000, tolerance: 1e-3) {
      ($0.loss, $0.solver) = (loss, .mu)
    }
    #expect(model.reason == .converged && model.optimality < 2e-3)
    let last = try #require(model.past("update").last)
    #expect(last <= 1e-3)
  }

  /// In 32 bits the loss stands still long before the last parts do.
  @Test func whatStandsStillWithoutRestHasNotConverged() throws {
    let x = (Planted.matrix(60, 40, rank: 6, seed: 32, noise: 0.5) - 0.9).clamped(0, .infinity)
    let model = try fitted(
      x.converted(to: .single), rank: 4, iterations: 100_000, tolerance: 1e-9
    ) {
      ($0.loss, $0.solver) = (.kl, .mu)
    }
    #expect(model.reason == .patience)
    #expect(model.codes(of: x).isClose(to: model.w, relative: 1e-4, absolute: 1e-4))
  }

  @Test func aPictureShowsTheRowsOfH() throws {
    let pictures = Slot<[FactorPicture]>([])
    let control = TrainingControl()
    let watcher = Watcher { event in
      switch event {
      case .advanced: control.requestPicture()
      case .pictured(let picture): pictures.value.append(picture)
      default: break
      }
    }
    var options = options()
    (options.iterations, options.tile) = (3, Shape(5, 8))
    let model = try NMFModel.fit(
      x, options, loop: TrainingLoop(observers: [watcher], control: control))
    let last = try #require(pictures.value.last)
    #expect(last.tileShape == Shape(5, 8) && last.tiles.shape == Shape(3, 40) && !last.isSigned)
    // The picture has the shape of the rows; their lengths are settled at the end.
    let cosine = last.tiles.rows(in: 0..<1).dot(model.h.rows(in: 0..<1))
    let lengths = last.tiles.rows(in: 0..<1).frobeniusNorm * model.h.rows(in: 0..<1).frobeniusNorm
    #expect(abs(cosine / lengths - 1) < 1e-6)
  }
}
