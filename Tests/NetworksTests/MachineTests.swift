import Autodiff
import Glibc
import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// One step on a minibatch: its gradients, its equality with PyTorch, its memory.
@Suite struct MachineTests {
  private func dense(_ inputs: Int, _ outputs: Int, _ f: Activation) -> any Layer {
    Dense(inputs: inputs, outputs: outputs, activation: f)
  }

  /// Layers in every combination that a derivative passes through.
  private var stacks: [(layers: [any Layer], loss: any Loss)] {
    [
      ([dense(6, 5, .relu), dense(5, 4, .softmax)], CrossEntropy()),
      ([dense(6, 17, .tanh), dense(17, 9, .sigmoid), dense(9, 4, .softmax)], CrossEntropy()),
      ([dense(6, 4, .softmax)], MeanSquaredError()),
      ([dense(6, 5, .sigmoid), dense(5, 4, .linear)], MeanSquaredError()),
      (
        [
          dense(6, 5, .linear), ActivationLayer(inputs: 5, activation: .relu),
          DropoutLayer(inputs: 5, rate: 0.4), dense(5, 4, .softmax),
        ], CrossEntropy()
      ),
      (
        [
          DropoutLayer(inputs: 6, rate: 0.2), dense(6, 5, .softmax), dense(5, 4, .linear),
          ActivationLayer(inputs: 4, activation: .softmax),
        ], CrossEntropy()
      ),
    ]
  }

  /// 37 rows are three pieces, the last one short.
  @Test(arguments: 0..<6)
  func gradientsOfWholeNetworksAreRight(_ index: Int) throws {
    let (layers, loss) = stacks[index]
    var random = Random(seed: 11)
    let x = random.normal(37, 6)
    let targets =
      loss.includesSoftmax
      ? Matrix(column: (0..<37).map { Double($0 % 4) }) : random.uniform(37, 4)
    let data = TrainingData(x, targets: targets, .double)
    let initial = Network.initial(Graph(layers), seed: 3)
    func step(_ values: [Matrix]) -> (loss: Double, gradients: [Matrix]) {
      let parameters = Parameters(values, .double)
      let machine = Machine(
        training: Graph(layers), parameters, rows: 37, targetColumns: targets.columns, slots: 0)
      let sum = machine.step(
        on: Array(0..<37)[...], of: data, loss: loss, chance: RowChance(seed: 5), optimizer: nil,
        time: 1)
      return (sum.loss / 37, machine.gradients)
    }
    let gradients = step(initial).gradients
    for (place, value) in initial.enumerated() where !value.isEmpty {
      let expected = CentralDifferences.gradient(at: value) { changed in
        var values = initial
        values[place] = changed
        return step(values).loss
      }
      #expect(CentralDifferences.largestError(gradients[place], expected) < 1e-6)
    }
  }

  @Test func evaluationEqualsTheLossOfAStepWithoutDropout() {
    for (layers, loss) in stacks.prefix(4) {
      var random = Random(seed: 12)
      let x = random.normal(20, 6)
      let targets =
        loss.includesSoftmax
        ? Matrix(column: (0..<20).map { Double($0 % 4) }) : random.uniform(20, 4)
      let data = TrainingData(x, targets: targets, .double)
      let parameters = Parameters(Network.initial(Graph(layers), seed: 3), .double)
      let machine = Machine(
        training: Graph(layers), parameters, rows: 20, targetColumns: targets.columns, slots: 0)
      let sum = machine.step(
        on: Array(0..<20)[...], of: data, loss: loss, chance: RowChance(seed: 5), optimizer: nil,
        time: 1)
      let other = Machine(Graph(layers), parameters, rows: 7).evaluate(data, loss: loss)
      #expect(abs(sum.loss - other.loss) < 1e-12 && sum.hits == other.hits)
    }
  }

  // MARK: PyTorch

  private func wave(_ rows: Int, _ columns: Int, _ shift: Double) -> Matrix {
    Matrix(rows, columns, (0..<rows * columns).map { sin(Double($0) * 0.7 + shift) })
  }

  private var torchStart: [Matrix] {
    [
      .above([wave(3, 4, 1), wave(1, 4, 1.5)]), .above([wave(4, 3, 2), wave(1, 3, 2.5)]),
    ]
  }

  private let labels = Matrix(column: [0, 1, 2, 1, 0])

  @Test func forwardAndLossEqualPyTorch() {
    let layers = [dense(3, 4, .relu), dense(4, 3, .softmax)]
    let parameters = Parameters(torchStart, .double)
    let (x, found) = (wave(5, 3, 0), Matrix.zeros(5, 3))
    x.withBlock { from in
      found.withBlock { Machine(Graph(layers), parameters, rows: 5).predict(from, into: $0) }
    }
    #expect(found.isClose(to: TorchReference.probabilities, relative: 1e-9))
    let data = TrainingData(x, targets: labels, .double)
    let loss =
      Machine(Graph(layers), parameters, rows: 5).evaluate(data, loss: CrossEntropy()).loss / 5
    #expect(abs(loss - TorchReference.crossEntropy) < 1e-12)
    let others = [dense(3, 4, .tanh), dense(4, 3, .linear)]
    let values = TrainingData(x, targets: wave(5, 3, 3), .double)
    let error = Machine(Graph(others), parameters, rows: 5).evaluate(
      values, loss: MeanSquaredError())
    #expect(abs(error.loss / 5 - TorchReference.meanSquaredError) < 1e-12)
  }

