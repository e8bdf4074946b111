import Factorization
import Matrices
import Testing
import Training

/// Ratings that only say how often something was chosen.
@Suite struct ImplicitTests {
  /// Two kinds of users who choose among two kinds of items, with some chance.
  static func choices(_ users: Int, _ items: Int, seed: UInt64) -> RatingsTable {
    var random = Random(seed: seed)
    var columns: (users: [Identifier], items: [Identifier], values: [Double]) = ([], [], [])
    for user in 0..<users {
      for item in 0..<items {
        let likes = user % 2 == item % 2
        guard random.uniform() < (likes ? 0.5 : 0.05) else { continue }
        columns.users.append(.number(Double(user)))
        columns.items.append(.number(Double(item)))
        columns.values.append(1 + (4 * random.uniform()).rounded())
      }
    }
    return RatingsTable(users: columns.users, items: columns.items, values: columns.values)
  }

  static func options(rank: Int, iterations: Int = 10) -> MFOptions {
    var options = MFOptions(rank: rank, l2: 0.05, iterations: iterations, tolerance: 0)
    options.seed = 3
    var implicit = ImplicitOptions()
    implicit.alpha = 2
    implicit.unobserved = 0.7
    implicit.frequency = 0.5
    options.implicit = implicit
    return options
  }

  static func run(_ table: RatingsTable, _ options: MFOptions, by method: String = "als") throws
    -> RatingsProcess
  {
    var process = RatingsProcess(
      RatingsTask(table.entries, mean: 0, options),
      by: try #require(.named(method, for: .implicit)))
    _ = try TrainingLoop().run(&process)
    return process
  }

  static func sides(_ process: RatingsProcess) -> (w: Matrix, h: Matrix) {
    let places = Array(0..<process.task.options.rank)
    return (
      process.factors.users.selecting(columns: places),
      process.factors.items.selecting(columns: places)
    )
  }

  /// Target, weight and penalties of every pair, written out.
  static func dense(_ table: RatingsTable, _ options: MFOptions) -> (
    weights: Matrix, known: Matrix, users: [Double], items: [Double]
  ) {
    let implicit = options.implicit ?? ImplicitOptions()
    let entries = table.entries
    var weights = Matrix.filled(
      entries.shape.rows, entries.shape.columns, with: implicit.unobserved)
    var known = Matrix.zeros(entries.shape.rows, entries.shape.columns)
    for place in 0..<entries.count {
      let (row, column) = (Int(entries.rows[place]), Int(entries.columns[place]))
      weights.replace(
        rows: [row], columns: [column], with: Matrix(implicit.alpha * entries.values[place]))
      known.replace(rows: [row], columns: [column], with: Matrix(1))
    }
    func penalties(_ counts: Matrix, _ others: Int) -> [Double] {
      counts.elements.map {
        options.l2 * ($0 + implicit.unobserved * Double(others)).squareRoot()
      }
    }
    return (
      weights, known,
      penalties(known.reduced(.sum, along: .columns), known.columns),
      penalties(known.reduced(.sum, along: .rows), known.rows)
    )
  }

  @Test func theObjectiveIsThatOverAllPairs() throws {
    let table = Self.choices(23, 17, seed: 51)
    let options = Self.options(rank: 5, iterations: 3)
    let process = try Self.run(table, options, by: "cg")
    let (weights, known, users, items) = Self.dense(table, options)
    let (w, h) = Self.sides(process)
    let rest = known - w * h.transposed
    var objective = weights.times(rest.times(rest)).total(.sum)
    for (row, penalty) in users.enumerated() {
      objective += penalty * w.rows(in: row..<row + 1).sumOfSquares
    }
    for (row, penalty) in items.enumerated() {
      objective += penalty * h.rows(in: row..<row + 1).sumOfSquares
    }
    let ours = try #require(process.objectives.last)
    #expect(abs(ours - objective) < 1e-5 * objective)
  }

  @Test(arguments: [3, 16, 21]) func anExactHalfStepSolvesItsEquations(_ rank: Int) throws {
    let table = Self.choices(40, 31, seed: 52)
    let options = Self.options(rank: rank)
    let process = try Self.run(table, options)
    let (weights, known, users, _) = Self.dense(table, options)
    let (w, h) = Self.sides(process)
    // The gradient in the users, solved for last.
    let rest = weights.times(w * h.transposed - known)
    let slope = rest * h + Matrix(column: users).times(w)
    let size = (weights.times(known) * h).sumOfSquares.squareRoot()
    #expect(slope.sumOfSquares.squareRoot() < 1e-5 * size)
  }

  @Test func conjugateGradientsComeToTheSameObjective() throws {
    let table = Self.choices(60, 45, seed: 53)
    let exact = try Self.run(table, Self.options(rank: 8, iterations: 40))
    let quick = try Self.run(table, Self.options(rank: 8, iterations: 40), by: "cg")
    let (a, b) = try (#require(exact.objectives.last), #require(quick.objectives.last))
    #expect(abs(a - b) < 0.01 * a)
    for losses in [exact.objectives, quick.objectives] {
      #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 * (1 + 1e-5) })
    }
  }

  @Test func likesAreRankedFirst() throws {
    let table = Self.choices(80, 60, seed: 54)
    let model = try RatingsModel.fit(
      table, Self.options(rank: 4), loop: TrainingLoop())
    let best = model.recommendations(for: .number(6), count: 8)
    #expect(
      best.allSatisfy { item, _ in
        if case .number(let number) = item { Int(number) % 2 == 0 } else { false }
      })
    #expect(model.prediction(.text("nobody"), .number(3)) == 0)
    #expect(model.recommendations(for: .text("nobody"), count: 3).count == 3)
    let all = model.recommendations(for: .number(6), count: 1000, excludesSeen: false)
    #expect(all.count == table.items.count)
  }

  @Test func theBitsDoNotDependOnTheThreads() throws {
    let table = Self.choices(200, 150, seed: 55)
    for method in ["als", "cg"] {
      let run = { try? Self.run(table, Self.options(rank: 9), by: method) }
      let many = run()
      let alone = Slot<RatingsProcess?>(nil)
      ThreadPool.shared.run(2) { piece in if piece == 0 { alone.value = run() } }
      let (a, b) = try (#require(many), #require(alone.value))
      #expect(
        a.factors.users.isIdentical(to: b.factors.users)
          && a.factors.items.isIdentical(to: b.factors.items))
    }
  }
}
