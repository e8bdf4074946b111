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

  @Test func stepsTakeNoMemory() {
    let layers = [dense(64, 48, .relu), dense(48, 10, .softmax)]
    let parameters = Parameters(Network.initial(Graph(layers), seed: 1), .single)
    let machine = Machine(training: Graph(layers), parameters, rows: 32, targetColumns: 1, slots: 2)
    var random = Random(seed: 1)
    let data = TrainingData(
      random.normal(32, 64), targets: Matrix(column: (0..<32).map { Double($0 % 10) }), .single)
    let order = Array(0..<32)
    func steps(_ count: Int) {
      for time in 1...count {
        _ = machine.step(
          on: order[...], of: data, loss: CrossEntropy(), chance: RowChance(seed: 1),
          optimizer: Adam(), time: time)
      }
    }
    steps(10)
    guard let heap = Heap() else { return }
    // Other tests run meanwhile: the least growth of several tries is this one's.
    let growth = (0..<20).map { _ in
      let before = heap.bytesInUse
      steps(50)
      return heap.bytesInUse - before
    }
    #expect(growth.contains { $0 <= 0 })
  }
}

/// What the allocator has given out, where the C library tells.
struct Heap {
  /// `mallinfo2` is not in the module map. A structure of this size is returned through a pointer
  /// in the first argument's place.
  private typealias MallInfo = @convention(c) (UnsafeMutablePointer<Int>) -> Void
  private let ask: MallInfo

  init?() {
    guard let symbol = dlsym(nil, "mallinfo2") else { return nil }
    ask = unsafeBitCast(symbol, to: MallInfo.self)
  }

  var bytesInUse: Int {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 10) { fields in
      guard let address = fields.baseAddress else { return 0 }
      ask(address)
      // `uordblks` and `hblkhd`: small blocks, and those with a mapping of their own.
      return address[7] + address[4]
    }
  }
}
