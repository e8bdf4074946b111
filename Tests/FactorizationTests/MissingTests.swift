import Factorization
import Matrices
import Testing
import Training
import Vocabulary

/// NaN that a sparse matrix stores are missing: as in a full matrix with weights of 0 there.
@Suite struct MissingTests {
  private static let x = SparseFactorizationTests.x

  /// Elements that are missing, zeros among them.
  private static let hidden: Matrix = {
    var random = Random(seed: 51)
    return Matrix.combine(.less, random.uniform(360, 200), 0.1)
  }()

  private static let holed = SparseMatrix(
    Matrix.choose(hidden, Matrix.filled(360, 200, with: .nan), x))

  private static let shown = Matrix.combine(.subtract, 1, hidden)

  private func call(_ name: String, _ positional: [Value], _ named: [(name: String, value: Value)])
    throws -> Value
  {
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == name })
    return try builtin.call(
      Arguments(positional, named: named), Context(output: { _ in }))
  }

  private func model(_ x: Value, _ loss: String, _ solver: String) throws -> NMFModel {
    let value = try call(
      "nmf", [x, .number(4)],
      [
        ("loss", .text(loss)), ("solver", .text(solver)), ("missing", .text("nan")),
        ("init", .text("random")), ("iterations", .number(12)), ("tolerance", .number(0)),
        ("seed", .number(5)),
      ])
    guard case .object(let object) = value, let model = object as? NMFModel else {
      throw Problem(.type, "no model")
    }
    return model
  }

  /// Solvers whose steps do not depend on how many elements are stored.
  @Test(arguments: [("frobenius", "bpp"), ("frobenius", "mu"), ("kl", "mu")])
  func storedNaNAreLeftOut(_ loss: String, _ solver: String) throws {
    let sparse = try model(Value(Self.holed), loss, solver)
    let full = try model(.matrix(Self.holed.full), loss, solver)
    let size = full.w.total(.maximum)
    #expect(sparse.w.isClose(to: full.w, relative: 1e-5, absolute: 1e-6 * size))
    #expect(sparse.ht.isClose(to: full.ht, relative: 1e-5, absolute: 1e-6 * size))
    #expect(abs(sparse.loss - full.loss) <= 1e-7 * full.loss)
    #expect(abs(sparse.error - full.error) <= 1e-7)
    #expect(abs(sparse.explained - full.explained) <= 1e-7)
    #expect(abs(sparse.optimality - full.optimality) <= 1e-4 * full.optimality)
    #expect(sparse.isWeighted)
    // The rows of training give back the same codes in both forms.
    let codes = sparse.codes(of: .sparse(Self.holed))
    let others = full.codes(of: .dense(Self.x), weights: .dense(Self.shown))
    #expect(codes.isClose(to: others, relative: 1e-4, absolute: 1e-4 * size))
  }

  @Test func withoutSayingSoNaNAreNamed() throws {
    let problem = #expect(throws: Problem.self) {
      try call("nmf", [Value(Self.holed), .number(2)], [])
    }
    #expect(problem?.help == "missing=\"nan\" leaves them out of the loss")
    let none = SparseMatrix(Matrix.filled(3, 2, with: .nan))
    let empty = #expect(throws: Problem.self) {
      try call("nmf", [Value(none), .number(1)], [("missing", .text("nan"))])
    }
    #expect(empty?.message == "at least one element must be known")
  }

  private func scan(_ x: Value, _ named: [(name: String, value: Value)] = []) throws -> RankScan {
    let value = try call(
      "rank_scan", [x, .matrix(Matrix(row: [1, 2, 3, 4]))],
      [("seed", .number(3)), ("masks", .number(4))] + named)
    guard case .object(let object) = value, let scan = object as? RankScan else {
      throw Problem(.type, "no rank scan")
    }
    return scan
  }

  @Test(arguments: ["frobenius", "kl"])
  func thePlantedRankOfASparseMatrixIsFound(_ loss: String) throws {
    var random = Random(seed: 52)
    let block = { (random: inout Random) in (random.uniform(90, 2) - 0.5).clamped(0, .infinity) }
    let x = block(&random) * block(&random).transposed
    #expect(SparseMatrix(x).density < 0.5)
    let scan = try scan(Value(SparseMatrix(x)), [("loss", .text(loss))])
    #expect(scan.best == 2)
    #expect(scan.errors[0] > 2 * scan.errors[1])
  }

  @Test func aHeldOutElementOfASparseMatrixIsAStoredNaN() throws {
    let x = SparseMatrix(Self.x)
    let scan = try scan(Value(x))
    var random = Random(seed: 3).split(100)
    let hidden = SparseMatrix.speckles(x.shape, 0.1, .double, &random)
    #expect(abs(Double(hidden.count) - 7200) < 4 * 7200.0.squareRoot())
    var options = NMFOptions(rank: 3)
    options.seed = 3
    let holes = SparseMatrix.combine(.multiply, hidden, .nan)
    let model = try NMFModel.fit(
      .sparse(SparseMatrix.combine(.add, x, holes)), options, loop: TrainingLoop())
    let rest = hidden.full.times(Self.x - model.w * model.h).frobeniusNorm
    let whole = hidden.full.times(Self.x).frobeniusNorm
    #expect(abs(scan.held[2, 0] - rest / whole) < 1e-9)
  }

  @Test func ofASparseMatrixWithSparseWeightsOnlyWhatIsKnownIsHeldOut() throws {
    let known = Matrix.combine(.greater, Self.x, 0)
    let scan = try scan(Value(SparseMatrix(Self.x)), [("weights", Value(SparseMatrix(known)))])
    let all = try self.scan(.matrix(Self.x), [("weights", .matrix(known))])
    #expect(scan.best == 4 && all.best == 4)
    #expect(zip(scan.errors, all.errors).allSatisfy { abs($0 - $1) < 0.05 })
  }

  @Test func aSparseGraphIsFactorizedAsAFullOne() throws {
    var random = Random(seed: 53)
    let w = (random.uniform(60, 3) - 0.6).clamped(0, .infinity)
    let x = w * w.transposed
    let fit = { (x: AnyMatrix) in
      var options = NMFOptions(rank: 3)
      (options.form, options.iterations, options.seed) = (.symmetric, 300, 1)
      options.start = .random
      return try NMFModel.fit(x, options, loop: TrainingLoop())
    }
    let (sparse, full) = (try fit(.sparse(SparseMatrix(x))), try fit(.dense(x)))
    #expect(sparse.w.isClose(to: full.w, relative: 1e-9, absolute: 1e-9))
    #expect(sparse.error < 1e-3)
    let problem = #expect(throws: Problem.self) {
      try call(
        "nmf", [Value(SparseMatrix(w)), .number(2)], [("form", .text("symmetric"))])
    }
    #expect(problem?.message == "form=\"symmetric\" needs a square matrix")
    let lopsided = SparseMatrix(Shape(4, 4), rows: [1, 2], columns: [2, 1], values: [3, 4])
    let other = #expect(throws: Problem.self) {
      try call("nmf", [Value(lopsided), .number(2)], [("form", .text("symmetric"))])
    }
    #expect(other?.arguments.first?.label == "[2, 3] differs from its mirror image")
  }
}
