import Autodiff
import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Training in several runs is training in one, bit for bit.
@Suite struct ResumingTests {
  let lab = Lab()

  private static func clouds(_ rows: Int) -> (x: Matrix, y: Matrix) {
    var random = Random(seed: 5)
    let labels = (0..<rows).map { Double($0 % 3) }
    let centres = Matrix([[0, 0], [2, 1], [0, 3]]).selecting(rows: labels.map { Int($0) })
    return (centres + random.normal(rows, 2), Matrix(column: labels))
  }

  private func identical(_ a: Network, _ b: Network) -> Bool {
    zip(a.parameters, b.parameters).allSatisfy { $0.isIdentical(to: $1) }
  }

  /// A network with everything that chance or batches take part in.
  private func start() throws -> Network {
    var value = try lab("input", .number(2), named: [("seed", .number(9))])
    value = try lab("dense", value, .number(12), .text("relu"))
    value = try lab("batchnorm", value)
    value = try lab("dropout", value, .number(0.1))
    value = try lab("dense", value, .number(3), .text("softmax"))
    return try #require(Network.from(value))
  }

  private static let optimizers: [(String, [(String, Value)])] = [
    ("sgd", []), ("sgd", [("momentum", .number(0.9))]),
    ("sgd", [("momentum", .number(0.9)), ("nesterov", .boolean(true))]), ("adam", []),
    ("adamw", []), ("rmsprop", []), ("adagrad", []),
  ]

  @Test(arguments: optimizers.indices, ["f32", "f64"])
  func fiveAndFiveEpochsAreTen(_ place: Int, _ precision: String) throws {
    let (x, y) = Self.clouds(70)
    let (name, options) = Self.optimizers[place]
    let how: [(String, Value)] = [
      ("optimizer", try lab(name, named: options + [("rate", .number(0.01))])),
      ("batch", .number(16)), ("clip", .number(2)), ("schedule", try lab("cosine", .number(10))),
      ("precision", .text(precision)), ("seed", .number(4)),
    ]
    func run(_ net: Network, _ named: [(String, Value)]) throws -> Network {
      let value = try lab.call("train", [net.value, .matrix(x), .matrix(y)], named: named)
      return try #require(Network.from(value))
    }
    let whole = try run(start(), how + [("epochs", .number(10))])
    let half = try run(start(), how + [("epochs", .number(5))])
    // What is left out stays as it was.
    let both = try run(half, [("epochs", .number(5))])
    #expect(identical(whole, both))
    #expect(whole.trained?.history.loss == both.trained?.history.loss)
    #expect(both.trained?.optimizer.title == whole.trained?.optimizer.title)
    #expect(both.trained?.precision == whole.trained?.precision)
    #expect(!identical(whole, half))
  }

  @Test func patienceGoesOnCounting() throws {
    let (x, y) = Self.clouds(30)
    let how: [(String, Value)] = [
      ("optimizer", try lab("adam", .number(0.05))), ("batch", .number(10)),
      ("validation", .number(0.3)), ("patience", .number(8)),
    ]
    func run(_ net: Network, _ epochs: Double) throws -> Network {
      let value = try lab.call(
        "train", [net.value, .matrix(x), .matrix(y)], named: how + [("epochs", .number(epochs))])
      return try #require(Network.from(value))
    }
    let whole = try run(start(), 60)
    #expect(whole.trained?.reason == StopReason.patience.words)
    let best = try #require(whole.trained?.bestEpoch)
    // A stop after the best epoch, before patience is lost, keeps both.
    let part = try run(start(), Double(best + 3))
    #expect(part.trained?.latest != nil && identical(part, whole))
    let both = try run(part, 60)
    #expect(identical(both, whole) && both.trained?.bestEpoch == best)
    #expect(both.trained?.history.validationLoss == whole.trained?.history.validationLoss)
    #expect(whole.trained?.latest == nil)
    // After patience has ended a run, training goes on from what was kept.
    let (more, other) = try (run(both, 2), run(whole, 2))
    #expect(identical(more, other))
    #expect(more.trained?.history.epochs == (whole.trained?.history.epochs ?? 0) + 2)
  }

  /// What was best for other rows, and easier to reach there, is no reason to forget what these taught.
  @Test func otherValidationRowsBeginTheirOwnPatience() throws {
    let (x, y) = Self.clouds(30)
    let turned = Matrix(column: y.elements.map { 2 - $0 })
    func run(_ net: Network, _ y: Matrix) throws -> Network {
      try lab.train(
        net, x, y, ("optimizer", try lab("adam", .number(0.05))), ("batch", .number(10)),
        ("validation", .list([.matrix(x), .matrix(y)])), ("patience", .number(20)),
        ("epochs", .number(20)))
    }
    let first = try run(start(), y)
    #expect(first.trained?.reason == StopReason.limit.words)
    let second = try run(first, turned)
    #expect(!identical(second, first))
    #expect((second.trained?.bestEpoch ?? 0) > 20)
    let losses = try #require(second.trained?.history.validationLoss)
    #expect(
      second.trained?.bestEpoch
        == (20..<losses.count).min { losses[$0] < losses[$1] }.map { $0 + 1 })
  }

  @Test func anotherOptimizerOrPrecisionStartsItsOwnState() throws {
    let (x, y) = Self.clouds(40)
    let net = try lab.train(start(), x, y, ("epochs", .number(2)))
    #expect(net.trained?.kept.steps == 4)
    let other = try lab.train(
      net, x, y, ("epochs", .number(1)), ("optimizer", try lab("sgd", .number(0.1))))
    #expect(other.trained?.kept.steps == 2 && other.trained?.history.epochs == 3)
    let rate = try lab.train(
      net, x, y, ("epochs", .number(1)), ("optimizer", try lab("adam", .number(0.1))))
    #expect(rate.trained?.kept.steps == 6)
    let wide = try lab.train(net, x, y, ("epochs", .number(1)), ("precision", .text("f64")))
    #expect(wide.trained?.kept.steps == 6 && wide.parameters[0].precision == .double)
    let fewer = try lab.train(net, x.rows(in: 0..<6), y.rows(in: 0..<6), ("epochs", .number(1)))
    #expect(fewer.trained?.batch == 6 && fewer.trained?.kept.steps == 5)
  }
}
