import Factorization
import Matrices
import Testing
import Vocabulary

/// What a user can ask about ratings, and what is refused.
@Suite struct RatingsBuiltinTests {
  private let context = Context(output: { _ in })

  private func call(
    _ name: String, _ positional: [Value], _ named: [(name: String, value: Value)] = []
  ) throws -> Value {
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == name })
    return try builtin.call(Arguments(positional, named: named), context)
  }

  private func problem(
    _ name: String, _ positional: [Value], _ named: [(name: String, value: Value)] = []
  ) throws -> Problem {
    do {
      _ = try call(name, positional, named)
    } catch let problem as Problem {
      return problem
    }
    Issue.record("\(name) did not refuse")
    return Problem(.value, "nothing")
  }

  private func model(_ named: [(name: String, value: Value)] = []) throws -> Value {
    let (table, _) = RatingsTests.planted(20, 15, seed: 91)
    return try call("mf", [table.value, .number(2)], [("seed", .number(1))] + named)
  }

  @Test func timesPutRatingsInOrder() throws {
    let rows = Matrix([[1, 1, 5, 30], [1, 2, 4, 10], [1, 3, 3, 20]])
    let value = try call("ratings", [.matrix(rows)], [("time", .boolean(true))])
    let table = try #require(RatingsTable.from(value))
    #expect(table.entries.values == [4, 3, 5])
    #expect(
      try problem(
        "ratings", [.matrix(rows.selecting(columns: [0, 1, 2]))], [("time", .boolean(true))]
      )
      .kind == .shape)
    let twice = Matrix([[1, 1, 5], [1, 1, 2]])
    let summed = try call("ratings", [.matrix(twice)], [("duplicates", .text("sum"))])
    #expect(try #require(RatingsTable.from(summed)).entries.values == [7])
  }

  @Test func whatASparseMatrixStoresIsKnown() throws {
    let full = Matrix([[5, 0, 1], [0, 4, 2], [3, 1, 0]])
    let gaps = Matrix([[5, .nan, 1], [.nan, 4, 2], [3, 1, .nan]])
    let models = try [Value(SparseMatrix(full)), .matrix(gaps)].map {
      try #require(
        RatingsModel.from(try call("mf", [$0, .number(2)], [("seed", .number(1))])))
    }
    #expect(models[0].w.isIdentical(to: models[1].w) && models[0].table.entries.count == 6)
  }

  @Test func severalUsersMakeOneTable() throws {
    let model = try model()
    let users = Value.matrix(Matrix(column: [1000, 1001, 9999]))
    guard case .record(let record) = try call("recommend", [model, users, .number(2)]),
      let known = record["known"].flatMap(Matrix.from),
      let who = record["user"].flatMap(Matrix.from)
    else {
      Issue.record("no table")
      return
    }
    #expect(record.keys == ["user", "item", "rating", "known"])
    #expect(who.elements == [1000, 1000, 1001, 1001, 9999, 9999])
    #expect(known.elements == [1, 1, 1, 1, 0, 0] && known.isLogical)
    #expect(try problem("recommend", [model, .list([])]).kind == .type)
  }

  @Test func newUsersAreRecommendedTo() throws {
    let model = try model()
    let mine = RatingsTable(
      users: [.text("me"), .text("me")], items: [.text("item 1"), .text("item 2")], values: [5, 1])
    guard case .record(let direct) = try call("recommend", [model, mine.value, .number(3)]),
      case .record(let folded) = try call(
        "recommend", [try call("fold_in", [model, mine.value]), .text("me"), .number(3)])
    else {
      Issue.record("no table")
      return
    }
    #expect(direct["rating"].flatMap(Matrix.from) == folded["rating"].flatMap(Matrix.from))
    let before = try call("is_known", [model, .text("me"), .text("item 1")])
    let after = try call(
      "is_known", [try call("fold_in", [model, mine.value]), .text("me"), .text("item 1")])
    #expect(Bool.from(before) == false && Bool.from(after) == true)
  }

  @Test func whatDoesNotGoTogetherIsSaid() throws {
    let (table, _) = RatingsTests.planted(10, 8, seed: 92)
    let refused: [([(name: String, value: Value)], String)] = [
      ([("method", .text("bpr"))], "method"), ([("method", .text("als++"))], "method"),
      ([("implicit", .boolean(true)), ("method", .text("ccd"))], "method"),
      ([("method", .text("cg")), ("nonnegative", .boolean(true))], "method"),
      ([("feedback", .boolean(true)), ("method", .text("sgd"))], "method"),
      ([("feedback", .boolean(true)), ("nonnegative", .boolean(true))], "feedback"),
      ([("feedback", .boolean(true)), ("implicit", .boolean(true))], "feedback"),
      ([("rate", .number(0.1))], "rate"), ([("block", .number(4))], "block"),
      ([("alpha", .number(4))], "alpha"), ([("bias", .text("lines"))], "bias"),
      ([("symmetric", .boolean(true))], "symmetric"),
    ]
    for (options, parameter) in refused {
      let problem = try problem("mf", [table.value, .number(2)], options)
      #expect(problem.arguments.first?.parameter == parameter)
    }
    // What is asked for chooses a method that can do it.
    for option in ["feedback", "nonnegative"] {
      let model = try call("mf", [table.value, .number(2)], [(option, .boolean(true))])
      #expect(RatingsModel.from(model)?.method.name == "als")
    }
    #expect(
      try problem("mf", [table.value, .number(0)], [("implicit", .boolean(true))]).kind == .value)
    let biases = try call("mf", [table.value, .number(0)])
    #expect(try #require(RatingsModel.from(biases)).predictions(table).allSatisfy { $0.isFinite })
  }

  @Test func whatPairsTeachIsNeitherExplainedNorFoldedIn() throws {
    let table = ImplicitTests.choices(20, 16, seed: 93)
    let model = try call(
      "mf", [table.value, .number(2)], [("implicit", .boolean(true)), ("method", .text("bpr"))])
    #expect(try problem("fold_in", [model, table.value]).arguments.first?.parameter == "model")
    let ratings = try #require(RatingsModel.from(model))
    #expect(throws: Problem.self) { try RatingExplanation(ratings, .number(1), .number(1)) }
  }

  @Test(arguments: ["gd", "als", "adam", "mu"]) func coresAreAskedForByName(_ method: String) throws
  {
    let x = Value.matrix(Planted.matrix(8, 8, rank: 2, seed: 94))
    let plain: [(name: String, value: Value)] = [
      ("form", .text("whw")), ("method", .text(method)), ("iterations", .number(50)),
    ]
    _ = try call("mf", [x, .number(2)], plain + [("bias", .boolean(false))])
    if method == "mu" {
      #expect(try problem("mf", [x, .number(2)], plain).arguments.first?.parameter == "bias")
    } else {
      guard
        case .object(let model) = try call(
          "mf", [x, .number(2)], plain + [("bias", .text("lines"))])
      else { return }
      #expect(model.field("row_bias") != nil && model.fieldNames.contains("column_bias"))
      #expect(!model.summary(width: 80).isEmpty)
    }
    #expect(try problem("mf", [x, .number(2)], [("bias", .text("lines"))]).kind == .value)
  }
}