  @Test(arguments: ["sgd", "momentum", "nesterov", "adam"])
  func fiveStepsEqualPyTorch(_ name: String) throws {
    let (optimizer, weights, bias): (any Optimizer, Matrix, Matrix) =
      switch name {
      case "sgd":
        (GradientDescent(rate: 0.1), TorchReference.sgdWeights, TorchReference.sgdBias)
      case "momentum":
        (
          GradientDescent(rate: 0.1, momentum: 0.9), TorchReference.momentumWeights,
          TorchReference.momentumBias
        )
      case "nesterov":
        (
          GradientDescent(rate: 0.1, momentum: 0.9, looksAhead: true),
          TorchReference.nesterovWeights, TorchReference.nesterovBias
        )
      default: (Adam(rate: 0.01), TorchReference.adamWeights, TorchReference.adamBias)
      }
    let layers = [dense(3, 4, .relu), dense(4, 3, .softmax)]
    let parameters = Parameters(torchStart, .double)
    let machine = Machine(
      training: Graph(layers), parameters, rows: 5, targetColumns: 1, slots: optimizer.slots)
    let data = TrainingData(wave(5, 3, 0), targets: labels, .double)
    for time in 1...5 {
      _ = machine.step(
        on: Array(0..<5)[...], of: data, loss: CrossEntropy(), chance: RowChance(seed: 1),
        optimizer: optimizer, time: time)
    }
    let values = parameters.values
    #expect(values[0].rows(in: 0..<3).isClose(to: weights, relative: 1e-8, absolute: 1e-10))
    #expect(values[1].rows(in: 4..<5).isClose(to: bias, relative: 1e-8, absolute: 1e-10))
  }

  // MARK: Memory

  /// Large enough that the threads share every step.
  private static let large: [@Sendable () throws -> [any Layer]] = [
    {
      [
        Dense(inputs: 144, outputs: 48, activation: .relu), BatchNorm(input: Geometry(48)),
        DropoutLayer(inputs: 48, rate: 0.2), Dense(inputs: 48, outputs: 10, activation: .softmax),
      ]
    },
    {
      let conv = try #require(
        Conv2D(
          input: Geometry(12, 12), filters: 16, rows: 3, columns: 3, stride: 1, keepsSize: false,
          activation: .relu))
      let pool = try #require(
        Pooling(.largest, input: conv.output, rows: 2, columns: 2, stride: 2))
      return [
        conv, pool, Flatten(input: pool.output),
        Dense(inputs: pool.output.count, outputs: 10, activation: .softmax),
      ]
    },
    {
      [
        try #require(
          Recurrent(
            .gru, input: Geometry(12, 12), units: 32, isSequence: false, isBidirectional: true)),
        Dense(inputs: 64, outputs: 10, activation: .softmax),
      ]
    },
    {
      let conv = try #require(
        Conv2D(
          input: Geometry(12, 12), filters: 16, rows: 3, columns: 3, stride: 1, keepsSize: false,
          activation: .relu))
      let coded = NMFLayer(input: conv.output, components: 6, sweeps: 10, weight: 0.1)
      return [
        conv, coded, Flatten(input: coded.output),
        Dense(inputs: coded.output.count, outputs: 10, activation: .softmax),
      ]
    },
  ]

  @Test(arguments: large.indices, [Clip(), Clip(norm: 1)])
  func stepsAskForNoMemory(_ index: Int, _ clip: Clip) throws {
    let layers = try Self.large[index]()
    let parameters = Parameters(Network.initial(Graph(layers), seed: 1), .single)
    let machine = Machine(training: Graph(layers), parameters, rows: 64, targetColumns: 1, slots: 2)
    var random = Random(seed: 1)
    let data = TrainingData(
      random.normal(64, 144), targets: Matrix(column: (0..<64).map { Double($0 % 10) }), .single)
    let order = Array(0..<64)
    let optimizer: any Optimizer = Adam()
    func steps(_ count: Int) {
      for time in 1...count {
        _ = machine.step(
          on: order[...], of: data, loss: CrossEntropy(), chance: RowChance(seed: 1),
          optimizer: optimizer, time: time, clip: clip)
      }
    }
    steps(10)
    #expect(Allocations.count { steps(50) } == 0)
  }

  /// What the tests of no memory are worth: one object is seen, also if it is gone at once.
  @Test func oneObjectIsSeen() {
    #expect(Allocations.count {} == 0)
    let keepsNothing = Allocations.count {
      Self.kept = Array(repeating: 1, count: Self.kept.count + 3)
      Self.kept = []
    }
    #expect(keepsNothing > 0)
  }

  nonisolated(unsafe) private static var kept: [Int] = []
}
