import Factorization
import Glibc
import Matrices
import Testing
import Training
import Vocabulary

/// Ratings whose users are protected, each with all ratings.
@Suite struct PrivateRatingsTests {
  private static func options(
    _ amount: PrivacySettings.Amount, rank: Int = 2, iterations: Int = 2, clip: Double = 1,
    seed: Int = 7
  ) -> MFOptions {
    var options = MFOptions(rank: rank, l2: 0.3, iterations: iterations, tolerance: 0)
    options.seed = 1
    options.privacy = PrivacySettings(amount, clip: clip, insecureSeed: seed)
    options.range = 1...5
    return options
  }

  private static func fit(_ table: RatingsTable, _ options: MFOptions) throws -> RatingsModel {
    try RatingsModel.fit(
      table, options, by: .named("dpals", for: .explicit), loop: TrainingLoop())
  }

  private static func statistics(
    _ table: RatingsTable, _ features: Matrix, _ offsets: Matrix, clip: Double
  ) -> ItemStatistics {
    ItemStatistics(
      table.entries, features: features, offsets: offsets, totals: UserTotals(table.entries),
      clip: clip)
  }

  /// The same ratings without those of a user, whose line stays.
  private static func without(_ user: Int, _ table: RatingsTable) -> RatingsTable {
    let entries = table.entries
    let kept = entries.values.indices.filter { Int(entries.rows[$0]) != user }
    return RatingsTable(
      users: table.users, items: table.items,
      entries: ObservedEntries(
        entries.shape, rows: kept.map { entries.rows[$0] },
        columns: kept.map { entries.columns[$0] }, values: kept.map { entries.values[$0] }))
  }

