import Factorization
import Matrices
import Testing
import Training
import Vocabulary

/// `nmf` of a sparse matrix gives what it gives of the same matrix with all its elements.
@Suite struct SparseFactorizationTests {
  /// Enough elements that a full matrix skips its zeros too, so that both do the same sweeps.
  static let x: Matrix = {
    var random = Random(seed: 41)
    let w = (random.uniform(360, 4) - 0.6).clamped(0, .infinity)
    let h = (random.uniform(4, 200) - 0.6).clamped(0, .infinity)
    let seen = Matrix.combine(.less, random.uniform(360, 200), 0.5)
    return (w * h).times(seen)
  }()

  private static let solvers: [(NMFLoss, NMFSolver)] = [
    (.frobenius, .extrapolated), (.frobenius, .hals), (.frobenius, .bpp), (.frobenius, .gcd),
    (.frobenius, .mu), (.kl, .extrapolated), (.kl, .mu), (.kl, .newton), (.beta(0.5), .mu),
    (.beta(1.3), .mu), (.beta(1.5), .mu), (.beta(3), .mu), (.huber(0.1), .mu), (.frobenius, .spa),
  ]

  private func options(_ loss: NMFLoss, _ solver: NMFSolver, _ start: NMFStart) -> NMFOptions {
    var options = NMFOptions(rank: 4)
    (options.loss, options.solver, options.start) = (loss, solver, start)
    (options.iterations, options.tolerance, options.seed) = (12, 0, 5)
    return options
  }

  private func fit(_ x: AnyMatrix, _ options: NMFOptions, _ weights: AnyMatrix? = nil) throws
    -> NMFModel
  {
    try NMFModel.fit(x, options, loop: TrainingLoop(), weights: weights)
  }

  private func expectEqual(_ a: NMFModel, _ b: NMFModel, _ what: String) {
    let size = max(b.w.total(.maximum), b.ht.total(.maximum))
    #expect(a.w.isClose(to: b.w, relative: 1e-6, absolute: 1e-7 * size), "\(what)")
    #expect(a.ht.isClose(to: b.ht, relative: 1e-6, absolute: 1e-7 * size), "\(what)")
    #expect(abs(a.loss - b.loss) <= 1e-8 * abs(b.loss) + 1e-10, "\(what)")
    #expect(abs(a.error - b.error) <= 1e-7, "\(what)")
    #expect(abs(a.explained - b.explained) <= 1e-7, "\(what)")
    #expect(abs(a.optimality - b.optimality) <= 1e-4 * abs(b.optimality), "\(what)")
  }

  @Test(arguments: solvers)
  func everySolverFindsTheSame(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let start = options(loss, solver, .random)
    let full = try fit(.dense(Self.x), start)
    let sparse = try fit(.sparse(SparseMatrix(Self.x)), start)
    expectEqual(sparse, full, "\(loss) \(solver)")
  }

  /// What is formed of all elements is a block of rows at a time, however many there are.
  @Test(arguments: [Shape(100_000, 3), Shape(1000, 5000), Shape(3, 1_000_000), Shape(1, 1)])
  func blocksOfRowsAreBounded(_ shape: Shape) {
    let x = SparseMatrix(shape, rows: [0], columns: [0], values: [1])
    var covered = 0
    Observations(.sparse(x), rank: 1).forBlocks { range in
      #expect(range.lowerBound == covered && !range.isEmpty)
      #expect(range.count * shape.columns <= max(1 << 18, shape.columns))
      covered = range.upperBound
    }
    #expect(covered == shape.rows)
  }

  @Test(arguments: [NMFStart.nndsvda, .nndsvdar, .kmeans, .spa])
  func everyStartIsTheSame(_ start: NMFStart) throws {
    let full = try fit(.dense(Self.x), options(.frobenius, .hals, start))
    let sparse = try fit(.sparse(SparseMatrix(Self.x)), options(.frobenius, .hals, start))
    expectEqual(sparse, full, "\(start)")
  }

