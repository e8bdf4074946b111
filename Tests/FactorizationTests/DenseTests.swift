import Factorization
import Matrices
import Testing
import Training

/// Whole matrices: `X ≈ W H + b` and `X ≈ W H Wᵀ + b`.
@Suite struct DenseTests {
  static func options(rank: Int, iterations: Int = 2000, tolerance: Double = 1e-8) -> MFOptions {
    var options = MFOptions(rank: rank, l2: 0, iterations: iterations, tolerance: tolerance)
    options.seed = 1
    return options
  }

  static func method(_ name: String, _ form: MFForm = .uv) -> DenseMethod {
    DenseMethod.named(name, for: form) ?? DenseMethod.all[0]
  }

  private let nine = Matrix([[1, 2, 3], [4, 5, 6], [7, 8, 9]])

  @Test(arguments: 1...12)
  func theClassicThreeByThreeConverges(_ seed: Int) throws {
    var options = Self.options(rank: 2)
    options.seed = seed
    let model = try DenseModel(
      fitting: nine, .whw, options, by: Self.method("gd", .whw), loop: TrainingLoop())
    #expect(model.w.shape == Shape(3, 2) && model.h.shape == Shape(2, 2))
    #expect(model.error < 1e-3)
    let rebuilt = model.w * model.h * model.w.transposed + model.bias
    #expect(abs(model.error - (nine - rebuilt).frobeniusNorm / nine.frobeniusNorm) < 1e-12)
  }

  static let forms: [(x: Matrix, form: any DenseForm)] = {
    var random = Random(seed: 51)
    let x = random.normal(5, 5)
    return [(x, TwoFactors(x, hasBias: true)), (x, TwoFactors(x, hasBias: false))]
      + CoreBias.allCases.flatMap { bias in
        [(x, CoreFactors(x, bias: bias)), (x, CoreFactors(x, bias: bias, isSymmetric: true))]
      }
  }()

  @Test(arguments: forms.indices)
  func gradientsAreCentralDifferences(_ place: Int) {
    let (x, form) = Self.forms[place]
    var random = Random(seed: 56)
    var parameters = form.start(&random, rank: 2)
    for index in 2..<parameters.count {
      parameters[index].add(random.normal(parameters[index].rows, 1))
    }
    if let core = form as? CoreFactors, core.bias == .none { parameters[2] = Matrix(0) }
    if let plain = form as? TwoFactors, plain.evaluate(parameters).gradients[2][0, 0] == 0 {
      parameters[2] = Matrix(0)
    }
    let loss = { (p: [Matrix]) in (x - form.rebuilt(p)).sumOfSquares / 2 }
    let state = form.evaluate(parameters)
    #expect(abs(state.squares - 2 * loss(parameters)) < 1e-9 * state.squares)
    for (index, gradient) in state.gradients.enumerated() where gradient.sumOfSquares > 0 {
      let isCore = index == 1 && (form as? CoreFactors)?.isSymmetric == true
      for place in 0..<gradient.count {
        var (up, down) = (parameters, parameters)
        up[index][place] += 1e-5
        down[index][place] -= 1e-5
        var slope = (loss(up) - loss(down)) / 2e-5
        if isCore {
          // Of a symmetric core the mean of an entry and its mirror.
          let mirror = place % 2 * 2 + place / 2
          (up, down) = (parameters, parameters)
          up[index][mirror] += 1e-5
          down[index][mirror] -= 1e-5
          slope = (slope + (loss(up) - loss(down)) / 2e-5) / 2
        }
        #expect(abs(slope - gradient[place]) < 1e-6 * max(1, abs(slope)))
      }
    }
  }

  @Test(arguments: MFForm.allCases)
  func descentNeverRaisesTheError(_ form: MFForm) throws {
    var random = Random(seed: 52)
    let x = 100 * random.normal(12, 12)
    let model = try DenseModel(
      fitting: x, form, Self.options(rank: 3, iterations: 200, tolerance: 0),
      by: Self.method("gd", form),
      loop: TrainingLoop())
    guard case .matrix(let errors)? = model.history["error"] else { return }
    for (before, after) in zip(errors.elements, errors.elements.dropFirst()) {
      #expect(after <= before * (1 + 1e-12))
    }
  }

  @Test func leastSquaresReachesTheTruncatedSingularValues() throws {
    var random = Random(seed: 53)
    let x = random.normal(30, 3) * random.normal(3, 20) + 0.1 * random.normal(30, 20)
    var options = Self.options(rank: 3, iterations: 2000, tolerance: 1e-12)
    options.bias = false
    let model = try DenseModel(
      fitting: x, .uv, options, by: Self.method("als"), loop: TrainingLoop())
    // Eckart & Young 1936: the best error is what the other singular values leave.
    let squares = (x.transposed * x).rotatedToDiagonal().values
    let best = (squares.dropFirst(3).reduce(0, +) / squares.reduce(0, +)).squareRoot()
    #expect(abs(model.error - best) < 1e-6)
    let descended = try DenseModel(
      fitting: x, .uv, options, by: Self.method("gd"), loop: TrainingLoop())
    #expect(abs(descended.error - best) < 1e-3)
  }

