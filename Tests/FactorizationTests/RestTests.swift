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

  /// A part of which only the least entries are left wanted to be some times as large, and nothing
  /// would have changed.
  @Test func aPartThatIsLostInRoundingWantsNothing() throws {
    var x = Matrix.zeros(4, 4)
    x[0, 0] = 1
    let model = try fitted(x, rank: 2, iterations: 1000, tolerance: 1e-6) {
      ($0.loss, $0.solver) = (.kl, .newton)
    }
    #expect(model.reason == .converged && model.loss < 1e-12)
    #expect(model.optimality < 1e-5)
  }

  /// Rounding of the largest column hid what parts wanted: runs had converged with a residual near 1.
  @Test(arguments: [1e6, 1e12]) func convergedIsSaidOfASolutionAlone(_ size: Double) throws {
    for seed in UInt64(1)...12 {
      var random = Random(seed: seed)
      var x = random.uniform(20, 10)
      for row in 0..<20 { x[row, 2] *= size }
      let model = try fitted(x, rank: 3, iterations: 3000, tolerance: 1e-4)
      #expect(model.optimality <= 1e-3 || model.reason != .converged, "seed \(seed)")
      // The codes that a run ends with are no worse than those that it had come to.
      #expect(model.loss <= (model.past("loss").last ?? 0) * (1 + 1e-3), "seed \(seed)")
      if size < 1e8 {
        let further = try fitted(
          x, rank: 3, iterations: 500, start: NMFFactors(w: model.w, ht: model.ht)
        ) {
          $0.solver = .bpp
        }
        #expect(model.loss <= 1.1 * further.loss, "seed \(seed)")
      }
    }
  }

  /// In 32 bits the codes that a run ends with moved parts further than it had looked.
  @Test(arguments: [-0.5, 0]) func singleRunsEndAtASolutionToo(_ beta: Double) throws {
    for seed in 1...20 {
      let x = (Planted.matrix(20, 14, rank: 3, seed: UInt64(seed), noise: 0.3) + 0.01)
        .converted(to: .single)
      let model = try fitted(x, rank: 3, iterations: 1500, tolerance: 1e-4, seed: seed) {
        ($0.loss, $0.start) = (.beta(beta), .kmeans)
      }
      #expect(model.optimality <= 1e-3 || model.reason != .converged, "seed \(seed)")
      let codes = model.codes(of: x)
      let again = try fitted(
        x, rank: 3, iterations: 0, start: NMFFactors(w: codes, ht: model.ht)
      ) {
        $0.loss = .beta(beta)
      }
      #expect(
        model.reason != .converged || again.loss <= model.loss * (1 + 1e-4), "seed \(seed)")
    }
  }

  /// One limit for the slopes of long and short parts left the short ones out.
  @Test(arguments: Precision.allCases) func codesOfShortPartsAreFound(_ precision: Precision) throws
  {
    var random = Random(seed: 77)
    var parts = random.uniform(6, 2)
    for row in 0..<3 { (parts[row, 0], parts[row + 3, 1]) = (0, 0) }
    let codes = random.uniform(9, 2) + 0.1
    for length in [1, precision == .single ? 1e6 : 1e13] {
      let scale = Matrix(row: [length, 1])
      let ht = parts.times(scale).converted(to: precision)
      let x = (codes * parts.times(scale).transposed).converted(to: precision)
      var found = Matrix.zeros(9, 2, precision)
      _ = found.solveRows(gram: ht.gram, target: x * ht, by: .exact, terms: FactorTerms())
      let tolerance = precision == .single ? 1e-4 : 1e-10
      #expect(
        found.converted(to: .double).isClose(to: codes, relative: tolerance, absolute: tolerance))
    }
  }
}
