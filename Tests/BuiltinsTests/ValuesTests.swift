import Builtins
import Matrices
import Testing
import Vocabulary

/// Results against NumPy's.
@Suite struct ValuesTests {
  let context = Context(output: { _ in })

  func call(_ name: String, _ arguments: [Value], _ named: [(String, Value)] = []) throws -> Value {
    let builtin = try #require(StandardLibrary.library[name])
    return try builtin.call(
      Arguments(arguments, named: named.map { (name: $0.0, value: $0.1) }), context)
  }

  func matrix(_ name: String, _ arguments: [Value], _ named: [(String, Value)] = []) throws
    -> Matrix
  {
    try #require(Matrix.from(try call(name, arguments, named)))
  }

  func number(_ name: String, _ arguments: [Value], _ named: [(String, Value)] = []) throws
    -> Double
  {
    guard case .number(let number) = try call(name, arguments, named) else {
      Issue.record("\(name) does not give a number")
      return .nan
    }
    return number
  }

  let x = Value.matrix(Matrix([[4, 1, 7], [2, 8, 3]]))

  @Test func reductionsOfAllElementsAreNumbers() throws {
    #expect(try number("sum", [x]) == 25 && number("prod", [x]) == 1344)
    #expect(try abs(number("mean", [x]) - 25.0 / 6) < 1e-15)
    #expect(try abs(number("var", [x]) - 7.766666666666667) < 1e-14)
    #expect(try abs(number("std", [x]) - 2.7868739954771304) < 1e-14)
    #expect(try number("median", [x]) == 3.5 && number("max", [x]) == 8)
    #expect(try number("argmax", [x]) == 5 && number("argmin", [x]) == 2)
    #expect(try abs(number("quantile", [x, .number(0.3)]) - 2.5) < 1e-14)
  }

  @Test func reductionsKeepThePrecision() throws {
    let single = Value.matrix(Matrix([[4, 1], [2, 8]]).converted(to: .single))
    for name in ["sum", "mean", "var", "std", "min", "max", "median", "prod"] {
      #expect(try matrix(name, [single], [("dim", .number(1))]).precision == .single, "\(name)")
      #expect(try matrix(name, [single], [("dim", .number(2))]).shape == Shape(2, 1), "\(name)")
    }
    for name in ["exp", "sqrt", "softmax", "cumsum", "sort", "inv", "chol"] where name != "chol" {
      #expect(try matrix(name, [single]).precision == .single, "\(name)")
    }
    #expect(try matrix("pow", [single, .number(2)]).precision == .single)
    #expect(try matrix("where", [.boolean(true), single, .number(2)]).precision == .single)
  }

  @Test func mapsGiveBackTheKindTheyGot() throws {
    #expect(try abs(number("exp", [.number(1)]) - 2.718281828459045) < 1e-15)
    #expect(try matrix("exp", [.range(NumberRange(from: 0, to: 1))]).count == 2)
    guard case .boolean(true) = try call("isnan", [.number(.nan)]) else {
      Issue.record("isnan of a number is a truth value")
      return
    }
    #expect(try matrix("isnan", [x]).isLogical)
  }

  @Test func emptyMatricesAreRefusedWhereNothingCanBeSaid() throws {
    let empty = Value.matrix(.zeros(0, 3))
    #expect(try number("sum", [empty]) == 0 && number("prod", [empty]) == 1)
    for name in ["min", "max", "mean", "median", "argmax", "argmin", "var", "std"] {
      #expect(throws: Problem.self, "\(name)") { try call(name, [empty]) }
      #expect(throws: Problem.self, "\(name)") { try call(name, [empty], [("dim", .number(1))]) }
    }
    #expect(try matrix("sum", [empty], [("dim", .number(1))]) == Matrix.zeros(1, 3))
  }

  @Test func sizesAreChecked() {
    for sizes in [[1e9, 1e9], [-1, 2], [2.5, 1], [.nan, 1], [1e300, 1], [3e9, 0]] {
      for name in ["zeros", "rand", "repeat", "reshape"] {
        let arguments = (name.hasPrefix("re") ? [x] : []) + sizes.map { Value.number($0) }
        #expect(throws: (any Error).self, "\(name) \(sizes)") { try call(name, arguments) }
      }
    }
  }

