import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Whole trainings: what is learned, kept, continued and repeated.
@Suite struct LearningTests {
  let lab = Lab()

  /// Points around three centres: easy, but not without errors.
  private func clouds(_ rows: Int, seed: UInt64 = 5) -> (x: Matrix, y: Matrix) {
    var random = Random(seed: seed)
    let labels = (0..<rows).map { Double($0 % 3) }
    let centres = Matrix([[0, 0], [2, 1], [0, 3]]).selecting(rows: labels.map { Int($0) })
    return (centres + random.normal(rows, 2), Matrix(column: labels))
  }

  @Test(arguments: ["f32", "f64"])
  func fourPointsAreLearned(_ precision: String) throws {
    let net = try lab.train(
      lab.net(2, (10, "relu"), (2, "softmax")), FourPoints.x, FourPoints.y,
      ("epochs", .number(1000)), ("batch", .number(4)),
      ("optimizer", try lab("sgd", .number(0.1))), ("precision", .text(precision)))
    let accuracy = try lab("accuracy", net.value, .matrix(FourPoints.x), .matrix(FourPoints.y))
    #expect(Double.from(accuracy) == 1)
    #expect(net.trained?.history.epochs == 1000)
    #expect(try #require(net.trained?.history.loss.last) < 0.1)
  }

  @Test(arguments: ["adam", "SGD", "RMSprop", "AdamW"])
  func anOptimizerMayBeNamed(_ name: String) throws {
    let net = try lab.train(
      lab.net(2, (2, "softmax")), FourPoints.x, FourPoints.y, ("optimizer", .text(name)))
    #expect(net.trained?.optimizer.name == name.lowercased())
  }

  @Test func theInputNetworkStaysAsItIs() throws {
    let net = try lab.net(2, (10, "relu"), (2, "softmax"))
    let before = net.parameters
    _ = try lab.train(net, FourPoints.x, FourPoints.y, ("batch", .number(4)))
    #expect(net.trained == nil && net.parameters == before)
  }

  @Test func aLineIsFitted() throws {
    var random = Random(seed: 1)
    let x = random.normal(200, 2)
    let y = x * Matrix(column: [2, -1]) + 0.5
    let net = try lab.train(
      lab.net(2, (1, "linear")), x, y, ("epochs", .number(60)),
      ("optimizer", try lab("sgd", .number(0.1))), ("precision", .text("f64")))
    let weights = try #require(net.field("W1").flatMap { Matrix.from($0) })
    #expect(weights.isClose(to: Matrix(column: [2, -1]), relative: 1e-6))
    #expect(abs(try net.evaluated(x, y).loss) < 1e-10)
    #expect(try net.evaluated(x, y).accuracy == nil)
  }

  @Test func labelsMayStartAtOne() throws {
    let (x, y) = clouds(300)
    let net = try lab.train(
      lab.net(2, (16, "tanh"), (3, "softmax")), x, y + 1, ("epochs", .number(20)))
    #expect(net.trained?.classes == [1, 2, 3])
    #expect(try #require(try net.evaluated(x, y + 1).accuracy) > 0.7)
  }

  @Test func oneHotTargetsGiveTheSameNetwork() throws {
    let (x, y) = clouds(120)
    let net = try lab.net(2, (8, "relu"), (3, "softmax"))
    let columns = try #require(Matrix.from(try lab("one_hot", .matrix(y))))
    let first = try lab.train(net, x, y)
    let second = try lab.train(net, x, columns)
    for (a, b) in zip(first.parameters, second.parameters) {
      #expect(a.isClose(to: b, relative: 1e-4, absolute: 1e-5))
    }
  }

  // MARK: Repeatability

  private func identical(_ a: Network, _ b: Network) -> Bool {
    zip(a.parameters, b.parameters).allSatisfy { $0.isIdentical(to: $1) }
  }

  @Test func theSameSeedGivesTheSameBitsAndAnotherOthers() throws {
    let (x, y) = clouds(150)
    let net = try lab.net(2, (40, "relu"), (3, "softmax"))
    let runs = try [1, 1, 2].map {
      try lab.train(net, x, y, ("seed", .number(Double($0))), ("epochs", .number(3)))
    }
    #expect(identical(runs[0], runs[1]) && !identical(runs[0], runs[2]))
  }

  @Test func observersAndPicturesChangeNoBit() throws {
    let (x, y) = clouds(700)
    let net = try lab.net(2, (40, "relu"), (3, "softmax"))
    let quiet = try lab.train(net, x, y, ("epochs", .number(4)))
    let recorder = Recorder()
    let control = TrainingControl()
    lab.context.trainingLoop = { _ in
      control.requestPicture()
      return TrainingLoop(observers: [recorder], control: control)
    }
    let watched = try lab.train(net, x, y, ("epochs", .number(4)))
    #expect(identical(quiet, watched))
    #expect(recorder.steps.count == 4)
    #expect(recorder.steps.map(\.objective) == watched.trained?.history.loss)
    let pictures = recorder.events.count { if case .pictured = $0 { true } else { false } }
    let parts = recorder.events.count { if case .progressed = $0 { true } else { false } }
    #expect(pictures == 1 && parts > 4)
  }

