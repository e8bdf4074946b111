import Matrices
import Testing
import Training
import Vocabulary

import Networks

/// Whole trainings: what is learned, kept, continued and repeated.
@Suite struct LearningTests {
  let lab = Lab()

  @Test(arguments: ["f32", "f64"])
  func fourPointsAreLearned(_ precision: String) throws {
    let net = try lab.train(
      lab.net(2, (10, "relu"), (2, "softmax")), FourPoints.x, FourPoints.y,
      ("epochs", .number(1000)), ("batch", .number(4)),
      ("optimizer", try lab("sgd", .number(0.1))), ("precision", .text(precision)))
    #expect(
      Double.from(try lab("accuracy", net.value, .matrix(FourPoints.x), .matrix(FourPoints.y))) == 1
    )
    #expect(net.trained?.history.epochs == 1000)
    #expect(try #require(net.trained?.history.loss.last) < 0.1)
  }
}
