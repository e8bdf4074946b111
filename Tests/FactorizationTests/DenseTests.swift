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

  private let nine = Matrix([[1, 2, 3], [4, 5, 6], [7, 8, 9]])

  @Test(arguments: 1...12)
  func theClassicThreeByThreeConverges(_ seed: Int) throws {
    var options = Self.options(rank: 2)
    options.seed = seed
    let model = try DenseModel(
      fitting: nine, .whw, options, usesGradients: true, loop: TrainingLoop())
    #expect(model.w.shape == Shape(3, 2) && model.h.shape == Shape(2, 2))
    #expect(model.error < 1e-3)
    let rebuilt = model.w * model.h * model.w.transposed + model.bias
    #expect(abs(model.error - (nine - rebuilt).frobeniusNorm / nine.frobeniusNorm) < 1e-12)
  }

  @Test(arguments: MFForm.allCases)
  func gradientsAreCentralDifferences(_ form: MFForm) {
    var random = Random(seed: 51)
    let x = random.normal(5, 5)
    let h = form == .uv ? random.normal(2, 5) : random.normal(2, 2)
    let parameters = [random.normal(5, 2), h, Matrix(0.3)]
    let model: any DenseForm = form == .uv ? TwoFactors() : CoreFactors()
    let loss = { (p: [Matrix]) in (x - model.rebuilt(p)).sumOfSquares / 2 }
    let gradients = model.gradients(parameters, residual: x - model.rebuilt(parameters))
    for (index, parameter) in parameters.enumerated() {
      for place in 0..<parameter.count {
        var (up, down) = (parameters, parameters)
        up[index][place] += 1e-5
        down[index][place] -= 1e-5
        let slope = (loss(up) - loss(down)) / 2e-5
        #expect(abs(slope - gradients[index][place]) < 1e-6 * max(1, abs(slope)))
      }
    }
  }

  @Test(arguments: MFForm.allCases)
  func descentNeverRaisesTheError(_ form: MFForm) throws {
    var random = Random(seed: 52)
    let x = 100 * random.normal(12, 12)
    let model = try DenseModel(
      fitting: x, form, Self.options(rank: 3, iterations: 200, tolerance: 0), usesGradients: true,
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
      fitting: x, .uv, options, usesGradients: false, loop: TrainingLoop())
    // Eckart & Young 1936: the best error is what the other singular values leave.
    let squares = (x.transposed * x).rotatedToDiagonal().values
    let best = (squares.dropFirst(3).reduce(0, +) / squares.reduce(0, +)).squareRoot()
    #expect(abs(model.error - best) < 1e-6)
    let descended = try DenseModel(
      fitting: x, .uv, options, usesGradients: true, loop: TrainingLoop())
    #expect(abs(descended.error - best) < 1e-3)
  }

  @Test func theBiasTakesWhatIsCommon() throws {
    var random = Random(seed: 54)
    let x = random.normal(20, 2) * random.normal(2, 15) + 50
    let model = try DenseModel(
      fitting: x, .uv, Self.options(rank: 2), usesGradients: false, loop: TrainingLoop())
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
        fitting: x, .uv, options, usesGradients: false, loop: TrainingLoop())
      return model.w.sumOfSquares + model.h.sumOfSquares
    }
    #expect(sizes[1] < sizes[0])
  }

  @Test func tooLongARateIsSaid() {
    var options = Self.options(rank: 2)
    options.rate = 10
    #expect(throws: TrainingError.self) {
      try DenseModel(fitting: nine, .whw, options, usesGradients: true, loop: TrainingLoop())
    }
  }
}
