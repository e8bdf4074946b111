import Factorization
import Matrices
import Testing

/// Runs that go on until nothing moves end where no entry wants to move.
@Suite struct RestTests {
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
      #expect(model.optimality < 1e-4, "seed \(seed): \(model.reason) after \(model.iterations)")
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

  /// What H reached was lost with a step that was taken back, and no later step got as low: one run in
  /// ten ended up to 30 % above where plain descent goes on to.
  @Test func stepsThatAreTakenBackDoNotEndARun() throws {
    for seed in UInt64(1)...60 {
      var random = Random(seed: seed)
      let x =
        random.uniform(30, 4) * random.uniform(4, 20) + 0.1 * random.uniform(30, 20)
      let model = try fitted(x, rank: 4, iterations: 200, tolerance: 1e-4)
      let start = NMFFactors(w: model.w, ht: model.ht)
      let further = try fitted(x, rank: 4, iterations: 2000, tolerance: 1e-6, start: start) {
        $0.solver = .hals
      }
      #expect(model.loss < 1.05 * further.loss, "seed \(seed)")
    }
  }

  /// A part that penalties have emptied took all the greedy steps of the others; multiplications leave
  /// traces of one, which made the residual 1.
  @Test(arguments: [(NMFSolver.gcd, 1e-9, 1e-6), (.mu, 1e-6, 1e-3)])
  func runsUnderPenaltiesEndAtASolution(_ solver: NMFSolver, _ tolerance: Double, _ most: Double)
    throws
  {
    let x = Planted.matrix(20, 13, rank: 3, seed: 5, noise: 0.1)
    let model = try fitted(x, rank: 3, iterations: 4000, tolerance: tolerance) {
      $0.solver = solver
      ($0.terms.w.l2, $0.terms.h.l2) = (0.05, 0.05)
      ($0.terms.w.orthogonality, $0.terms.h.orthogonality) = (0.2, 0.2)
    }
    #expect(model.optimality < most)
    #expect(solver != .gcd || model.reason == .converged)
  }
}
