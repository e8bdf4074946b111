import Factorization
import Matrices
import Testing
import Vocabulary

/// Runs that go on until nothing moves end where no entry wants to move.
@Suite struct RestTests {
  private func kkt(_ model: NMFModel) throws -> Double {
    try #require(model.field("kkt").flatMap(Double.from))
  }

  /// A step that is taken back takes where H had reached with it; shorter steps alone may never get
  /// as low again.
  @Test(arguments: [0, 0.01]) func extrapolationIsNotStuckAfterAStepTakenBack(_ l2: Double) throws {
    for seed in 1...20 {
      var random = Random(seed: UInt64(seed))
      let x = random.uniform(12, 9) * random.uniform(9, 14)
      let model = try fitted(x, rank: 4, iterations: 3000, tolerance: 1e-9, seed: seed) {
        $0.solver = .extrapolated
        $0.start = .random
        ($0.terms.w.l2, $0.terms.h.l2) = (l2, l2)
      }
      #expect(try kkt(model) < 1e-4, "seed \(seed): \(model.reason) after \(model.iterations)")
    }
  }

  @Test func boundsHoldToTheLastBit() throws {
    for seed in 1...10 {
      let x = Planted.matrix(30, 20, rank: 4, seed: UInt64(seed), noise: 0.3)
      let model = try fitted(x, rank: 4, iterations: 60, seed: seed) {
        $0.solver = .gcd
        ($0.terms.w.highest, $0.terms.h.highest) = (0.3, 0.7)
      }
      #expect(model.w.elements.allSatisfy { $0 <= 0.3 })
      #expect(model.h.elements.allSatisfy { $0 <= 0.7 })
    }
  }
}
