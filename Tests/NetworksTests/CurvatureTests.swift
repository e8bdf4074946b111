import Autodiff
import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Steps of L-BFGS: on all rows, within bounds, with layers that would give another loss every time.
@Suite struct CurvatureTests {
  let lab = Lab()

  @Test func curvatureFindsALineAtOnce() throws {
    let (x, y) = lab.points(2500)
    let net = try lab.train(
      lab.net(2, (1, "linear")), x, y, ("epochs", .number(20)), ("optimizer", try lab("lbfgs")),
      ("precision", .text("f64")))
    let weights = try #require(net.field("W1").flatMap { Matrix.from($0) })
    #expect(weights.isClose(to: Matrix(column: [2, -1]), relative: 1e-7))
    let losses = try #require(net.trained?.history.loss)
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(net.trained?.reason == StopReason.converged.words && losses.count < 20)
  }

  @Test(arguments: ["f32", "f64"])
  func curvatureGoesOnBitForBit(_ precision: String) throws {
    var random = Random(seed: 8)
    let x = random.normal(60, 4)
    let y = Matrix(column: (0..<60).map { Double($0 % 3) })
    func run(_ net: Network, _ epochs: Double) throws -> Network {
      try lab.train(
        net, x, y, ("epochs", .number(epochs)), ("optimizer", try lab("lbfgs", .number(4))),
        ("precision", .text(precision)))
    }
    let start = try lab.net(4, (6, "tanh"), (3, "softmax"))
    let whole = try run(start, 14)
    let parts = try run(try run(start, 6), 8)
    #expect(whole.isIdentical(to: parts))
    #expect(whole.trained?.history.loss == parts.trained?.history.loss)
    let adam = try lab.train(start, x, y, ("epochs", .number(14)), ("batch", .number(60)))
    let (found, other) = (whole.trained?.history.loss.last, adam.trained?.history.loss.last)
    #expect(try #require(found) < (try #require(other)))
  }

