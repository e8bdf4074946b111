import Autodiff
import Glibc
import Matrices
import Testing
import Vocabulary

import Networks

/// How rates change, and that runs in two parts go on with them.
@Suite struct ScheduleTests {
  let lab = Lab()

  @Test func factorsFollowTheirFormulas() {
    let step = Schedule.step(every: 3, factor: 0.5)
    #expect((0..<7).map { step.factor(epoch: $0, losses: []) } == [1, 1, 1, 0.5, 0.5, 0.5, 0.25])
    let cosine = Schedule.cosine(epochs: 4, least: 0.1)
    #expect(cosine.factor(epoch: 0, losses: []) == 1)
    #expect(abs(cosine.factor(epoch: 2, losses: []) - 0.55) < 1e-12)
    #expect(abs(cosine.factor(epoch: 9, losses: []) - 0.1) < 1e-12)
    let warmup = Schedule.warmup(epochs: 3, then: step)
    #expect((0..<3).map { warmup.factor(epoch: $0, losses: []) } == [0.25, 0.5, 0.75])
    #expect(warmup.factor(epoch: 6, losses: [3, 2, 1, 1, 1, 1]) == 0.5)
    let plateau = Schedule.plateau(patience: 2, factor: 0.5)
    #expect(plateau.factor(epoch: 3, losses: [3, 2, 1]) == 1)
    #expect(plateau.factor(epoch: 5, losses: [3, 2, 2, 2.5, 1]) == 0.5)
  }

  @Test(arguments: ["step", "cosine", "warmup", "plateau"])
  func trainingInTwoRunsIsTrainingInOne(_ name: String) throws {
    let schedule = try lab(name, .number(2))
    func train(_ net: Network, _ epochs: Double) throws -> Network {
      try lab.train(
        net, FourPoints.x, FourPoints.y, ("epochs", .number(epochs)), ("batch", .number(2)),
        ("schedule", schedule), ("clip", .number(0.5)))
    }
    let start = try lab.net(2, (8, "tanh"), (2, "softmax"))
    let (whole, parts) = (try train(start, 6), try train(try train(start, 3), 3))
    for (a, b) in zip(whole.parameters, parts.parameters) { #expect(a.isIdentical(to: b)) }
  }

  @Test(arguments: losses.map(\.name))
  func everyLossTrains(_ name: String) throws {
    let end = ["crossentropy", "kl"].contains(name) ? "softmax" : "linear"
    let net =
      name == "binary_crossentropy"
      ? try lab.net(2, (8, "tanh"), (1, "sigmoid")) : try lab.net(2, (8, "tanh"), (2, end))
    let columns = try #require(Matrix.from(try lab("one_hot", .matrix(FourPoints.y))))
    let y =
      ["crossentropy", "kl", "hinge", "binary_crossentropy"].contains(name) ? FourPoints.y : columns
    let trained = try lab.train(
      net, FourPoints.x, y, ("epochs", .number(400)), ("batch", .number(4)),
      ("loss", .text(name)), ("optimizer", try lab("adam", .number(0.03))))
    let history = try #require(trained.trained?.history.loss)
    #expect(try #require(history.last) < history[0] / 3)
    if name == "hinge" || name == "binary_crossentropy" {
      #expect(try trained.evaluated(FourPoints.x, y).accuracy == 1)
    }
  }
}
