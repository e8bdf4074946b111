import Factorization
import Matrices
import Testing
import Training

/// Entries that are missing, or count more than others.
@Suite struct WeightTests {
  /// What can leave entries out.
  static let rules: [(NMFLoss, NMFSolver)] = [
    (.frobenius, .auto), (.frobenius, .hals), (.frobenius, .bpp), (.frobenius, .gcd),
    (.frobenius, .mu), (.kl, .auto), (.kl, .mu), (.kl, .newton), (.beta(0), .mu), (.beta(0.5), .mu),
    (.beta(3), .mu), (.huber(0.3), .mu),
  ]

  private func masked(
    _ x: Matrix, _ weights: Matrix?, _ loss: NMFLoss, _ solver: NMFSolver, rank: Int = 3,
    iterations: Int = 20
  ) throws -> NMFModel {
    var options = NMFOptions(rank: rank)
    (options.loss, options.solver, options.iterations, options.tolerance) = (
      loss, solver, iterations, 0
    )
    (options.start, options.seed) = (.random, 3)
    return try NMFModel.fit(x, options, loop: TrainingLoop(), weights: weights)
  }

  /// 0 for every seventh entry or so.
  private func mask(_ m: Int, _ n: Int, part: Double = 0.15) -> Matrix {
    var random = Random(seed: 91)
    return Matrix.combine(.greaterOrEqual, random.uniform(m, n), part)
  }

  @Test(arguments: rules)
  func aFullMaskChangesNothing(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let x = Planted.matrix(40, 30, rank: 3, seed: 92, noise: 0.2) + 0.01
    let plain = try masked(x, nil, loss, solver)
    let full = try masked(x, .ones(40, 30), loss, solver)
    // Sweeps are counted from the cost of a row, which differs; the losses are those of 20 steps.
    let tolerance = solver == .auto || solver == .hals ? 0.02 : 1e-6
    #expect(abs(plain.loss - full.loss) <= tolerance * plain.loss)
    if solver == .bpp || solver == .mu || solver == .newton {
      #expect(full.w.isClose(to: plain.w, relative: 1e-6, absolute: 1e-9))
    }
  }

  @Test(arguments: rules)
  func theLossWithGapsNeverRisesAndIsThatOfTheFactors(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let x = Planted.matrix(40, 30, rank: 3, seed: 93, noise: 0.2) + 0.01
    let weights = mask(40, 30).times(Random(seed: 94).uniformCopy(40, 30) + 0.5)
    let model = try masked(x, weights, loss, solver, iterations: 40)
    let losses = model.past("loss")
    for (before, after) in zip(losses, losses.dropFirst()) {
      #expect(after <= before * (1 + 1e-10))
    }
    #expect(abs((losses.last ?? 0) - model.loss) < 1e-8 * model.loss)
    let rest = weights.times((x - model.w * model.h).mapped(.square)).total(.sum)
    let whole = weights.times(x.mapped(.square)).total(.sum)
    #expect(abs(model.error - (rest / whole).squareRoot()) < 1e-10)
    #expect(model.w.firstNegative == nil && model.ht.firstNegative == nil)
  }

  @Test(arguments: rules)
  func whatIsMissingDoesNotMatter(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let x = Planted.matrix(30, 20, rank: 3, seed: 95, noise: 0.1) + 0.01
    let weights = mask(30, 20)
    let gaps = Matrix.combine(.subtract, 1, weights)
    let other = Matrix.choose(weights, x, Matrix(.nan))
    let a = try masked(x + 50 * gaps, weights, loss, solver)
    let b = try masked(other, weights, loss, solver)
    #expect(a.w.isIdentical(to: b.w) && a.ht.isIdentical(to: b.ht))
  }

  @Test(arguments: [NMFSolver.auto, .bpp, .gcd])
  func missingEntriesOfAPlantedProductAreFilledIn(_ solver: NMFSolver) throws {
    let x = Planted.matrix(60, 50, rank: 3, seed: 96)
    let weights = mask(60, 50, part: 0.3)
    let model = try masked(x, weights, .frobenius, solver, iterations: 1500)
    let gaps = Matrix.combine(.subtract, 1, weights)
    let rest = gaps.times(x - model.w * model.h).frobeniusNorm
    #expect(rest < 0.02 * gaps.times(x).frobeniusNorm)
  }

  @Test func divergenceFillsInToo() throws {
    let x = Planted.matrix(60, 50, rank: 3, seed: 97) + 0.05
    let weights = mask(60, 50, part: 0.3)
    let model = try masked(x, weights, .kl, .newton, iterations: 800)
    let gaps = Matrix.combine(.subtract, 1, weights)
    #expect(
      gaps.times(x - model.w * model.h).frobeniusNorm < 0.15 * gaps.times(x).frobeniusNorm)
  }

  @Test func aWholeWeightIsARowTwice() throws {
    let x = Planted.matrix(20, 15, rank: 2, seed: 98, noise: 0.2)
    let twice = Matrix.above([x, x.rows(in: 0..<5)])
    var weights = Matrix.ones(20, 15)
    weights.replace(rows: Array(0..<5), columns: Array(0..<15), with: Matrix(2))
    let a = try masked(x, weights, .frobenius, .bpp, rank: 2, iterations: 3000)
    let b = try masked(twice, nil, .frobenius, .bpp, rank: 2, iterations: 3000)
    #expect(abs(a.loss - b.loss) < 1e-6 * b.loss)
  }

  @Test func rowsWithoutAnythingKnownBecomeZero() throws {
    let x = Planted.matrix(20, 15, rank: 2, seed: 99)
    var weights = Matrix.ones(20, 15)
    weights.replace(rows: [4], columns: Array(0..<15), with: Matrix(0))
    let model = try masked(x, weights, .frobenius, .auto, rank: 2, iterations: 300)
    #expect(model.w.row(4).allSatisfy { $0 == 0 } && model.error < 1e-3)
  }

  @Test func codesLeaveMissingEntriesOut() throws {
    let x = Planted.matrix(40, 30, rank: 3, seed: 100)
    let model = try fitted(x, rank: 3, iterations: 3000, tolerance: 1e-8)
    let weights = mask(40, 30, part: 0.4)
    let codes = model.codes(of: Matrix.choose(weights, x, Matrix(.nan)), weights: weights)
    #expect(codes.isClose(to: model.w, absolute: 1e-3 * model.w.total(.maximum)))
  }

  @Test(arguments: [(NMFLoss.frobenius, NMFSolver.auto), (.kl, .newton), (.beta(0.5), .mu)])
  func theBitsDoNotDependOnTheThreads(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    var random = Random(seed: 14)
    let x = random.uniform(500, 300, .single) + 0.01
    let weights = mask(500, 300)
    let run = { try? masked(x, weights, loss, solver, rank: 8, iterations: 3) }
    let many = run()
    let alone = Slot<NMFModel?>(nil)
    ThreadPool.shared.run(2) { piece in if piece == 0 { alone.value = run() } }
    let (a, b) = try (#require(many), #require(alone.value))
    #expect(a.w.isIdentical(to: b.w) && a.ht.isIdentical(to: b.ht))
  }
}

extension Random {
  /// Uniform numbers from a copy of the generator.
  fileprivate func uniformCopy(_ rows: Int, _ columns: Int) -> Matrix {
    var copy = self
    return copy.uniform(rows, columns)
  }
}
