import Factorization
import Matrices
import Testing

/// The size of the numbers does not matter.
@Suite struct ScaleTests {
  private static let runs: [(NMFLoss, NMFSolver)] = [
    (.frobenius, .auto), (.frobenius, .hals), (.frobenius, .bpp), (.frobenius, .gcd),
    (.frobenius, .mu), (.frobenius, .randomized), (.frobenius, .spa), (.kl, .auto), (.kl, .mu),
    (.kl, .newton), (.beta(0), .auto), (.beta(0.5), .auto), (.beta(1.5), .auto), (.beta(3), .auto),
    (.huber(nil), .auto),
  ]

  @Test(arguments: runs)
  func hugeAndTinyNumbersGiveTheSameFit(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    var x = Planted.matrix(20, 15, rank: 3, seed: 95, noise: 0.3) + 0.1
    // A quadratic mean between 1 and 2, so that scaling leads back to the same numbers.
    x = x * (1.3 * Double(x.count).squareRoot() / x.frobeniusNorm)
    let plain = try fitted(x, rank: 3, iterations: 20) { ($0.loss, $0.solver) = (loss, solver) }
    let sizes: [(Double, Precision)] = [
      (0x1p996, .double), (0x1p-900, .double), (0x1p100, .single), (0x1p-90, .single),
    ]
    for (size, precision) in sizes {
      let model = try fitted((x * size).converted(to: precision), rank: 3, iterations: 20) {
        ($0.loss, $0.solver) = (loss, solver)
      }
      // Another power of two fills the zeros of the start otherwise.
      let tolerance = precision == .single ? 0.2 : 1e-10
      #expect(abs(model.error - plain.error) < tolerance * plain.error)
      #expect(model.w.firstNonFinite == nil && model.ht.firstNonFinite == nil)
      #expect(model.w.firstNegative == nil && model.ht.firstNegative == nil)
      if precision == .double {
        #expect((model.w * model.h / size).isClose(to: plain.w * plain.h, relative: 1e-6))
        let codes = model.codes(of: (x * size).rows(in: 0..<5))
        let same = plain.codes(of: x.rows(in: 0..<5))
        #expect(
          (codes * model.h / size).isClose(to: same * plain.h, relative: 1e-3, absolute: 1e-3))
      }
    }
  }

  @Test func penaltiesAndLimitsMeanTheSame() throws {
    let x = Planted.matrix(20, 15, rank: 3, seed: 96, noise: 0.3) * 0x1p-20
    // ½‖X − WH‖² + l1 ΣW + ½ l2 ‖H‖² itself, from the result.
    let model = try fitted(x, rank: 3, iterations: 300) {
      ($0.terms.w.l1, $0.terms.h.l2) = (1e-9, 1e-6)
    }
    let loss = (x - model.w * model.h).sumOfSquares / 2
    let objective = loss + 1e-9 * model.w.total(.sum) + 5e-7 * model.ht.sumOfSquares
    #expect(abs(model.objective - objective) < 1e-9 * objective)
    // Moving any entry a little does not lower it.
    var random = Random(seed: 4)
    for _ in 0..<20 {
      let (row, part) = (random.below(20), random.below(3))
      for step in [1e-5, -1e-5] {
        var w = model.w
        w[row, part] = max(0, w[row, part] + step)
        let moved =
          (x - w * model.h).sumOfSquares / 2 + 1e-9 * w.total(.sum)
          + 5e-7 * model.ht.sumOfSquares
        #expect(moved >= objective * (1 - 1e-6))
      }
    }
    let box = try fitted(x, rank: 3, iterations: 50) { $0.terms.w.highest = 1e-4 }
    #expect(box.w.total(.maximum) <= 1e-4)
  }

  @Test func aMatrixOfZerosIsFactorized() throws {
    for loss in [NMFLoss.frobenius, .kl, .beta(1.5), .huber(nil)] {
      let model = try fitted(.zeros(8, 6), rank: 2, tolerance: 1e-4) { $0.loss = loss }
      #expect(model.error == 0 && model.optimality == 0 && model.loss < 1e-12)
    }
  }
}