  @Test func chanceFollowsTheSeed() throws {
    let first = try matrix("randn", [.number(3), .number(3)], [("seed", .number(5))])
    #expect(
      first.isIdentical(to: try matrix("randn", [.number(3), .number(3)], [("seed", .number(5))])))
    let (a, b) = (try number("rand", []), try number("rand", []))
    #expect(a != b)
    context.random = Random(seed: Random.defaultSeed)
    #expect(try number("rand", []) == a)
  }

  @Test func decompositionsComeAsRecordsInOrder() throws {
    let fields = [
      "lu": ["L", "U", "P"], "qr": ["Q", "R"], "svd": ["U", "S", "V"],
      "eig": ["values", "vectors"],
    ]
    let square = Value.matrix(Matrix([[4, 1], [1, 3]]))
    for (name, names) in fields {
      guard case .record(let record) = try call(name, [square]) else {
        Issue.record("\(name) does not give a record")
        continue
      }
      #expect(record.keys == names)
    }
  }

  @Test func principalComponentsAreAModelOfFurtherRows() throws {
    let x = Matrix([[1, 2, 0], [2, 4, 1], [3, 6, 1], [4, 9, 0]])
    guard case .object(let model) = try call("pca", [.matrix(x), .number(2)]),
      case .matrix(let codes)? = model.field("codes"),
      case .matrix(let again) = try call("transform", [.object(model), .matrix(x)]),
      case .matrix(let rebuilt) = try call("predict", [.object(model)])
    else {
      Issue.record("no model")
      return
    }
    #expect(model.fieldNames == ["codes", "components", "variance", "explained", "mean"])
    #expect(again.isClose(to: codes, relative: 1e-12, absolute: 1e-12))
    #expect((rebuilt - x).frobeniusNorm < 0.3)
    #expect(throws: Problem.self) { try call("transform", [.object(model), .matrix(codes)]) }
    #expect(throws: Problem.self) {
      try call("svd", [.matrix(x), .number(2)], [("powers", .number(2))])
    }
  }

  @Test func whatCannotBeDecomposedIsAProblemThatPointsAtTheMatrix() throws {
    let singular = Value.matrix(Matrix([[1, 2], [2, 4]]))
    for (name, value) in [("inv", singular), ("chol", .matrix(Matrix([[1, 2], [2, 1]])))] {
      let problem = try #require(throws: Problem.self) { try call(name, [value]) }
      #expect(problem.kind == .computation && problem.arguments.first?.parameter == "x")
    }
    let problem = try #require(throws: Problem.self) {
      try call("svd", [.matrix(Matrix([[1, .nan], [0, 1]]))])
    }
    #expect(problem.arguments.first?.label == "NaN at [1, 2]")
    // Finite, with a length that is not.
    let long = Matrix.filled(8, 6, with: 1e308)
    for x in [Value.matrix(long), Value(SparseMatrix(long))] {
      let problem = try #require(throws: Problem.self) { try call("svd", [x, .number(1)]) }
      #expect(problem.message == "the singular values leave the range of the arithmetic")
      #expect(problem.arguments.first?.parameter == "x")
    }
    // Their squares are what a variance is made of.
    for size in [1e200, 1e-200] {
      let x = Value.matrix(size * Matrix([[1, 2], [3, 5], [4, 4]]))
      let problem = try #require(throws: Problem.self) { try call("pca", [x, .number(1)]) }
      #expect(problem.message == "the variances leave the range of the arithmetic")
    }
    #expect(throws: ShapeError.square(Shape(2, 3))) { try call("inv", [x]) }
  }

  /// `vec(B X Aᵀ) = (A ⊗ B) vec(X)`, with vec taking columns.
  @Test func theKroneckerProductIsThatOfItsDefinition() throws {
    var random = Random(seed: 3)
    let (a, b, x) = (random.normal(3, 4), random.normal(5, 2), random.normal(2, 4))
    func vec(_ x: Matrix) -> Matrix { x.transposed.rowMajor().reshaped(x.count, 1) }
    let product = try matrix("kron", [.matrix(a), .matrix(b)])
    #expect(product.shape == Shape(15, 8))
    let difference = product * vec(x) - vec(b * x * a.transposed)
    #expect(difference.frobeniusNorm < 1e-13)
    #expect(try matrix("kron", [.matrix(.zeros(0, 2)), .matrix(b)]).shape == Shape(0, 4))
  }

  @Test func differencesUndoRunningSums() throws {
    var random = Random(seed: 4)
    let x = random.normal(4, 3)
    for dimension in [1.0, 2] {
      let sums = try matrix("cumsum", [.matrix(x)], [("dim", .number(dimension))])
      let differences = try matrix("diff", [.matrix(sums)], [("dim", .number(dimension))])
      let rest = dimension == 1 ? x.rows(in: 1..<4) : x.selecting(columns: [1, 2])
      #expect((differences - rest).frobeniusNorm < 1e-14)
    }
    #expect(try matrix("diff", [.number(3)]).shape == Shape(1, 0))
    #expect(try matrix("diff", [.matrix(.zeros(0, 3))]).shape == Shape(0, 3))
  }

  @Test func onlyVectorsOfOneLengthHaveAnInnerProduct() throws {
    #expect(try number("dot", [.range(NumberRange(from: 1, to: 3)), .matrix(.ones(3, 1))]) == 6)
    #expect(throws: Problem.self) { try call("dot", [.matrix(.ones(2, 2)), .matrix(.ones(2, 2))]) }
    #expect(throws: Problem.self) { try call("dot", [.matrix(.ones(1, 2)), .matrix(.ones(3, 1))]) }
  }

  @Test func textsAndListsAreRepeatedAndReversed() throws {
    #expect(
      try call("repeat", [.text("añ"), .number(2)]).echo(width: 80, height: 24) == "\"añañ\"")
    #expect(
      try call("repeat", [.list([.number(1), .text("a")]), .number(2)]).echo(width: 80, height: 24)
        == "{1, \"a\", 1, \"a\"}")
    #expect(try call("repeat", [.text("ab"), .number(0)]).echo(width: 80, height: 24) == "\"\"")
    #expect(try call("reverse", [.text("añb")]).echo(width: 80, height: 24) == "\"bña\"")
    #expect(throws: Problem.self) { try call("repeat", [.text("ab"), .number(2), .number(2)]) }
    #expect(throws: Problem.self) { try call("repeat", [.text("ab"), .number(1e15)]) }
    #expect(try call("repeat", [.text(""), .number(1e15)]).echo(width: 80, height: 24) == "\"\"")
    #expect(try call("repeat", [.list([]), .number(1e15)]).echo(width: 80, height: 24) == "{}")
    #expect(throws: Problem.self) { try call("reverse", [.nothing]) }
  }
}