  @Test func curvatureRefusesWhatChangesTheLoss() throws {
    let (x, y) = lab.points(20)
    let rule = try lab("lbfgs")
    let net = try lab.net(2, (1, "linear"))
    for (name, value) in [
      ("batch", Value.number(4)), ("clip", .number(1)), ("schedule", try lab("step", .number(2))),
    ] {
      let problem = lab.problem {
        _ = try lab.train(net, x, y, ("optimizer", rule), (name, value))
      }
      #expect(problem?.arguments.first?.parameter == name)
    }
    let coding = try #require(Network.from(try lab("nmf_layer", net.value, .number(1))))
    #expect(
      lab.problem { _ = try lab.train(coding, x, y, ("optimizer", rule)) }?.message.contains(
        "layer 2, nmf_layer 1, asks for columns of one length") == true)
  }

  // MARK: Bounds

  /// Where a linear map with weights ≥ 0 fits best, slopes of weights above 0 are 0 and those of
  /// others would lead below it (Karush, Kuhn & Tucker).
  @Test(arguments: ["f32", "f64"])
  func weightsWithinBoundsEndWhereTheConditionsHold(_ precision: String) throws {
    var random = Random(seed: 4)
    let x = random.normal(80, 6)
    let y = x * Matrix(column: [1, -2, 0.5, 3, -1, 0]) + 0.3 + 0.1 * random.normal(80, 1)
    let dense = try lab(
      "dense", lab("input", 6, named: [("seed", 1)]), 1, named: [("nonnegative", .boolean(true))])
    let net = try lab.train(
      try #require(Network.from(dense)), x, y, ("epochs", 60), ("optimizer", lab("lbfgs")),
      ("precision", .text(precision)))
    let w = try #require(net.field("W1").flatMap { Matrix.from($0) }).converted(to: .double)
    let rest = net.outputs(for: x).converted(to: .double) - y
    let slopes = x.transposed * rest * (2 / 80.0)
    for i in 0..<6 {
      #expect(w[i, 0] >= 0)
      #expect(w[i, 0] > 0 ? abs(slopes[i, 0]) < 1e-3 : slopes[i, 0] > 0)
    }
    #expect(w[1, 0] == 0 && w[4, 0] == 0 && w[3, 0] > 2)
    let losses = try #require(net.trained?.history.loss)
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 >= $1 })
  }

  /// Bounds on both sides, and parameters that nothing stops.
  @Test func boxesAreKeptAtEveryEvaluation() throws {
    let input = try lab("input", 5, named: [("seed", 2)])
    var random = Random(seed: 6)
    let x = random.normal(90, 5)
    let y = Matrix(column: (0..<90).map { x[$0, 0] + x[$0, 1] > 0 ? 1.0 : 0 })
    let boxed = try lab(
      "dense", input, 8, "tanh",
      named: [("constraint", .list([.number(-0.3), .number(0.3)]))])
    let net = try #require(Network.from(lab("dense", boxed, 2, "softmax")))
    let trained = try lab.train(net, x, y, ("epochs", 30), ("optimizer", lab("lbfgs")))
    let adam = try lab.train(net, x, y, ("epochs", 30), ("batch", 90))
    let w = trained.parameters[0].rows(in: 0..<5)
    let limit = Double(Float(0.3))
    #expect(w.total(.maximum) <= limit && w.total(.minimum) >= -limit)
    #expect(w.total(.maximum) == limit)
    let (found, other) = (trained.trained?.history.loss.last, adam.trained?.history.loss.last)
    #expect(try #require(found) < (try #require(other)))
  }

  // MARK: Layers that change the loss

  /// One mask an epoch: the run is repeated and goes on bit for bit, and ends with a loss that other
  /// masks give, too.
  @Test func dropoutStaysTheSameWithinAnEpoch() throws {
    var random = Random(seed: 8)
    let x = random.normal(120, 4)
    let y = Matrix(column: (0..<120).map { x[$0, 0] > x[$0, 1] ? 1.0 : 0 })
    let dense = try lab("dense", lab("input", 4, named: [("seed", 1)]), 16, "tanh")
    let net = try #require(
      Network.from(try lab("dense", lab("dropout", dense, 0.3), 2, "softmax")))
    func run(_ net: Network, _ epochs: Double) throws -> Network {
      try lab.train(net, x, y, ("epochs", .number(epochs)), ("optimizer", lab("lbfgs")))
    }
    let whole = try run(net, 12)
    let parts = try run(try run(net, 5), 7)
    for (a, b) in zip(whole.parameters, parts.parameters) { #expect(a.isIdentical(to: b)) }
    #expect(try #require(whole.evaluated(x, y).accuracy) > 0.95)
  }

  /// Statistics are those of all rows, so that going forward alone gives the loss of the last step
  /// (up to the variance, which is kept as that of a sample).
  @Test func batchesAreAllRows() throws {
    var random = Random(seed: 8)
    let x = random.normal(1500, 4) * 3 + 1
    let y = Matrix(column: (0..<1500).map { x[$0, 0] > x[$0, 1] ? 1.0 : 0 })
    let dense = try lab("dense", lab("input", 4, named: [("seed", 1)]), 6)
    let normal = try lab("activation", lab("batchnorm", dense), "tanh")
    let net = try #require(Network.from(try lab("dense", normal, 2, "softmax")))
    let trained = try lab.train(
      net, x, y, ("epochs", 15), ("optimizer", lab("lbfgs")), ("precision", .text("f64")))
    let losses = try #require(trained.trained?.history.loss)
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(losses[losses.count - 1] < 0.2 * losses[0])
    let evaluated = try trained.evaluated(x, y)
    #expect(abs(evaluated.loss - losses[losses.count - 1]) < 0.02 * losses[losses.count - 1])
  }
}
