import Factorization
import Matrices
import Testing
import Training

/// Non-negative factorization as a user sees it.
@Suite struct NMFTests {
  /// Every combination of loss and solver that exists.
  static let rules: [(NMFLoss, NMFSolver)] = [
    (.frobenius, .auto), (.frobenius, .hals), (.frobenius, .mu), (.frobenius, .bpp),
    (.frobenius, .gcd), (.kl, .auto), (.kl, .mu), (.kl, .newton), (.beta(0.5), .mu),
    (.beta(1.5), .mu),
    (.beta(3), .mu), (.huber(0.3), .mu),
  ]

  @Test func plantedFactorsAreRecovered() throws {
    let (w, h) = Planted.factors(60, 50, rank: 4, seed: 3)
    let model = try fitted(w * h, rank: 4, iterations: 1000)
    #expect(model.error < 1e-5)
    // Up to order and scale: every planted part points where one of the found parts does.
    for part in 0..<4 {
      let planted = h.rows(in: part..<part + 1)
      let cosines = (0..<4).map { found -> Double in
        let row = model.h.rows(in: found..<found + 1)
        return planted.dot(row) / (planted.frobeniusNorm * row.frobeniusNorm)
      }
      #expect((cosines.max() ?? 0) > 0.999)
    }
  }

  @Test(arguments: rules)
  func factorsAreNonNegative(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let x = Planted.matrix(40, 30, rank: 5, seed: 4, noise: 0.1)
    let model = try fitted(x, rank: 6, iterations: 30) { ($0.loss, $0.solver) = (loss, solver) }
    #expect(model.w.firstNegative == nil && model.ht.firstNegative == nil)
    #expect(model.w.firstNonFinite == nil && model.ht.firstNonFinite == nil)
  }

  @Test(arguments: rules)
  func theLossNeverRises(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let x = Planted.matrix(50, 40, rank: 5, seed: 5, noise: 0.2)
    for start in [NMFStart.nndsvda, .random, .nndsvdar] {
      let model = try fitted(x, rank: 7, iterations: 60) {
        ($0.loss, $0.solver, $0.start) = (loss, solver, start)
      }
      let losses = model.past("loss")
      #expect(losses.count == 60)
      for (before, after) in zip(losses, losses.dropFirst()) {
        #expect(after <= before * (1 + 1e-12))
      }
    }
  }

  @Test(arguments: rules)
  func penaltiesNeverRaiseWhatIsMinimised(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let x = Planted.matrix(30, 20, rank: 3, seed: 6, noise: 0.1)
    let recorder = Recorder()
    var options = NMFOptions(rank: 4)
    (options.loss, options.solver) = (loss, solver)
    (options.terms.w.l1, options.terms.w.l2) = (0.05, 0.1)
    (options.terms.h.l1, options.terms.h.l2) = (0.02, 0.2)
    if solver != .bpp { options.terms.h.orthogonality = 0.03 }
    (options.iterations, options.tolerance) = (50, 0)
    _ = try NMFModel.fit(x, options, loop: TrainingLoop(observers: [recorder]))
    let objectives = recorder.steps.map(\.objective)
    for (before, after) in zip(objectives, objectives.dropFirst()) {
      #expect(after <= before * (1 + 1e-12))
    }
  }

  @Test func aPenaltyMakesMoreZeros() throws {
    let x = Planted.matrix(60, 40, rank: 4, seed: 8, noise: 0.3)
    let plain = try fitted(x, rank: 4)
    let sparse = try fitted(x, rank: 4) { ($0.terms.w.l1, $0.terms.h.l1) = (5, 5) }
    let filled = { (model: NMFModel) in model.w.total(.count) + model.ht.total(.count) }
    #expect(filled(sparse) < filled(plain))
  }

  @Test(arguments: rules)
  func theErrorIsThatOfTheFactors(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let x = Planted.matrix(50, 30, rank: 4, seed: 9, noise: 0.2)
    let model = try fitted(x, rank: 5, iterations: 25) { ($0.loss, $0.solver) = (loss, solver) }
    let rest = x - model.w * model.h
    #expect(abs(model.error - rest.frobeniusNorm / x.frobeniusNorm) < 1e-12)
    if case .huber = loss { return }
    if case .beta = loss { return }
    if loss == .frobenius {
      #expect(abs((model.past("error").last ?? 0) - model.error) < 1e-9)
    } else {
      let y = model.w * model.h
      let divergence = x.times(x.over(y).mapped(.log)).total(.sum) - x.total(.sum) + y.total(.sum)
      #expect(abs(model.loss - divergence) < 1e-8 * divergence)
    }
  }

  @Test func theExplainedVarianceIsAroundTheColumnMeans() throws {
    let x = Planted.matrix(30, 20, rank: 3, seed: 10, noise: 0.2)
    let model = try fitted(x, rank: 3, iterations: 20)
    let rest = (x - model.w * model.h).sumOfSquares
    let spread = Matrix.combine(.subtract, x, x.reduced(.mean, along: .rows)).sumOfSquares
    #expect(abs(model.explained - (1 - rest / spread)) < 1e-12)
  }

