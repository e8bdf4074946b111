import Autodiff
import Foundation
import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Runs that go wrong, end early, or are kept on the way.
@Suite struct RobustnessTests {
  let lab = Lab()

  // MARK: Numbers that are none

  @Test func theFirstEpochThatDivergesSaysStepAndLayer() throws {
    let (x, y) = lab.points(64)
    let net = try lab.net(2, (8, "relu"), (1, "linear"))
    let problem = lab.problem {
      _ = try lab(
        "train", net.value, .matrix(x), .matrix(y),
        named: [("optimizer", try lab("sgd", .number(1e15))), ("batch", .number(8))])
    }
    #expect(problem?.kind == .computation)
    let message = try #require(problem?.message)
    #expect(message.hasPrefix("in epoch 1, step ") && message.contains(" of layer "), "\(message)")
  }

  @Test func aLaterEpochThatDivergesKeepsTheLastGoodWeights() throws {
    let (x, y) = lab.points(64)
    let net = try lab.net(2, (8, "relu"), (1, "linear"))
    // The rate explodes with the third epoch.
    let how: [(String, Value)] = [
      ("optimizer", try lab("sgd", .number(0.02))), ("batch", .number(16)), ("seed", .number(2)),
    ]
    let good = try #require(
      Network.from(
        try lab.call(
          "train", [net.value, .matrix(x), .matrix(y)], named: how + [("epochs", .number(2))])))
    var far = x
    far[7, 0] = 1e30
    let request = try #require(good.trained)
    #expect(request.history.epochs == 2)
    let events = Recorder()
    lab.context.trainingLoop = { _ in TrainingLoop(observers: [events]) }
    // A row that a float can hold, whose square it cannot: dropout lets it through now and then.
    let start = Network(
      inputs: 2,
      layers: [
        DropoutLayer(inputs: 2, rate: 0.9), Dense(inputs: 2, outputs: 1, activation: .linear),
      ],
      seed: 5)
    let kept = try #require(
      Network.from(
        try lab.call(
          "train", [start.value, .matrix(far), .matrix(y)],
          named: [
            ("optimizer", try lab("sgd", .number(0.01))), ("batch", .number(64)),
            ("epochs", .number(200)),
          ])))
    let trained = try #require(kept.trained)
    #expect(trained.history.epochs > 0 && trained.history.epochs < 200)
    #expect(trained.reason.contains("in epoch \(trained.history.epochs + 1), step 1, "))
    #expect(kept.parameters.allSatisfy { $0.firstNonFinite == nil })
    #expect(trained.history.loss.allSatisfy { $0.isFinite })
    guard case .finished(let outcome)? = events.events.last else {
      Issue.record("no end")
      return
    }
    #expect(outcome.reason == .diverged && outcome.steps == trained.history.epochs)
    // It is what a run that ends there gives.
    lab.context.trainingLoop = { _ in TrainingLoop() }
    let short = try #require(
      Network.from(
        try lab.call(
          "train", [start.value, .matrix(far), .matrix(y)],
          named: [
            ("optimizer", try lab("sgd", .number(0.01))), ("batch", .number(64)),
            ("epochs", .number(Double(trained.history.epochs))),
          ])))
    #expect(short.isIdentical(to: kept))
  }

  // MARK: Checkpoints

  /// The network that a file keeps.
  private func loaded(_ path: String) throws -> Network {
    let kinds: [any Storable.Type] = [
      Network.self, OptimizerValue.self, ScheduleValue.self, Augmentation.self,
    ]
    let value = try Archive.value(
      of: try SafeTensors.read(path), kinds: kinds, library: Library(NetworksLibrary.builtins),
      lab.context)
    return try #require(Network.from(value))
  }

  @Test func aCheckpointIsTheRunThatEndsThere() throws {
    let folder = NSTemporaryDirectory() + "mfs-networks-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/run.safetensors"
    let (x, y) = lab.points(40)
    let net = try lab.net(2, (4, "tanh"), (1, "linear"))
    // The user stops in the middle: the last epoch is in the file.
    let control = TrainingControl()
    let stopper = Stopper(control, after: 3)
    lab.context.trainingLoop = { _ in TrainingLoop(observers: [stopper], control: control) }
    _ = try lab.train(
      net, x, y, ("epochs", .number(10)), ("checkpoint", .text(path)), ("validation", .number(0.2)),
      ("patience", .number(5)))
    lab.context.trainingLoop = { _ in TrainingLoop() }
    let kept = try loaded(path)
    #expect(kept.trained?.history.epochs == 3)
    let how: [(String, Value)] = [("validation", .number(0.2)), ("patience", .number(5))]
    func run(_ net: Network, _ epochs: Double) throws -> Network {
      let value = try lab.call(
        "train", [net.value, .matrix(x), .matrix(y)], named: how + [("epochs", .number(epochs))])
      return try #require(Network.from(value))
    }
    #expect(try run(kept, 7).isIdentical(to: try run(net, 10)))
    // Every second epoch, and the end in any case.
    _ = try lab.train(
      net, x, y, ("epochs", .number(5)), ("checkpoint", .text(path)),
      ("checkpoint_every", .number(2)))
    #expect(try loaded(path).trained?.reason == StopReason.limit.words)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["run.safetensors"])
    for (name, value) in [
      ("checkpoint", Value.text(folder + "/none/run.safetensors")),
      ("checkpoint", .text("run.npy")), ("checkpoint_every", .number(2)),
    ] {
      #expect(lab.problem { _ = try lab.train(net, x, y, (name, value)) } != nil)
    }
  }

  /// Asks for a stop after so many epochs.
  private final class Stopper: TrainingObserver {
    private let control: TrainingControl
    private let count: Int
    init(_ control: TrainingControl, after count: Int) {
      self.control = control
      self.count = count
    }
    func receive(_ event: TrainingEvent) {
      if case .advanced(let step) = event, step.index == count { control.requestStop() }
    }
  }

  // MARK: Weights of classes, pictures

  /// Weights are repetitions of rows.
  @Test func weightsOfClassesAreRepetitions() throws {
    var random = Random(seed: 8)
    let x = random.normal(12, 3)
    let labels = (0..<12).map { Double($0 % 4 == 0 ? 1 : 0) }
    let y = Matrix(column: labels)
    let twice = (0..<12) + labels.indices.filter { labels[$0] == 1 }
    let net = try lab.net(3, (5, "tanh"), (2, "softmax"))
    let how: [(String, Value)] = [
      ("epochs", .number(20)), ("optimizer", try lab("sgd", .number(0.1))),
      ("precision", .text("f64")),
    ]
    func run(_ x: Matrix, _ y: Matrix, _ more: [(String, Value)]) throws -> Network {
      let value = try lab.call("train", [net.value, .matrix(x), .matrix(y)], named: how + more)
      return try #require(Network.from(value))
    }
    // The mean is over the rows: 15 with repetitions, 12 with weights.
    let weighted = try run(
      x, y, [("batch", .number(12)), ("class_weights", .list([.number(0.8), .number(1.6)]))])
    let repeated = try run(
      x.selecting(rows: twice), y.selecting(rows: twice), [("batch", .number(15))])
    for (a, b) in zip(weighted.parameters, repeated.parameters) {
      #expect(a.isClose(to: b, relative: 1e-9, absolute: 1e-12))
    }
    let balanced = try run(x, y, [("batch", .number(12)), ("class_weights", .text("balanced"))])
    #expect(balanced.trained?.classWeights == [12.0 / (2 * 9), 2])
    for wrong: Value in [
      .text("even"), .number(1), .list([.number(1)]), .list([.number(-1), .number(1)]),
    ] {
      #expect(lab.problem { _ = try run(x, y, [("class_weights", wrong)]) } != nil)
    }
  }

  /// A single output tells two classes apart: weights act as repetitions there, too, and are kept.
  @Test(arguments: ["binary_crossentropy", "hinge"])
  func classWeightsOfOneOutputActAsRepetitions(_ loss: String) throws {
    var random = Random(seed: 8)
    let x = random.normal(12, 3)
    let sides: [Double] = loss == "hinge" ? [-1, 1] : [0, 1]
    let labels = (0..<12).map { sides[$0 % 4 == 0 ? 1 : 0] }
    let twice = (0..<12) + labels.indices.filter { labels[$0] == 1 }
    let net = try lab.net(3, (5, "tanh"), (1, loss == "hinge" ? "linear" : "sigmoid"))
    func run(_ rows: [Int], _ more: (String, Value)...) throws -> Network {
      let given: [Value] = [
        net.value, .matrix(x.selecting(rows: rows)),
        .matrix(Matrix(column: rows.map { labels[$0] })),
      ]
      let how: [(String, Value)] = [
        ("epochs", .number(20)), ("optimizer", try lab("sgd", .number(0.1))),
        ("precision", .text("f64")), ("loss", .text(loss)), ("batch", .number(Double(rows.count))),
      ]
      return try #require(Network.from(try lab.call("train", given, named: how + more)))
    }
    let weighted = try run(
      Array(0..<12), ("class_weights", .list([.number(0.8), .number(1.6)])))
    let repeated = try run(twice)
    for (a, b) in zip(weighted.parameters, repeated.parameters) {
      #expect(a.isClose(to: b, relative: 1e-9, absolute: 1e-12))
    }
    let path = NSTemporaryDirectory() + "mfs-sides-" + UUID().uuidString + ".safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let balanced = try run(
      Array(0..<12), ("class_weights", .text("balanced")), ("checkpoint", .text(path)))
    #expect(balanced.trained?.classWeights == [12.0 / (2 * 9), 2])
    #expect(try loaded(path).trained?.classWeights == balanced.trained?.classWeights)
  }

  @Test func picturesAreMovedMirroredAndTurned() {
    let picture = Matrix([[1, 2, 3, 4, 5, 6, 7, 8, 9]])
    func changed(_ changes: PictureChanges, _ row: UInt64, of x: Matrix = picture) -> Matrix {
      let result = Matrix.zeros(1, x.columns)
      result.withBlock {
        $0.gather([0], of: x.block, changed: changes, seed: 1, stream: 2, firstRow: row)
      }
      return result
    }
    func changes(shift: Int = 0, flips: Bool = false, angle: Double = 0) -> PictureChanges {
      PictureChanges(height: 3, width: 3, channels: 1, shift: shift, flips: flips, angle: angle)
    }
    let mirrored = Matrix([[3, 2, 1, 6, 5, 4, 9, 8, 7]])
    let flips = (0..<40).map { changed(changes(flips: true), $0) }
    #expect(flips.allSatisfy { $0 == picture || $0 == mirrored })
    #expect(flips.contains(picture) && flips.contains(mirrored))
    // Every one of nine places occurs, and what leaves is 0.
    let moved = Set((0..<200).map { changed(changes(shift: 1), $0).elements })
    #expect(moved.count == 9 && moved.contains([5, 6, 0, 8, 9, 0, 0, 0, 0]))
    #expect(changed(changes(shift: 1), 7) == changed(changes(shift: 1), 7))
    // Turns keep the middle, and most of the sum of a smooth picture.
    let bump = Matrix([[0, 1, 0, 1, 4, 1, 0, 1, 0]])
    for row in 0..<20 as Range<UInt64> {
      let turned = changed(changes(angle: 45), row, of: bump)
      #expect(abs(turned[0, 4] - 4) < 1e-12 && abs(turned.total(.sum) - 8) < 1.5)
    }
  }

  @Test func augmentationIsDeterministicAndForImagesOnly() throws {
    var random = Random(seed: 2)
    let x = random.uniform(40, 36)
    let y = Matrix(column: (0..<40).map { Double($0 % 2) })
    func start(_ sizes: Double...) throws -> Network {
      var value = try lab.call("input", sizes.map { .number($0) }, named: [("seed", .number(3))])
      value = try lab("flatten", value)
      return try #require(Network.from(try lab("dense", value, .number(2), .text("softmax"))))
    }
    let change = try lab(
      "augment", named: [("shift", .number(1)), ("flip", .boolean(true)), ("rotate", .number(9))])
    func run(_ net: Network, _ epochs: Double) throws -> Network {
      try lab.train(net, x, y, ("epochs", .number(epochs)), ("augment", change))
    }
    let net = try start(6, 6)
    let whole = try run(net, 4)
    #expect(whole.isIdentical(to: try run(try run(net, 2), 2)))
    #expect(!whole.isIdentical(to: try lab.train(net, x, y, ("epochs", .number(4)))))
    #expect(
      lab.problem { _ = try run(try start(36), 1) }?.help == "start the network with input(28, 28)")
    #expect(lab.problem { _ = try lab("augment") } != nil)
  }

  // MARK: Stops

  /// A batch of all rows is one step: a stop leaves it in the middle, with the weights before it.
  @Test(arguments: [false, true])
  func aStopWithinAStepLeavesTheWeightsBeforeIt(_ looksAtBatch: Bool) throws {
    var random = Random(seed: 3)
    let x = random.normal(600, 8)
    let y = Matrix(column: (0..<600).map { Double($0 % 3) })
    var layers: [any Layer] = [
      Dense(inputs: 8, outputs: 6, activation: .tanh),
      Dense(inputs: 6, outputs: 3, activation: .softmax),
    ]
    if looksAtBatch { layers.insert(BatchNorm(input: Geometry(6)), at: 1) }
    let net = Network(inputs: 8, layers: layers, seed: 1)
    let data = TrainingData(x, targets: y, .single)
    let parameters = Parameters(net.parameters, .single)
    let machine = Machine(training: net.graph, parameters, rows: 600, targetColumns: 1, slots: 2)
    let before = parameters.values
    let control = TrainingControl()
    func step() -> LossSum {
      machine.step(
        on: Array(0..<600)[...], of: data, loss: CrossEntropy(), chance: RowChance(seed: 1),
        optimizer: Adam(), time: 1, control: control)
    }
    control.requestStop()
    #expect(step().loss.isNaN)
    for (a, b) in zip(before, parameters.values) { #expect(a.isIdentical(to: b)) }
    #expect(machine.gradients.allSatisfy { $0.isEmpty || $0.sumOfSquares == 0 })

    let request = TrainingRequest(
      epochs: 3, batch: 600, optimizer: Adam(), loss: CrossEntropy(), classifies: true,
      patience: nil, shuffle: true, seed: 1, precision: .single)
    var training = NetworkTraining(net, request, data: data)
    let outcome = try TrainingLoop(control: control).run(&training)
    #expect(outcome.reason == .stopped && outcome.steps == 0)
    let kept = training.result(outcome.reason)
    #expect(kept.trained?.history.epochs == 0)
    for (a, b) in zip(before, kept.parameters) {
      #expect(a.isIdentical(to: b.converted(to: .single)))
    }
  }

  /// Asks for a stop in the middle of an epoch.
  private final class EarlyStopper: TrainingObserver {
    let control: TrainingControl
    init(_ control: TrainingControl) { self.control = control }
    func receive(_ event: TrainingEvent) {
      if case .progressed(let steps) = event, steps > 1.4 { control.requestStop() }
    }
  }

  /// What was not measured is not made up, neither now nor when training goes on.
  @Test(arguments: [nil, 2])
  func aLongValidationIsGivenUpOnAStop(_ patience: Int?) throws {
    var random = Random(seed: 4)
    let x = random.uniform(64, 64)
    let y = Matrix(column: (0..<64).map { Double($0 % 3) })
    let net = Network(
      inputs: 64,
      layers: [
        Dense(inputs: 64, outputs: 512, activation: .relu),
        Dense(inputs: 512, outputs: 3, activation: .softmax),
      ], seed: 1)
    let data = TrainingData(x, targets: y, .single)
    let rows = 1 << 14
    let validation = TrainingData(
      random.uniform(rows, 64), targets: Matrix(column: (0..<rows).map { Double($0 % 3) }), .single)
    let request = TrainingRequest(
      epochs: 5, batch: 4, optimizer: Adam(), loss: CrossEntropy(), classifies: true,
      patience: patience, shuffle: true, seed: 1, precision: .single)
    let control = TrainingControl()
    var training = NetworkTraining(net, request, data: data, validation: validation)
    let outcome = try TrainingLoop(observers: [EarlyStopper(control)], control: control)
      .run(&training)
    #expect(outcome.reason == .stopped && outcome.steps == 2)
    let stopped = training.result(outcome.reason)
    let trained = try #require(stopped.trained)
    #expect(trained.reason == "stopped by you; the last epoch was not validated")
    #expect(trained.history.validationLoss.map(\.isNaN) == [false, true])
    #expect(trained.history.validationAccuracy.map(\.isNaN) == [false, true])
    let isFinite = trained.history.loss.allSatisfy { $0.isFinite }
    #expect(isFinite)
    #expect(trained.bestEpoch == (patience == nil ? nil : 1))
    var going = NetworkTraining(stopped, request, data: data, validation: validation)
    let end = try TrainingLoop().run(&going)
    let history = try #require(going.result(end.reason).trained?.history)
    #expect(history.validationLoss.filter(\.isNaN).count == 1)
    #expect(history.epochs > 2)
  }

  /// A dense layer that is asked for a stop while it finds the gradient of its parameters.
  private struct StoppedLayer: Layer {
    let layer = Dense(inputs: 64, outputs: 64, activation: .linear)
    let control: TrainingControl

    var title: String { layer.title }
    var input: Geometry { layer.input }
    var output: Geometry { layer.output }
    var parameterShape: Shape { layer.parameterShape }

    func forward(_ pass: Pass) { layer.forward(pass) }
    func backward(_ pass: Pass, dy: Block, dx: Block?, gradient: Block?) -> Double {
      layer.backward(pass, dy: dy, dx: dx, gradient: gradient)
    }
    func parameterGradient(rows: Range<Int>, _ dz: Block, inputs x: Block, into gradient: Block) {
      control.requestStop()
      layer.parameterGradient(rows: rows, dz, inputs: x, into: gradient)
    }
  }

  @Test func stopWhileLongGradientsAreFoundLeavesTheStep() {
    var random = Random(seed: 5)
    let rows = 1 << 16
    let x = random.uniform(rows, 64).converted(to: .single)
    let control = TrainingControl()
    let graph = Graph([StoppedLayer(control: control)])
    let weights = random.uniform(65, 64).converted(to: .single)
    let parameters = Parameters([weights], .single)
    let machine = Machine(
      training: graph, parameters, rows: rows, targetColumns: 64, slots: 2)
    let sum = machine.step(
      on: Array(0..<rows)[...], of: TrainingData(x, targets: x, .single),
      loss: MeanSquaredError(), chance: RowChance(seed: 1), optimizer: Adam(), time: 1,
      control: control)
    #expect(sum.loss.isNaN)
    #expect(parameters.values[0].isIdentical(to: weights))
    #expect(machine.state.allSatisfy { $0.sumOfSquares == 0 })
  }

  // MARK: Summaries

  @Test(arguments: [200, 100, 80, 60, 40])
  func summariesKeepToTheWidth(_ width: Int) throws {
    var value = try lab("input", 64, 64, 3)
    for filters in [64.0, 128] {
      value = try lab(
        "conv2d", value, .number(filters), 3, "relu",
        named: [("padding", "same"), ("nonnegative", .boolean(true))])
    }
    value = try lab("dense", lab("flatten", value), 512, "relu")
    let net = try #require(Network.from(lab("dense", value, 10, "softmax")))
    let lines = net.summary(width: width).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width }, "\(lines.joined(separator: "\n"))")
    #expect(!lines.contains { $0.hasPrefix("network") && $0.hasSuffix("…") })
    let numbers = width >= 100 ? "268435968" : "268M"
    #expect(lines.contains { $0.contains(numbers) })
  }
}
