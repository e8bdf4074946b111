import Factorization
import Glibc
import Matrices
import Testing
import Training

/// Every rule on planted ratings, and each against something that knows nothing of it.
@Suite struct RatingsRuleTests {
  private static let explicit = RatingsMethod.all.filter { $0.ratings == .explicit }.map(\.name)
  private static let implicit = RatingsMethod.all.filter { $0.ratings == .implicit }.map(\.name)

  private func task(_ table: RatingsTable, _ change: (inout MFOptions) -> Void = { _ in })
    -> RatingsTask
  {
    var options = RatingsTests.options(rank: 3, l2: 0.3)
    change(&options)
    return RatingsTask(table.entries, mean: table.mean, options)
  }

  private func run(_ task: RatingsTask, _ method: String) throws -> RatingsProcess {
    let kind: RatingsMethod.Ratings = task.options.implicit == nil ? .explicit : .implicit
    var process = RatingsProcess(task, by: try #require(.named(method, for: kind)))
    try TrainingLoop().run(&process)
    return process
  }

  @Test(arguments: explicit) func plantedRatingsAreFound(_ method: String) throws {
    let (train, test) = RatingsTests.planted(150, 120, seed: 81)
    var options = RatingsTests.options(rank: 3, l2: 0.1)
    options.iterations = 60
    let model = try RatingsModel.fit(
      train, options, by: .named(method, for: .explicit), loop: TrainingLoop())
    let spread =
      (Matrix(column: test.entries.values) - train.mean).sumOfSquares
      / Double(test.entries.count)
    #expect(RatingsTests.rmse(model, test) < 0.3 * spread.squareRoot())
  }

  @Test func coordinateDescentEndsWhereLeastSquaresDo() throws {
    let (table, _) = RatingsTests.planted(40, 30, seed: 82)
    for nonnegative in [false, true] {
      let task = task(table) {
        ($0.isNonnegative, $0.iterations, $0.l2) = (nonnegative, 400, 0.5)
      }
      let (als, ccd) = try (run(task, "als"), run(task, "ccd"))
      let (a, b) = (task.objective(of: als.factors), task.objective(of: ccd.factors))
      #expect(abs(a - b) < (nonnegative ? 0.05 : 5e-3) * a)
    }
  }

  /// The objective written out entry by entry, as a function of the parameters.
  private func slope(
    _ task: RatingsTask, _ factors: RatingsFactors, _ path: WritableKeyPath<RatingsFactors, Matrix>,
    _ row: Int, _ column: Int
  ) -> Double {
    let step = 1e-4
    let sides = [-step, step].map { change in
      var moved = factors
      moved[keyPath: path][row, column] += change
      return task.objective(of: moved)
    }
    return (sides[1] - sides[0]) / (2 * step)
  }

  @Test(arguments: ["als", "cg", "ccd"]) func theObjectiveIsFlatAtTheEnd(_ method: String) throws {
    let (table, _) = RatingsTests.planted(25, 20, seed: 83)
    let task = task(table) { ($0.iterations, $0.rank, $0.l2) = (1500, 2, 0.5) }
    let factors = try run(task, method).factors
    for line in 0..<5 {
      for column in 0..<2 {
        #expect(abs(slope(task, factors, \.users, line, column)) < 2e-3)
        #expect(abs(slope(task, factors, \.items, line, column)) < 2e-3)
      }
      #expect(abs(slope(task, factors, \.users, line, 2)) < 2e-3)
      #expect(abs(slope(task, factors, \.items, line, 3)) < 2e-3)
    }
  }

  @Test func nonnegativeFactorsMeetTheConditionsOfTheirMinimum() throws {
    let (table, _) = RatingsTests.planted(25, 20, seed: 84)
    let task = task(table) { ($0.iterations, $0.isNonnegative) = (300, true) }
    for method in ["als", "ccd"] {
      let factors = try run(task, method).factors
      #expect(factors.users.selecting(columns: [0, 1, 2]).firstNegative == nil)
      #expect(factors.items.selecting(columns: [0, 1, 2]).firstNegative == nil)
      for line in 0..<factors.users.rows {
        for column in 0..<3 {
          let rise = slope(task, factors, \.users, line, column)
          if factors.users[line, column] > 1e-3 {
            #expect(abs(rise) < 2e-2)
          } else if factors.users[line, column] == 0 {
            #expect(rise > -2e-2)
          }
        }
      }
    }
  }

  @Test func feedbackLowersTheObjectiveToItsMinimum() throws {
    let (table, _) = RatingsTests.planted(25, 20, seed: 85)
    let task = task(table) {
      ($0.iterations, $0.rank, $0.l2, $0.hasFeedback) = (1500, 2, 0.5, true)
    }
    let factors = try run(task, "als").factors
    let feedback = try #require(factors.feedback)
    // A step in y moves the users that have rated the item with it, at the same p.
    let entries = table.entries
    for item in 0..<6 {
      for column in 0..<2 {
        let sides = [-1e-4, 1e-4].map { change in
          var (moved, own) = (factors, feedback)
          own[item, column] += change
          for user in 0..<entries.shape.rows
          where entries.columns(ofRow: user).contains(Int32(item)) {
            moved.users[user, column] +=
              change / Double(entries.rowCounts[user]).squareRoot()
          }
          moved.feedback = own
          return task.objective(of: moved)
        }
        #expect(abs(sides[1] - sides[0]) / 2e-4 < 2e-3)
      }
    }
    #expect(feedback.sumOfSquares > 0)
    // And it is no higher than without, of which it is more general.
    let plain = try run(
      self.task(table) { ($0.iterations, $0.rank, $0.l2) = (1500, 2, 0.5) }, "als")
    #expect(task.objective(of: factors) <= 1.02 * task.objective(of: plain.factors))
  }

  @Test func aModelWithFeedbackExplainsAndFoldsIn() throws {
    let (table, _) = RatingsTests.planted(40, 30, seed: 86)
    var options = RatingsTests.options(rank: 3, l2: 0.3)
    options.hasFeedback = true
    let model = try RatingsModel.fit(
      table, options, by: .named("als", for: .explicit), loop: TrainingLoop())
    let twin = table.twin(of: 3, named: "twin")
    let folded = try model.folding(twin, by: .user)
    for item in table.items.all.prefix(8) {
      let why = RatingExplanation(model, table.users.all[3], item)
      if why.prediction > 1 && why.prediction < 5 { #expect(abs(why.rest) < 1e-6) }
      #expect(abs(folded.prediction(.text("twin"), item) - why.prediction) < 1e-8)
    }
  }

  @Test func aStepOfStochasticDescentIsItsFormula() throws {
    // One rating alone: the first sweep is one step.
    let table = RatingsTable(users: [.number(1)], items: [.number(2)], values: [4])
    let task = task(table) { ($0.iterations, $0.l2, $0.rate) = (1, 0.2, 0.1) }
    let start = try run(self.task(table) { ($0.iterations) = 0 }, "sgd").factors
    let after = try run(task, "sgd").factors
    // The mean is the rating itself: what is left is −p·q.
    let rest = -(start.users.dot(start.items))
    for r in 0..<3 {
      let (p, q) = (start.users[0, r], start.items[0, r])
      #expect(abs(after.users[0, r] - (p + 0.1 * (rest * q - 0.2 * p))) < 1e-6)
      #expect(abs(after.items[0, r] - (q + 0.1 * (rest * p - 0.2 * q))) < 1e-6)
    }
    #expect(abs(after.users[0, 3] - 0.1 * rest) < 1e-6)
  }

  @Test func aStepOfPairwiseRankingIsItsFormula() throws {
    // One choice of two items: the other one is what it is compared with.
    let table = RatingsTable(
      users: [.number(1), .number(2)], items: [.number(1), .number(2)], values: [1, 1])
    func task(_ iterations: Int) -> RatingsTask {
      var options = MFOptions(rank: 3, l2: 0.2, iterations: iterations, tolerance: 0)
      (options.seed, options.implicit, options.rate) = (4, ImplicitOptions(), 1e-3)
      return RatingsTask(table.entries, mean: 0, options)
    }
    let (start, after) = try (run(task(0), "bpr").factors, run(task(1), "bpr").factors)
    // To first order both steps are taken from the start: down the slope of the loss.
    let loss = { (f: RatingsFactors) in
      var sum = 0.0
      for user in 0..<2 {
        let scores = f.items * f.users.rows(in: user..<user + 1).transposed
        sum += log(1 + exp(-(scores[user, 0] - scores[1 - user, 0])))
        sum += 0.1 * f.users.rows(in: user..<user + 1).selecting(columns: [0, 1, 2]).sumOfSquares
        // Each item is in both pairs.
        sum += 0.1 * f.items.selecting(columns: [0, 1, 2, 4]).sumOfSquares
      }
      return sum
    }
    for line in 0..<2 {
      for column in 0..<3 {
        for path in [\RatingsFactors.users, \RatingsFactors.items] {
          let sides = [-1e-5, 1e-5].map { change in
            var moved = start
            moved[keyPath: path][line, column] += change
            return loss(moved)
          }
          let slope = (sides[1] - sides[0]) / 2e-5
          let step = after[keyPath: path][line, column] - start[keyPath: path][line, column]
          #expect(abs(step + 1e-3 * slope) < 2e-6)
        }
      }
    }
  }

  @Test(arguments: implicit) func likesAreRankedFirst(_ method: String) throws {
    let table = ImplicitTests.choices(80, 60, seed: 87)
    var options = ImplicitTests.options(rank: 4, iterations: 40)
    options.l2 = method == "bpr" ? 0.01 : options.l2
    let model = try RatingsModel.fit(
      table, options, by: .named(method, for: .implicit), loop: TrainingLoop())
    var likes = 0
    for user in 0..<10 {
      for (item, _) in model.recommendations(for: .number(Double(user)), count: 5) {
        if case .number(let number) = item, Int(number) % 2 == user % 2 { likes += 1 }
      }
    }
    #expect(likes >= 42)
  }

  @Test(arguments: [1, 3, 8, 64]) func blocksComeToTheObjectiveOfLeastSquares(_ size: Int) throws {
    let table = ImplicitTests.choices(60, 45, seed: 88)
    var options = ImplicitTests.options(rank: 8, iterations: 60)
    options.block = size
    let exact = try ImplicitTests.run(table, options)
    let blocks = try ImplicitTests.run(table, options, by: "als++")
    let (a, b) = try (#require(exact.objectives.last), #require(blocks.objectives.last))
    // Coordinate after coordinate ends in a minimum near that of whole lines, not always the same.
    #expect(abs(a - b) < 0.02 * a)
    #expect(
      zip(blocks.objectives, blocks.objectives.dropFirst()).allSatisfy { $1 <= $0 * (1 + 1e-5) })
    // One block is the whole line.
    if size >= 8 { #expect(abs(a - b) < 1e-4 * a) }
  }

  @Test(arguments: RatingsMethod.all.indices) func theBitsDoNotDependOnTheThreads(_ place: Int)
    throws
  {
    let method = RatingsMethod.all[place]
    let table =
      method.ratings == .explicit
      ? RatingsTests.planted(200, 150, seed: 89).train : ImplicitTests.choices(200, 150, seed: 89)
    var options =
      method.ratings == .explicit
      ? RatingsTests.options(rank: 5) : ImplicitTests.options(rank: 5, iterations: 5)
    options.iterations = 5
    let fixed = options
    let run = { try? RatingsModel.fit(table, fixed, by: method, loop: TrainingLoop()) }
    let many = run()
    let alone = Slot<RatingsModel?>(nil)
    ThreadPool.shared.run(2) { piece in if piece == 0 { alone.value = run() } }
    let (a, b) = try (#require(many), #require(alone.value))
    #expect(a.w.isIdentical(to: b.w) && a.ht.isIdentical(to: b.ht) && a.error == b.error)
  }

  @Test(arguments: RatingsMethod.all.indices) func oddRatingsAreSurvived(_ place: Int) throws {
    let method = RatingsMethod.all[place]
    let tables = [
      // One rating; one user; one item; equal ratings; equal pairs; far more factors than users.
      [(1.0, 1.0, 3.0)], [(1, 1, 3), (1, 2, 4), (1, 3, 1)], [(1, 1, 3), (2, 1, 4), (3, 1, 1)],
      [(1, 1, 2), (1, 2, 2), (2, 1, 2), (2, 2, 2)], [(1, 1, 2), (1, 1, 4), (2, 2, 0)],
      [(1, 1, 0), (2, 2, 0)],
    ].map { rows in
      RatingsTable(
        users: rows.map { .number($0.0) }, items: rows.map { .number($0.1) }, values: rows.map(\.2))
    }
    for table in tables {
      for l2 in [0, 0.1] {
        var options = MFOptions(rank: 20, l2: l2, iterations: 8, tolerance: 0)
        options.implicit = method.ratings == .implicit ? ImplicitOptions() : nil
        let model = try RatingsModel.fit(table, options, by: method, loop: TrainingLoop())
        #expect(model.predictions(table).allSatisfy { $0.isFinite })
        #expect(model.prediction(.number(77), .number(1)).isFinite)
        #expect(model.recommendations(for: .number(1), count: 3).allSatisfy { $0.1.isFinite })
        if method.abilities.contains(.folding) {
          let why = RatingExplanation(model, .number(1), .number(1))
          #expect(why.prediction.isFinite && why.rest.isFinite)
        }
      }
    }
  }
}
