import Autodiff
import Matrices
import Testing

/// Every primitive's derivative equals central differences, in 64 bits.
@Suite struct PrimitiveTests {
  private var random = Random(seed: 7)

  /// Runs a body on blocks that hold copies of the matrices.
  private func blocks(_ matrices: [Matrix], _ body: ([Block]) -> Void) {
    let workspace = Workspace(.double, shapes: matrices.map(\.shape))
    let blocks = matrices.map { workspace.take($0.shape) }
    for (block, matrix) in zip(blocks, matrices) { block.copy(from: matrix) }
    withExtendedLifetime(workspace) { body(blocks) }
  }

  private func activated(_ f: Activation, _ z: Matrix) -> Matrix {
    var result = z
    blocks([z]) { memory in
      f.forward(memory[0])
      result = Matrix(memory[0])
    }
    return result
  }

  // 23 columns: a whole vector, and a rest.
  @Test(arguments: Activation.allCases)
  func activationGradientsAreRight(_ f: Activation) {
    var random = Random(seed: 3)
    let (z, weights) = (random.normal(3, 23), random.normal(3, 23))
    let expected = CentralDifferences.gradient(at: z) { activated(f, $0).dot(weights) }
    blocks([weights, activated(f, z), z]) { memory in
      f.gradient(memory[0], outputs: memory[1], inputs: memory[2])
      #expect(CentralDifferences.largestError(Matrix(memory[0]), expected) < 1e-7)
    }
  }

  @Test func softmaxRowsSumToOneAndSurviveLargeInputs() {
    let y = activated(.softmax, Matrix([[1000, 1000, -1000], [0, 0, 0], [-5, 2, 1e300]]))
    #expect(y.reduced(.sum, along: .columns).isClose(to: .ones(3, 1)))
    #expect(y[0, 0] == 0.5 && y[2, 2] == 1)
  }

  @Test func notANumberIsNotHidden() {
    for f in Activation.allCases {
      #expect(activated(f, Matrix([[1, .nan, 2]]))[0, 1].isNaN)
    }
  }

  @Test func affineGradientsAreRight() {
    var random = Random(seed: 4)
    let (x, parameters, weights) = (random.normal(5, 7), random.normal(8, 3), random.normal(5, 3))
    func value(_ x: Matrix, _ parameters: Matrix) -> Double {
      var total = 0.0
      blocks([x, parameters, .zeros(5, 3)]) { memory in
        Affine.forward(memory[0], parameters: memory[1], activation: .linear, into: memory[2])
        total = Matrix(memory[2]).dot(weights)
      }
      return total
    }
    blocks([x, parameters, weights, .zeros(5, 7), .zeros(8, 3)]) { memory in
      Affine.inputGradient(memory[2], parameters: memory[1], into: memory[3])
      // In two ranges, as threads do it.
      for rows in [0..<3, 3..<8] {
        Affine.parameterGradient(
          rows: rows, memory[2], inputs: memory[0], into: memory[4].rows(in: rows))
      }
      let inputs = CentralDifferences.gradient(at: x) { value($0, parameters) }
      let weights = CentralDifferences.gradient(at: parameters) { value(x, $0) }
      #expect(CentralDifferences.largestError(Matrix(memory[3]), inputs) < 1e-8)
      #expect(CentralDifferences.largestError(Matrix(memory[4]), weights) < 1e-8)
    }
  }

  @Test(arguments: losses.map(\.name), [true, false])
  func lossGradientsAreRight(_ name: String, _ usesClasses: Bool) throws {
    let loss = try #require(losses.first { $0.name == name })
    if usesClasses && !loss.includesSoftmax { return }
    var random = Random(seed: 5)
    let z = random.normal(6, 19)
    let targets =
      usesClasses
      ? Matrix(column: (0..<6).map { Double($0 * 3) })
      : activated(.softmax, random.normal(6, 19))
    func value(_ z: Matrix) -> Double {
      var sum = 0.0
      blocks([z, targets]) { memory in
        sum = loss.evaluate(memory[0], targets: memory[1], gradient: nil, scale: 1).loss
      }
      return sum / 6
    }
    blocks([z, targets, .zeros(6, 19)]) { memory in
      let sum = loss.evaluate(
        memory[0], targets: memory[1], gradient: memory[2], scale: 1.0 / 6)
      #expect(abs(sum.loss / 6 - value(z)) < 1e-12)
      let expected = CentralDifferences.gradient(at: z, of: value)
      #expect(CentralDifferences.largestError(Matrix(memory[2]), expected) < 1e-7)
    }
  }

  @Test func aHopelessPredictionHasAFiniteLoss() {
    blocks([Matrix([[0, 2000]]), Matrix([[0]])]) { memory in
      let sum = CrossEntropy().evaluate(memory[0], targets: memory[1], gradient: nil, scale: 1)
      #expect(sum.loss == 2000 && sum.hits == 0)
    }
  }

  @Test func dropoutKeepsTheExpectedValue() {
    let x = Matrix.ones(200, 100)
    blocks([x, .zeros(200, 100), .zeros(200, 100)]) { memory in
      Dropout.forward(
        memory[0], rate: 0.3, chance: RowChance(seed: 1), mask: memory[1], into: memory[2])
      let y = Matrix(memory[2])
      let zeros = Matrix.combine(.equal, y, 0).total(.sum) / 20_000
      #expect(abs(zeros - 0.3) < 0.01)
      #expect(abs(y.total(.mean) - 1) < 0.02)
      #expect(Set(y.elements) == [0, 1 / 0.7])
      // The derivative has the zeros of the mask.
      Dropout.inputGradient(memory[0], mask: memory[1], into: memory[0])
      #expect(Matrix(memory[0]) == y)
    }
  }

  @Test func dropoutOfARowDoesNotDependOnItsPiece() {
    let x = Matrix.ones(6, 10)
    var whole = x
    blocks([x, .zeros(6, 10), .zeros(6, 10)]) { memory in
      Dropout.forward(
        memory[0], rate: 0.5, chance: RowChance(seed: 2), mask: memory[1], into: memory[2])
      whole = Matrix(memory[2])
      Dropout.forward(
        memory[0].rows(in: 4..<6), rate: 0.5, chance: RowChance(seed: 2, firstRow: 4),
        mask: memory[1].rows(in: 4..<6), into: memory[2].rows(in: 0..<2))
      #expect(Matrix(memory[2].rows(in: 0..<2)) == whole.rows(in: 4..<6))
    }
  }
}
