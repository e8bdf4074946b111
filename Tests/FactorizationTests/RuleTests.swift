import Factorization
import Matrices
import Testing
import Training

/// The rules against oracles that share no code with them.
@Suite struct RuleTests {
  @Test func descentGivesWhatScikitLearnGives() {
    // It updates W first and we H, so that its W on X is our H on the transpose.
    let start = NMFFactors(w: ScikitLearn.h0.transposed, ht: ScikitLearn.w0)
    var rule = CoordinateDescent(
      Observations(ScikitLearn.x.transposed, rank: 2), start: start, NMFOptions(rank: 2),
      extrapolates: false, sweeps: 1)
    for _ in 0..<ScikitLearn.descent.iterations { _ = rule.iterate { false } }
    #expect(rule.factors.ht.isClose(to: ScikitLearn.descent.w, relative: 1e-10))
    #expect(rule.factors.w.isClose(to: ScikitLearn.descent.h.transposed, relative: 1e-10))
  }

  @Test func updatesOfTheSquaredErrorGiveWhatScikitLearnGives() {
    let start = NMFFactors(w: ScikitLearn.w0, ht: ScikitLearn.h0.transposed)
    var rule = SquaredErrorUpdates(
      Observations(ScikitLearn.x, rank: 2), start: start, NMFOptions(rank: 2))
    for _ in 0..<ScikitLearn.squaredError.iterations { _ = rule.iterate { false } }
    #expect(rule.factors.w.isClose(to: ScikitLearn.squaredError.w, relative: 1e-10))
    #expect(rule.factors.ht.isClose(to: ScikitLearn.squaredError.h.transposed, relative: 1e-10))
  }

  @Test func updatesOfTheDivergenceGiveWhatScikitLearnGives() {
    let start = NMFFactors(w: ScikitLearn.w0, ht: ScikitLearn.h0.transposed)
    var rule = KullbackLeiblerUpdates(
      Observations(ScikitLearn.x, rank: 2, always: true), start: start, NMFOptions(rank: 2))
    for _ in 0..<ScikitLearn.divergence.iterations { _ = rule.iterate { false } }
    #expect(rule.factors.w.isClose(to: ScikitLearn.divergence.w, relative: 1e-10))
    #expect(rule.factors.ht.isClose(to: ScikitLearn.divergence.h.transposed, relative: 1e-10))
  }

  /// One sweep over the entries of F, as the formula says.
  static func sweep(_ f: Matrix, _ gram: Matrix, _ target: Matrix) -> Matrix {
    var f = f
    for i in 0..<f.rows {
      for r in 0..<f.columns where gram[r, r] > 0 {
        var sum = 0.0
        for s in 0..<f.columns { sum += f[i, s] * gram[s, r] }
        f[i, r] = max(0, f[i, r] + (target[i, r] - sum) / gram[r, r])
      }
    }
    return f
  }

  @Test(arguments: [(7, 5, 2), (130, 70, 9), (65, 200, 12)])
  func descentIsTheFormulaEntryByEntry(_ m: Int, _ n: Int, _ rank: Int) {
    let x = Planted.matrix(m, n, rank: rank, seed: 21, noise: 0.2)
    var (w, ht) = (
      Planted.start(m, n, rank: rank, seed: 22).w, Planted.start(m, n, rank: rank, seed: 22).ht
    )
    var rule = CoordinateDescent(
      Observations(x, rank: rank), start: NMFFactors(w: w, ht: ht), NMFOptions(rank: rank),
      extrapolates: false, sweeps: 2, decay: 0)
    for _ in 0..<3 {
      _ = rule.iterate { false }
      for _ in 0..<2 { ht = Self.sweep(ht, w.transposed * w, x.transposed * w) }
      for _ in 0..<2 { w = Self.sweep(w, ht.transposed * ht, x * ht) }
    }
    #expect(rule.revived == 0)
    #expect(rule.factors.w.isClose(to: w, relative: 1e-9, absolute: 1e-11))
    #expect(rule.factors.ht.isClose(to: ht, relative: 1e-9, absolute: 1e-11))
  }

