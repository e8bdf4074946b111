import Factorization
import Matrices
import Testing
import Training
import Vocabulary

/// How many parts, and how stable they are.
@Suite struct RankTests {
  private let context = Context(output: { _ in })

  private func call(
    _ name: String, _ positional: [Value], _ named: [(name: String, value: Value)] = []
  ) throws -> Value {
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == name })
    return try builtin.call(Arguments(positional, named: named), context)
  }

  private func scan(_ x: Matrix, _ ranks: [Double], seed: Double = 1) throws -> RankScan {
    try scan(.matrix(x), ranks, seed: seed)
  }

  private func scan(_ x: Value, _ ranks: [Double], seed: Double = 1) throws -> RankScan {
    let value = try call(
      "rank_scan", [x, .matrix(Matrix(row: ranks))], [("seed", .number(seed))])
    guard case .object(let object) = value, let scan = object as? RankScan else {
      throw Problem(.type, "no rank scan")
    }
    return scan
  }

  @Test(arguments: [2, 3, 4])
  func thePlantedRankIsFound(_ rank: Int) throws {
    var random = Random(seed: UInt64(110 + rank))
    let product = random.uniform(80, rank) * random.uniform(rank, 60)
    let x = (product + 0.02 * random.normal(80, 60)).clamped(0, .infinity)
    let scan = try scan(x, [1, 2, 3, 4, 5, 6])
    #expect(scan.best == rank)
    #expect(scan.held.shape == Shape(6, 5) && scan.errors.allSatisfy { $0.isFinite })
    #expect(scan.summary(width: 80).split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  /// Where a fit sees fewer elements than it has numbers, the others are no worse than wrong.
  @Test(arguments: [false, true]) func errorsOfSmallMatricesStayOfTheirSize(_ isSparse: Bool) throws
  {
    var random = Random(seed: 17)
    let x = random.uniform(8, 6)
    let given: Value = isSparse ? Value(SparseMatrix(x)) : .matrix(x)
    let scan = try scan(given, [1, 3, 4, 6])
    #expect(scan.held.total(.maximum) < 4 && scan.held.total(.minimum) > 0)
  }

  @Test func aHeldOutEntryIsOneOfWeightZero() throws {
    let x = Planted.matrix(40, 30, rank: 2, seed: 121, noise: 0.1)
    let scan = try scan(x, [2], seed: 9)
    // The same fit as a user would make it.
    var random = Random(seed: 9).split(100)
    let mask = Matrix.combine(.greaterOrEqual, random.uniform(40, 30), 0.1)
    var options = NMFOptions(rank: 2)
    options.seed = 9
    let model = try NMFModel.fit(x, options, loop: TrainingLoop(), weights: mask)
    let hidden = Matrix.combine(.subtract, 1, mask)
    let rest = hidden.times(x - model.w * model.h).frobeniusNorm / hidden.times(x).frobeniusNorm
    #expect(abs(scan.held[0, 0] - rest) < 1e-12)
  }

  @Test func theScanDoesNotDependOnTheThreads() throws {
    let x = Planted.matrix(40, 30, rank: 2, seed: 122, noise: 0.1)
    let many = try scan(x, [1, 2, 3])
    let alone = Slot<RankScan?>(nil)
    ThreadPool.shared.run(2) { piece in if piece == 0 { alone.value = try? scan(x, [1, 2, 3]) } }
    #expect(try many.held.isIdentical(to: #require(alone.value).held))
  }

  private func consensus(_ x: Matrix, _ rank: Double) throws -> Consensus {
    let value = try call(
      "consensus", [.matrix(x), .number(rank)], [("seed", .number(1)), ("restarts", .number(20))])
    guard case .object(let object) = value, let consensus = object as? Consensus else {
      throw Problem(.type, "no consensus")
    }
    return consensus
  }

  @Test func blocksAreFoundByEveryRun() throws {
    var x = Matrix.filled(12, 9, with: 0.01)
    for block in 0..<3 {
      x.replace(
        rows: Array(4 * block..<4 * block + 4), columns: Array(3 * block..<3 * block + 3),
        with: Matrix(5))
    }
    let stable = try consensus(x, 3)
    #expect(stable.cophenetic > 0.999 && stable.dispersion > 0.999)
    #expect(stable.clusters == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    var random = Random(seed: 123)
    let noise = try consensus(random.uniform(30, 20), 5)
    #expect(noise.dispersion < stable.dispersion - 0.01 && noise.cophenetic < 0.999)
  }

  @Test func theTreeOfAverageLinkageIsThatOfScipy() {
    // cophenet(linkage(d, "average")) for 1 − the shares below, by scipy 1.16.
    let runs = [
      [0, 0, 1, 1, 2], [0, 0, 0, 1, 2], [0, 1, 1, 1, 2], [0, 0, 1, 1, 1], [0, 0, 1, 1, 1],
    ]
    let consensus = Consensus(runs, rank: 3)
    #expect(abs(consensus.cophenetic - 0.9146591207) < 1e-9)
    #expect(abs(consensus.matrix[0, 1] - 0.8) < 1e-12)
  }

  @Test func oneRunIsNotEnough() {
    let x = Value.matrix(Planted.matrix(8, 6, rank: 2, seed: 124))
    #expect(throws: Problem.self) {
      try call("consensus", [x, .number(2)], [("restarts", .number(1))])
    }
    #expect(throws: Problem.self) { try call("rank_scan", [x, .matrix(Matrix(row: [0, 2]))]) }
  }
}