  @Test func aSolutionWantsNoChange() throws {
    let x = Planted.matrix(40, 30, rank: 3, seed: 11, noise: 0.05)
    let model = try fitted(x, rank: 3, iterations: 2000, tolerance: 1e-6)
    #expect(model.reason == .converged)
    // The conditions of Karush, Kuhn & Tucker, from scratch: no gradient where an entry is
    // positive, none below 0 where it is 0.
    let (w, h) = (model.w, model.h)
    let gradient = w * (h * h.transposed) - x * h.transposed
    let scale = (x * h.transposed).total(.maximum)
    for (entry, slope) in zip(w.elements, gradient.elements) {
      #expect(entry > 1e-6 ? abs(slope) < 1e-4 * scale : slope > -1e-4 * scale)
    }
    let changes = model.past("update")
    #expect((changes.last ?? 1) < 1e-3 * (changes.first ?? 0))
  }

  @Test(arguments: [NMFLoss.frobenius, .kl])
  func codesOfTheTrainingRowsAreW(_ loss: NMFLoss) throws {
    let x = Planted.matrix(80, 40, rank: 4, seed: 12, noise: 0.1)
    let model = try fitted(x, rank: 4, iterations: 2000, tolerance: 1e-9) { $0.loss = loss }
    let scale = model.w.total(.maximum)
    let gap = (model.codes(of: x) - model.w).mapped(.abs).total(.maximum)
    #expect(gap < (loss == .kl ? 0.02 : 1e-4) * scale)
  }

  @Test func bothPrecisionsAgree() throws {
    let x = Planted.matrix(120, 90, rank: 6, seed: 13, noise: 0.2)
    let double = try fitted(x, rank: 6, iterations: 60)
    let single = try fitted(x.converted(to: .single), rank: 6, iterations: 60)
    #expect(single.w.precision == .single && single.ht.precision == .single)
    #expect(abs(double.error - single.error) < 2e-3 * double.error)
  }

  @Test(arguments: rules)
  func theBitsDoNotDependOnTheThreads(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    // Mostly zeros and large enough for every kernel to share its work out.
    var random = Random(seed: 14)
    let x = (random.uniform(1500, 400, .single) - 0.8).clamped(0, .infinity)
    let run = { try? fitted(x, rank: 20, iterations: 4) { ($0.loss, $0.solver) = (loss, solver) } }
    let many = run()
    // Inside a piece the pool works on the calling thread alone.
    let alone = Slot<NMFModel?>(nil)
    ThreadPool.shared.run(2) { piece in if piece == 0 { alone.value = run() } }
    let (a, b) = try (#require(many), #require(alone.value))
    #expect(a.w.isIdentical(to: b.w) && a.ht.isIdentical(to: b.ht))
  }

  @Test func theSameSeedGivesTheSameBits() throws {
    let x = Planted.matrix(50, 40, rank: 4, seed: 15, noise: 0.3)
    let runs = try [1, 1, 2].map { seed in
      try fitted(x, rank: 5, iterations: 5, seed: seed) { $0.start = .random }
    }
    #expect(runs[0].w.isIdentical(to: runs[1].w))
    #expect(!runs[0].w.isIdentical(to: runs[2].w))
  }

  @Test func emptyComponentsAreStartedAnew() throws {
    // Two components are enough for these rows; the start has two more that are 0.
    let x = Planted.matrix(40, 30, rank: 4, seed: 16, noise: 0.2)
    var start = Planted.start(40, 30, rank: 4, seed: 16)
    start.w.replace(rows: Array(0..<40), columns: [2, 3], with: Matrix(0))
    start.ht.replace(rows: Array(0..<30), columns: [2, 3], with: Matrix(0))
    let model = try fitted(x, rank: 4, iterations: 100, start: start)
    #expect(model.revived >= 2)
    #expect(model.w.reduced(.sum, along: .rows).elements.allSatisfy { $0 > 0 })
    let two = try fitted(x, rank: 2, iterations: 100)
    #expect(model.error < two.error)
  }

  @Test(arguments: rules)
  func zerosGiveZeros(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let model = try fitted(.zeros(6, 5), rank: 2, iterations: 5) {
      ($0.loss, $0.solver) = (loss, solver)
    }
    #expect(model.error < 1e-12)
    #expect((model.w * model.h).total(.maximum) < 1e-12)
  }

  @Test(arguments: rules)
  func rowsAndColumnsOfZerosStay(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    var x = Planted.matrix(20, 15, rank: 2, seed: 17)
    x.replace(rows: [3], columns: Array(0..<15), with: Matrix(0))
    x.replace(rows: Array(0..<20), columns: [7], with: Matrix(0))
    let model = try fitted(x, rank: 2, iterations: 300) { ($0.loss, $0.solver) = (loss, solver) }
    let rebuilt = model.w * model.h
    #expect(rebuilt.row(3).allSatisfy { $0 < 1e-6 } && rebuilt.column(7).allSatisfy { $0 < 1e-6 })
    #expect(model.error < 0.05)
  }

  @Test func oneRowIsOnePart() throws {
    let model = try fitted(Matrix([[3, 0, 4]]), rank: 1, iterations: 50)
    #expect(model.error < 1e-9)
  }

  @Test func aRankAboveTheSizeWorksFromARandomStart() throws {
    let x = Planted.matrix(4, 3, rank: 2, seed: 18)
    let model = try fitted(x, rank: 6, iterations: 200) { $0.start = .random }
    #expect(model.w.shape == Shape(4, 6) && model.error < 1e-2)
  }
}

/// A place that a closure on another thread can write to.
final class Slot<T>: @unchecked Sendable {
  var value: T
  init(_ value: T) { self.value = value }
}
