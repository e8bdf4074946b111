import Factorization
import Matrices
import Testing
import Vocabulary

/// Matrices with nothing in them, or nothing to find: each is answered, or refused with a place.
@Suite struct DegenerateTests {
  private static let losses = ["frobenius", "kl", "itakura-saito", "huber"]

  private func call(
    _ name: String, _ x: Value, _ rank: Int? = nil, _ named: [(name: String, value: Value)] = []
  ) throws -> Value {
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == name })
    return try builtin.call(
      Arguments(
        rank.map { [x, .number(Double($0))] } ?? [x],
        named: rank == nil ? named : named + [("seed", .number(1))]),
      Context(output: { _ in }))
  }

  private func nmf(_ x: Value, _ rank: Int, _ named: [(name: String, value: Value)] = []) throws
    -> NMFModel
  {
    try #require(NMFModel.from(call("nmf", x, rank, named)))
  }

  /// The problem that a call ends with, and what it points at.
  private func refusal(
    _ name: String, _ x: Value, _ rank: Int, _ named: [(name: String, value: Value)] = []
  ) -> (message: String, place: String?)? {
    do {
      _ = try call(name, x, rank, named)
      return nil
    } catch let problem as Problem {
      return (problem.message, problem.arguments.first?.parameter)
    } catch {
      return nil
    }
  }

  private func isSound(_ model: NMFModel) -> Bool {
    model.w.firstNonFinite == nil && model.ht.firstNonFinite == nil && model.w.firstNegative == nil
      && model.ht.firstNegative == nil && !model.error.isNaN && !model.loss.isNaN
  }

  @Test(arguments: losses, [false, true])
  func whereEverythingIsMissingNothingIsFound(_ loss: String, _ isSparse: Bool) {
    let none = Matrix.filled(4, 3, with: .nan)
    let x = isSparse ? Value(SparseMatrix(none)) : .matrix(none)
    let refused = refusal("nmf", x, 1, [("missing", .text("nan")), ("loss", .text(loss))])
    #expect(refused?.message == "at least one element must be known" && refused?.place == "x")
    let weightless = refusal(
      "nmf", .matrix(.ones(4, 3)), 1,
      [("weights", .matrix(.zeros(4, 3))), ("loss", .text(loss))])
    #expect(weightless?.message == "at least one element must be known")
  }

  /// Penalties empty a row of H; its column of W has no use, and once reached ahead for ever.
  @Test(arguments: [0.5, 1, 2], ["auto", "hals"])
  func componentsThatPenaltiesEmptyStayWithinLimits(_ amount: Double, _ solver: String) throws {
    var random = Random(seed: 14)
    let x = Value.matrix(random.uniform(40, 30))
    let model = try nmf(
      x, 5,
      [
        ("orthogonal", .number(amount)), ("solver", .text(solver)), ("iterations", .number(2000)),
      ])
    #expect(isSound(model))
    let lengths = [model.w, model.ht].map { $0.reduced(.sumOfSquares, along: .rows).elements }
    #expect(lengths[1].contains(0))
    #expect(zip(lengths[0], lengths[1]).allSatisfy { ($0 == 0) == ($1 == 0) })
    #expect(model.optimality < 0.1)
  }

  @Test func aStartThatIsFarTooLargeIsNamed() {
    let start = Record([
      ("W", .matrix(.filled(6, 2, with: 1e300))), ("H", .matrix(.filled(2, 5, with: 1e300))),
    ])
    let refused = refusal("nmf", .matrix(.ones(6, 5)), 2, [("init", .record(start))])
    #expect(refused?.place == "init")
  }

  /// A way out that a builtin does not have is none.
  @Test(arguments: ["consensus", "deep_nmf"])
  func waysOutAreThoseOfTheBuiltin(_ name: String) throws {
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == name })
    for x in [Matrix.filled(4, 3, with: .nan), Matrix.filled(4, 3, with: -1)] {
      let problem = #expect(throws: Problem.self) {
        try builtin.call(Arguments([.matrix(x), .number(2)]), Context(output: { _ in }))
      }
      #expect(problem?.help?.contains("=\"") == false)
      #expect(problem?.remedy == nil)
    }
  }

  @Test func ranksToScanAreAtMostTheSmallerSize() throws {
    var random = Random(seed: 15)
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == "rank_scan" })
    let problem = #expect(throws: Problem.self) {
      try builtin.call(
        Arguments([.matrix(random.uniform(6, 5)), .matrix(Matrix(row: [2, 6]))]),
        Context(output: { _ in }))
    }
    #expect(problem?.message == "ranks are at most 5, the smaller size of X")
    #expect(problem?.arguments.map(\.parameter) == ["x", "ranks"])
  }

  /// Refused before anything of it is made.
  @Test func aRankThatMemoryHasNoRoomForIsRefused() throws {
    let start = [(name: "init", value: Value.text("random"))]
    let x = Value.matrix(.ones(6, 5))
    for (name, x, named) in [
      ("nmf", x, start), ("joint_nmf", Value.list([x]), []),
      ("mf", try call("ratings", .matrix(Matrix([[1, 1, 5], [2, 1, 3]]))), []),
    ] {
      for rank in [30_000_000, 1 << 52] {
        let refused = refusal(name, x, rank, named)
        #expect(refused?.message == "memory has no room for factors of this rank")
        #expect(refused?.place == "rank")
      }
    }
  }

  /// The start gives rows of zeros weights, which exact steps pay for with whole components.
  @Test func componentsThatExactStepsEmptyComeBack() throws {
    var random = Random(seed: 12)
    let part = random.uniform(10, 8)
    let x = Matrix.above([part, .zeros(10, 8)])
    let exact = try nmf(.matrix(x), 3, [("solver", .text("bpp"))])
    let sweeps = try nmf(.matrix(x), 3, [("solver", .text("hals"))])
    #expect(isSound(exact) && exact.error < 1.01 * sweeps.error)
  }

  /// A component of zeros that rounding alone would change wants nothing.
  @Test(arguments: ["auto", "gcd", "mu"], ["random", "kmeans++", "nndsvda"])
  func moreComponentsThanRanksAreNoWish(_ solver: String, _ start: String) throws {
    for precision in [Precision.single, .double] {
      let model = try nmf(
        .matrix(Matrix.ones(10, 7).converted(to: precision)), 2,
        [("solver", .text(solver)), ("init", .text(start))])
      #expect(model.error < 1e-3 && model.optimality < 0.1)
    }
  }

  @Test(arguments: ["gd", "als", "adam", "mu"])
  func aSquareWithoutAnythingKnownIsRefused(_ method: String) {
    let refused = refusal(
      "mf", .matrix(.filled(3, 3, with: .nan)), 1,
      [("form", .text("whw")), ("method", .text(method)), ("bias", .boolean(false))])
    #expect(refused?.message == "at least one element must be known" && refused?.place == "r")
  }

  @Test(arguments: losses, [false, true])
  func aLineWithoutAnythingKnownHasNoCodes(_ loss: String, _ isSparse: Bool) throws {
    var x = Planted.matrix(12, 9, rank: 2, seed: 201) + 0.1
    for i in 0..<12 { x[i, 4] = .nan }
    for j in 0..<9 { x[7, j] = .nan }
    let value = isSparse ? Value(SparseMatrix(x)) : .matrix(x)
    let model = try nmf(value, 2, [("missing", .text("nan")), ("loss", .text(loss))])
    #expect(isSound(model) && model.error < 0.2)
    let codes = try model.transform(
      .filled(1, 9, with: 0.5), Context(output: { _ in }))
    #expect(codes.firstNonFinite == nil)
  }

  @Test(arguments: ["frobenius", "kl", "huber"], [false, true])
  func linesOfZerosAreRebuiltAsZeros(_ loss: String, _ isSparse: Bool) throws {
    var x = Planted.matrix(12, 9, rank: 2, seed: 202) + 0.1
    for i in 0..<12 { x[i, 4] = 0 }
    for j in 0..<9 { x[7, j] = 0 }
    let model = try nmf(
      isSparse ? Value(SparseMatrix(x)) : .matrix(x), 2,
      [("loss", .text(loss)), ("iterations", .number(500))])
    let rebuilt = model.w * model.h
    #expect(isSound(model))
    #expect(rebuilt.rows(in: 7..<8).total(.maximum) < 1e-3)
    #expect(rebuilt.transposed.rows(in: 4..<5).total(.maximum) < 0.05)
  }

  @Test func aDivergenceThatZerosAreFarFromSaysWhatToDo() throws {
    var x = Matrix.ones(4, 3)
    x[2, 1] = 0
    let refused = refusal("nmf", .matrix(x), 1, [("loss", .text("itakura-saito"))])
    #expect(refused?.place == "x")
  }

  @Test(arguments: losses, ["nndsvda", "random", "kmeans++", "spa"])
  func aConstantIsOnePart(_ loss: String, _ start: String) throws {
    for rank in [1, 3] {
      let model = try nmf(
        .matrix(.filled(6, 5, with: 2.5)), rank,
        [("loss", .text(loss)), ("init", .text(start)), ("iterations", .number(400))])
      #expect(isSound(model) && model.error < 1e-2)
    }
  }

  @Test func aRankBeyondTheSizesIsRefusedOrAnswered() throws {
    let x = Value.matrix(Planted.matrix(4, 6, rank: 2, seed: 203) + 0.1)
    for start in ["nndsvd", "nndsvda", "nndsvdar", "spa", "kmeans++"] {
      let refused = refusal("nmf", x, 5, [("init", .text(start))])
      #expect(refused?.message.contains("needs a rank of at most 4") == true)
    }
    for loss in Self.losses {
      let model = try nmf(x, 9, [("init", .text("random")), ("loss", .text(loss))])
      #expect(isSound(model) && model.error < 0.1 && model.w.shape == Shape(4, 9))
    }
    #expect(refusal("mf", x, 5)?.message.contains("at most 4") == true)
    #expect(
      refusal("nmf", x, 5, [("form", .text("archetypal"))])?.message.contains("at most 4") == true)
  }

  @Test(arguments: ["als", "gd", "adam"]) func aConstantIsABias(_ method: String) throws {
    let value = try call(
      "mf", .matrix(.filled(5, 5, with: 3)), 1, [("method", .text(method))])
    guard case .object(let object) = value, let model = object as? DenseModel else {
      Issue.record("no model")
      return
    }
    #expect(model.rebuilt.isClose(to: .filled(5, 5, with: 3), relative: 1e-3))
  }
}