  /// Only the elements that are there are known; some of them count twice.
  private static let weights: Matrix = {
    var random = Random(seed: 42)
    return Matrix.combine(.greater, x, 0).times(
      Matrix.combine(.greater, random.uniform(360, 200), 0.8).converted(to: .double) + 1)
  }()

  private func masked(_ options: NMFOptions) throws -> (sparse: NMFModel, full: NMFModel) {
    (
      try fit(.sparse(SparseMatrix(Self.x)), options, .sparse(SparseMatrix(Self.weights))),
      try fit(.dense(Self.x), options, .dense(Self.weights))
    )
  }

  @Test(arguments: [(NMFLoss.frobenius, NMFSolver.bpp), (.kl, .mu)])
  func whatASparseMaskDoesNotStoreIsMissing(_ loss: NMFLoss, _ solver: NMFSolver) throws {
    let (sparse, full) = try masked(options(loss, solver, .random))
    expectEqual(sparse, full, "\(loss) \(solver)")
  }

  /// These sweep over the lines of both in other parts, and so take other ways to the same end.
  @Test(arguments: [(NMFLoss.frobenius, NMFSolver.extrapolated, 1e-8), (.kl, .newton, 0.05)])
  func whatASparseMaskDoesNotStoreIsMissingInTheEnd(
    _ loss: NMFLoss, _ solver: NMFSolver, _ share: Double
  ) throws {
    var options = options(loss, solver, .random)
    options.iterations = 1
    let first = try masked(options)
    options.iterations = 300
    let last = try masked(options)
    #expect(last.sparse.loss < share * first.sparse.loss)
    #expect(last.full.loss < share * first.full.loss)
  }

  @Test func codesOfSparseRowsAreThoseOfTraining() throws {
    for loss in [NMFLoss.frobenius, .kl] {
      var options = options(loss, .auto, .random)
      (options.iterations, options.tolerance) = (400, 1e-5)
      let model = try fit(.sparse(SparseMatrix(Self.x)), options)
      let sparse = model.codes(of: .sparse(SparseMatrix(Self.x)))
      let full = model.codes(of: .dense(Self.x))
      #expect(sparse.isClose(to: full, relative: 1e-5, absolute: 1e-6))
    }
  }

  @Test(arguments: [Precision.single, .double])
  func nothingIsEverMadeFull(_ precision: Precision) throws {
    // All elements would take 40 GB.
    var random = Random(seed: 43)
    let count = 30_000
    let (rows, columns) = (100_000, 50_000)
    let places = (0..<count).map { _ in
      (Int32(random.below(rows)), Int32(random.below(columns)))
    }
    let x = SparseMatrix(
      Shape(rows, columns), rows: places.map(\.0), columns: places.map(\.1),
      values: [Double](repeating: 1, count: count), precision)
    for (loss, solver) in [
      (NMFLoss.frobenius, NMFSolver.auto), (.frobenius, .mu), (.kl, .auto), (.kl, .newton),
    ] {
      var options = NMFOptions(rank: 3)
      (options.loss, options.solver, options.iterations) = (loss, solver, 3)
      let model = try fit(.sparse(x), options)
      #expect(model.error > 0 && model.error <= 1 && model.loss.isFinite)
      #expect(model.codes(of: .sparse(x.slice(rows: 0..<20))).shape == Shape(20, 3))
    }
  }

  @Test func negativeElementsAreShown() throws {
    let s = SparseMatrix(
      Shape(1000, 500), rows: [3, 7], columns: [4, 2], values: [2, -5])
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == "nmf" })
    let problem = #expect(throws: Problem.self) {
      try builtin.call(Arguments([Value(s), .number(2)]), Context(output: { _ in }))
    }
    #expect(problem?.arguments.first?.label == "-5 at [8, 3], 1 element below 0 in all")
  }
}