  @Test(arguments: [0.05, 1, 30, 1000]) func aUserChangesSumsByTheBoundAtMost(_ clip: Double) {
    let (table, _) = RatingsTests.planted(30, 40, seed: 301)
    var random = Random(seed: 302)
    let features = Matrix.besides([
      3 * random.normal(30, 3), .filled(30, 1, with: 1),
    ])
    let offsets = random.normal(30, 1)
    let all = Self.statistics(table, features, offsets, clip: clip).sums
    var reached = 0.0
    for user in 0..<30 {
      let rest = Self.statistics(Self.without(user, table), features, offsets, clip: clip).sums
      let change = (all - rest).frobeniusNorm
      #expect(change <= clip * (1 + 1e-9))
      reached = max(reached, change / clip)
    }
    // Small bounds are used up; a large one holds nobody back.
    if clip <= 1 { #expect(reached > 1 - 1e-9) }
    if clip == 1000 { #expect(reached < 1) }
  }

  @Test func sumsAreThoseOfTheirFormula() {
    let (table, _) = RatingsTests.planted(20, 15, seed: 303)
    var random = Random(seed: 304)
    let (features, offsets) = (random.normal(20, 2), random.normal(20, 1))
    let totals = UserTotals(table.entries)
    let weights = ItemStatistics.weights(
      features: features, offsets: offsets, totals, clip: 2)
    let found = Self.statistics(table, features, offsets, clip: 2)
    var wanted = Matrix.zeros(table.items.count, 5)
    for place in 0..<table.entries.count {
      let (u, i) = (Int(table.entries.rows[place]), Int(table.entries.columns[place]))
      let (a, b, w) = (features[u, 0], features[u, 1], weights[u, 0])
      let t = table.entries.values[place] - offsets[u, 0]
      for (column, part) in [a * a, a * b, b * b, t * a, t * b].enumerated() {
        wanted[i, column] += w * part
      }
    }
    #expect(found.sums.isClose(to: wanted, relative: 1e-10, absolute: 1e-10))
    // Without noise the equations are those of weighted least squares.
    let solved = found.solved(ridge: 0.1)
    for item in 0..<3 {
      let row = wanted.rows(in: item..<item + 1).elements
      let left = [
        (row[0] + 0.1) * solved[item, 0] + row[1] * solved[item, 1] - row[3],
        row[1] * solved[item, 0] + (row[2] + 0.1) * solved[item, 1] - row[4],
      ]
      #expect(left.allSatisfy { abs($0) < 1e-8 })
    }
  }

  @Test func noiseHasItsDeviation() {
    let (table, _) = RatingsTests.planted(60, 400, seed: 305)
    let features = Matrix.filled(60, 4, with: 0.5)
    let plain = Self.statistics(table, features, .zeros(60, 1), clip: 1)
    var noised = plain
    noised.addNoise(ChaCha(insecureSeed: 3), stream: 5, deviation: 2.5)
    let noise = noised.sums - plain.sums
    let count = Double(noise.count)
    let mean = noise.total(.sum) / count
    // Within five deviations of the mean and of the variance.
    #expect(abs(mean) < 5 * 2.5 / count.squareRoot())
    #expect(abs(noise.sumOfSquares / count / 6.25 - 1) < 5 * (2 / count).squareRoot())
    let fourth = noise.times(noise).sumOfSquares / count / pow(2.5, 4)
    #expect(abs(fourth - 3) < 5 * (96 / count).squareRoot())
  }

  @Test func epsilonIsThatOfAllSteps() throws {
    let (table, _) = RatingsTests.planted(40, 30, seed: 306)
    let model = try Self.fit(table, Self.options(.noise(3), iterations: 4))
    let ledger = try #require(model.origin.privacy)
    #expect(ledger.steps == 5)
    // Normal noise σ at rate 1 gives away α / 2σ²; the mean has four times the noise.
    var loss = PrivacyLoss(4, of: SampledGaussian(rate: 1, noise: 3))
    loss += PrivacyLoss(1, of: SampledGaussian(rate: 1, noise: 12))
    #expect(abs(ledger.guarantee.epsilon - loss.guarantee(delta: 1e-5).epsilon) < 1e-12)
    for epsilon in [0.5, 3, 20] {
      let model = try Self.fit(table, Self.options(.epsilon(epsilon), iterations: 3))
      let found = try #require(model.origin.privacy).guarantee.epsilon
      #expect(found <= epsilon && found > 0.998 * epsilon)
    }
  }

  /// One release of normal noise: ε from the analytic calibration (Balle & Wang, ICML 2018) is a
  /// lower bound of what an accountant may say, which is not far above.
  @Test(arguments: [1.0, 3, 8]) func epsilonIsCloseToTheExactOne(_ noise: Double) {
    let epsilon = PrivacyLoss(1, of: SampledGaussian(rate: 1, noise: noise))
      .guarantee(delta: 1e-5).epsilon
    func normal(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
    func delta(_ e: Double) -> Double {
      normal(1 / (2 * noise) - e * noise) - exp(e) * normal(-1 / (2 * noise) - e * noise)
    }
    var (low, high) = (0.0, 50.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if delta(middle) > 1e-5 { low = middle } else { high = middle }
    }
    #expect(epsilon >= high && epsilon < 1.15 * high)
  }

  @Test func errorFallsWithEpsilonToThatWithoutNoise() throws {
    let (train, test) = RatingsTests.planted(1500, 40, seed: 307)
    func error(_ amount: PrivacySettings.Amount) throws -> Double {
      let errors = try (1...3).map { seed in
        RatingsTests.rmse(
          try Self.fit(train, Self.options(amount, rank: 3, iterations: 6, seed: seed)), test)
      }
      return errors.reduce(0, +) / 3
    }
    let spread =
      ((Matrix(column: test.entries.values) - train.mean).sumOfSquares
      / Double(test.entries.count)).squareRoot()
    let errors = try [0.3, 3, 30, 1000].map { try error(.epsilon($0)) } + [error(.noise(0))]
    for (more, less) in zip(errors.prefix(4), errors.dropFirst()).prefix(3) {
      #expect(less < 1.01 * more)
    }
    #expect(errors[0] > 1.2 * errors[4] && errors[3] < 1.1 * errors[4])
    #expect(errors[4] < 0.6 * spread)
  }

  @Test func onlyWhatIsProtectedIsPublished() throws {
    let (table, _) = RatingsTests.planted(60, 30, seed: 308)
    var options = Self.options(.noise(0.5))
    options.range = nil
    let model = try Self.fit(table, options)
    let published = model.published
    #expect(published.table.users.count == 0 && published.table.entries.count == 0)
    #expect(published.w.rows == 0 && published.ht.isIdentical(to: model.ht))
    #expect(published.error.isNaN && published.origin.history.count == 0)
    #expect(published.origin.range == -.infinity ... .infinity)
    #expect(published.origin.mean != table.mean && published.origin.average != table.mean)
    // Nothing but the items and the mean is needed: users find themselves.
    let own = table.twin(of: 3, named: "me")
    let folded = try published.folding(own, by: .user)
    for item in table.items.all.prefix(5) {
      let wanted = model.prediction(table.users.all[3], item)
      #expect(abs(folded.prediction(.text("me"), item) - wanted) < 1e-9)
    }
    #expect(throws: Problem.self) { try model.folding(own, by: .item) }
    let summary = model.summary(width: 200)
    #expect(summary.contains("every user with all ratings"))
    #expect(summary.contains("insecure_seed"))
  }

  @Test func modelsComeBackFromFilesWithTheirAccount() throws {
    let (table, _) = RatingsTests.planted(30, 20, seed: 309)
    var options = Self.options(.noise(2))
    options.range = nil
    let model = try Self.fit(table, options)
    for model in [model, model.published] {
      let back = try RatingsModel.restored(
        from: Parts(model.stored), Context(output: { _ in }))
      #expect(back.origin.privacy == model.origin.privacy)
      #expect(back.origin.range == model.origin.range)
      #expect(
        back.ht.isIdentical(to: model.ht) && back.table.users.count == model.table.users.count)
    }
  }
}
