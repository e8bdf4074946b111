import Factorization
import Glibc
import Matrices
import Testing
import Training
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

  @Test func privateRatingsAreAskedForByName() throws {
    let (table, _) = RatingsTests.planted(30, 12, seed: 95)
    let settings = PrivacyValue(PrivacySettings(.epsilon(5), insecureSeed: 1)).value
    let value = try call("mf", [table.value], [("private", settings)])
    let model = try #require(RatingsModel.from(value))
    #expect(model.method.name == "dpals" && model.options.rank == 4)
    let record = try #require(model.field("privacy").flatMap(Record.from))
    #expect(record["delta"].flatMap(Double.from) == 1e-5)
    let published = try #require(RatingsModel.from(try call("publish", [value])))
    #expect(published.table.users.count == 0)
    let bounded = try call(
      "mf", [table.value], [("private", settings), ("range", .matrix(Matrix(row: [1, 5])))])
    #expect(RatingsModel.from(bounded)?.origin.range == 1...5)
    let refused: [([(name: String, value: Value)], String)] = [
      ([("implicit", .boolean(true))], "implicit"), ([("feedback", .boolean(true))], "feedback"),
      ([("nonnegative", .boolean(true))], "nonnegative"), ([("bias", .boolean(false))], "bias"),
      ([("method", .text("als"))], "method"), ([("tolerance", .number(0.1))], "tolerance"),
      ([("range", .matrix(Matrix(row: [5, 1])))], "range"),
    ]
    for (options, parameter) in refused {
      let problem = try problem("mf", [table.value], [("private", settings)] + options)
      #expect(problem.arguments.first?.parameter == parameter)
    }
    let careless = PrivacyValue(PrivacySettings(.noise(1), delta: 0.1)).value
    #expect(
      try problem("mf", [table.value], [("private", careless)]).arguments.first?.parameter
        == "private")
    let tiny = PrivacyValue(PrivacySettings(.epsilon(1e-9))).value
    #expect(
      try problem("mf", [table.value], [("private", tiny)]).arguments.first?.parameter == "private")
    #expect(
      try problem("mf", [table.value], [("method", .text("dpals"))]).arguments.first?.parameter
        == "method")
    #expect(try problem("publish", [try self.model()]).arguments.first?.parameter == "model")
    #expect(
      try problem("mf", [.matrix(.identity(4)), .number(2)], [("private", settings)])
        .arguments.first?.parameter == "private")
  }

  @Test func strangersAreNamed() throws {
    let heard = Heard()
    let context = Context(output: { _ in })
    context.noteOutput = { heard.notes.append($0) }
    func predict(_ model: RatingsModel, _ inputs: [Value]) throws -> Value {
      try model.predict(inputs, context)
    }
    let model = try #require(RatingsModel.from(try model()))
    let (user, item) = (model.table.users.all[0].value, model.table.items.all[0].value)
    _ = try predict(model, [user, item])
    #expect(heard.notes.isEmpty)
    for pair in [[Value.text("zoe"), item], [user, .number(77)], [.text("zoe"), .number(77)]] {
      let value = try #require(Double.from(try predict(model, pair)))
      #expect(value.isFinite)
    }
    #expect(heard.notes.count == 3)
    #expect(heard.notes[0].contains("zoe") && heard.notes[0].contains("the bias of the item"))
    #expect(heard.notes[1].contains("item 77") && heard.notes[1].contains("the bias of the user"))
    #expect(heard.notes[2].contains("last note"))
    _ = try predict(model, [.text("zoe"), item])
    #expect(heard.notes.count == 3)
    let other = Context(output: { _ in })
    other.noteOutput = { heard.notes.append($0) }
    let table = RatingsTable(
      users: [.text("zoe"), .text("max"), model.table.users.all[0]],
      items: [model.table.items.all[0], .number(5), model.table.items.all[0]], values: [1, 2, 3])
    _ = try model.predict([table.value], other)
    let note = try #require(heard.notes.last)
    #expect(note.contains("2 users (") && note.contains("item 5") && note.contains("2 of 3"))
  }

  @Test func recommendingToStrangersSaysSo() throws {
    let heard = Heard()
    let context = Context(output: { _ in })
    context.noteOutput = { heard.notes.append($0) }
    let model = try model()
    let known = try #require(RatingsModel.from(model)).table.users.all[0].value
    let recommend = try #require(FactorizationLibrary.builtins.first { $0.name == "recommend" })
    for user in [known, .text("zoe"), .list([known, .text("zoe"), .number(1e6)])] {
      _ = try recommend.call(Arguments([model, user, .number(3)], named: []), context)
    }
    #expect(heard.notes.count == 2)
    #expect(heard.notes[0].contains("zoe") && heard.notes[0].contains("is unknown"))
    #expect(heard.notes[1].contains("2 users (") && heard.notes[1].contains("are unknown"))
  }

  private final class Heard: @unchecked Sendable {
    var notes: [String] = []
  }

  @Test func whatPairsTeachIsExplainedAndFoldedIn() throws {
    let table = ImplicitTests.choices(60, 16, seed: 93)
    let value = try call(
      "mf", [table.value, .number(3)],
      [
        ("implicit", .boolean(true)), ("method", .text("bpr")), ("l2", .number(0.05)),
        ("seed", .number(1)),
      ])
    let model = try #require(RatingsModel.from(value))
    #expect(
      try problem("fold_in", [value, table.value], [("by", .text("item"))])
        .arguments.first?.parameter == "by")
    let mine = (0..<table.entries.count).filter { table.entries.rows[$0] == 4 }
    let twin = RatingsTable(
      users: mine.map { _ in .text("twin") },
      items: mine.map { table.items.all[Int(table.entries.columns[$0])] },
      values: mine.map { _ in 1 })
    let folded = try model.folding(twin, by: .user)
    let row = try #require(folded.table.users[.text("twin")])
    let p = folded.factors.users.rows(in: row..<row + 1).selecting(columns: [0, 1, 2]).transposed
    // The slope of the objective is 0, by differences over all pairs.
    func objective(_ p: Matrix) -> Double {
      let scores = (model.factors.items.selecting(columns: [0, 1, 2]) * p).elements
      let biases = model.factors.items.selecting(columns: [4]).elements
      let chosen = Set(mine.map { Int(table.entries.columns[$0]) })
      let others = scores.indices.filter { !chosen.contains($0) }
      var sum = 0.0
      for i in chosen {
        for j in others {
          let x = scores[i] + biases[i] - scores[j] - biases[j]
          sum += log(1 + exp(-x)) / Double(others.count)
        }
      }
      return sum + 0.5 * 0.05 * Double(chosen.count) * p.sumOfSquares
    }
    for place in 0..<3 {
      var (up, down) = (p, p)
      up[place] += 1e-5
      down[place] -= 1e-5
      #expect(abs(objective(up) - objective(down)) / 2e-5 < 1e-5)
    }
    // What was chosen adds up to the prediction of the user that was solved for.
    for item in table.items.all.prefix(5) {
      let why = RatingExplanation(folded, .text("twin"), item)
      let sum = why.reasons.reduce(why.itemBias) { $0 + $1.weight }
      #expect(abs(sum - why.prediction) < 1e-6 && abs(why.rest) < 1e-6)
      let trained = RatingExplanation(model, table.users.all[4], item)
      #expect(
        abs(
          trained.reasons.reduce(trained.itemBias + trained.rest) { $0 + $1.weight }
            - trained.prediction) < 1e-9)
    }
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
