import Factorization
import Matrices
import Testing
import Training

/// Solvers, losses and limits against numbers and conditions that share no code with them.
@Suite struct SolverTests {
  static let divergences: [(Double, Matrix, Matrix)] = [
    (0, ScikitLearn.itakuraSaito.w, ScikitLearn.itakuraSaito.h),
    (0.5, ScikitLearn.half.w, ScikitLearn.half.h),
    (1.5, ScikitLearn.oneAndAHalf.w, ScikitLearn.oneAndAHalf.h),
    (3, ScikitLearn.three.w, ScikitLearn.three.h),
  ]

  @Test(arguments: divergences)
  func updatesOfAnyDivergenceGiveWhatScikitLearnGives(_ beta: Double, _ w: Matrix, _ h: Matrix) {
    var options = NMFOptions(rank: 2)
    options.loss = .divergence(beta)
    let start = NMFFactors(w: ScikitLearn.w0, ht: ScikitLearn.h0.transposed)
    var rule = DivergenceUpdates(Observations(ScikitLearn.x, rank: 2), start: start, options)
    for _ in 0..<5 { _ = rule.iterate { false } }
    #expect(rule.factors.w.isClose(to: w, relative: 1e-10))
    #expect(rule.factors.ht.isClose(to: h.transposed, relative: 1e-10))
  }

  /// A slope that is only rounding is no reason to go on.
  @Test(arguments: [4, 12, 40])
  func exactRowsOfDependentPartsInSinglePrecision(_ k: Int) {
    var random = Random(seed: 61)
    let (basis, mixing) = (random.uniform(60, max(2, k / 2)), random.uniform(max(2, k / 2), k))
    let parts = (basis * mixing).converted(to: .single)
    let targets = random.uniform(50, 60, .single)
    let (gram, target) = (parts.gram, targets * parts)
    var rows = Matrix.zeros(50, k, .single)
    _ = rows.solveRows(gram: gram, target: target, by: .exact)
    #expect(rows.firstNonFinite == nil && rows.total(.minimum) >= 0)
    // As near as coordinate descent comes in 64 bits.
    let (wide, goal) = (parts.converted(to: .double), targets.converted(to: .double))
    var best = Matrix.zeros(50, k)
    _ = best.solveRows(
      gram: wide.gram, target: goal * wide, by: .descent(sweeps: 20000, decay: 1e-12))
    let left = { (goal - $0 * wide.transposed).sumOfSquares }
    #expect(left(rows.converted(to: .double)) < (1 + 1e-4) * left(best))
  }

  @Test func blockPivotingSolvesWhatScipySolves() {
    let a = ScikitLearn.design
    var codes = Matrix.zeros(ScikitLearn.targets.rows, a.columns)
    _ = codes.solveRows(gram: a.gram, target: ScikitLearn.targets * a, by: .exact)
    #expect(codes.isClose(to: ScikitLearn.solutions, relative: 1e-10, absolute: 1e-11))
    var other = Matrix.ones(6, 2)
    let ht = ScikitLearn.h0.transposed
    _ = other.solveRows(gram: ht.gram, target: ScikitLearn.x * ht, by: .exact)
    #expect(other.isClose(to: ScikitLearn.codes, relative: 1e-10, absolute: 1e-11))
  }

  @Test func greedyAndCyclicDescentEndWhereBlockPivotingDoes() {
    var random = Random(seed: 71)
    let design = random.normal(60, 15)
    let (gram, target) = (design.gram, random.normal(30, 60) * design)
    var exact = Matrix.zeros(30, 15)
    _ = exact.solveRows(gram: gram, target: target, by: .exact)
    // Nothing is gained in any direction that stays at least 0.
    let slope = exact * gram - target
    for (entry, slope) in zip(exact.elements, slope.elements) {
      #expect(entry > 0 ? abs(slope) < 1e-8 : slope > -1e-8)
    }
    var cyclic = Matrix.zeros(30, 15)
    _ = cyclic.solveRows(gram: gram, target: target, by: .descent(sweeps: 5000, decay: 1e-13))
    #expect(cyclic.isClose(to: exact, absolute: 1e-7))
    var greedy = Matrix.zeros(30, 15)
    for _ in 0..<40 {
      _ = greedy.solveRows(gram: gram, target: target, by: .greedy(decay: 1e-12))
    }
    #expect(greedy.isClose(to: exact, absolute: 1e-5))
  }

