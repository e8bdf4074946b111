import Factorization
import Matrices
import Testing
import Training
import Vocabulary

/// Other forms than X ≈ W H with both at least 0, and products of more factors.
@Suite struct FormTests {
  private let context = Context(output: { _ in })

  private func isMonotone(_ losses: [Double]) -> Bool {
    zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 * (1 + 1e-9) + 1e-12 }
  }

  @Test func semiRecoversAPlantedProductOfAnySign() throws {
    var random = Random(seed: 131)
    let x = (random.uniform(60, 3) - 0.3).clamped(0, .infinity) * random.normal(3, 40)
    let model = try fitted(x, rank: 3, iterations: 2000) {
      ($0.form, $0.start, $0.terms.h.lowest) = (.semi, .kmeans, -.infinity)
    }
    #expect(model.error < 1e-4 && model.w.firstNegative == nil && model.ht.firstNegative != nil)
    #expect(isMonotone(model.past("loss")))
  }

  @Test func symmetricRecoversAPlantedSquare() throws {
    var random = Random(seed: 132)
    let w = (random.uniform(40, 3) - 0.4).clamped(0, .infinity)
    let model = try fitted(w * w.transposed, rank: 3, iterations: 3000) { $0.form = .symmetric }
    #expect(model.error < 1e-3 && model.w.isIdentical(to: model.ht))
    #expect(isMonotone(model.past("loss")) && model.w.firstNegative == nil)
  }

  @Test func everyEntryOfASymmetricSweepIsTheBestOne() {
    var random = Random(seed: 133)
    let half = random.uniform(8, 8)
    let x = half + half.transposed
    var w = random.uniform(8, 2)
    for _ in 0..<500 { _ = w.descendSymmetric(.dense(x)) }
    let loss = { (w: Matrix) in (x - w * w.transposed).sumOfSquares }
    let best = loss(w)
    // No single entry can be moved to anything better.
    for place in 0..<w.count {
      for step in [-0.1, -0.01, -0.001, 0.001, 0.01, 0.1] {
        var other = w
        other[place] = max(0, other[place] + step)
        #expect(loss(other) >= best - 1e-9)
      }
    }
  }

  @Test func archetypesAreTheCornersOfTheRows() throws {
    var random = Random(seed: 134)
    let corners = Matrix([[0, 0, 1], [5, 0, -2], [0, 5, 3]])
    var mixtures = random.uniform(60, 3)
    mixtures = mixtures.over(mixtures.reduced(.sum, along: .columns))
    let x = Matrix.above([mixtures, .identity(3)]) * corners
    let model = try fitted(x, rank: 3, iterations: 500) { $0.form = .archetypal }
    #expect(model.error < 1e-3 && isMonotone(model.past("loss")))
    guard case .matrix(let b)? = model.field("B") else {
      Issue.record("no B")
      return
    }
    #expect((b * x).isClose(to: model.h, relative: 1e-9, absolute: 1e-9))
    for sums in [b, model.w].map({ $0.reduced(.sum, along: .columns) }) {
      #expect(sums.elements.allSatisfy { abs($0 - 1) < 1e-9 })
    }
  }

  @Test func tuningTogetherLowersTheErrorOfTheProduct() throws {
    let x = Planted.matrix(60, 50, rank: 6, seed: 135, noise: 0.1)
    let apart = try DeepModel(
      fitting: x, ranks: [10, 6, 4], iterations: 0, tolerance: 0, seed: 1, loop: TrainingLoop())
    let together = try DeepModel(
      fitting: x, ranks: [10, 6, 4], iterations: 100, tolerance: 0, seed: 1, loop: TrainingLoop())
    #expect(together.error < apart.error)
    guard case .matrix(let errors)? = together.history["error"] else { return }
    #expect(isMonotone(errors.elements) && errors.count == 100)
    let product = together.layers.dropFirst().reduce(together.layers[0]) { $0 * $1 }
    let rest = (x - product * together.ht.transposed).frobeniusNorm / x.frobeniusNorm
    #expect(abs(together.error - rest) < 1e-12 && abs(rest - (errors.elements.last ?? 0)) < 1e-9)
    for layer in together.layers {
      #expect(layer.firstNegative == nil)
      #expect(layer.reduced(.sum, along: .rows).elements.allSatisfy { abs($0 - 1) < 1e-9 })
    }
    #expect(together.parts.map(\.shape) == [Shape(10, 50), Shape(6, 50), Shape(4, 50)])
  }

  @Test func theStepBetweenTwoFactorsIsTheFormulaEntryByEntry() {
    var random = Random(seed: 136)
    let (a, c, x) = (random.uniform(9, 4), random.uniform(3, 8), random.uniform(9, 8))
    let (p, q, t) = (a.gram, c * c.transposed, a.transposed * x * c.transposed)
    var z = random.uniform(4, 3)
    var expected = z
    z.descendBetween(left: p, right: q, target: t, sweeps: 1)
    for i in 0..<4 {
      for j in 0..<3 {
        let slope = (p * expected * q - t)[i, j]
        expected[i, j] = max(0, expected[i, j] - slope / (p[i, i] * q[j, j]))
      }
    }
    #expect(z.isClose(to: expected, relative: 1e-10))
  }

  @Test func whatMatricesShareIsFound() throws {
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == "joint_nmf" })
    var random = Random(seed: 137)
    let w = random.uniform(30, 3)
    let (a, b) = (w * random.uniform(3, 12), 100 * (w * random.uniform(3, 20)))
    let value = try builtin.call(
      Arguments([.list([.matrix(a), .matrix(b)]), .number(3)], named: [("seed", .number(1))]),
      context)
    guard case .record(let record) = value, let common = record["W"].flatMap(Matrix.from),
      case .list(let own)? = record["H"], let first = own.first.flatMap(Matrix.from),
      let second = own.last.flatMap(Matrix.from)
    else {
      Issue.record("no record")
      return
    }
    #expect((a - common * first).frobeniusNorm < 0.02 * a.frobeniusNorm)
    #expect((b - common * second).frobeniusNorm < 0.02 * b.frobeniusNorm)
    #expect(throws: Problem.self) {
      try builtin.call(
        Arguments([.list([.matrix(a), .matrix(b.transposed)]), .number(3)]), context)
    }
  }
}