  @Test func theBiasTakesWhatIsCommon() throws {
    var random = Random(seed: 54)
    let x = random.normal(20, 2) * random.normal(2, 15) + 50
    let model = try DenseModel(
      fitting: x, .uv, Self.options(rank: 2), by: Self.method("als"), loop: TrainingLoop())
    #expect(model.error < 1e-3)
    #expect(abs(model.bias - 50) < 15)
  }

  @Test func aPenaltyMakesFactorsSmaller() throws {
    var random = Random(seed: 55)
    let x = random.normal(10, 10)
    let sizes = try [0.0, 1.0].map { l2 in
      var options = Self.options(rank: 3, iterations: 300)
      options.l2 = l2
      let model = try DenseModel(
        fitting: x, .uv, options, by: Self.method("als"), loop: TrainingLoop())
      return model.w.sumOfSquares + model.h.sumOfSquares
    }
    #expect(sizes[1] < sizes[0])
  }

  @Test func tooLongARateIsSaid() {
    var options = Self.options(rank: 2)
    options.rate = 10
    #expect(throws: TrainingError.self) {
      try DenseModel(
        fitting: nine, .whw, options, by: Self.method("gd", .whw), loop: TrainingLoop())
    }
  }

  /// A planted W H Wᵀ, with lines on top.
  private func square(_ n: Int, seed: UInt64, positive: Bool = false) -> Matrix {
    var random = Random(seed: seed)
    let w = positive ? random.uniform(n, 3) : random.normal(n, 3)
    let h = positive ? random.uniform(3, 3) : random.normal(3, 3)
    return w * h * w.transposed
  }

  @Test(arguments: ["gd", "als", "adam"], [CoreBias.scalar, .lines, .symmetric])
  func aPlantedCoreIsFound(_ method: String, _ bias: CoreBias) throws {
    var random = Random(seed: 57)
    let x = square(20, seed: 57)
    let (r, c) = (random.normal(20, 1), random.normal(20, 1))
    let lines: Matrix =
      switch bias {
      case .none, .scalar: x + 2
      case .lines: .combine(.add, .combine(.add, x + 2, r), c.transposed)
      case .symmetric: .combine(.add, .combine(.add, x + 2, r), r.transposed)
      }
    let errors = try (1...4).map { seed in
      var options = Self.options(rank: 3, iterations: 3000, tolerance: 1e-10)
      (options.coreBias, options.seed) = (bias, seed)
      return try DenseModel(
        fitting: lines, .whw, options, by: Self.method(method, .whw), loop: TrainingLoop()
      ).error
    }
    // One of some starts; others may end in a worse minimum.
    #expect((errors.min() ?? 1) < (method == "adam" ? 0.02 : 1e-3))
  }

  @Test(arguments: ["gd", "als", "mu"])
  func anonnegativeCoreStaysSo(_ method: String) throws {
    let x = square(25, seed: 58, positive: true)
    var options = Self.options(rank: 3, iterations: 1500, tolerance: 1e-12)
    (options.isNonnegative, options.bias) = (true, false)
    let model = try DenseModel(
      fitting: x, .whw, options, by: Self.method(method, .whw), loop: TrainingLoop())
    #expect(model.w.firstNegative == nil && model.h.firstNegative == nil)
    #expect(model.error < (method == "mu" ? 0.05 : 0.02))
    guard case .matrix(let errors)? = model.history["error"] else { return }
    for (before, after) in zip(errors.elements, errors.elements.dropFirst()) {
      #expect(after <= before * (1 + 1e-9) + 1e-12)
    }
  }

  @Test func aSymmetricCoreIsSymmetric() throws {
    let half = square(15, seed: 59)
    var options = Self.options(rank: 3, iterations: 300)
    (options.isSymmetric, options.coreBias) = (true, .symmetric)
    for method in ["gd", "als"] {
      let model = try DenseModel(
        fitting: half + half.transposed, .whw, options, by: Self.method(method, .whw),
        loop: TrainingLoop())
      #expect(model.h.isClose(to: model.h.transposed, relative: 1e-9, absolute: 1e-12))
      let lines = try #require(model.lines)
      #expect(lines.rows.isIdentical(to: lines.columns))
      #expect(model.rebuilt.isClose(to: model.rebuilt.transposed, relative: 1e-9, absolute: 1e-9))
      #expect(abs(model.element(3, 7) - model.rebuilt[3, 7]) < 1e-12)
    }
  }

  @Test func nonnegativeFactorsOfAWholeMatrix() throws {
    let x = Planted.matrix(30, 20, rank: 3, seed: 60)
    // One of some starts; others may end in a worse minimum.
    let models = try (1...5).map { seed in
      var options = Self.options(rank: 3, iterations: 500)
      (options.isNonnegative, options.bias, options.seed) = (true, false, seed)
      return try DenseModel(
        fitting: x, .uv, options, by: Self.method("als"), loop: TrainingLoop())
    }
    #expect(models.contains { $0.error < 1e-2 })
    #expect(models.allSatisfy { $0.w.firstNegative == nil && $0.h.firstNegative == nil })
  }
}