  @Test func oneThreadAndManyGiveTheSameBits() throws {
    var random = Random(seed: 4)
    let (x, y) = (random.normal(200, 300), Matrix(column: (0..<200).map { Double($0 % 4) }))
    let net = try lab.net(300, (200, "relu"), (4, "softmax"))
    let shared = try lab.train(net, x, y, ("epochs", .number(2)))
    // Inside a piece of the pool everything runs on the thread of that piece.
    var alone: [Network] = []
    ThreadPool.shared.run(2) { piece in
      if piece == 0, let found = try? lab.train(net, x, y, ("epochs", .number(2))) {
        alone.append(found)
      }
    }
    #expect(alone.count == 1 && alone.allSatisfy { identical($0, shared) })
  }

  @Test(arguments: ["sgd", "adam"])
  func trainingInTwoRunsIsTrainingInOne(_ optimizer: String) throws {
    let (x, y) = clouds(100)
    let rule = try lab(
      optimizer, .number(0.01), named: optimizer == "sgd" ? [("momentum", .number(0.9))] : [])
    func train(_ net: Network, _ epochs: Double) throws -> Network {
      try lab.train(net, x, y, ("epochs", .number(epochs)), ("optimizer", rule))
    }
    let start = Network(
      inputs: 2,
      layers: [
        Dense(inputs: 2, outputs: 12, activation: .relu), DropoutLayer(inputs: 12, rate: 0.1),
        Dense(inputs: 12, outputs: 3, activation: .softmax),
      ], seed: 9)
    let whole = try train(start, 6)
    let parts = try train(try train(start, 2), 4)
    #expect(identical(whole, parts))
    #expect(whole.trained?.history.loss == parts.trained?.history.loss)
    #expect(parts.trained?.history.epochs == 6)
  }

  // MARK: Validation and stopping

  @Test func earlyStoppingKeepsTheBestWeights() throws {
    let (x, y) = clouds(40)
    let (xv, yv) = clouds(200, seed: 8)
    let net = try lab.train(
      lab.net(2, (64, "relu"), (64, "relu"), (3, "softmax")), x, y, ("epochs", .number(500)),
      ("batch", .number(8)), ("optimizer", try lab("adam", .number(0.01))),
      ("validation", .list([.matrix(xv), .matrix(yv)])), ("patience", .number(5)))
    let trained = try #require(net.trained)
    let best = try #require(trained.history.validationLoss.min())
    let found = try net.evaluated(xv, yv)
    #expect(trained.reason == StopReason.patience.words)
    #expect(trained.history.epochs == (trained.bestEpoch ?? 0) + 5)
    #expect(found.loss == best)
    #expect(found.accuracy == trained.history.validationAccuracy[(trained.bestEpoch ?? 0) - 1])
  }

  @Test func rowsHeldOutAreNotTrainedOn() throws {
    let (x, y) = clouds(100)
    let recorder = Recorder()
    lab.context.trainingLoop = { _ in TrainingLoop(observers: [recorder]) }
    let net = try lab.train(
      lab.net(2, (8, "relu"), (3, "softmax")), x, y, ("validation", .number(0.2)))
    guard case .started(let plan)? = recorder.events.first else {
      Issue.record("the run did not start")
      return
    }
    #expect(plan.title.contains("80 rows"))
    #expect(plan.metrics == ["accuracy", "validation loss", "validation accuracy"])
    #expect(net.trained?.history.validationLoss.allSatisfy(\.isFinite) == true)
  }

  /// Asks for the stop in the middle of an epoch.
  private final class Stopper: TrainingObserver {
    let control = TrainingControl()
    func receive(_ event: TrainingEvent) {
      if case .progressed(let steps) = event, steps > 1.3 { control.requestStop() }
    }
  }

  @Test func aStopKeepsWhatIsThere() throws {
    let (x, y) = clouds(600)
    let stopper = Stopper()
    lab.context.trainingLoop = { _ in
      TrainingLoop(observers: [stopper], control: stopper.control)
    }
    let net = try lab.train(
      lab.net(2, (8, "relu"), (3, "softmax")), x, y, ("epochs", .number(1000)),
      ("batch", .number(4)))
    #expect(net.trained?.history.epochs == 2)
    #expect(net.trained?.reason == StopReason.stopped.words)
    #expect(try net.evaluated(x, y).loss.isFinite)
  }

  @Test func noEpochsGiveTheInitialWeights() throws {
    let net = try lab.net(2, (8, "relu"), (2, "softmax"))
    let same = try lab.train(
      net, FourPoints.x, FourPoints.y, ("epochs", .number(0)), ("batch", .number(4)))
    #expect(zip(net.parameters, same.parameters).allSatisfy { $0.isClose(to: $1, relative: 1e-6) })
    #expect(same.trained?.history.epochs == 0)
    #expect(same.summary(width: 80).contains("not trained"))
  }

  @Test func dropoutRunsInTrainingAlone() throws {
    let (x, y) = clouds(300)
    var value = try lab("input", .number(2), named: [("seed", .number(1))])
    value = try lab("dense", value, .number(32), .text("relu"))
    value = try lab("dropout", value, .number(0.5))
    value = try lab("dense", value, .number(3), .text("softmax"))
    let net = try lab.train(try #require(Network.from(value)), x, y, ("epochs", .number(30)))
    #expect(try net.evaluated(x, y).loss < (try #require(net.trained?.history.loss.last)))
    #expect(net.outputs(for: x).isIdentical(to: net.outputs(for: x)))
  }
}
