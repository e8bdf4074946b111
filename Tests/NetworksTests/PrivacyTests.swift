import Autodiff
import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Training that protects every example: the right gradient, the right account, honest words.
@Suite struct PrivacyTests {
  let lab = Lab()

  private func dense(_ inputs: Int, _ outputs: Int, _ f: Activation) -> any Layer {
    Dense(inputs: inputs, outputs: outputs, activation: f)
  }

  /// A network for every kind of layer that has parameters, and for losses that absorb or not.
  private var kinds: [(layers: [any Layer], loss: any Loss, tokens: Int?)] {
    get throws {
      let image = Geometry(6, 5, 2)
      let conv = try #require(
        Conv2D(
          input: image, filters: 3, rows: 3, columns: 3, stride: 1, keepsSize: true,
          activation: .relu))
      let many = try #require(
        Conv2D(
          input: Geometry(4, 3, 5), filters: 4, rows: 2, columns: 2, stride: 1, keepsSize: false,
          activation: .tanh))
      let pool = try #require(
        Pooling(.largest, input: conv.output, rows: 2, columns: 2, stride: 2))
      let sequence = Geometry(6, 10)
      func recurrent(_ kind: Recurrence.Kind, units: Int = 4, both: Bool, all: Bool) throws
        -> any Layer
      {
        try #require(
          Recurrent(kind, input: sequence, units: units, isSequence: all, isBidirectional: both))
      }
      let embedding = Embedding(tokens: 60, vocabulary: 7, size: 3)
      return [
        ([dense(60, 9, .tanh), dense(9, 4, .softmax)], CrossEntropy(), nil),
        ([dense(60, 9, .relu), dense(9, 4, .linear)], MeanSquaredError(), nil),
        (
          [
            dense(60, 9, .gelu), DropoutLayer(inputs: 9, rate: 0.3),
            ActivationLayer(inputs: 9, activation: .softplus), dense(9, 4, .softmax),
          ], CrossEntropy(), nil
        ),
        ([conv, pool, Flatten(input: pool.output), dense(18, 4, .softmax)], CrossEntropy(), nil),
        ([many, Flatten(input: many.output), dense(24, 4, .softmax)], CrossEntropy(), nil),
        (
          [try recurrent(.simple, both: false, all: false), dense(4, 4, .softmax)], CrossEntropy(),
          nil
        ),
        (
          [try recurrent(.gru, both: true, all: false), dense(8, 4, .softmax)], CrossEntropy(), nil
        ),
        (
          [
            try recurrent(.lstm, both: true, all: true), Flatten(input: Geometry(6, 8)),
            dense(48, 4, .softmax),
          ], CrossEntropy(), nil
        ),
        (
          [
            dense(60, 9, .linear), LayerNorm(input: Geometry(9)), dense(9, 4, .softmax),
          ], CrossEntropy(), nil
        ),
        (
          [
            dense(60, 9, .relu),
            NMFLayer(input: Geometry(9), components: 4, sweeps: 8, weight: 0.3),
            dense(4, 4, .softmax),
          ], CrossEntropy(), nil
        ),
        (
          [
            dense(60, 9, .relu),
            NMFLayer(
              input: Geometry(9), components: 4, sweeps: 8, isReconstruction: true, weight: 0.3),
            dense(9, 4, .softmax),
          ], CrossEntropy(), nil
        ),
        (
          [
            ActivationLayer(input: sequence, activation: .softplus),
            NMFLayer(input: sequence, components: 3, sweeps: 8, weight: 0.3),
            Flatten(input: Geometry(6, 3)), dense(18, 4, .softmax),
          ], CrossEntropy(), nil
        ),
        (
          [
            dense(60, 9, .relu),
            NMFLayer(input: Geometry(9), components: 4, sweeps: 8, way: .unroll, weight: 0.3),
            dense(4, 4, .softmax),
          ], CrossEntropy(), nil
        ),
        (
          [embedding, Flatten(input: embedding.output), dense(180, 4, .softmax)], CrossEntropy(), 7
        ),
        // Of so many units norms come from pairs of moments.
        (
          [try recurrent(.simple, units: 30, both: true, all: false), dense(60, 4, .softmax)],
          CrossEntropy(), nil
        ),
        (
          [
            try recurrent(.gru, units: 20, both: true, all: true), Flatten(input: Geometry(6, 40)),
            dense(240, 4, .softmax),
          ], CrossEntropy(), nil
        ),
        (
          [
            try recurrent(.simple, units: 5, both: true, all: true),
            try recurrent(.lstm, units: 20, both: false, all: false), dense(20, 4, .softmax),
          ], CrossEntropy(), nil
        ),
        ([], CrossEntropy(), nil),
      ]
    }
  }

  private var residual: Graph {
    get throws {
      let start = Graph([dense(60, 9, .tanh)])
      let joined = Graph.joining(
        [start, start.adding(dense(9, 9, .relu))], by: Sum(of: Geometry(9)))
      return try #require(joined).adding(dense(9, 4, .softmax))
    }
  }

  private func data(_ rows: Int, tokens: Int?, _ loss: any Loss) -> TrainingData {
    var random = Random(seed: 11)
    let x =
      tokens.map { random.whole(in: 1...$0, rows, 60) } ?? random.normal(rows, 60)
    let targets =
      loss.includesSoftmax
      ? Matrix(column: (0..<rows).map { Double($0 % 4) }) : random.uniform(rows, 4)
    return TrainingData(x, targets: targets, .double)
  }

  private func norm(_ gradients: [Matrix]) -> Double {
    gradients.reduce(0) { $0 + $1.elements.reduce(0) { $0 + $1 * $1 } }.squareRoot()
  }

  private func noise(_ deviation: Double, clip: Double, batch: Double, seed: UInt64 = 5)
    -> PrivateMachine.Noise
  {
    PrivateMachine.Noise(
      generator: ChaCha(insecureSeed: seed), stream: 1, deviation: deviation, clip: clip,
      batch: batch)
  }

  /// Without noise the step's gradient is the sum of the shortened gradients of single examples,
  /// each of which an ordinary machine finds. 75 rows are three pieces, the last one short.
  @Test(arguments: 0..<18)
  func shortenedGradientsAreThoseOfSingleExamples(_ index: Int) throws {
    let (chain, loss, tokens) = try kinds[index]
    // The last one is a residual network: its first layer goes two ways.
    let graph = try index == 17 ? residual : Graph(chain)
    let data = data(75, tokens: tokens, loss)
    let parameters = Parameters(Network.initial(graph, seed: 3), .double)
    let single = Machine(
      training: graph, parameters, rows: 1, targetColumns: data.targets.columns, slots: 0)
    var examples: [[Matrix]] = []
    for row in 0..<75 {
      _ = single.step(
        on: [row][...], of: data, loss: loss,
        chance: RowChance(seed: 5, firstRow: UInt64(row)), optimizer: nil, time: 1)
      examples.append(single.gradients)
    }
    let norms = examples.map(norm)
    let clip = norms.sorted()[30]
    var expected = examples[0].map { Matrix.zeros($0.rows, $0.columns) }
    for (gradients, norm) in zip(examples, norms) {
      for place in expected.indices where !expected[place].isEmpty {
        expected[place] = expected[place] + gradients[place] * (min(1, clip / norm) / 40)
      }
    }
    let machine = Machine(
      training: graph, parameters, rows: 16, targetColumns: data.targets.columns, slots: 0)
    // Enough room for all rows, and so little that they come in two parts.
    for capacity in [75, 40] {
      let own = try #require(
        PrivateMachine(machine, rows: capacity, targetColumns: data.targets.columns))
      let sum = own.step(
        on: Array(0..<75), of: data, loss: loss, chance: RowChance(seed: 5),
        noise: noise(0, clip: clip, batch: 40), optimizer: nil, time: 1)
      for (found, value) in zip(machine.gradients, expected) where !value.isEmpty {
        #expect(CentralDifferences.largestError(found, value) < 1e-9)
      }
      let usual = Machine(
        training: graph, parameters, rows: 75, targetColumns: data.targets.columns, slots: 0
      ).step(
        on: Array(0..<75)[...], of: data, loss: loss, chance: RowChance(seed: 5), optimizer: nil,
        time: 1)
      #expect(abs(sum.loss - usual.loss) < 1e-9 && sum.hits == usual.hits)
    }
  }

  private func machine(_ layers: [any Layer], slots: Int = 0) -> Machine {
    Machine(
      training: Graph(layers), Parameters(Network.initial(Graph(layers), seed: 3), .double),
      rows: 16,
      targetColumns: 1, slots: slots)
  }

  /// Of a layer with two directions the biases stand between its weights.
  @Test func rulesAskWeightsAloneForWhatTheyAsk() throws {
    let recurrent = try #require(
      Recurrent(
        .lstm, input: Geometry(6, 10), units: 4, isSequence: false, isBidirectional: true,
        rules: WeightRules(l1: 0.1, l2: 0.5)))
    let layers: [any Layer] = [recurrent, dense(8, 4, .softmax)]
    let machine = machine(layers)
    let own = try #require(PrivateMachine(machine, rows: 8, targetColumns: 1))
    // Nobody was drawn, and there is no noise: what remains is what the rules ask.
    _ = own.step(
      on: [], of: data(8, tokens: nil, CrossEntropy()), loss: CrossEntropy(),
      chance: RowChance(seed: 5), noise: noise(0, clip: 1, batch: 10), optimizer: nil, time: 1)
    let parameters = Network.initial(Graph(layers), seed: 3)[0]
    var expected = Matrix.zeros(parameters.rows, parameters.columns)
    for row in recurrent.weightRanges.joined() {
      for column in 0..<parameters.columns {
        let weight = parameters[row, column]
        expected[row, column] = 0.5 * weight + (weight > 0 ? 0.1 : -0.1)
      }
    }
    #expect(machine.gradients[0].isClose(to: expected))
    #expect(machine.gradients[1].elements.allSatisfy { $0 == 0 })
  }

  @Test func noiseIsAddedOnceAndDividedByTheExpectedBatch() throws {
    let layers = [dense(60, 100, .relu), dense(100, 4, .softmax)]
    let data = data(8, tokens: nil, CrossEntropy())
    let machine = machine(layers)
    let own = try #require(PrivateMachine(machine, rows: 8, targetColumns: 1))
    // Nobody was drawn: what remains is noise.
    let sum = own.step(
      on: [], of: data, loss: CrossEntropy(), chance: RowChance(seed: 5),
      noise: noise(3, clip: 0.5, batch: 10), optimizer: nil, time: 1)
    #expect(sum.loss == 0)
    let numbers = machine.gradients.flatMap(\.elements)
    let deviation = (numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)).squareRoot()
    #expect(abs(deviation / 0.15 - 1) < 0.03)
    #expect(!numbers.contains(0))
    // With examples the same noise lies on top of their sum.
    func gradient(_ rows: [Int], _ deviation: Double) -> [Double] {
      _ = own.step(
        on: rows, of: data, loss: CrossEntropy(), chance: RowChance(seed: 5),
        noise: noise(deviation, clip: 0.5, batch: 10), optimizer: nil, time: 1)
      return machine.gradients.flatMap(\.elements)
    }
    let (plain, noisy) = (gradient([0, 3], 0), gradient([0, 3], 3))
    for place in numbers.indices {
      #expect(abs(noisy[place] - plain[place] - numbers[place]) < 1e-12)
    }
  }

  /// However large one example is, it moves the sum by C at most.
  @Test func oneExampleContributesTheBoundAtMost() throws {
    let layers = [dense(2, 3, .linear), dense(3, 1, .linear)]
    var x = Matrix.ones(4, 2)
    x[3, 0] = 1e100
    let data = TrainingData(x, targets: Matrix(column: [1, 2, 3, 4]), .double)
    let machine = machine(layers)
    let own = try #require(PrivateMachine(machine, rows: 4, targetColumns: 1))
    func gradient(_ rows: [Int]) -> [Matrix] {
      _ = own.step(
        on: rows, of: data, loss: MeanSquaredError(), chance: RowChance(seed: 5),
        noise: noise(0, clip: 0.25, batch: 1), optimizer: nil, time: 1)
      return machine.gradients
    }
    let (without, with) = (gradient([0, 1, 2]), gradient([0, 1, 2, 3]))
    let moved = norm(zip(with, without).map { $0 - $1 })
    #expect(moved <= 0.25 * (1 + 1e-9))
    // A gradient beyond all numbers counts as none.
    x[3, 0] = 1e300
    let beyond = TrainingData(x, targets: Matrix(column: [1, 2, 3, 4]), .double)
    _ = own.step(
      on: [0, 1, 2, 3], of: beyond, loss: MeanSquaredError(), chance: RowChance(seed: 5),
      noise: noise(0, clip: 0.25, batch: 1), optimizer: nil, time: 1)
    #expect(machine.gradients.flatMap(\.elements).allSatisfy { $0.isFinite })
  }

  // MARK: As a user calls it

  private func points(_ rows: Int) -> (x: Matrix, y: Matrix) {
    var random = Random(seed: 2)
    let x = random.normal(rows, 2)
    return (x, Matrix(column: (0..<rows).map { x[$0, 0] + x[$0, 1] > 0 ? 1 : 0 }))
  }

  private func dp(_ amount: PrivacySettings.Amount, delta: Double = 1e-5, seed: Int? = 1)
    -> (String, Value)
  { ("private", PrivacyValue(PrivacySettings(amount, delta: delta, insecureSeed: seed)).value) }

  @Test func epsilonIsInHistoryMetricsAndResult() throws {
    let (x, y) = points(400)
    let net = try lab.train(
      lab.net(2, (2, "softmax")), x, y, ("batch", .number(40)), ("epochs", .number(5)),
      ("optimizer", OptimizerValue(GradientDescent(rate: 1)).value), dp(.noise(1)))
    let trained = try #require(net.trained)
    let expected = PrivacyLoss(50, of: SampledGaussian(rate: 0.1, noise: 1))
      .guarantee(delta: 1e-5).epsilon
    #expect(trained.history.epsilon.count == 5)
    #expect(abs((trained.history.epsilon.last ?? 0) - expected) < 1e-9)
    #expect(trained.history.epsilon.sorted() == trained.history.epsilon)
    guard case .record(let record)? = net.field("privacy") else {
      Issue.record("no record")
      return
    }
    #expect(record["steps"].flatMap(Double.from) == 50)
    #expect(net.summary(width: 100).contains("private: ε "))
    #expect(net.summary(width: 100).contains("no privacy"))
    let accuracy = try lab("accuracy", net.value, .matrix(x), .matrix(y))
    #expect((Double.from(accuracy) ?? 0) > 0.9)
  }

  @Test func noiseIsFoundForAnEpsilonAndRunsAddUp() throws {
    let (x, y) = points(200)
    let first = try lab.train(
      lab.net(2, (2, "softmax")), x, y, ("batch", .number(20)), ("epochs", .number(3)),
      dp(.epsilon(2), delta: 1e-3, seed: nil))
    let spent = try #require(first.trained?.history.epsilon.last)
    #expect(spent <= 2 && spent > 1.99)
    #expect(!first.summary(width: 100).contains("no privacy"))
    let second = try lab.train(
      first, x, y, ("batch", .number(20)), ("epochs", .number(3)),
      dp(.epsilon(3), delta: 1e-3, seed: nil))
    let both = try #require(second.trained?.history.epsilon.last)
    #expect(both <= 3 && both > 2.99)
    #expect(second.trained?.privacy?.steps == 60)
    let third = try lab.train(second, x, y, ("batch", .number(20)), ("epochs", .number(1)))
    #expect(third.summary(width: 100).contains("1 of 7 epochs were not private"))
  }

  @Test func anInsecureSeedRepeatsEverything() throws {
    let (x, y) = points(100)
    func weights(_ seed: Int?) throws -> [Matrix] {
      try lab.train(
        lab.net(2, (2, "softmax")), x, y, ("batch", .number(20)), ("epochs", .number(2)),
        dp(.noise(1), delta: 1e-3, seed: seed)
      ).parameters
    }
    #expect(try weights(4)[0].elements == weights(4)[0].elements)
    #expect(try weights(4)[0].elements != weights(5)[0].elements)
    #expect(try weights(nil)[0].elements != weights(nil)[0].elements)
  }

  @Test func whatCannotBePrivateIsRefused() throws {
    func problem(_ net: Network, _ named: (String, Value)...) throws -> Problem {
      let (x, y) = points(100)
      return try #require(
        lab.problem {
          _ = try lab(
            "train", net.value, .matrix(x), .matrix(y), named: [("batch", .number(20))] + named)
        })
    }
    let plain = try lab.net(2, (2, "softmax"))
    let small = dp(.noise(1), delta: 1e-3)
    var mixed = try lab("batchnorm", lab.net(2, (4, "relu")).value)
    mixed = try lab("dense", mixed, .number(2), .text("softmax"))
    let batch = try problem(try #require(Network.from(mixed)), small)
    #expect(batch.message.contains("layer 2, batchnorm"))
    #expect(batch.help == "use layernorm() in its place")
    #expect(try problem(plain, small, ("clip", .number(2))).help?.contains("clip=2") == true)
    #expect(try problem(plain, small, ("shuffle", .boolean(false))).help == "leave shuffle out")
    let delta = try problem(plain, dp(.noise(1), delta: 0.02))
    #expect(delta.help?.contains("delta=0.001") == true)
    #expect(try problem(plain, dp(.epsilon(1e-5), delta: 1e-9)).message.contains("no noise keeps"))
    let (x, y) = points(100)
    let spent = try lab.train(plain, x, y, ("batch", .number(20)), dp(.epsilon(2), delta: 1e-3))
    let again = try problem(spent, dp(.epsilon(2), delta: 1e-3))
    #expect(again.message.contains("given away ε"))
    #expect(again.help?.contains("a larger ε") == true)
  }

  @Test func clippingAloneSaysThatItIsNoPrivacy() throws {
    let (x, y) = points(100)
    let net = try lab.train(lab.net(2, (2, "softmax")), x, y, ("clip", .number(1)))
    #expect(net.summary(width: 100).contains("gradients clipped at 1: by itself no privacy"))
  }

  @Test func anEpochWithoutExamplesGoesOn() throws {
    let x = Matrix([[0, 0], [1, 1]])
    let net = try lab.train(
      lab.net(2, (2, "softmax")), x, Matrix(column: [0, 1]), ("batch", .number(1)),
      ("epochs", .number(60)), dp(.noise(4), delta: 0.01))
    #expect(net.trained?.history.loss.allSatisfy(\.isFinite) == true)
  }
}
