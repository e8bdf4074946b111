import Factorization
import Matrices
import Testing
import Training

/// Ratings with missing entries.
@Suite struct RatingsTests {
  /// Ratings with planted biases and factors, about a fifth of all, from 1 to 5.
  static func planted(_ users: Int, _ items: Int, seed: UInt64) -> (
    train: RatingsTable, test: RatingsTable
  ) {
    var random = Random(seed: seed)
    let (p, q) = (random.normal(users, 3), random.normal(items, 3))
    let (b, c) = (random.normal(users, 1), random.normal(items, 1))
    var columns: [(users: [Identifier], items: [Identifier], values: [Double])] = [
      ([], [], []), ([], [], []),
    ]
    for user in 0..<users {
      for item in 0..<items where random.uniform() < 0.25 {
        var value = 3.3 + 0.4 * b[user, 0] + 0.4 * c[item, 0] + 0.1 * (random.uniform() - 0.5)
        for r in 0..<3 { value += 0.4 * p[user, r] * q[item, r] }
        let part = random.uniform() < 0.2 ? 1 : 0
        columns[part].users.append(.number(Double(1000 + user)))
        columns[part].items.append(.text("item \(item)"))
        columns[part].values.append(min(max(value, 1), 5))
      }
    }
    let tables = columns.map { RatingsTable(users: $0.users, items: $0.items, values: $0.values) }
    return (tables[0], tables[1])
  }

  static func options(rank: Int = 3, l2: Double = 0.1) -> MFOptions {
    var options = MFOptions(rank: rank, l2: l2, iterations: 30, tolerance: 0)
    options.seed = 1
    return options
  }

  static func rmse(_ model: RatingsModel, _ table: RatingsTable) -> Double {
    let rest = Matrix(column: model.predictions(table)) - Matrix(column: table.entries.values)
    return (rest.sumOfSquares / Double(rest.count)).squareRoot()
  }

  @Test func plantedRatingsArePredicted() throws {
    let (train, test) = Self.planted(150, 120, seed: 41)
    let model = try RatingsModel.fit(train, Self.options(), loop: TrainingLoop())
    let mean = train.mean
    let baseline = Matrix(column: test.entries.values) - mean
    let spread = (baseline.sumOfSquares / Double(baseline.count)).squareRoot()
    #expect(Self.rmse(model, test) < 0.25 * spread)
    #expect(model.error < 0.2 * spread)
  }

  @Test func everyHalfStepSolvesItsEquations() throws {
    // Without rounding to blame: the gradient of the penalised loss is 0 for the side solved last.
    let (train, _) = Self.planted(30, 25, seed: 42)
    let options = Self.options(rank: 2, l2: 0.1)
    var process = RatingsProcess(
      RatingsTask(train.entries, mean: train.mean, options),
      by: try #require(.named("als", for: .explicit)))
    let loop = TrainingLoop()
    #expect(throws: Never.self) { try loop.run(&process) }
    let (u, v) = (process.factors.users, process.factors.items)
    let entries = train.entries
    let rest = zip(entries.products(u, v), entries.values).map { train.mean + $0 - $1 }
    for user in 0..<u.rows {
      let mine = entries.rows.indices.filter { entries.rows[$0] == Int32(user) }
      for r in 0..<2 {
        let slope = mine.reduce(0.0) { $0 + rest[$1] * v[Int(entries.columns[$1]), r] }
        let weight = Double(mine.count).squareRoot()
        #expect(abs(slope + options.l2 * weight * u[user, r]) < 1e-6 * Double(mine.count))
      }
    }
  }

  @Test func strangersGetWhatIsKnownOfTheOtherSide() throws {
    let (train, _) = Self.planted(60, 50, seed: 43)
    let model = try RatingsModel.fit(train, Self.options(), loop: TrainingLoop())
    let known = train.items.all[0]
    let both = model.prediction(.text("nobody"), .text("nothing"))
    #expect(abs(both - train.mean) < 1e-12)
    let item = model.prediction(.text("nobody"), known)
    #expect(item.isFinite && item != both)
    let strangers = RatingsTable(
      users: [.text("nobody"), train.users.all[0]], items: [known, .text("nothing")],
      values: [3, 3])
    #expect(model.predictions(strangers).allSatisfy { $0.isFinite && (1...5).contains($0) })
    #expect(model.predictions(strangers)[0] == item)
  }

  @Test func onePredictionIsOneOfMany() throws {
    let (train, test) = Self.planted(40, 30, seed: 44)
    for bias in [true, false] {
      var options = Self.options()
      options.bias = bias
      let model = try RatingsModel.fit(train, options, loop: TrainingLoop())
      let many = model.predictions(test)
      for place in many.indices {
        let user = test.users.all[Int(test.entries.rows[place])]
        let item = test.items.all[Int(test.entries.columns[place])]
        #expect(abs(model.prediction(user, item) - many[place]) < 1e-12)
      }
    }
  }

  @Test func recommendationsLeaveOutWhatWasRated() throws {
    let (train, _) = Self.planted(60, 40, seed: 45)
    let model = try RatingsModel.fit(train, Self.options(), loop: TrainingLoop())
    let user = train.users.all[5]
    let line = Int32(5)
    let rated = Set(
      train.entries.rows.indices.filter { train.entries.rows[$0] == line }
        .map { train.items.all[Int(train.entries.columns[$0])] })
    let best = model.recommendations(for: user, count: 1000)
    #expect(best.count == train.items.count - rated.count)
    #expect(best.allSatisfy { !rated.contains($0.0) })
    #expect(zip(best, best.dropFirst()).allSatisfy { $0.1 >= $1.1 })
    #expect(abs(best[0].1 - model.prediction(user, best[0].0)) < 1e-9)
    #expect(model.recommendations(for: .text("nobody"), count: 3).count == 3)
  }

  @Test func similarItemsAreLikedAlike() throws {
    // Two kinds of users who like two kinds of items.
    var (users, items, values): ([Identifier], [Identifier], [Double]) = ([], [], [])
    for user in 0..<20 {
      for item in 0..<8 where (user + item) % 3 != 0 {
        users.append(.number(Double(user)))
        items.append(.number(Double(item)))
        values.append(user % 2 == item % 2 ? 5 : 1)
      }
    }
    let model = try RatingsModel.fit(
      RatingsTable(users: users, items: items, values: values), Self.options(rank: 1),
      loop: TrainingLoop())
    let line = try #require(model.table.items[.number(4)])
    let near = model.similar(to: line, count: 3)
    #expect(Set(near.map(\.0)) == [.number(0), .number(2), .number(6)])
    #expect(near.allSatisfy { $0.1 > 0.9 })
  }

  @Test func theBitsDoNotDependOnTheThreads() throws {
    let (train, _) = Self.planted(200, 150, seed: 46)
    let run = { try? RatingsModel.fit(train, Self.options(rank: 8), loop: TrainingLoop()) }
    let many = run()
    let alone = Slot<RatingsModel?>(nil)
    ThreadPool.shared.run(2) { piece in if piece == 0 { alone.value = run() } }
    let (a, b) = try (#require(many), #require(alone.value))
    #expect(a.w.isIdentical(to: b.w) && a.ht.isIdentical(to: b.ht) && a.error == b.error)
  }
}

extension RatingsTable {
  /// The ratings of one user, under another name.
  func twin(of user: Int32, named name: String) -> RatingsTable {
    let mine = (0..<entries.count).filter { entries.rows[$0] == user }
    return RatingsTable(
      users: mine.map { _ in .text(name) },
      items: mine.map { items.all[Int(entries.columns[$0])] },
      values: mine.map { entries.values[$0] })
  }
}
