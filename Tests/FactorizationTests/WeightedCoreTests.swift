import Factorization
import Matrices
import Testing
import Training

/// `X ≈ W H Wᵀ + B` where some elements are missing or count less than others.
@Suite struct WeightedCoreTests {
  /// A planted square matrix, and weights of which about a third are 0.
  private static func planted(_ n: Int, seed: UInt64) -> (x: Matrix, weights: Matrix) {
    var random = Random(seed: seed)
    let w = random.uniform(n, 3)
    let x = w * random.uniform(3, 3) * w.transposed
    let chance = random.uniform(n, n)
    return (x, (chance - 0.33).clamped(0, .infinity))
  }

  private static func fit(
    _ x: Matrix, _ weights: Matrix?, _ method: String,
    _ change: (inout MFOptions) -> Void = { _ in }
  ) throws -> DenseModel {
    var options = DenseTests.options(rank: 3, iterations: 800, tolerance: 1e-12)
    options.bias = false
    change(&options)
    return try DenseModel(
      fitting: x, weights: weights, .whw, options, by: DenseTests.method(method, .whw),
      loop: TrainingLoop())
  }

  @Test(arguments: CoreBias.allCases, [false, true])
  func gradientsAreCentralDifferences(_ bias: CoreBias, _ isSymmetric: Bool) {
    let (x, weights) = Self.planted(6, seed: 401)
    let form = WeightedCoreFactors(x, weights: weights, bias: bias, isSymmetric: isSymmetric)
    var random = Random(seed: 402)
    var parameters = form.start(&random, rank: 2)
    for index in 3..<max(3, parameters.count) { parameters[index].add(random.normal(6, 1)) }
    func loss(_ p: [Matrix]) -> Double {
      let rest = x - form.rebuilt(p)
      return weights.dot(rest.times(rest)) / 2
    }
    let state = form.evaluate(parameters)
    #expect(abs(state.squares - 2 * loss(parameters)) < 1e-12 * state.squares)
    for (index, gradient) in state.gradients.enumerated() where gradient.sumOfSquares > 0 {
      for place in 0..<gradient.count {
        var (up, down) = (parameters, parameters)
        up[index][place] += 1e-5
        down[index][place] -= 1e-5
        if index == 1, isSymmetric {
          // The slope of a symmetric core is half of that of both elements.
          let mirror = place % 2 * 2 + place / 2
          up[index][mirror] += 1e-5
          down[index][mirror] -= 1e-5
          let both = (loss(up) - loss(down)) / 4e-5
          #expect(abs(both - gradient[place]) < 1e-6 * (1 + abs(both)))
          continue
        }
        let slope = (loss(up) - loss(down)) / 2e-5
        #expect(abs(slope - gradient[place]) < 1e-6 * (1 + abs(slope)))
      }
    }
  }

  @Test(arguments: ["gd", "adam", "als", "mu"]) func equalWeightsAreNone(_ method: String) throws {
    let (x, _) = Self.planted(12, seed: 403)
    let ones = Matrix.filled(12, 12, with: 1)
    let models = try [ones, nil].map { weights in
      try Self.fit(x, weights, method) {
        // A step of als is several of gradient descent, in which rounding grows.
        $0.iterations = method == "mu" ? 400 : method == "als" ? 4 : 20
      }
    }
    // With weights the core of mu is updated less often: both end in the same place.
    let tolerance = method == "mu" ? 0.03 : 1e-6
    #expect(abs(models[0].error - models[1].error) < tolerance)
    if method != "mu" {
      #expect(models[0].w.isClose(to: models[1].w, relative: 1e-6, absolute: 1e-8))
    }
  }

  @Test(arguments: ["gd", "adam", "als", "mu"]) func whatIsMissingIsFound(_ method: String) throws {
    let (x, weights) = Self.planted(40, seed: 404)
    // What is there in place of a missing element says nothing.
    var spoilt = x
    for place in 0..<x.count where weights[place] == 0 { spoilt[place] = 1e3 }
    let models = try (1...3).map { seed in
      try Self.fit(spoilt, weights, method) {
        ($0.seed, $0.iterations) = (seed, 2000)
        $0.isNonnegative = method == "mu"
      }
    }
    let best = try #require(models.min { $0.error < $1.error })
    let hidden = weights.mapped(.not)
    let rest = hidden.times(x - best.rebuilt)
    #expect(rest.frobeniusNorm < 0.05 * hidden.times(x).frobeniusNorm)
    let left = weights.dot((x - best.rebuilt).times(x - best.rebuilt))
    #expect(abs(best.error - (left / weights.dot(x.times(x))).squareRoot()) < 1e-7)
  }

  @Test(arguments: CoreBias.allCases, [0.0, 0.2])
  func leastSquaresWithGapsNeverRaiseTheLoss(_ bias: CoreBias, _ l2: Double) throws {
    let (x, weights) = Self.planted(30, seed: 407)
    var last = Double.infinity
    for steps in [0, 1, 2, 3, 5, 8, 13, 21] {
      let model = try Self.fit(x, weights, "als") {
        ($0.iterations, $0.tolerance, $0.l2) = (steps, 0, l2)
        ($0.bias, $0.coreBias) = (bias != .none, bias)
      }
      let loss = 2 * model.loss + l2 * (model.w.sumOfSquares + model.h.sumOfSquares)
      #expect(loss <= last * (1 + 1e-9))
      last = loss
    }
  }

  @Test(arguments: [false, true], [0.0, 0.2])
  func multiplicationNeverRaisesTheLoss(_ hasWeights: Bool, _ l2: Double) throws {
    let (x, weights) = Self.planted(30, seed: 405)
    let task = { (steps: Int) in
      try Self.fit(x, hasWeights ? weights : nil, "mu") {
        ($0.iterations, $0.tolerance, $0.l2) = (steps, 0, l2)
      }
    }
    var last = Double.infinity
    for steps in [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144] {
      let model = try task(steps)
      let loss = 2 * model.loss + l2 * (model.w.sumOfSquares + model.h.sumOfSquares)
      #expect(loss <= last * (1 + 1e-9))
      #expect(model.w.firstNegative == nil && model.h.firstNegative == nil)
      last = loss
    }
  }

  /// The first step is that of the paper, with the core updated five times.
  @Test func theFirstStepIsItsFormula() throws {
    let (x, _) = Self.planted(9, seed: 406)
    let models = try [0, 1].map { steps in
      try Self.fit(x, nil, "mu") { ($0.iterations, $0.tolerance) = (steps, 0) }
    }
    let (w, h) = (models[0].w, models[0].h)
    let gram = w.transposed * w
    let top = x * w * h.transposed + x.transposed * w * h
    let bottom = w * (h * gram * h.transposed + h.transposed * gram * h)
    let next = w.times(top.over(bottom).mapped(.sqrt).mapped(.sqrt))
    #expect(models[1].w.isClose(to: next, relative: 1e-10, absolute: 1e-12))
    var core = h
    let target = next.transposed * x * next
    let square = next.transposed * next
    for _ in 0..<5 { core = core.times(target.over(square * core * square)) }
    #expect(models[1].h.isClose(to: core, relative: 1e-9, absolute: 1e-12))
  }
}
