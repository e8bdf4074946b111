import Builtins
import Language
import Testing
import Vocabulary

/// `train(f, params, …)`: what it finds, keeps and refuses.
@Suite struct FunctionTrainingTests {
  static let preparation = """
    X = [1, 2, 3] .* [1; 2; 3; 4]
    loss(p) = mean((X - p.W * p.H) .^ 2)
    start = {W = [0.3; 0.5; 0.2; 0.9], H = [0.4, 0.6, 0.1]}
    """

  private func number(_ code: String) -> Double {
    Session.withLargeStack {
      let session = Session(library: StandardLibrary.library, context: Context(output: { _ in }))
      do throws(Failure) {
        let source = SourceText(name: "test", text: "\(Self.preparation)\n\(code)")
        return Double.from(try session.evaluate(source)) ?? .nan
      } catch {
        Issue.record("\(error.rendered(style: .plain))")
        return .nan
      }
    }
  }

  @Test(arguments: ["sgd(0.02)", "sgd(0.01, momentum=0.9)", "adam(0.05)"])
  func everyOptimizerDescends(_ optimizer: String) {
    #expect(number("train(loss, start, epochs=1500, optimizer=\(optimizer)).loss") < 1e-6)
  }

  @Test func aListIsSpreadOverSeveralParameters() {
    #expect(
      number(
        """
        two(W, H) = mean((X - W * H) .^ 2)
        m = train(two, {start.W, start.H}, epochs=1500, optimizer=adam(0.05),
          constraints={"nonnegative", nothing})
        one = train(p -> two(p[1], p[2]), {start.W, start.H}, epochs=1500, optimizer=adam(0.05),
          constraints={"nonnegative", nothing})
        if min(m.params[1]) >= 0 && m.loss == one.loss then m.loss else 1 end
        """) < 1e-6)
  }

  @Test(arguments: ["simplex", "unit"])
  func aRowIsConstrainedAsAWhole(_ constraint: String) {
    #expect(
      number(
        """
        goal = [0.2, 0.7, 0.1]
        goal = if "\(constraint)" == "unit" then goal / norm(goal) else goal end
        m = train(p -> sum((p.a - goal) .^ 2), {a = [0.3, 0.3, 0.4]}, epochs=400,
          optimizer=sgd(0.1), constraints={a = "\(constraint)"})
        norm(m.a - goal)
        """) < 1e-6)
  }

  @Test func aStepIsThatOfTheFormula() {
    #expect(
      number(
        """
        m = train(loss, start, epochs=1, optimizer=sgd(0.1))
        g = grad(loss, start)
        norm(m.W - (start.W - 0.1 * g.W)) + norm(m.params.H - (start.H - 0.1 * g.H))
        """) < 1e-15)
  }

  @Test func twoRunsAreOneLongRun() {
    #expect(
      number(
        """
        once = train(loss, start, epochs=30, optimizer=adam(0.05))
        half = train(loss, start, epochs=15, optimizer=adam(0.05))
        twice = train(loss, half, epochs=15, optimizer=adam(0.05))
        norm(once.W - twice.W) + norm(once.history.loss - twice.history.loss)
        """) == 0)
  }

  @Test func constraintsHoldAtEveryStep() {
    #expect(
      number(
        """
        m = train(p -> sum((p.a - 3) .^ 2) + sum((p.b + 1) .^ 2) + sum((p.c - 5) .^ 2) + (p.d - 9) ^ 2,
          {a = rand(4, 2, seed=1), b = rand(3, 1, seed=2), c = rand(3, 2, seed=3), d = 0.1},
          epochs=50, optimizer=adam(0.1),
          constraints={a = "simplex", b = "nonnegative", c = "unit", d = {0, 1}})
        assert(max(abs(sum(m.a, dim=1) - 1)) < 1e-12 && min(m.a) >= 0)
        assert(min(m.b) == 0)
        assert(max(abs(sum(m.c .^ 2, dim=1) - 1)) < 1e-12)
        m.d
        """) == 1)
  }

  @Test func parametersKeepTheirForm() {
    #expect(
      number(
        """
        a = train(w -> sum((w - 2) .^ 2), [0, 0], epochs=200, optimizer=sgd(0.1))
        b = train(p -> (p[1] - 1) ^ 2 + sum((p[2] - 3) .^ 2), {0, [0; 0]}, epochs=200, optimizer=sgd(0.1))
        c = train(x -> (x - 7) ^ 2, 0, epochs=200, optimizer=sgd(0.1))
        norm(a.params - [2, 2]) + abs(b.params[1] - 1) + norm(b.params[2] - [3; 3]) + abs(c.params - 7)
        """) < 1e-9)
  }

  @Test func dataComesInBatchesOfRows() {
    #expect(
      number(
        """
        A = [1, 0; 0, 1; 1, 1; 1, -1; 2, 1; 0, 2; -1, 1; 1, 2; 2, 0; -2, 1]
        y = A * [2; -1]
        m = train((w, d) -> mean((d[1] * w - d[2]) .^ 2), [0; 0], data={A, y}, batch=3, epochs=600,
          optimizer=adam(0.05), seed=4)
        norm(m.params - [2; -1])
        """) < 1e-3)
  }

  @Test func stepsLeaveNothingOfTheTape() {
    #expect(number("train(loss, start, epochs=20000, optimizer=sgd(0.001)).epochs") == 20000)
  }
}
