import Factorization
import Matrices
import Testing
import Training
import Vocabulary

/// Numbers at the ends of the range of the arithmetic, and entries that nothing holds: the same result
/// as for numbers near 1, or a refusal with a place.
@Suite struct RangeTests {
  private func call(_ name: String, _ given: [Value], _ named: [(name: String, value: Value)] = [])
    throws -> Value
  {
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == name })
    return try builtin.call(Arguments(given, named: named), Context(output: { _ in }))
  }

  private func nmf(_ x: Value, _ rank: Int, _ named: [(name: String, value: Value)]) throws
    -> NMFModel
  {
    try #require(NMFModel.from(call("nmf", [x, .number(Double(rank))], named)))
  }

  private func mf(_ x: Matrix, _ rank: Int, _ named: [(name: String, value: Value)]) throws
    -> DenseModel
  {
    let value = try call(
      "mf", [.matrix(x), .number(Double(rank))], named + [("seed", .number(1))])
    guard case .object(let object) = value, let model = object as? DenseModel else {
      throw Problem(.type, "no model of a whole matrix")
    }
    return model
  }

  /// What a call is refused with.
  private func refusal(
    _ name: String, _ given: [Value], _ named: [(name: String, value: Value)] = []
  ) -> Problem? {
    do {
      _ = try call(name, given, named)
      return nil
    } catch {
      return error as? Problem
    }
  }

  /// With a quadratic mean and a largest element between 1 and 2, so that scaling leads back to it.
  private func near1(_ m: Int, _ n: Int, seed: UInt64) -> Matrix {
    let x = Planted.matrix(m, n, rank: 2, seed: seed, noise: 0.2)
    return 0.9 / x.total(.maximum) * x + 1
  }

  @Test(arguments: [-1, 0, 0.5, 1.5, 3]) func aSparseMatrixWithoutZerosHasTheFitOfTheFullOne(
    _ beta: Double
  ) throws {
    let x = near1(14, 9, seed: 211)
    let named: [(name: String, value: Value)] = [
      ("loss", .number(beta)), ("seed", .number(1)), ("iterations", .number(50)),
    ]
    let full = try nmf(.matrix(x), 2, named)
    let sparse = try nmf(Value(SparseMatrix(x)), 2, named)
    #expect(abs(sparse.loss - full.loss) < 1e-6 * full.loss)
    #expect((sparse.w * sparse.h).isClose(to: full.w * full.h, relative: 1e-4))
  }

  @Test(arguments: ["uv", "whw"], ["als", "gd", "adam"])
  func theSizeOfAWholeMatrixDoesNotMatter(_ form: String, _ method: String) throws {
    let x = near1(8, 8, seed: 212)
    for isNonnegative in [false, true] {
      let named: [(name: String, value: Value)] = [
        ("form", .text(form)), ("method", .text(method)), ("iterations", .number(60)),
        ("nonnegative", .boolean(isNonnegative)),
      ]
      let plain = try mf(x, 2, named)
      for size in [0x1p960, 0x1p-960, 0x1p90] {
        let model = try mf(size * x, 2, named)
        #expect(abs(model.error - plain.error) < 1e-9 * plain.error)
        #expect(abs(model.explained - plain.explained) < 1e-9)
        #expect((1 / size * model.rebuilt).isClose(to: plain.rebuilt, relative: 1e-9))
      }
    }
  }

  @Test(arguments: ["uv", "whw"]) func aPenaltyOnFactorsOfAnyMatrixMeansTheSame(_ form: String)
    throws
  {
    // ½‖X − model‖² + ½ l2 (‖W‖² + ‖H‖²) itself, from the result: nothing near it is lower.
    let (x, penalty) = (0x1p-30 * near1(6, 6, seed: 213), 0x1p-40)
    let model = try mf(
      x, 2,
      [
        ("form", .text(form)), ("method", .text("als")), ("l2", .number(penalty)),
        ("bias", .boolean(false)), ("iterations", .number(3000)), ("tolerance", .number(1e-14)),
      ])
    let objective = { (w: Matrix, h: Matrix) -> Double in
      let product = form == "uv" ? w * h : w * h * w.transposed
      return 0x1p60 * (x - product).sumOfSquares
        + 0x1p60 * penalty * (w.sumOfSquares + h.sumOfSquares)
    }
    let best = objective(model.w, model.h)
    for factor in [0.99, 1.01] {
      #expect(objective(model.w, factor * model.h) > best)
      if form == "uv" { #expect(objective(factor * model.w, model.h) > best) }
    }
  }

  @Test(arguments: ["gd", "adam", "als"]) func oneNumberAtLeast0IsFound(_ method: String) throws {
    for form in ["uv", "whw"] {
      let model = try mf(
        Matrix([[1]]), 1,
        [
          ("form", .text(form)), ("method", .text(method)), ("bias", .boolean(false)),
          ("nonnegative", .boolean(true)),
        ])
      #expect(model.error < 1e-2)
    }
  }

  @Test(arguments: ["frobenius", "kl"]) func theSizeOfAStreamDoesNotMatter(_ loss: String) throws {
    let x = near1(60, 8, seed: 214)
    let named: [(name: String, value: Value)] = [
      ("loss", .text(loss)), ("batch", .number(20)), ("seed", .number(1)),
      ("iterations", .number(30)),
    ]
    let plain = try nmf(.matrix(x), 2, named)
    let sizes: [(Double, Precision)] = [
      (0x1p960, .double), (0x1p-960, .double), (0x1p-100, .double), (0x1p120, .single),
      (0x1p-120, .single),
    ]
    for (size, precision) in sizes {
      let model = try nmf(.matrix((size * x).converted(to: precision)), 2, named)
      let tolerance = precision == .double ? 1e-9 : 1e-2
      #expect(abs(model.error - plain.error) < tolerance * plain.error)
      #expect(abs(model.explained - plain.explained) < tolerance)
    }
    // An earlier model of such rows goes on.
    let model = try nmf(.matrix(0x1p-400 * x), 2, named)
    let more = try nmf(.matrix(0x1p-400 * x), 2, named + [("init", .object(model))])
    #expect(more.error < 1.1 * model.error)
  }

  @Test func theBestOfSeveralRunsIsTheSameAtAnySize() throws {
    let x = near1(12, 9, seed: 215)
    let named: [(name: String, value: Value)] = [
      ("init", .text("random")), ("restarts", .number(6)), ("seed", .number(1)),
      ("iterations", .number(10)),
    ]
    let plain = try nmf(.matrix(x), 3, named)
    for size in [0x1p960, 0x1p-960] {
      let model = try nmf(.matrix(size * x), 3, named)
      #expect(model.options.seed == plain.options.seed)
      #expect(abs(model.error - plain.error) < 1e-9 * plain.error)
    }
  }

  @Test func aPenaltyFarAboveTheMatrixLeavesNothing() throws {
    let x = Value.matrix(0x1p-700 * near1(8, 6, seed: 216))
    for loss in ["frobenius", "huber"] {
      let model = try nmf(x, 2, [("l1", .number(0.1)), ("loss", .text(loss))])
      #expect(abs(model.error - 1) < 1e-6 && model.reason != .limit)
    }
  }

  @Test func whatDoesNotScaleRefusesSuchNumbers() throws {
    for size in [1e300, 1e-300] {
      let x = Value.matrix(size * near1(8, 6, seed: 217))
      let scan = refusal("rank_scan", [x, .matrix(Matrix([[1, 2]]))])
      let deep = refusal("deep_nmf", [x, .list([.number(3), .number(2)])])
      let joint = refusal("joint_nmf", [.list([x, x]), .number(2)])
      for problem in [scan, deep, joint] {
        #expect(
          problem?.message == "the squares of these numbers leave the range of the arithmetic")
      }
      #expect(scan?.arguments.first?.parameter == "x" && deep?.arguments.first?.parameter == "x")
      #expect(joint?.arguments.first?.parameter == "xs")
    }
  }

  @Test func whatMatricesOfAListCannotBeIsSaid() {
    let x = near1(8, 6, seed: 221)
    let sparse = refusal("joint_nmf", [.list([.matrix(x), Value(SparseMatrix(x))]), .number(2)])
    #expect(sparse?.message == "joint_nmf does not take sparse matrices")
    #expect(sparse?.arguments.first?.label == "number 2 is sparse")
    let text = refusal("joint_nmf", [.list([.matrix(x), .text("a")]), .number(2)])
    #expect(text?.message == "a list of matrices is needed")
  }

  @Test func layersOfConstantsExplainNoVariance() throws {
    let ranks = Value.list([.number(3), .number(2)])
    for (x, isExplained) in [(Matrix.zeros(5, 4), false), (near1(5, 4, seed: 222), true)] {
      guard case .object(let model) = try call("deep_nmf", [.matrix(x), ranks]) else {
        throw Problem(.type, "no model")
      }
      let text = model.summary(width: 80)
      #expect(text.contains("error") && !text.contains("NaN"))
      #expect(text.contains("of the variance") == isExplained)
    }
  }

  @Test(arguments: [Precision.double, .single]) func whatIsHeldOutStaysInSight(
    _ precision: Precision
  ) throws {
    // Most elements are 0, and so is all that some masks hold out.
    var x = Matrix.zeros(8, 6, precision)
    for i in 1...8 {
      for j in 1...6 where (7 * i + 3 * j + i * j / 4) % 4 == 0 {
        x[i - 1, j - 1] = Double(1 + i * j % 5)
      }
    }
    for x in [Value.matrix(x), Value(SparseMatrix(x))] {
      let scan = try call(
        "rank_scan", [x, .matrix(Matrix([[1, 2, 3]]))],
        [("masks", .number(12)), ("seed", .number(1))])
      guard case .object(let object) = scan, case .matrix(let errors)? = object.field("errors")
      else { throw Problem(.type, "no scan") }
      #expect(errors.firstNonFinite == nil && errors.total(.maximum) < 1e8)
    }
  }

  @Test func ratingsBeyondAllSquaresAreNamed() {
    let x = Matrix([[1e300, .nan, 2e300], [.nan, 3e300, 1e300]])
    for method in ["cg", "als", "ccd", "sgd"] {
      let problem = refusal("mf", [.matrix(x), .number(1)], [("method", .text(method))])
      #expect(problem?.arguments.first?.parameter == "r")
      #expect(problem?.arguments.first?.label == "up to 3e+300")
    }
  }

  /// The ratings have squares, the equations of a line do not.
  @Test(arguments: ["cg", "als"]) func equationsBeyondAllSquaresAreNamed(_ method: String) {
    var random = Random(seed: 218)
    var x = 1e120 * random.uniform(30, 25)
    for row in 0..<30 { x[row, row % 25] = .nan }
    let problem = refusal("mf", [.matrix(x), .number(4)], [("method", .text(method))])
    #expect(problem?.arguments.first?.parameter == "r")
  }

  @Test func weightsOfNoUsableSizeAreRefused() {
    let x = Value.matrix(near1(6, 6, seed: 219))
    for size in [1e200, 1e-200] {
      let weights = (name: "weights", value: Value.matrix(.filled(6, 6, with: size)))
      let problems = [
        refusal("nmf", [x, .number(2)], [weights]),
        refusal("mf", [x, .number(2)], [("form", .text("whw")), weights]),
      ]
      for problem in problems {
        #expect(problem?.arguments.first?.parameter == "weights")
        #expect(problem?.remedy == .rewriting("weights", as: "$ / max($)"))
      }
    }
  }

  @Test func elementsTooFarApartForALossAreNamed() {
    let problem = refusal(
      "nmf", [.matrix(Matrix([[1e300, 1], [1, 1e-300]])), .number(1)],
      [("loss", .text("itakura-saito"))])
    #expect(problem?.kind == .computation && problem?.arguments.first?.parameter == "x")
    #expect(problem?.arguments.first?.label == "from 1e-300 to 1e+300")
  }

  @Test(arguments: [Precision.double, .single], [6, 9, 20])
  func morePartsOfAnySignThanColumnsAreFound(_ precision: Precision, _ rank: Int) throws {
    let x = near1(12, 5, seed: 218).converted(to: precision)
    var gaps = x
    for i in 0..<12 { gaps[i, i % 5] = .nan }
    for iterations in [5, 13, 40, 200] {
      let named: [(name: String, value: Value)] = [
        ("form", .text("semi")), ("iterations", .number(Double(iterations))),
      ]
      let whole = try nmf(.matrix(x), rank, named)
      let partial = try nmf(.matrix(gaps), rank, named + [("missing", .text("nan"))])
      for model in [whole, partial] {
        #expect(model.w.firstNonFinite == nil && model.ht.firstNonFinite == nil)
        #expect(model.error < 2e-2, "\(iterations) iterations")
      }
    }
  }

  @Test(arguments: [Precision.double, .single], [-Double.infinity, 0])
  func lengthsOfPartsDoNotMatterForARow(_ precision: Precision, _ lowest: Double) {
    // Three parts, of lengths 1e4, 1 and 1e-4, and a fourth that is the sum of two of them.
    let lengths = [1e4, 1, 1e-4]
    var parts = Planted.matrix(30, 3, rank: 3, seed: 220, noise: 0.5)
    for r in 0..<3 {
      for i in 0..<30 { parts[i, r] *= lengths[r] }
    }
    var more = Matrix.zeros(30, 4)
    more.replace(rows: Array(0..<30), columns: [0, 1, 2], with: parts)
    for i in 0..<30 { more[i, 3] = parts[i, 0] / lengths[0] + parts[i, 1] }
    let wanted = Matrix([[2e-4, 3, 4e4]])
    let x = (wanted * parts.transposed).converted(to: precision)
    var terms = FactorTerms()
    terms.lowest = lowest
    for parts in [parts, more] {
      let parts = parts.converted(to: precision)
      var row = Matrix.zeros(1, parts.columns, precision)
      _ = row.solveRows(gram: parts.transposed * parts, target: x * parts, by: .exact, terms: terms)
      #expect(row.firstNonFinite == nil)
      #expect(
        (row * parts.transposed).isClose(to: x, relative: precision == .double ? 1e-9 : 1e-3))
      #expect(abs(row[0, 2] - 4e4) < (precision == .double ? 1e-4 : 400))
    }
  }

  @Test(arguments: ["newton", "mu", "auto"], [Precision.double, .single])
  func rowsWithLittleKnownStayFinite(_ solver: String, _ precision: Precision) throws {
    var x = Matrix.filled(30, 20, with: .nan)
    for i in 0..<30 { x[i, (7 * i) % 20] = Double(1 + i % 3) }
    let model = try nmf(
      Value(SparseMatrix(x.converted(to: precision))), 9,
      [
        ("missing", .text("nan")), ("loss", .text("kl")), ("solver", .text(solver)),
        ("init", .text("random")), ("seed", .number(1)), ("iterations", .number(500)),
      ])
    #expect(model.w.firstNonFinite == nil && model.ht.firstNonFinite == nil)
    #expect(model.error < 0.05)
  }
}