  @Test func extrapolationNeedsFewerIterations() throws {
    let x = Planted.matrix(150, 120, rank: 8, seed: 23, noise: 0.02)
    let plain = try fitted(x, rank: 8, iterations: 60) { $0.solver = .hals }
    let extrapolated = try fitted(x, rank: 8, iterations: 60)
    #expect(extrapolated.error <= plain.error)
  }

  @Test(arguments: [Precision.single, .double])
  func productsThatSkipZerosAreProducts(_ precision: Precision) {
    var random = Random(seed: 24)
    let x = (random.uniform(700, 300, precision) - 0.85).clamped(0, .infinity)
    let tolerance = precision == .single ? 1e-4 : 1e-12
    for rank in [1, 7, 16, 33, 50, 65, 130] {
      let compressed = SparseMatrix(x)
      #expect(compressed.count == Int(x.total(.count)))
      let (w, h) = (random.uniform(700, rank, precision), random.uniform(300, rank, precision))
      var product = Matrix.zeros(700, rank, precision)
      compressed.times(h, into: &product)
      #expect(product.isClose(to: x * h, relative: tolerance, absolute: tolerance))
      var other = Matrix.zeros(300, rank, precision)
      compressed.transposedTimes(w, into: &other)
      #expect(other.isClose(to: x.transposed * w, relative: tolerance, absolute: tolerance))
    }
  }

  @Test func quotientsAreThoseOfTheFullProduct() {
    var random = Random(seed: 25)
    let x = (random.uniform(90, 60) - 0.5).clamped(0, .infinity)
    let (w, h) = (random.uniform(90, 11) + 0.1, random.uniform(60, 11) + 0.1)
    let quotient = x.over(w * h.transposed)
    let compressed = SparseMatrix(x)
    var (a, b) = (w, h)
    compressed.quotientsTimes(w, h, into: &a)
    compressed.quotientsTransposedTimes(h, w, into: &b)
    #expect(a.isClose(to: quotient * h, relative: 1e-11))
    #expect(b.isClose(to: quotient.transposed * w, relative: 1e-11))
    let expected = x.times((w * h.transposed).mapped(.log)).total(.sum)
    #expect(abs(compressed.logarithm(w, h) - expected) < 1e-10 * abs(expected))
  }

  @Test func smallSymmetricMatricesAreDiagonalised() {
    var random = Random(seed: 26)
    let a = random.normal(23, 23)
    let gram = a.transposed * a
    let (values, vectors) = gram.rotatedToDiagonal()
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 })
    #expect((vectors.transposed * vectors).isClose(to: .identity(23), absolute: 1e-12))
    let scaled = Matrix.combine(.multiply, vectors, Matrix(row: values))
    #expect((scaled * vectors.transposed).isClose(to: gram, relative: 1e-9, absolute: 1e-10))
    let root = gram.inverseCholesky(shift: 0)
    #expect((root.transposed * gram * root).isClose(to: .identity(23), absolute: 1e-7))
  }

  @Test func theStartIsMadeOfSingularVectors() {
    // Two blocks: their singular pairs are the blocks themselves.
    let x = Matrix([[2, 2, 0], [2, 2, 0], [0, 0, 3]])
    let start = NMFStart.nndsvd.factors(for: Observations(x, rank: 2), rank: 2, Random(seed: 1))
    #expect((start.w * start.ht.transposed).isClose(to: x, relative: 1e-6, absolute: 1e-6))
    let filled = NMFStart.nndsvda.factors(for: Observations(x, rank: 2), rank: 2, Random(seed: 1))
    #expect(filled.w.total(.minimum) > 0 && filled.ht.total(.minimum) > 0)
  }
}