  @Test func rowsThatSumToOneAreSolvedToTheirConditions() {
    var random = Random(seed: 72)
    let design = random.normal(50, 9)
    let (gram, target) = (design.gram, 0.3 * (random.normal(20, 50) * design))
    var terms = FactorTerms()
    terms.rowsSumToOne = true
    var codes = Matrix.zeros(20, 9)
    _ = codes.solveRows(gram: gram, target: target, by: .exact, terms: terms)
    let slope = codes * gram - target
    for row in 0..<20 {
      let (f, g) = (codes.row(row), slope.row(row))
      #expect(abs(f.reduce(0, +) - 1) < 1e-12 && f.allSatisfy { $0 >= 0 })
      // The slope is the same wherever an entry is positive, and nowhere smaller.
      let least = g.min() ?? 0
      for (entry, slope) in zip(f, g) where entry > 1e-9 { #expect(abs(slope - least) < 1e-6) }
    }
  }

  @Test func newtonReachesALowerDivergenceThanUpdates() throws {
    let x = Planted.matrix(60, 50, rank: 5, seed: 73, noise: 0.2)
    let updates = try fitted(x, rank: 5, iterations: 40) { ($0.loss, $0.solver) = (.kl, .mu) }
    let newton = try fitted(x, rank: 5, iterations: 40) { ($0.loss, $0.solver) = (.kl, .newton) }
    #expect(newton.loss < updates.loss)
    let converged = try fitted(x, rank: 5, iterations: 3000, tolerance: 1e-7) {
      ($0.loss, $0.solver) = (.kl, .newton)
    }
    #expect(converged.optimality < 1e-3)
  }

  @Test(arguments: [NMFSolver.auto, .hals, .bpp, .gcd, .randomized])
  func aSolutionOfEverySolverSatisfiesTheConditions(_ solver: NMFSolver) throws {
    let x = Planted.matrix(70, 50, rank: 4, seed: 74, noise: 0.05)
    let model = try fitted(x, rank: 4, iterations: 3000, tolerance: 1e-6) { $0.solver = solver }
    #expect(model.reason == .converged && model.optimality < 1e-4)
    #expect(model.codes(of: x).isClose(to: model.w, absolute: 1e-8 * model.w.total(.maximum)))
  }

  @Test func aSketchFindsPlantedFactors() throws {
    let x = Planted.matrix(600, 400, rank: 5, seed: 75, noise: 0.01)
    let sketched = try fitted(x, rank: 5, iterations: 300, tolerance: 1e-5) {
      $0.solver = .randomized
    }
    let plain = try fitted(x, rank: 5, iterations: 300, tolerance: 1e-5)
    #expect(sketched.error < 1.001 * plain.error)
  }

  @Test func separableRowsAreFound() throws {
    var random = Random(seed: 76)
    let parts = random.uniform(3, 20)
    let weights = random.uniform(40, 3)
    let x = Matrix.above([weights * parts, parts])
    let model = try fitted(x, rank: 3, iterations: 5) { $0.solver = .spa }
    guard case .matrix(let anchors)? = model.field("anchors") else {
      Issue.record("no anchors")
      return
    }
    #expect(Set(anchors.elements) == [41, 42, 43])
    #expect(model.error < 1e-10)
  }

  @Test(arguments: NMFStart.names)
  func everyStartLeadsToAGoodFit(_ name: String) throws {
    let x = Planted.matrix(50, 40, rank: 3, seed: 77, noise: 0.02)
    let start = try #require(NMFStart(rawValue: name))
    let model = try fitted(x, rank: 3, iterations: 500) { $0.start = start }
    let best = try fitted(x, rank: 3, iterations: 500)
    #expect(model.error < 1.05 * best.error && model.options.start == start)
  }

  @Test(arguments: [NMFSolver.auto, .hals, .gcd, .mu])
  func boundsAreKept(_ solver: NMFSolver) throws {
    let x = Planted.matrix(30, 25, rank: 3, seed: 78, noise: 0.1)
    let model = try fitted(x, rank: 3, iterations: 50) {
      $0.solver = solver
      ($0.terms.w.lowest, $0.terms.w.highest) = (0.1, 0.4)
      $0.terms.h.highest = 0.9
    }
    #expect(model.w.total(.minimum) >= 0.1 && model.w.total(.maximum) <= 0.4)
    #expect(model.ht.total(.maximum) <= 0.9 && model.error < 0.6)
  }

  @Test(arguments: [NMFSolver.auto, .hals, .bpp, .gcd])
  func mixturesSumToOne(_ solver: NMFSolver) throws {
    var random = Random(seed: 79)
    let x = random.uniform(40, 3).within(mixture) * random.uniform(3, 30)
    let model = try fitted(x, rank: 3, iterations: 400) {
      ($0.solver, $0.terms.w) = (solver, mixture)
    }
    for sum in model.w.reduced(.sum, along: .columns).elements { #expect(abs(sum - 1) < 1e-12) }
    #expect(model.error < 0.02)
    let losses = model.past("loss")
    for (before, after) in zip(losses, losses.dropFirst()) {
      #expect(after <= before * (1 + 1e-9) + 1e-12)
    }
  }

  private var mixture: FactorTerms {
    var terms = FactorTerms()
    terms.rowsSumToOne = true
    return terms
  }

  @Test func partsCanBeDistributions() throws {
    let x = Planted.matrix(40, 30, rank: 3, seed: 80, noise: 0.1)
    let model = try fitted(x, rank: 3, iterations: 50) {
      ($0.loss, $0.partsSumToOne) = (.kl, true)
    }
    for sum in model.h.reduced(.sum, along: .columns).elements { #expect(abs(sum - 1) < 1e-12) }
    let plain = try fitted(x, rank: 3, iterations: 50) { $0.loss = .kl }
    #expect(abs(model.loss - plain.loss) < 1e-9 * plain.loss)
  }

  @Test func orthogonalPartsOverlapLess() throws {
    let x = Planted.matrix(50, 40, rank: 4, seed: 81, noise: 0.2)
    let overlap = { (model: NMFModel) -> Double in
      let gram = model.ht.gram
      let lengths = gram.diagonal
      return (gram.total(.sum) - lengths.total(.sum)) / lengths.total(.sum)
    }
    let plain = try fitted(x, rank: 4, iterations: 200)
    let apart = try fitted(x, rank: 4, iterations: 200) {
      ($0.terms.h.orthogonality, $0.terms.h.l2, $0.terms.w.l2) = (2, 0.1, 0.1)
    }
    #expect(overlap(apart) < 0.7 * overlap(plain))
  }

  @Test func huberIsNotMovedByAFewWildEntries() throws {
    let clean = Planted.matrix(60, 40, rank: 3, seed: 82)
    var wild = clean
    for place in stride(from: 7, to: clean.count, by: 97) { wild[place] += 20 }
    let huber = try fitted(wild, rank: 3, iterations: 600) { $0.loss = .huber(0.05) }
    let squares = try fitted(wild, rank: 3, iterations: 600)
    let distance = { (model: NMFModel) in (clean - model.w * model.h).frobeniusNorm }
    #expect(distance(huber) < 0.25 * distance(squares))
  }

  @Test func theBestOfRestartsIsKept() throws {
    let x = Planted.matrix(40, 30, rank: 5, seed: 83, noise: 0.3)
    let model = try fitted(x, rank: 5, iterations: 30, seed: 5) {
      ($0.restarts, $0.start) = (6, .random)
    }
    guard case .record(let runs)? = model.field("restarts"),
      case .matrix(let losses)? = runs["losses"], case .matrix(let seeds)? = runs["seeds"]
    else {
      Issue.record("no runs")
      return
    }
    #expect(losses.count == 6 && seeds.elements == [5, 6, 7, 8, 9, 10])
    #expect(abs(losses.total(.minimum) - model.loss) < 1e-12)
    let alone = try fitted(x, rank: 5, iterations: 30, seed: model.options.seed) {
      $0.start = .random
    }
    #expect(alone.w.isIdentical(to: model.w))
  }
}
